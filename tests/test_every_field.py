"""Every field of the graph is reached by some query, with data that is not null at least once."""

from collections import deque
from typing import Any

from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLSchema, build_schema, get_named_type, is_leaf_type

from backends import SHOPS
from schema import build_schema as build_graph
from tests.conftest import Gateway, Store

NEVER = {
    "CreditSummary.maxRedemptionPerCharge": "no seeded shop caps what a charge may redeem",
    "TierStatus.deltaToRetain": "the seeded programmes never take a level away",
    # Only boxes that the shopper may not change come with contents, and the second shop alone sells one.
    "BundleSelectionDefault.productVariant": "see test_a_box_that_comes_filled",
    "BundleSelectionDefault.productVariantId": "see test_a_box_that_comes_filled",
    "BundleSelectionDefault.quantity": "see test_a_box_that_comes_filled",
}
"""Fields that no seeded object of the first shop has, each with the reason."""

FOR_TOOLS = {"customerByEmail", "customers", "shops"}
"""See tests/test_directory.py."""

ROUTES = {
    "Charge": ("customer", "charges(first: 100)", "nodes"),
    "SubscriptionContract": ("customer", "subscriptions(first: 100)", "nodes"),
    "BundleVariant": ("product(id: $id)", "bundle", "variants"),
    "BundleSelectionDefault": ("product(id: $id)", "bundle", "variants", "selectionDefaults"),
}
"""Ways that meet more objects than the shortest one."""
CUSTOMERS_TRIED = 250
GRAPH: GraphQLSchema = build_schema(build_graph().as_str())
Paths = dict[str, tuple[str, ...]]


def paths() -> Paths:
    """The shortest way from Query to each object type, as selections with their arguments."""
    found: Paths = {"Query": ()}
    waiting = deque(["Query"])
    while waiting:
        kind = GRAPH.type_map[waiting.popleft()]
        assert isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items():
            target = get_named_type(field.type)
            if (
                isinstance(target, GraphQLObjectType)
                and target.name not in found
                and name not in {"node", "nodes"} | FOR_TOOLS
            ):
                found[target.name] = (*found[kind.name], selection(name, field))
                waiting.append(target.name)
    return found | ROUTES


def selection(name: str, field: Any) -> str:
    """A field with its required arguments as variables of the same name."""
    required = [
        each for each, arg in field.args.items() if isinstance(arg.type, GraphQLNonNull) and not arg.default_value
    ]
    wanted = [each for each in required if each in VARIABLES[0]]
    return f"{name}({', '.join(f'{each}: ${each}' for each in wanted)})" if wanted else name


VARIABLES = ({"id": "ID!", "ids": "[ID!]!", "input": "BundleContentsInput!"},)
"""Arguments that have no default."""


def query_of(kind: GraphQLObjectType, path: tuple[str, ...]) -> str:
    """All fields of a type, at the end of its path."""
    fields = []
    for name, field in kind.fields.items():
        if name in {"node", "nodes"} | FOR_TOOLS and kind.name == "Query":
            continue
        target = get_named_type(field.type)
        fields.append(selection(name, field) + ("" if is_leaf_type(target) else " { __typename }"))
    body = " ".join(fields)
    for step in reversed(path):
        body = f"{step} {{ {body} }}"
    declared = {name: kind for name, kind in VARIABLES[0].items() if f"${name}" in body}
    head = f"query ({', '.join(f'${name}: {kind}' for name, kind in declared.items())})" if declared else "query"
    return f"{head} {{ {body} }}"


def reached(value: Any, depth: int) -> set[str]:
    """The fields that are not null in the objects that deep in an answer."""
    if isinstance(value, list):
        return {name for item in value for name in reached(item, depth)}
    if not isinstance(value, dict):
        return set()
    if depth:
        return {name for item in value.values() for name in reached(item, depth - 1)}
    return {name for name, item in value.items() if item is not None}


async def test_every_field_has_data_somewhere(gateway: Gateway, store: Store, shopper: int) -> None:
    """The seeded store has something of everything, and every mapping is walked."""
    shop = SHOPS[0].domain
    search = "/product_search?format_version=2022-06&limit=250"
    products = (await store.get("subscriptions", search, version="2021-01"))["products"]
    customers = [row["id"] for row in (await store.get("subscriptions", "/customers?limit=250"))["customers"]]
    askers = [shopper, *customers[:CUSTOMERS_TRIED]]
    plain = [row["external_product_id"] for row in products if not row["bundle_product"]]
    bundles = [row["external_product_id"] for row in products if row["bundle_product"]]
    missing = {
        f"{name}.{field}"
        for name, path in paths().items()
        for field in GRAPH.type_map[name].fields  # type: ignore[attr-defined]  # only objects have a path
        if not (name == "Query" and field in {"node", "nodes"} | FOR_TOOLS) and path is not None
    }
    ways = paths()
    for round_number, customer in enumerate(askers):
        subscriptions = (await store.get("subscriptions", f"/subscriptions?customer_id={customer}"))["subscriptions"]
        # Bundles and other products by turns.
        choice = bundles if round_number % 2 else plain
        product = choice[round_number // 2 % len(choice)]
        for name in sorted({field.partition(".")[0] for field in missing}):
            kind = GRAPH.type_map[name]
            assert isinstance(kind, GraphQLObjectType)
            path = ways[name]
            is_subscription = "subscription(id: $id)" in query_of(kind, path)
            identity = str(subscriptions[0]["id"]) if subscriptions and is_subscription else product
            variables = {
                "id": identity,
                "ids": [product],
                "input": {"productId": product, "productVariantId": "1", "items": []},
            }
            query = query_of(kind, path)
            used = {key: value for key, value in variables.items() if f"${key}" in query}
            answer = await gateway.ask(query, used, customer=customer, shop=shop)
            assert "errors" not in answer.body, (query, answer.body["errors"])
            missing -= {f"{name}.{field}" for field in reached(answer.body["data"], len(path))}
        if missing == set(NEVER):
            break
    assert sorted(missing) == sorted(NEVER), "\n".join(sorted(missing))
