"""What the subscriptions backend's webhooks say: whose data is old now, mostly one customer's."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.upstream import Change, Topic
from resolvers.wire import Instant


class Owned(msgspec.Struct, frozen=True):
    """An object with its owner's id. One that is deleted may have lost it."""

    id: int
    customer_id: int | None = None
    updated_at: Instant | None = None


class Owner(msgspec.Struct, frozen=True):
    """The owner, inside an object."""

    id: int


class Billed(msgspec.Struct, frozen=True):
    """A charge or an order."""

    id: int
    customer: Owner | None = None
    updated_at: Instant | None = None


class SubscriptionBody(msgspec.Struct, frozen=True):
    """`subscription/*`."""

    subscription: Owned


class OnetimeBody(msgspec.Struct, frozen=True):
    """`onetime/*`."""

    onetime: Owned


class AddressBody(msgspec.Struct, frozen=True):
    """`address/*`."""

    address: Owned


class CustomerBody(msgspec.Struct, frozen=True):
    """`customer/*`."""

    customer: Owned


class ChargeBody(msgspec.Struct, frozen=True):
    """`charge/*`."""

    charge: Billed


class OrderBody(msgspec.Struct, frozen=True):
    """`order/*`."""

    order: Billed


class StoreBody(msgspec.Struct, frozen=True):
    """`store/updated`."""

    store: Owned


def _owned(kind: str, row: Owned) -> Change:
    return _of_customer(f"{kind}/{row.id}", row.updated_at, row.customer_id)


def _billed(kind: str, row: Billed) -> Change:
    return _of_customer(f"{kind}/{row.id}", row.updated_at, row.customer.id if row.customer else None)


def _of_customer(subject: str, version: Instant | None, customer_id: int | None) -> Change:
    return Change(subject, version, (("customer", customer_id),) if customer_id is not None else ())


def _subscription(body: SubscriptionBody) -> Change:
    change = _owned("subscription", body.subscription)
    return Change(change.subject, change.version, (*change.tags, ("subscription", body.subscription.id)))


def _customer(body: CustomerBody) -> Change:
    return _of_customer(f"customer/{body.customer.id}", body.customer.updated_at, body.customer.id)


_KINDS: Mapping[Topic[Any], tuple[str, ...]] = {
    Topic(SubscriptionBody, _subscription): (
        "subscription/created",
        "subscription/updated",
        "subscription/activated",
        "subscription/cancelled",
        "subscription/deleted",
        "subscription/skipped",
        "subscription/unskipped",
        "subscription/swapped",
        "subscription/paused",
    ),
    Topic(ChargeBody, lambda body: _billed("charge", body.charge)): (
        "charge/created",
        "charge/updated",
        "charge/paid",
        "charge/failed",
        "charge/max_retries_reached",
        "charge/refunded",
        "charge/upcoming",
        "charge/deleted",
    ),
    Topic(OrderBody, lambda body: _billed("order", body.order)): (
        "order/created",
        "order/updated",
        "order/processed",
        "order/upcoming",
        "order/cancelled",
        "order/deleted",
    ),
    Topic(OnetimeBody, lambda body: _owned("onetime", body.onetime)): (
        "onetime/created",
        "onetime/updated",
        "onetime/deleted",
    ),
    Topic(AddressBody, lambda body: _owned("address", body.address)): ("address/created", "address/updated"),
    Topic(CustomerBody, _customer): (
        "customer/created",
        "customer/updated",
        "customer/activated",
        "customer/deactivated",
        "customer/deleted",
        "customer/payment_method_updated",
    ),
    Topic(StoreBody, lambda body: Change("store", body.store.updated_at, (("shop", ""),))): ("store/updated",),
}

EVENTS: Mapping[str, Topic[Any]] = {name: topic for topic, names in _KINDS.items() for name in names}
