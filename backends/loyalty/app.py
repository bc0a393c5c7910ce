"""The loyalty service."""

from sqlalchemy import select
from starlette.routing import Route

from backends.loyalty.redeeming import nobody, purchase
from backends.loyalty.tables import (
    CUSTOMERS,
    EARNING_RULES,
    POINTS_PRODUCTS,
    POINTS_SETTINGS,
    POINTS_TRANSACTIONS,
    REWARD_FULFILLMENTS,
    TABLES,
    VIP_TIERS,
)
from backends.service import Service
from backends.store.chance import HOUSEHOLDS_AT_ONCE, Tables, World, batches
from backends.store.loyalty import membership, programme
from backends.store.people import person
from backends.store.shops import SHOPS
from backends.wire.calls import Call, endpoint
from backends.wire.dialects import SMILE
from backends.wire.filters import an_id, dates, email, emails, ids, one_of
from backends.wire.limits import Bucket
from backends.wire.resources import Resource, Row, included, shown
from backends.wire.writes import write

TIER_LINKS = {"vip_status.vip_tier": "vip_tier_id", "vip_status.next_vip_tier": "next_vip_tier_id"}
"""What `include` may ask for on a customer, and which id of `vip_status` it follows."""


async def _members(call: Call, rows: list[Row]) -> list[Row]:
    """Customers; the tiers that `include` names are put into `vip_status`."""
    wanted = [name for name in TIER_LINKS if name in included(call.query)]
    sent = [shown(CUSTOMERS, row) for row in rows]
    if not wanted or not rows:
        return sent
    statement = select(VIP_TIERS).where(VIP_TIERS.c.shop_id == call.shop.id)
    found = (await call.connection.execute(statement)).mappings()
    tiers = {row["id"]: shown(VIP_TIERS, dict(row)) for row in found}
    for member in sent:
        links = {name.partition(".")[2]: tiers.get(member["vip_status"][TIER_LINKS[name]]) for name in wanted}
        member["vip_status"] = {**member["vip_status"], **links}
    return sent


async def _points_settings(call: Call) -> Row:
    statement = select(POINTS_SETTINGS.c.points_label).where(POINTS_SETTINGS.c.shop_id == call.shop.id)
    return {"points_settings": {"points_label": (await call.connection.execute(statement)).scalar_one()}}


async def _vip_tiers(call: Call) -> Row:
    """All tiers, lowest first: a programme has few, so this list has no pages."""
    statement = select(VIP_TIERS).where(VIP_TIERS.c.shop_id == call.shop.id).order_by(VIP_TIERS.c.milestone)
    found = (await call.connection.execute(statement)).mappings()
    return {"vip_tiers": [shown(VIP_TIERS, dict(row)) for row in found]}


CUSTOMER = Resource(
    one="customer",
    many="customers",
    table=CUSTOMERS,
    filters={
        "ids": ids(CUSTOMERS.c.id),
        "email": email(CUSTOMERS.c.email),
        "emails": emails(CUSTOMERS.c.email),
        "state": one_of(CUSTOMERS.c.state, "candidate", "member", "disabled"),
        **dates(CUSTOMERS.c.updated_at),
    },
    present=_members,
)
EARNING_RULE = Resource(one=None, many="earning_rules", table=EARNING_RULES, default_sort="id-asc")
POINTS_PRODUCT = Resource(
    one="points_product",
    many="points_products",
    table=POINTS_PRODUCTS,
    filters={"exchange_type": one_of(POINTS_PRODUCTS.c.exchange_type, "fixed", "variable")},
    default_sort="id-asc",
)
POINTS_TRANSACTION = Resource(
    one="points_transaction",
    many="points_transactions",
    table=POINTS_TRANSACTIONS,
    filters={
        "customer_id": an_id(POINTS_TRANSACTIONS.c.customer_id),
        "customer_ids": ids(POINTS_TRANSACTIONS.c.customer_id),
        **dates(POINTS_TRANSACTIONS.c.updated_at),
    },
    limit_each=("customer_ids", "customer_id"),
)
REWARD_FULFILLMENT = Resource(
    one=None,
    many="reward_fulfillments",
    table=REWARD_FULFILLMENTS,
    filters={
        "customer_id": an_id(REWARD_FULFILLMENTS.c.customer_id),
        "customer_ids": ids(REWARD_FULFILLMENTS.c.customer_id),
        "usage_status": one_of(REWARD_FULFILLMENTS.c.usage_status, "used", "unused", "untracked"),
        "fulfillment_status": one_of(
            REWARD_FULFILLMENTS.c.fulfillment_status, "pending", "issued", "cancelled", "failed"
        ),
        **dates(REWARD_FULFILLMENTS.c.updated_at),
    },
    limit_each=("customer_ids", "customer_id"),
)
RESOURCES = (CUSTOMER, EARNING_RULE, POINTS_PRODUCT, POINTS_TRANSACTION, REWARD_FULFILLMENT)


def _seed(world: World) -> Tables:
    for shop in SHOPS:
        yield from programme(world, shop).items()
    everyone = (membership(world, person(world, index)) for index in range(world.customers))
    for known in batches((each for each in everyone if each), HOUSEHOLDS_AT_ONCE):
        yield "customers", [each.customer for each in known]
        yield "points_transactions", [row for each in known for row in each.points_transactions]
        yield "reward_fulfillments", [row for each in known for row in each.reward_fulfillments]


SERVICE = Service(
    dialect=SMILE,
    bucket=Bucket(size=10, leak=10),
    fleet={each.many: each.page for each in (CUSTOMER, POINTS_TRANSACTION, REWARD_FULFILLMENT)},
    tables=TABLES,
    routes=[
        Route(f"{SMILE.prefix}/points_settings", endpoint(_points_settings), methods=["GET"]),
        Route(f"{SMILE.prefix}/vip_tiers", endpoint(_vip_tiers), methods=["GET"]),
        *(route for resource in RESOURCES for route in resource.routes(SMILE.prefix)),
        write("POST", f"{SMILE.prefix}/points_products/{{id:int}}/purchase", purchase, nobody, status=201),
    ],
    seed=_seed,
)
