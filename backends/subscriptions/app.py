"""The subscriptions service."""

from starlette.routing import Route

from backends.catalogue.resources import collections, tiered_discounts
from backends.catalogue.search import product_search
from backends.service import Service
from backends.store import catalogue_rows
from backends.store.accounts import membership_programs
from backends.store.chance import HOUSEHOLDS_AT_ONCE, Row, Tables, World, batches
from backends.store.discount_codes import discount_codes
from backends.store.households import households
from backends.subscriptions.account_resources import ACCOUNT_RESOURCES, MEMBERSHIP, ONETIME
from backends.subscriptions.cdn import CDN
from backends.subscriptions.credits import credit_summaries, credit_summary
from backends.subscriptions.events import SUBJECTS, TOPICS
from backends.subscriptions.logins import LOGINS
from backends.subscriptions.others import OTHERS
from backends.subscriptions.plan_writes import PLAN
from backends.subscriptions.portal import portal_access
from backends.subscriptions.resources import ADDRESS, CHARGE, CREDIT_ACCOUNT, CUSTOMER, SUBSCRIPTION
from backends.subscriptions.routes import WRITES
from backends.subscriptions.schedule import delivery_schedule
from backends.subscriptions.store_settings import rows as shop_rows
from backends.subscriptions.store_settings import store_settings
from backends.subscriptions.tables import ADDRESSES, TABLES
from backends.subscriptions.uncommitted import regenerating
from backends.webhooks import registration
from backends.wire.calls import endpoint
from backends.wire.dialects import RECHARGE
from backends.wire.limits import Bucket

CATALOGUE = (product_search(TABLES), PLAN, collections(TABLES), tiered_discounts(TABLES))
RESOURCES = (CUSTOMER, ADDRESS, SUBSCRIPTION, CHARGE, CREDIT_ACCOUNT, *ACCOUNT_RESOURCES, *CATALOGUE)
FLEET = (CUSTOMER, ADDRESS, SUBSCRIPTION, CHARGE, CREDIT_ACCOUNT, ONETIME, MEMBERSHIP)


def _seed(world: World) -> Tables:
    yield "shops", shop_rows()
    yield "discounts", discount_codes(world)
    yield "membership_programs", membership_programs(world)
    yield from catalogue_rows.rows(world)
    for some in batches(households(world), HOUSEHOLDS_AT_ONCE):
        yield "customers", [each.customer for each in some]
        yield "addresses", [row for each in some for row in each.addresses]
        yield "subscriptions", [row for each in some for row in each.subscriptions]
        yield "charges", [row for each in some for row in each.charges]
        yield "charge_items", [row for each in some for charge in each.charges for row in _items(charge)]
        yield "credit_accounts", [row for each in some for row in each.credit_accounts]
        yield "onetimes", [row for each in some for row in each.onetimes]
        yield "orders", [row for each in some for row in each.orders]
        yield "payment_methods", [row for each in some for row in each.payment_methods]
        yield "memberships", [row for each in some for row in each.memberships]
        yield "gift_purchases", [row for each in some for row in each.gift_purchases]


def _items(charge: Row) -> list[Row]:
    items = dict.fromkeys(item["purchase_item_id"] for item in charge["line_items"])
    return [
        {"id": charge["id"] * 64 + n, "charge_id": charge["id"], "purchase_item_id": item}
        for n, item in enumerate(items)
    ]


SERVICE = Service(
    dialect=RECHARGE,
    bucket=Bucket(size=40, leak=2),
    lock_table=ADDRESSES,
    fleet={**{each.many: each.page for each in FLEET}, "credit_summaries": credit_summaries},
    tables=TABLES,
    routes=[
        Route("/customers/{id:int}/credit_summary", endpoint(credit_summary), methods=["GET"]),
        Route("/customers/{id:int}/delivery_schedule", endpoint(delivery_schedule), methods=["GET"]),
        Route("/credit_summaries", endpoint(credit_summaries), methods=["GET"]),
        Route("/portal_access", endpoint(portal_access), methods=["GET"]),
        Route("/shop/settings", endpoint(store_settings, "2021-01"), methods=["GET"]),
        *(route for resource in RESOURCES for route in resource.routes(RECHARGE.prefix)),
        *WRITES,
        *LOGINS,
        *CDN,
        *OTHERS,
        *registration(TABLES, TOPICS),
    ],
    opening=regenerating,
    subjects=SUBJECTS,
    seed=_seed,
)
