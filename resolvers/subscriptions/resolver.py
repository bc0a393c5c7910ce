"""The subscriptions domain as one request reads it."""

from propcache.api import cached_property

from gateway.upstream import Loader, Loads, Page, PageKey, Upstream
from resolvers.batches import first
from resolvers.subscriptions import backend
from resolvers.subscriptions.models import (
    Address,
    Charge,
    CreditSummary,
    Customer,
    DeliverySchedule,
    Onetime,
    Subscription,
)
from resolvers.subscriptions.portal import StoreSettings


class Subscriptions:
    """Loaders over the subscriptions backend. Made when first asked for, since few operations need them all."""

    def __init__(self, upstream: Upstream, loads: Loads) -> None:
        self._upstream = upstream
        self._loads = loads
        self._schedules: dict[int, Loader[int, DeliverySchedule]] = {}

    @cached_property
    def customers_by_id(self) -> Loader[int, Customer]:
        """The viewer's own record; any other id is not found."""
        return Loader(self._upstream.looking_up(backend.CUSTOMERS), self._loads)

    @cached_property
    def credit_summaries_by_customer_id(self) -> Loader[int, CreditSummary]:
        """Credits with their accounts."""
        return Loader(self._upstream.looking_up(backend.CREDIT_SUMMARIES), self._loads)

    @cached_property
    def store_settings_by_shop_id(self) -> Loader[int, StoreSettings]:
        """What the merchant allows. The backend knows the shop by its credential; the id is only the key."""
        return Loader(self._upstream.looking_up(backend.STORE_SETTINGS), self._loads, is_lasting=True)

    @cached_property
    def by_id(self) -> Loader[int, Subscription]:
        """One subscription of the viewer's; another customer's is not found."""
        return Loader(self._upstream.picking(backend.SUBSCRIPTIONS_BY_ID, first), self._loads)

    @cached_property
    def pages_by_customer(self) -> Loader[PageKey, Page[Subscription]]:
        """A page of the viewer's subscriptions."""
        return Loader(self._upstream.looking_up(backend.SUBSCRIPTIONS_BY_CUSTOMER), self._loads)

    @cached_property
    def upcoming_charges_by_subscription_id(self) -> Loader[int, Charge]:
        """The next queued charge that a subscription is part of."""
        return Loader(self._upstream.picking(backend.UPCOMING_CHARGES, _earliest), self._loads)

    @cached_property
    def skipped_charges_by_subscription_id(self) -> Loader[int, tuple[Charge, ...]]:
        """The charges that a subscription was left out of, by day."""
        return Loader(self._upstream.looking_up(backend.SKIPPED_CHARGES), self._loads)

    @cached_property
    def paid_charges_by_subscription_id(self) -> Loader[int, tuple[Charge, ...]]:
        """The charges that were paid for a subscription, by day."""
        return Loader(self._upstream.looking_up(backend.PAID_CHARGES), self._loads)

    @cached_property
    def addresses_by_id(self) -> Loader[int, Address]:
        """One address of the viewer's."""
        return Loader(self._upstream.picking(backend.ADDRESSES_BY_ID, first), self._loads)

    @cached_property
    def address_pages_by_customer(self) -> Loader[PageKey, Page[Address]]:
        """A page of the viewer's addresses."""
        return Loader(self._upstream.looking_up(backend.ADDRESSES_BY_CUSTOMER), self._loads)

    @cached_property
    def charges_by_id(self) -> Loader[int, Charge]:
        """One charge of the viewer's."""
        return Loader(self._upstream.picking(backend.CHARGES_BY_ID, first), self._loads)

    @cached_property
    def charge_pages_by_customer(self) -> Loader[PageKey, Page[Charge]]:
        """A page of the viewer's charges."""
        return Loader(self._upstream.looking_up(backend.CHARGES_BY_CUSTOMER), self._loads)

    @cached_property
    def onetimes_by_id(self) -> Loader[int, Onetime]:
        """One one-time purchase of the viewer's, cancelled or not."""
        return Loader(self._upstream.picking(backend.ONETIMES_BY_ID, first), self._loads)

    @cached_property
    def onetime_pages_by_customer(self) -> Loader[PageKey, Page[Onetime]]:
        """A page of the viewer's one-time purchases, newest first, cancelled ones too."""
        return Loader(self._upstream.looking_up(backend.ONETIMES_BY_CUSTOMER), self._loads)

    def delivery_schedules_by_customer_id(self, count: int) -> Loader[int, DeliverySchedule]:
        """The viewer's next deliveries, at most `count` of them."""
        if count not in self._schedules:
            self._schedules[count] = Loader(self._upstream.looking_up(backend.delivery_schedules(count)), self._loads)
        return self._schedules[count]


def _earliest(charges: tuple[Charge, ...]) -> Charge:
    """The first of them to come; an answer for several shops has its rows in any order."""
    return min(charges, key=lambda charge: (charge.scheduled_at, charge.id))
