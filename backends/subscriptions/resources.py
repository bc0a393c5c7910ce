"""Resources that every page of a customer portal reads."""

from typing import Any

from sqlalchemy import select

from backends.subscriptions.account_tables import GIFT_PURCHASES, PAYMENT_METHODS
from backends.subscriptions.included import BUNDLE_PRODUCT, EXPIRY
from backends.subscriptions.tables import ADDRESSES, CHARGE_ITEMS, CHARGES, CREDIT_ACCOUNTS, CUSTOMERS, SUBSCRIPTIONS
from backends.wire.calls import Call
from backends.wire.filters import an_id, dates, email, flag, ids, one_of, text, through
from backends.wire.links import Link
from backends.wire.resources import Resource, Row

CHARGE_STATUSES = (
    "success", "error", "queued", "skipped", "refunded", "partially_refunded", "pending_manual_payment", "pending",
)  # fmt: skip


async def _referral(call: Call, row: Row) -> Row:
    slug = row["referral_slug"]
    return {"referral_url": {"slug": slug, "url": f"{call.shop.site}/pages/refer?r={slug}"}}


async def _nothing(_: Call, row: Row) -> dict[str, Any]:  # noqa: ARG001 - what a Link calls
    return {}


def _gift(row: Row) -> Row:
    """A gift as it stands beside its recipient, where its keys have other names."""
    return {
        "id": row["id"],
        "amount": float(row["amount"]),
        "created_at": row["created_at"],
        "deleted_at": None,
        "external_redeemable_product_ids": row["external_redeemable_product_ids"],
        "gift_credit_account_id": row["credit_account_id"],
        "gift_currency": row["gift_currency"],
        "gift_external_product_id": row["external_gift_product_id"]["ecommerce"],
        "gift_external_variant_id": row["external_gift_variant_id"]["ecommerce"],
        "gift_note": row["gift_note"],
        "notification_scheduled_at": row["notification_scheduled_at"],
        "notification_sent_at": row["notification_sent_at"],
        "recipient_customer_id": row["recipient_customer_id"],
        "redeemable_collection_id": row["redeemable_collection_id"],
        "redeemable_external_product_id": row["external_gift_product_id"]["ecommerce"],
        "redeemed_at": row["redeemed_at"],
        "redemption_link": row["redemption_link"],
        "sender_customer_id": row["sender_customer_id"],
        "sender_external_order_id": row["external_order_id"]["ecommerce"],
        "sender_name": row["sender_name"],
        "store_id": row["shop_id"],
        "updated_at": row["updated_at"],
    }


OF_CUSTOMER = Link(table=CUSTOMERS, by="customer_id")
NO_ROWS = Link(many=True)

CUSTOMER = Resource(
    one="customer",
    many="customers",
    table=CUSTOMERS,
    owners=("id",),
    filters={
        "ids": ids(CUSTOMERS.c.id),
        "email": email(CUSTOMERS.c.email),
        "external_customer_id": text(CUSTOMERS.c.external_customer_id),
        "hash": text(CUSTOMERS.c.hash),
        **dates(CUSTOMERS.c.created_at),
        **dates(CUSTOMERS.c.updated_at),
    },
    sorts={"id": "id", "created_at": "created_at", "updated_at": "updated_at"},
    links={
        "addresses": Link(table=ADDRESSES, at="customer_id", many=True),
        "announcements": NO_ROWS,
        "gift_purchases": Link(table=GIFT_PURCHASES, at="recipient_customer_id", many=True, show=_gift),
        "metafields": NO_ROWS,
        "payment_methods": Link(table=PAYMENT_METHODS, at="customer_id", many=True),
        "punch_card_progress": Link(make=_nothing),
        "referral_info": Link(make=_referral),
        "subscriptions": Link(table=SUBSCRIPTIONS, at="customer_id", many=True),
    },
)

_active_addresses = select(SUBSCRIPTIONS.c.address_id).where(SUBSCRIPTIONS.c.status == "active")

ADDRESS = Resource(
    one="address",
    many="addresses",
    table=ADDRESSES,
    owners=("customer_id",),
    filters={
        "ids": ids(ADDRESSES.c.id),
        "customer_id": an_id(ADDRESSES.c.customer_id),
        "customer_ids": ids(ADDRESSES.c.customer_id),
        "discount_id": an_id(ADDRESSES.c.discount_id),
        "discount_code": text(ADDRESSES.c.discount_code),
        "is_active": flag(
            lambda wanted: ADDRESSES.c.id.in_(_active_addresses) if wanted else ADDRESSES.c.id.not_in(_active_addresses)
        ),
        **dates(ADDRESSES.c.created_at),
        **dates(ADDRESSES.c.updated_at),
    },
    sorts={"id": "id", "updated_at": "updated_at"},
    links={
        "customer": OF_CUSTOMER,
        "payment_methods": Link(table=PAYMENT_METHODS, by="payment_method_id", many=True),
        "subscriptions": Link(table=SUBSCRIPTIONS, at="address_id", many=True),
    },
)

SUBSCRIPTION = Resource(
    one="subscription",
    many="subscriptions",
    table=SUBSCRIPTIONS,
    owners=("customer_id",),
    filters={
        "ids": ids(SUBSCRIPTIONS.c.id),
        "customer_id": an_id(SUBSCRIPTIONS.c.customer_id),
        "customer_ids": ids(SUBSCRIPTIONS.c.customer_id),
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
    limit_each=("customer_ids", "customer_id"),
    links={
        "addons": NO_ROWS,
        "address": Link(table=ADDRESSES, by="address_id"),
        "bundle_product": BUNDLE_PRODUCT,
        "customer": OF_CUSTOMER,
        "customer_entitlements": NO_ROWS,
        "expires_at": EXPIRY,
        "metafields": NO_ROWS,
    },
)

_of_items = through(CHARGES.c.id, CHARGE_ITEMS.c.charge_id, CHARGE_ITEMS.c.purchase_item_id)

CHARGE = Resource(
    one="charge",
    many="charges",
    table=CHARGES,
    owners=("customer_id",),
    filters={
        "ids": ids(CHARGES.c.id),
        "customer_id": an_id(CHARGES.c.customer_id),
        "customer_ids": ids(CHARGES.c.customer_id),
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
    links={
        "customer": OF_CUSTOMER,
        "metafields": NO_ROWS,
        "payment_methods": Link(table=PAYMENT_METHODS, at="customer_id", by="customer_id", many=True),
        "subscriptions": Link(table=SUBSCRIPTIONS, at="address_id", by="address_id", many=True),
    },
)


def _single(value: str) -> str:
    if "," in value:
        raise ValueError("Not a valid integer")
    return value


CREDIT_ACCOUNT = Resource(
    one=None,
    many="credit_accounts",
    table=CREDIT_ACCOUNTS,
    owners=("customer_id",),
    filters={
        "ids": ids(CREDIT_ACCOUNTS.c.id),
        "customer_id": an_id(CREDIT_ACCOUNTS.c.customer_id),
        "customer_ids": ids(CREDIT_ACCOUNTS.c.customer_id),
        "credit_type": one_of(CREDIT_ACCOUNTS.c.type, "reward", "manual", "gift"),
        **dates(CREDIT_ACCOUNTS.c.expires_at),
    },
    sorts={"id": "id", "expires_at": "expires_at"},
    links={"customer": OF_CUSTOMER},
)
