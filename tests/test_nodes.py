"""`node` and `nodes`: every type by its id, and nobody else's."""

from typing import Any

import pytest
from graphql import GraphQLInterfaceType, build_schema

from schema import build_schema as build_graph
from schema.nodes import FINDERS
from tests.conftest import Gateway, Store, gateway_before

QUERY = "query ($id: ID!) { node(id: $id) { __typename id } }"
PRIVATE = {
    "Address",
    "BundleSelection",
    "Charge",
    "CreditAccount",
    "Customer",
    "LoyaltyMember",
    "Membership",
    "Onetime",
    "SubscriptionContract",
}


def test_every_node_can_be_found() -> None:
    """Each type that implements Node has a finder, and the other way round."""
    graph = build_schema(build_graph().as_str())
    node = graph.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert sorted(kind for _, kind in FINDERS) == sorted(kind.name for kind in graph.get_possible_types(node))


@pytest.fixture
async def ids(store: Store, shopper: int) -> dict[str, str]:
    """One of the shopper's ids of each type, as the backends have it; a customer with a membership for that one."""

    async def first(service: str, path: str, rows: str) -> dict[str, Any]:
        found = (await store.get(service, path))[rows]
        assert found, path
        row: dict[str, Any] = found[0]
        return row

    mine = f"customer_id={shopper}"
    subscription = await first("subscriptions", f"/subscriptions?{mine}&status=active", "subscriptions")
    record = (await store.get("subscriptions", f"/customers/{shopper}"))["customer"]
    subscriptions = (await store.get("subscriptions", f"/subscriptions?{mine}&limit=250"))["subscriptions"]
    items = ",".join(str(row["id"]) for row in subscriptions)
    programme = await first("subscriptions", "/membership_programs", "membership_programs")
    return {
        "Address": f"gid://recharge/Address/{subscription['address_id']}",
        "BundleSelection": "gid://recharge/BundleSelection/"
        + str((await first("bundles", f"/bundle_selections?purchase_item_ids={items}", "bundle_selections"))["id"]),
        "Charge": f"gid://recharge/Charge/{(await first('subscriptions', f'/charges?{mine}', 'charges'))['id']}",
        "CreditAccount": "gid://recharge/CreditAccount/"
        + str((await first("subscriptions", f"/credit_accounts?{mine}", "credit_accounts"))["id"]),
        "Customer": f"gid://recharge/Customer/{shopper}",
        "EarningRule": "gid://smile/EarningRule/"
        + str((await first("loyalty", "/v1/earning_rules", "earning_rules"))["id"]),
        "LoyaltyMember": "gid://smile/LoyaltyMember/"
        + str((await first("loyalty", f"/v1/customers?email={record['email']}", "customers"))["id"]),
        "LoyaltyTier": f"gid://smile/LoyaltyTier/{(await first('loyalty', '/v1/vip_tiers', 'vip_tiers'))['id']}",
        "MembershipProgram": f"gid://recharge/MembershipProgram/{programme['id']}",
        "Onetime": f"gid://recharge/Onetime/{(await first('subscriptions', f'/onetimes?{mine}', 'onetimes'))['id']}",
        "Product": f"gid://shopify/Product/{subscription['external_product_id']['ecommerce']}",
        "Reward": f"gid://smile/Reward/{(await first('loyalty', '/v1/points_products', 'points_products'))['id']}",
        "SubscriptionContract": f"gid://recharge/SubscriptionContract/{subscription['id']}",
    }


async def test_each_type_by_its_id(gateway: Gateway, ids: dict[str, str], shopper: int) -> None:
    """One by one, and all at once in their order."""
    for kind, identity in ids.items():
        answer = await gateway.ask(QUERY, {"id": identity}, customer=shopper)
        assert answer.data == {"node": {"__typename": kind, "id": identity}}
    answer = await gateway.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": [*ids.values(), "gid://shopify/Product/1"]},
        customer=shopper,
    )
    assert answer.data == {"nodes": [*({"id": identity} for identity in ids.values()), None]}


async def test_a_membership_by_its_id(gateway: Gateway, store: Store) -> None:
    """Of a customer who has one."""
    row = (await store.get("subscriptions", "/memberships"))["memberships"][0]
    identity = f"gid://recharge/Membership/{row['id']}"
    answer = await gateway.ask(QUERY, {"id": identity}, customer=row["customer_id"])
    assert answer.data == {"node": {"__typename": "Membership", "id": identity}}
    stranger = await gateway.ask(QUERY, {"id": identity}, customer=row["customer_id"] + 1)
    assert stranger.data == {"node": None}


async def test_what_is_private_is_nobody_elses(
    gateway: Gateway, store: Store, ids: dict[str, str], shopper: int
) -> None:
    """Another customer, and a visitor, get null for what is there; what is public they get."""
    customers = (await store.get("subscriptions", "/customers?limit=2"))["customers"]
    stranger = next(row["id"] for row in customers if row["id"] != shopper)
    for customer in (stranger, None):
        for kind, identity in ids.items():
            answer = await gateway.ask(QUERY, {"id": identity}, customer=customer)
            assert answer.data == {"node": None if kind in PRIVATE else {"__typename": kind, "id": identity}}


async def test_visitors_cost_no_private_calls(gateway: Gateway, ids: dict[str, str]) -> None:
    """Without a shopper nothing private can be his: no backend is asked."""
    for kind in PRIVATE - {"Membership"}:
        await gateway.ask(QUERY, {"id": ids[kind]})
    assert gateway.calls == []


@pytest.mark.parametrize(
    "identity", ["1", "gid://recharge/Nonsense/1", "gid://shopify/Charge/1", "gid://recharge/Charge/x", "", "gid://x"]
)
async def test_what_is_no_global_id(gateway: Gateway, shopper: int, identity: str) -> None:
    """Refused before any backend hears of it."""
    answer = await gateway.ask(QUERY, {"id": identity}, customer=shopper)
    assert answer.body["data"] == {"node": None}
    assert [error["message"] for error in answer.errors] == [
        "Not an id that can be looked up: send gid://<owner>/<Type>/<number>, as an `id` has it."
    ]
    assert gateway.calls == []


async def test_too_many_ids(store: Store) -> None:
    """A hundred at once are enough, whatever the limits of the operation are."""
    async with gateway_before(store, limits={"page_size": 1_000}) as gateway:
        answer = await gateway.ask("query ($ids: [ID!]!) { products(ids: $ids) { id } }", {"ids": ["1"] * 101})
    assert answer.body == {
        "data": None,
        "errors": [
            {
                "message": "At most 100 ids can be asked for at once.",
                "locations": [{"line": 1, "column": 24}],
                "path": ["products"],
                "extensions": {"code": "BAD_USER_INPUT"},
            },
        ],
    }
