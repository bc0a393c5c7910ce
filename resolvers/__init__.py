"""The domains, as data: what a field asks for, without a word of GraphQL."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from propcache.api import cached_property

from gateway.idempotency import Once
from gateway.upstream import Access, Journal, Loads, SessionForm, Topic, Upstream, Writes, tag
from gateway.viewer import Market, Viewer
from resolvers.bundles import BundleCommands, Bundles
from resolvers.bundles.events import EVENTS as BUNDLE_EVENTS
from resolvers.catalogue import Catalogue
from resolvers.catalogue.events import EVENTS as PLAN_EVENTS
from resolvers.catalogue.events import SHOPIFY_EVENTS
from resolvers.dialects import RECHARGE_SESSIONS, recharge, recharge_plan, smile
from resolvers.loyalty import Loyalty, LoyaltyCommands
from resolvers.memberships import Memberships
from resolvers.policies import SHOP
from resolvers.shop import Shop
from resolvers.subscriptions import Changing, ChargeCommands, OnetimeCommands, SubscriptionCommands, Subscriptions
from resolvers.subscriptions.directory import Directory
from resolvers.subscriptions.events import EVENTS as SUBSCRIPTION_EVENTS

__all__ = ["DIALECTS", "PLANS", "RECHARGE_TOPICS", "SESSIONS", "SHOPIFY_EVENTS", "Resolvers"]

DIALECTS: Mapping[str, Callable[[str, str], Access]] = {
    "subscriptions": recharge,
    "bundles": recharge,
    "loyalty": smile,
}
"""Which family of REST APIs each backend speaks."""

PLANS: Mapping[str, Callable[[str], tuple[int, int]]] = {"subscriptions": recharge_plan, "bundles": recharge_plan}
"""Where a token says how many times as large its bucket is as usual, and how many times as fast it leaks."""

SESSIONS: Mapping[str, tuple[str, SessionForm]] = {
    "subscriptions": ("subscriptions", RECHARGE_SESSIONS),
    "bundles": ("subscriptions", RECHARGE_SESSIONS),
}
"""Where a shopper's session for a backend is opened, and how; a backend that is not here knows service tokens only."""

RECHARGE_TOPICS: Mapping[str, Mapping[str, Topic[Any]]] = {
    "subscriptions": {**SUBSCRIPTION_EVENTS, **PLAN_EVENTS},
    "bundles": BUNDLE_EVENTS,
}
"""The topics of the webhooks that each backend sends."""


class Resolvers:
    """One attribute a domain, fresh for each request: it holds the viewer's data and nobody else's."""

    def __init__(
        self,
        *,
        viewer: Viewer,
        market: Market,
        shops: Mapping[str, Shop],
        upstream: Callable[[str], Upstream],
        writes: Callable[[str], Writes],
        once: Callable[[], Once],
        loads: Loads,
        journal: Journal,
    ) -> None:
        """`upstream` and `writes` are asked for a backend by its name, `once` for the ledger, when first needed."""
        self._viewer = viewer
        self._shops = shops
        self._shop = shops[viewer.shop]
        self._upstream = upstream
        self._writes = writes
        self._once = once
        self._loads = loads
        self._journal = journal
        self.market = market

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """What a shopper has subscribed to, with charges and addresses."""
        return Subscriptions(self._upstream("subscriptions"), self._loads)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Products and plans."""
        return Catalogue(self._upstream("subscriptions"), self._loads, self.market)

    @cached_property
    def bundles(self) -> Bundles:
        """Boxes and what shoppers put into them."""
        return Bundles(self._upstream("bundles"), self._loads)

    @cached_property
    def directory(self) -> Directory:
        """The shop's customers, for those who may read any."""
        return Directory(self._upstream("subscriptions"), self._loads)

    @cached_property
    def memberships(self) -> Memberships:
        """Memberships and their programmes."""
        return Memberships(self._upstream("subscriptions"), self._loads)

    @cached_property
    def loyalty(self) -> Loyalty:
        """The points programme and its members."""
        return Loyalty(self._upstream("loyalty"), self._loads)

    @cached_property
    def _changing(self) -> Changing:
        writes = self._writes("subscriptions")
        return Changing(self.subscriptions, writes, self._once(), self._loads, self._shop.id)

    @property
    def subscription_commands(self) -> SubscriptionCommands:
        """What can be done with subscriptions."""
        return SubscriptionCommands(self._changing)

    @property
    def charge_commands(self) -> ChargeCommands:
        """What can be done with charges."""
        return ChargeCommands(self._changing)

    @property
    def onetime_commands(self) -> OnetimeCommands:
        """What can be done with one-time purchases."""
        return OnetimeCommands(self._changing)

    @cached_property
    def bundle_commands(self) -> BundleCommands:
        """What can be done with boxes."""
        return BundleCommands(self.bundles, self._writes("bundles"), self._once(), self._loads)

    @cached_property
    def loyalty_commands(self) -> LoyaltyCommands:
        """What can be done with points."""
        return LoyaltyCommands(self.loyalty, self._writes("loyalty"), self._once(), self._loads)

    @property
    def viewer(self) -> Viewer:
        """Who asks. An answer that depends on it, be it that nobody in particular does, is for nobody else."""
        self._journal.is_private = True
        return self._viewer

    @property
    def shop(self) -> Shop:
        """The shop, as the settings have it."""
        self._journal.read_public(time.monotonic(), SHOP.fresh_seconds, (tag(self._shop.domain, "shop"),))
        return self._shop

    @property
    def shops(self) -> Sequence[Shop]:
        """The shops that the viewer, an internal tool, is good for."""
        return [self._shops[domain] for domain in self.viewer.shops]
