"""Resources for what customers have besides subscriptions and charges."""

from typing import Any

from backends.subscriptions.account_tables import (
    DISCOUNTS,
    GIFT_PURCHASES,
    MEMBERSHIP_PROGRAMS,
    MEMBERSHIPS,
    ONETIMES,
    ORDERS,
    PAYMENT_METHODS,
)
from backends.subscriptions.included import BUNDLE_PRODUCT
from backends.subscriptions.resources import NO_ROWS, OF_CUSTOMER
from backends.subscriptions.tables import ADDRESSES, SUBSCRIPTIONS
from backends.wire.calls import Call
from backends.wire.filters import an_id, dates, ids, one_of, text
from backends.wire.links import Link
from backends.wire.resources import Resource, Row, shown

ONETIME = Resource(
    one="onetime",
    many="onetimes",
    table=ONETIMES,
    owners=("customer_id",),
    filters={
        "ids": ids(ONETIMES.c.id),
        "customer_id": an_id(ONETIMES.c.customer_id),
        "customer_ids": ids(ONETIMES.c.customer_id),
        "address_id": an_id(ONETIMES.c.address_id),
        "address_ids": ids(ONETIMES.c.address_id),
        "external_variant_id": text(ONETIMES.c.external_variant_id),
        **dates(ONETIMES.c.created_at),
        **dates(ONETIMES.c.updated_at),
    },
    standing={"include_cancelled": ONETIMES.c.is_cancelled.is_(False)},
    sorts={"id": "id", "created_at": "created_at", "updated_at": "updated_at"},
    links={
        "address": Link(table=ADDRESSES, by="address_id"),
        "bundle_product": BUNDLE_PRODUCT,
        "customer": OF_CUSTOMER,
        "metafields": NO_ROWS,
    },
)

ORDER = Resource(
    one="order",
    many="orders",
    table=ORDERS,
    owners=("customer_id",),
    filters={
        "ids": ids(ORDERS.c.id),
        "customer_id": an_id(ORDERS.c.customer_id),
        "address_id": an_id(ORDERS.c.address_id),
        "charge_id": an_id(ORDERS.c.charge_id),
        "external_order_id": text(ORDERS.c.external_order_id),
        "status": one_of(ORDERS.c.status, "success", "error", "queued", "cancelled", "pending_charge_status"),
        "type": one_of(ORDERS.c.type, "checkout", "recurring"),
        **dates(ORDERS.c.scheduled_at),
        **dates(ORDERS.c.created_at),
        **dates(ORDERS.c.updated_at),
    },
    sorts={name: name for name in ("id", "updated_at", "processed_at", "scheduled_at")},
    links={"customer": OF_CUSTOMER, "metafields": NO_ROWS},
)

PAYMENT_METHOD = Resource(
    one="payment_method",
    many="payment_methods",
    table=PAYMENT_METHODS,
    owners=("customer_id",),
    filters={
        "customer_id": an_id(PAYMENT_METHODS.c.customer_id),
        "processor_name": text(PAYMENT_METHODS.c.processor_name),
        "processor_payment_method_token": text(PAYMENT_METHODS.c.processor_payment_method_token),
    },
    links={"addresses": Link(table=ADDRESSES, at="payment_method_id", many=True)},
)


async def _memberships(_: Call, rows: list[Row]) -> list[Row]:
    return [membership(row) for row in rows]


def membership(row: Row) -> Row:
    """A membership as it is sent: its price is a number, and its type stands there twice."""
    sent = shown(MEMBERSHIPS, row)
    kind = "membership_subscription"
    return dict(
        sorted({**sent, "price": row["price"] / 100, "purchase_item_type": kind, "type": kind}.items(), key=_ids_first)
    )


def _ids_first(item: tuple[str, Any]) -> tuple[int, str]:
    heads = ("id", "address_id", "customer_id", "membership_program_id", "purchase_item_id")
    return (heads.index(item[0]) if item[0] in heads else len(heads), item[0])


MEMBERSHIP = Resource(
    one="membership",
    many="memberships",
    table=MEMBERSHIPS,
    owners=("customer_id",),
    filters={
        "ids": ids(MEMBERSHIPS.c.id),
        "customer_id": an_id(MEMBERSHIPS.c.customer_id),
        "customer_ids": ids(MEMBERSHIPS.c.customer_id),
        "membership_program_ids": ids(MEMBERSHIPS.c.membership_program_id),
        "status": one_of(MEMBERSHIPS.c.status, "active", "inactive"),
        **dates(MEMBERSHIPS.c.created_at),
        **dates(MEMBERSHIPS.c.expires_at),
    },
    present=_memberships,
    links={"customer": OF_CUSTOMER, "subscriptions": Link(table=SUBSCRIPTIONS, by="purchase_item_id", many=True)},
)


async def _benefits(_: Call, row: Row) -> Any:
    return row["benefits"]


MEMBERSHIP_PROGRAM = Resource(
    one="membership_program",
    many="membership_programs",
    table=MEMBERSHIP_PROGRAMS,
    public=True,
    filters={
        "ids": ids(MEMBERSHIP_PROGRAMS.c.id),
        "status": one_of(MEMBERSHIP_PROGRAMS.c.status, "active", "inactive"),
    },
    links={"collections": NO_ROWS, "membership_benefits": Link(make=_benefits)},
)

GIFT_PURCHASE = Resource(
    one="gift_purchase",
    many="gift_purchases",
    table=GIFT_PURCHASES,
    owners=("recipient_customer_id", "sender_customer_id"),
    filters={
        "credit_account_id": an_id(GIFT_PURCHASES.c.credit_account_id),
        "sender_customer_id": an_id(GIFT_PURCHASES.c.sender_customer_id),
    },
)

DISCOUNT = Resource(
    one="discount",
    many="discounts",
    table=DISCOUNTS,
    filters={
        "ids": ids(DISCOUNTS.c.id),
        "discount_code": text(DISCOUNTS.c.code),
        "status": one_of(DISCOUNTS.c.status, "enabled", "disabled", "fully_disabled"),
        **dates(DISCOUNTS.c.created_at),
        **dates(DISCOUNTS.c.updated_at),
    },
    sorts={"id": "id", "created_at": "created_at", "updated_at": "updated_at"},
)
ACCOUNT_RESOURCES = (
    ONETIME, ORDER, PAYMENT_METHOD, MEMBERSHIP, MEMBERSHIP_PROGRAM, GIFT_PURCHASE, DISCOUNT,
)  # fmt: skip
