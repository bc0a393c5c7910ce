"""The loyalty domain as one request reads it."""

from propcache.api import cached_property

from gateway.upstream import Loader, Loads, Page, PageKey, Upstream
from resolvers.batches import first
from resolvers.loyalty import backend
from resolvers.loyalty.models import (
    EarningRule,
    Member,
    PointsProduct,
    PointsSettings,
    PointsTransaction,
    RewardFulfillment,
    VipTier,
)


class Loyalty:
    """Loaders over the loyalty backend. Made when first asked for, since few operations need them all."""

    def __init__(self, upstream: Upstream, loads: Loads) -> None:
        self._upstream = upstream
        self._loads = loads

    @cached_property
    def members_by_email(self) -> Loader[str, Member]:
        """The viewer's membership. The backend knows shoppers by e-mail; the key is in lower case."""
        return Loader(self._upstream.picking(backend.MEMBERS_BY_EMAIL, first), self._loads)

    @cached_property
    def points_settings_by_shop_id(self) -> Loader[int, PointsSettings]:
        """The programme's words. The backend knows the shop by its credential; the id is only the key."""
        return Loader(self._upstream.looking_up(backend.POINTS_SETTINGS), self._loads, is_lasting=True)

    @cached_property
    def vip_tier_pages(self) -> Loader[PageKey, Page[VipTier]]:
        """The programme's tiers."""
        return Loader(self._upstream.looking_up(backend.VIP_TIERS), self._loads, is_lasting=True)

    @cached_property
    def earning_rule_pages(self) -> Loader[PageKey, Page[EarningRule]]:
        """What earns points."""
        return Loader(self._upstream.looking_up(backend.EARNING_RULES), self._loads, is_lasting=True)

    @cached_property
    def points_product_pages(self) -> Loader[PageKey, Page[PointsProduct]]:
        """What points buy."""
        return Loader(self._upstream.looking_up(backend.POINTS_PRODUCTS), self._loads, is_lasting=True)

    @cached_property
    def transaction_pages_by_member(self) -> Loader[PageKey, Page[PointsTransaction]]:
        """How a balance came about."""
        return Loader(self._upstream.looking_up(backend.TRANSACTIONS_BY_MEMBER), self._loads)

    @cached_property
    def fulfillment_pages_by_member(self) -> Loader[PageKey, Page[RewardFulfillment]]:
        """Vouchers that a member has redeemed points for."""
        return Loader(self._upstream.looking_up(backend.FULFILLMENTS_BY_MEMBER), self._loads)
