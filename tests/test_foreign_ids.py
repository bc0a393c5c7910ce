"""Every argument that takes an id, with the id of somebody else's: answered as if there were no such thing.

The arguments are read from the schema, so that a new one is covered here or fails.
"""

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from backends import demo_customer_id
from schema import build_schema as build_graph
from tests.conftest import OTHER_SHOP, SHOP, Gateway, gateway_before
from tests.gateway.edge.sessions.test_tools import SUPPORT, tool
from tests.mutations.conftest import Written, written

GRAPH: GraphQLSchema = build_schema(build_graph().as_str())
Leaf = tuple[str, str, str]
"""A type, its field, and the way to an id in the arguments, such as `input.addressId`."""

SUBSCRIPTION, BOX = "SubscriptionContract", "a subscription to a box"
KINDS: Mapping[Leaf, str] = {
    ("Query", "node", "id"): "any",
    ("Query", "nodes", "ids"): "any",
    ("Query", "product", "id"): "Product",
    ("Query", "products", "ids"): "Product",
    ("Query", "customers", "ids"): "customer of another shop",
    ("Query", "bundleValidate", "input.productId"): "Product",
    ("Query", "bundleValidate", "input.productVariantId"): "ProductVariant",
    ("Query", "bundleValidate", "input.sellingPlanId"): "SellingPlan",
    ("Query", "bundleValidate", "input.items.collectionId"): "Collection",
    ("Query", "bundleValidate", "input.items.productId"): "Product in a box",
    ("Query", "bundleValidate", "input.items.productVariantId"): "ProductVariant in a box",
    ("Query", "bundleValidate", "input.items.sellingPlanId"): "SellingPlan",
    ("Customer", "subscription", "id"): SUBSCRIPTION,
    ("Mutation", "subscriptionPause", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionReschedule", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionSwap", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionSwap", "input.productVariantId"): "ProductVariant",
    ("Mutation", "subscriptionSwap", "input.planId"): "Plan",
    ("Mutation", "subscriptionUpdate", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionUpdate", "input.planId"): "Plan",
    ("Mutation", "subscriptionCancel", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionActivate", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionAddressUpdate", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionAddressUpdate", "addressId"): "Address",
    ("Mutation", "subscriptionSkip", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionUnskip", "subscriptionId"): SUBSCRIPTION,
    ("Mutation", "subscriptionUnskip", "chargeId"): "Charge",
    ("Mutation", "chargeDiscountApply", "chargeId"): "Charge",
    ("Mutation", "chargeDiscountRemove", "chargeId"): "Charge",
    ("Mutation", "onetimeAdd", "input.addressId"): "Address",
    ("Mutation", "onetimeAdd", "input.productVariantId"): "ProductVariant",
    ("Mutation", "onetimeRemove", "onetimeId"): "Onetime",
    ("Mutation", "bundleSelectionUpdate", "subscriptionId"): BOX,
    ("Mutation", "bundleSelectionUpdate", "items.collectionId"): "Collection",
    ("Mutation", "bundleSelectionUpdate", "items.productId"): "Product in a box",
    ("Mutation", "bundleSelectionUpdate", "items.productVariantId"): "ProductVariant in a box",
    ("Mutation", "bundleSelectionUpdate", "items.sellingPlanId"): "SellingPlan",
    ("Mutation", "bundleCartLinesBuild", "input.productId"): "Product",
    ("Mutation", "bundleCartLinesBuild", "input.productVariantId"): "ProductVariant",
    ("Mutation", "bundleCartLinesBuild", "input.sellingPlanId"): "SellingPlan",
    ("Mutation", "bundleCartLinesBuild", "input.items.collectionId"): "Collection",
    ("Mutation", "bundleCartLinesBuild", "input.items.productId"): "Product in a box",
    ("Mutation", "bundleCartLinesBuild", "input.items.productVariantId"): "ProductVariant in a box",
    ("Mutation", "bundleCartLinesBuild", "input.items.sellingPlanId"): "SellingPlan",
    ("Mutation", "rewardRedeem", "rewardId"): "Reward",
}
"""What each argument names."""
OWNED = {SUBSCRIPTION, BOX, "Address", "Charge", "Onetime"}
"""What customers have; the rest are the shop's goods."""
VALUES: Mapping[str, Any] = {"Int": 1, "Boolean": True, "String": "x", "Date": "2031-01-01"}
"""Whatever else is required."""


def ids_in(kind: GraphQLNamedType, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The ways to ids in an argument."""
    if kind.name == "ID":
        yield path
    if isinstance(kind, GraphQLInputObjectType):
        for name, part in kind.fields.items():
            yield from ids_in(get_named_type(part.type), (*path, name))


def leaves() -> Iterator[Leaf]:
    """Every argument of the schema that takes an id."""
    for kind in GRAPH.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__"):
            for name, each in kind.fields.items():
                for argument, value in each.args.items():
                    for path in ids_in(get_named_type(value.type), (argument,)):
                        yield kind.name, name, ".".join(path)


def test_every_argument_with_an_id_is_here() -> None:
    """Whoever adds one says what it names."""
    assert sorted(leaves()) == sorted(KINDS)


def value_of(part: GraphQLArgument | GraphQLInputField, path: str, tested: Leaf, ids: "Ids") -> Any:
    """A value for a part of the arguments: the shopper's own ids, but for the one that is tested."""
    kind = get_named_type(part.type)
    value: Any
    if isinstance(kind, GraphQLInputObjectType):
        value = {
            name: value_of(each, f"{path}.{name}", tested, ids)
            for name, each in kind.fields.items()
            if is_required_input_field(each) or tested[2].startswith(f"{path}.{name}")
        }
    elif kind.name == "ID":
        value = ids.tested if path == tested[2] else ids.own[KINDS[tested[0], tested[1], path]]
    elif isinstance(kind, GraphQLEnumType):
        value = next(iter(kind.values))
    else:
        value = str(uuid4()) if path == "idempotencyKey" else VALUES[kind.name]
        if path.endswith("items.quantity"):
            value = ids.own["quantity"]
    return [value] if is_list_type(getattr(part.type, "of_type", part.type)) or is_list_type(part.type) else value


def selection_of(kind: GraphQLNamedType, depth: int = 2) -> str:
    """All leaves of a type that take no argument, and those of the objects in it."""
    if is_leaf_type(kind):
        return ""
    if isinstance(kind, GraphQLInterfaceType):
        return "{ __typename id }"
    assert isinstance(kind, GraphQLObjectType)
    parts = ["__typename"]
    for name, each in kind.fields.items():
        inner = get_named_type(each.type)
        if not each.args and (is_leaf_type(inner) or depth > 1):
            parts.append(name + selection_of(inner, depth - 1))
    return f"{{ {' '.join(parts)} }}"


@dataclass(frozen=True)
class Ids:
    """What a document is filled with."""

    own: Mapping[str, Any]
    tested: str


def document(leaf: Leaf, ids: Ids) -> tuple[str, dict[str, Any]]:
    """A document that asks a field with an id in the tested place, and its variables."""
    kind = GRAPH.type_map[leaf[0]]
    assert isinstance(kind, GraphQLObjectType)
    asked = kind.fields[leaf[1]]
    variables = {
        name: value_of(argument, name, leaf, ids)
        for name, argument in asked.args.items()
        if is_required_argument(argument) or name == leaf[2].partition(".")[0] or name == "idempotencyKey"
    }
    call = (
        f"{leaf[1]}({', '.join(f'{name}: ${name}' for name in variables)}) {selection_of(get_named_type(asked.type))}"
    )
    if kind is not GRAPH.query_type and kind is not GRAPH.mutation_type:
        call = f"{leaf[0].lower()} {{ {call} }}"
    head = ", ".join(f"${name}: {asked.args[name].type}" for name in variables)
    return f"{'mutation' if kind is GRAPH.mutation_type else 'query'} ({head}) {{ {call} }}", variables


MISSING = "900000000001"


@dataclass(frozen=True)
class World:
    """The backends with their data, a gateway, and a shopper's ids beside everybody else's."""

    shop: Written
    gateway: Gateway
    shopper: int
    own: Mapping[str, Any]
    neighbours: Mapping[str, str]
    """Another customer's of the same shop."""
    others: Mapping[str, Any]
    """Of the other shop; none of the numbers is one of the first shop's, too."""

    async def asked(self, leaf: Leaf, tested: str) -> tuple[Any, list[str], Any]:
        """Answer, REST calls and what they sent, with the id, and what is drawn anew each time, taken out."""
        query, variables = document(leaf, Ids(self.own, tested))
        for front in self.gateway.fronts.values():
            front.calls.clear()
            front.bodies.clear()
        if leaf[1] == "customers":
            headers = {"Authorization": f"Bearer {SUPPORT}"}
            answer = await self.gateway.ask(query, variables, headers=headers)
        else:
            answer = await self.gateway.ask(query, variables, customer=self.shopper)
        assert answer.status == 200, (leaf, answer.body)
        sent = [body for front in self.gateway.fronts.values() for body in front.bodies]
        drawn = {tested.rpartition("/")[2]: "N"}
        if "idempotencyKey" in variables:
            drawn[variables["idempotencyKey"]] = "K"
        calls = sorted(_in_order(without(drawn, call)) for call in self.gateway.calls)
        return without(drawn, answer.body), calls, without(drawn, sent)

    @contextmanager
    def nothing_written(self) -> Iterator[None]:
        """Whatever is asked within the block, no backend's database is another one afterwards."""
        databases = [sqlite3.connect(path) for path in self.shop.paths.values()]
        try:
            before = [each.execute("pragma data_version").fetchone() for each in databases]
            yield
            assert [each.execute("pragma data_version").fetchone() for each in databases] == before
        finally:
            for each in databases:
                each.close()


def without(drawn: Mapping[str, str], value: Any) -> Any:
    """A value with other words in place of some."""
    if isinstance(value, dict):
        return {name: without(drawn, each) for name, each in value.items()}
    if isinstance(value, list):
        return [without(drawn, each) for each in value]
    if isinstance(value, str):
        for word, other in drawn.items():
            value = value.replace(word, other)
        return value
    return drawn.get(str(value), value)


def _in_order(call: str) -> str:
    """A call whose lists are sorted: `ids=2,1` asks for what `ids=1,2` does."""
    return re.sub(r"=([^&]*,[^&]*)", lambda found: "=" + ",".join(sorted(found[1].split(","))), call)


async def things_of(shop: Written, whose: Callable[[int], bool], at: str = SHOP) -> dict[str, str]:
    """One of each kind of thing that customers have; what nobody of them has is left out."""

    async def first(path: str, service: str = "subscriptions") -> str | None:
        rows = await shop.rows(service, path, shop=at)
        found = next((row for row in rows if whose(row["customer_id"])), None)
        return None if found is None else str(found["id"])

    customers = await shop.rows("subscriptions", "/customers", shop=at)
    members = await shop.rows("loyalty", "/v1/customers", shop=at)
    emails = {row["email"].lower() for row in customers if whose(row["id"])}
    selection = await _selection(shop, whose, at)
    charges = await shop.rows("subscriptions", "/charges?status=queued", shop=at)
    charge = next(row for row in charges if whose(row["customer"]["id"]))
    found = {
        SUBSCRIPTION: str(charge["line_items"][0]["purchase_item_id"]),
        BOX: str(selection["purchase_item_id"]),
        "BundleSelection": str(selection["id"]),
        "Address": await first("/addresses"),
        "Charge": str(charge["id"]),
        "Onetime": await first("/onetimes?include_cancelled=true"),
        "CreditAccount": await first("/credit_accounts"),
        "Membership": await first("/memberships"),
        "Customer": next(str(row["id"]) for row in customers if whose(row["id"])),
        "LoyaltyMember": next(str(row["id"]) for row in members if row["email"].lower() in emails),
    }
    return {name: number for name, number in found.items() if number is not None}


async def _selection(shop: Written, whose: Callable[[int], bool], at: str) -> dict[str, Any]:
    """What is in a box of theirs that is delivered still."""
    boxes = await shop.rows("subscriptions", "/subscriptions?bundles_only=true&status=active", shop=at)
    items = ",".join(str(row["id"]) for row in boxes if whose(row["customer_id"]))
    rows = await shop.rows("bundles", f"/bundle_selections?purchase_item_ids={items}", shop=at)
    return next(row for row in rows if row["items"])


async def goods_of(shop: Written, whose: Callable[[int], bool], at: str = SHOP, *, but: str = "") -> dict[str, Any]:
    """What a shop sells, as it is in one of their boxes; no number that the text has, where any number will do."""

    async def first(path: str, service: str = "loyalty") -> str:
        rows = await shop.rows(service, path, shop=at)
        return next(str(row["id"]) for row in rows if f'"id": {row["id"]},' not in but)

    selection = await _selection(shop, whose, at)
    plans = await shop.rows("subscriptions", f"/plans?external_product_id={selection['external_product_id']}", shop=at)
    item = selection["items"][0]
    return {
        "Product": selection["external_product_id"],
        "ProductVariant": selection["external_variant_id"],
        "Product in a box": item["external_product_id"],
        "ProductVariant in a box": item["external_variant_id"],
        "Collection": item["collection_id"],
        "quantity": sum(each["quantity"] for each in selection["items"]),
        "Plan": str(plans[0]["id"]),
        "SellingPlan": str(plans[0]["external_plan_id"]),
        "Reward": await first("/v1/points_products"),
        "EarningRule": await first("/v1/earning_rules"),
        "LoyaltyTier": await first("/v1/vip_tiers"),
        "MembershipProgram": await first("/membership_programs", "subscriptions"),
    }


@pytest.fixture(scope="module", params=["none", "session"])
async def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """All of it, asked with the shop's credential, where whose a row is decides the gateway; and with shoppers' own."""
    shopper = demo_customer_id()

    def mine(customer: int) -> bool:
        return customer == shopper

    def not_mine(customer: int) -> bool:
        return customer != shopper

    tools = {"support": tool(SUPPORT, "customers:read")}
    async with (
        written(tmp_path_factory.mktemp("backends")) as shop,
        gateway_before(shop.store, bulk=request.param, tools=tools) as gateway,
    ):
        of_shop = json.dumps([await shop.rows(service, path) for service, path in NUMBERED])
        # A session at the backend is opened once, by whatever comes first.
        await gateway.ask("{ customer { email } }", customer=shopper)
        yield World(
            shop,
            gateway,
            shopper,
            own=await things_of(shop, mine) | await goods_of(shop, mine),
            neighbours=await things_of(shop, not_mine),
            others=await things_of(shop, not_mine, OTHER_SHOP)
            | await goods_of(shop, not_mine, OTHER_SHOP, but=of_shop),
        )


NUMBERED = (
    ("loyalty", "/v1/points_products"),
    ("loyalty", "/v1/earning_rules"),
    ("loyalty", "/v1/vip_tiers"),
    ("subscriptions", "/membership_programs"),
)
"""Lists whose numbers both shops may have."""
OWNERS = {
    "LoyaltyMember": "smile",
    "Reward": "smile",
    "EarningRule": "smile",
    "LoyaltyTier": "smile",
    "Product": "shopify",
}
"""By type: whose numbers its global ids have, where they are not Recharge's."""


def node_ids(things: Mapping[str, Any]) -> list[str]:
    """Their global ids, of the types that have one."""
    graph = GRAPH.type_map["Node"]
    assert isinstance(graph, GraphQLInterfaceType)
    types = {kind.name for kind in GRAPH.get_possible_types(graph)}
    return [f"gid://{OWNERS.get(kind, 'recharge')}/{kind}/{number}" for kind, number in things.items() if kind in types]


def foreign_ids(leaf: Leaf, world: World) -> list[str]:
    """What is somebody else's, for an argument."""
    kind = KINDS[leaf]
    if kind == "any":
        return [*node_ids(world.neighbours), *node_ids(world.others)]
    if kind == "customer of another shop":
        return [world.others["Customer"]]
    return [things[kind] for things in (world.neighbours, world.others) if kind in things]


def missing(foreign: str) -> str:
    """An id of the same type that nothing has."""
    return foreign[: -len(foreign.rpartition("/")[2])] + MISSING


def _of_any(calls: list[str]) -> list[str]:
    """Calls, whichever subscription is asked for: a selection says which is its own, and no selection says none."""
    return [re.sub(r"^(subscriptions /subscriptions\?ids=)\w+", r"\1S", call) for call in calls]


@pytest.mark.parametrize("leaf", sorted(leaves()), ids=":".join)
async def test_somebody_elses_is_like_what_is_not_there(world: World, leaf: Leaf) -> None:
    """The same answer by the same calls, in the shop and over its border; and nobody's data is changed."""
    foreign = foreign_ids(leaf, world)
    assert foreign
    for identity in foreign:
        with world.nothing_written():
            body, calls, sent = await world.asked(leaf, missing(identity))
            found = await world.asked(leaf, identity)
        assert (found[0], _of_any(found[1]), found[2]) == (body, _of_any(calls), sent), identity


WHOLE_LISTS = "{ loyaltyProgram { rewards { id } tiers { id } earningRules { id } } }"


@pytest.mark.parametrize("keep", ["all", "public"])
async def test_asked_again_somebody_elses_is_like_what_is_not_there(world: World, keep: str) -> None:
    """Where answers are kept: by as many calls the first time as for what is not there, and the second and third."""
    async with gateway_before(world.shop.store, cache={"keep": keep}) as gateway:
        # What is looked up once for everybody is no difference.
        await gateway.ask(
            "{ customer { email loyalty { id } credit { totalAvailable { amount } } } }", customer=world.shopper
        )
        await gateway.ask(WHOLE_LISTS, customer=world.shopper)

        async def counted(identity: str) -> list[int]:
            counts = []
            for _ in range(3):
                before = len(gateway.calls)
                answer = await gateway.ask(
                    "query ($id: ID!) { node(id: $id) { id } }", {"id": identity}, customer=world.shopper
                )
                assert answer.data == {"node": None}
                counts.append(len(gateway.calls) - before)
            return counts

        foreign = [*node_ids(world.neighbours), *node_ids(world.others)]
        for place, identity in enumerate(foreign):
            # Each time another number; that of a selection as a subscription's first, so that none is known to have it.
            number = int(MISSING) + place
            if "/BundleSelection/" in identity:
                await counted(f"gid://recharge/{SUBSCRIPTION}/{number}")
            expected = await counted(f"{identity.rpartition('/')[0]}/{number}")
            assert await counted(identity) == expected, identity


async def test_customers_of_ones_own_shop_are_no_others(world: World) -> None:
    """For tools."""
    leaf = "Query", "customers", "ids"
    assert (await world.asked(leaf, world.own["Customer"]))[0] != (await world.asked(leaf, MISSING))[0]


@pytest.mark.parametrize("name", ["node", "nodes"])
async def test_each_of_ones_own_is_found(world: World, name: str) -> None:
    """By the ids that others do not find."""
    leaf = "Query", name, {"node": "id", "nodes": "ids"}[name]
    for identity in node_ids(world.own):
        data = (await world.asked(leaf, identity))[0]["data"][name]
        assert (data if name == "node" else data[0])["id"].endswith("/N"), identity


CHANGING = sorted((leaf for leaf in leaves() if KINDS[leaf] in OWNED), key=lambda leaf: (KINDS[leaf] != "Charge", leaf))
"""Charges first, since those are made anew when anything else of the shopper's own changes."""


@pytest.mark.parametrize("leaf", CHANGING, ids=":".join)
async def test_ones_own_is_not(world: World, leaf: Leaf) -> None:
    """So that the documents above say something: with an id of the shopper's own they are answered otherwise."""
    assert (await world.asked(leaf, world.own[KINDS[leaf]]))[0] != (await world.asked(leaf, MISSING))[0]
