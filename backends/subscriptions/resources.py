"""Resources of the subscriptions service."""

from sqlalchemy import select

from backends.subscriptions.tables import ADDRESSES, CHARGE_ITEMS, CHARGES, CREDIT_ACCOUNTS, CUSTOMERS, SUBSCRIPTIONS
from backends.wire.calls import Call
from backends.wire.filters import an_id, dates, email, flag, ids, one_of, text, through
from backends.wire.resources import Resource, Row, included, shown

CHARGE_STATUSES = (
    "success", "error", "queued", "skipped", "refunded", "partially_refunded", "pending_manual_payment", "pending",
)  # fmt: skip


async def _customers(call: Call, rows: list[Row]) -> list[Row]:
    sent = [shown(CUSTOMERS, row) for row in rows]
    if "referral_info" not in included(call.query):
        return sent
    return [
        {**customer, "include": {"referral_info": {"referral_url": _referral(call, row["referral_slug"])}}}
        for customer, row in zip(sent, rows, strict=True)
    ]


def _referral(call: Call, slug: str) -> Row:
    return {"slug": slug, "url": f"{call.shop.site}/pages/refer?r={slug}"}


CUSTOMER = Resource(
    one="customer",
    many="customers",
    table=CUSTOMERS,
    filters={
        "ids": ids(CUSTOMERS.c.id),
        "email": email(CUSTOMERS.c.email),
        "external_customer_id": text(CUSTOMERS.c.external_customer_id),
        "hash": text(CUSTOMERS.c.hash),
        **dates(CUSTOMERS.c.created_at),
        **dates(CUSTOMERS.c.updated_at),
    },
    sorts={"id": "id", "created_at": "created_at", "updated_at": "updated_at"},
    present=_customers,
)

_active_addresses = select(SUBSCRIPTIONS.c.address_id).where(SUBSCRIPTIONS.c.status == "active")

ADDRESS = Resource(
    one="address",
    many="addresses",
    table=ADDRESSES,
    filters={
        "ids": ids(ADDRESSES.c.id),
        "customer_id": an_id(ADDRESSES.c.customer_id),
        "discount_id": an_id(ADDRESSES.c.discount_id),
        "discount_code": text(ADDRESSES.c.discount_code),
        "is_active": flag(
            lambda wanted: ADDRESSES.c.id.in_(_active_addresses) if wanted else ADDRESSES.c.id.not_in(_active_addresses)
        ),
        **dates(ADDRESSES.c.created_at),
        **dates(ADDRESSES.c.updated_at),
    },
    sorts={"id": "id", "updated_at": "updated_at"},
)

SUBSCRIPTION = Resource(
    one="subscription",
    many="subscriptions",
    table=SUBSCRIPTIONS,
    filters={
        "ids": ids(SUBSCRIPTIONS.c.id),
        "customer_id": an_id(SUBSCRIPTIONS.c.customer_id),
        "address_id": an_id(SUBSCRIPTIONS.c.address_id),
        "address_ids": ids(SUBSCRIPTIONS.c.address_id),
        "bundles_only": flag(lambda wanted: SUBSCRIPTIONS.c.is_bundle == wanted),
        "external_product_id": text(SUBSCRIPTIONS.c.external_product_id),
        "external_variant_id": text(SUBSCRIPTIONS.c.external_variant_id),
        "status": one_of(SUBSCRIPTIONS.c.status, "active", "cancelled", "expired", "onetime"),
        **dates(SUBSCRIPTIONS.c.created_at),
        **dates(SUBSCRIPTIONS.c.updated_at),
    },
    sorts={"id": "id", "created_at": "created_at", "updated_at": "updated_at"},
)

_of_items = through(CHARGES.c.id, CHARGE_ITEMS.c.charge_id, CHARGE_ITEMS.c.purchase_item_id)

CHARGE = Resource(
    one="charge",
    many="charges",
    table=CHARGES,
    filters={
        "ids": ids(CHARGES.c.id),
        "customer_id": an_id(CHARGES.c.customer_id),
        "address_id": an_id(CHARGES.c.address_id),
        "discount_id": an_id(CHARGES.c.discount_id),
        "discount_code": text(CHARGES.c.discount_code),
        "external_order_id": text(CHARGES.c.external_order_id),
        "purchase_item_id": lambda value: _of_items(_single(value)),
        "purchase_item_ids": _of_items,
        "status": one_of(CHARGES.c.status, *CHARGE_STATUSES),
        **dates(CHARGES.c.scheduled_at, exact=True),
        **dates(CHARGES.c.processed_at),
        **dates(CHARGES.c.created_at),
        **dates(CHARGES.c.updated_at),
    },
    sorts={"id": "id", "updated_at": "updated_at", "scheduled_at": "scheduled_at"},
)


def _single(value: str) -> str:
    if "," in value:
        raise ValueError("Not a valid integer")
    return value


CREDIT_ACCOUNT = Resource(
    one=None,
    many="credit_accounts",
    table=CREDIT_ACCOUNTS,
    filters={
        "ids": ids(CREDIT_ACCOUNTS.c.id),
        "customer_id": an_id(CREDIT_ACCOUNTS.c.customer_id),
        "credit_type": one_of(CREDIT_ACCOUNTS.c.type, "reward", "manual", "gift"),
        **dates(CREDIT_ACCOUNTS.c.expires_at),
    },
    sorts={"id": "id", "expires_at": "expires_at"},
)
