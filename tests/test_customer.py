"""What a shopper has: charges, addresses, memberships, deliveries, and one subscription in detail."""

from typing import Any

import pytest

from tests.conftest import Gateway, Store, gateway_before
from tests.documents import document


@pytest.fixture(params=["none", "shop", "fleet", "session"])
def bulk(request: pytest.FixtureRequest) -> Any:
    """What holds in front of the public APIs holds where they offer more, and for shoppers' own sessions."""
    return request.param


def money(amount: str, currency: str) -> dict[str, str]:
    """MoneyV2."""
    return {"amount": amount, "currencyCode": currency}


async def test_charges(gateway: Gateway, store: Store, shopper: int) -> None:
    """By due date, all of them or of some statuses, with what they are for."""
    query = """query ($statuses: [ChargeStatus!], $after: String) { customer {
        charges(first: 100, statuses: $statuses, after: $after) {
            nodes { id status scheduledDate totalPrice { amount currencyCode } address { id }
                lineItems { title purchaseItemId subscription { id } } }
            pageInfo { hasNextPage endCursor } } } }"""
    for statuses in (None, ["QUEUED"], ["SUCCESS", "SKIPPED"]):
        path = f"/charges?customer_id={shopper}&sort_by=scheduled_at-asc&limit=250"
        filters = f"&status={','.join(status.lower() for status in statuses)}" if statuses else ""
        rows = (await store.get("subscriptions", path + filters))["charges"]
        assert rows
        seen: list[Any] = []
        after = None
        while True:
            answer = await gateway.ask(query, {"statuses": statuses, "after": after}, customer=shopper)
            page = answer.data["customer"]["charges"]
            seen += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert [(node["id"], node["status"], node["scheduledDate"], node["totalPrice"]) for node in seen] == [
            (
                f"gid://recharge/Charge/{row['id']}",
                row["status"].upper(),
                row["scheduled_at"],
                money(row["total_price"], row["currency"]),
            )
            for row in rows
        ]
        for node, row in zip(seen, rows, strict=True):
            assert node["address"]["id"] == f"gid://recharge/Address/{row['address_id']}"
            for line, item in zip(node["lineItems"], row["line_items"], strict=True):
                assert line["title"] == item["title"]
                if item["purchase_item_type"] == "subscription" and line["subscription"]:
                    assert line["subscription"]["id"] == line["purchaseItemId"]


async def test_the_next_charge_and_addresses(gateway: Gateway, store: Store, shopper: int) -> None:
    """One call each."""
    charge = f"/charges?customer_id={shopper}&status=queued&sort_by=scheduled_at-asc&limit=1"
    first = (await store.get("subscriptions", charge))["charges"][0]
    addresses = (await store.get("subscriptions", f"/addresses?customer_id={shopper}&sort_by=id-asc"))["addresses"]
    answer = await gateway.ask("{ customer { upcomingCharge { id } addresses { id city } } }", customer=shopper)
    assert answer.data == {
        "customer": {
            "upcomingCharge": {"id": f"gid://recharge/Charge/{first['id']}"},
            "addresses": [{"id": f"gid://recharge/Address/{row['id']}", "city": row["city"]} for row in addresses],
        },
    }
    assert len([call for call in gateway.calls if not call.endswith("/sessions")]) == 2


async def test_memberships(gateway: Gateway, store: Store) -> None:
    """With their programme and what it brings."""
    row = (await store.get("subscriptions", "/memberships"))["memberships"][0]
    programmes = await store.get("subscriptions", "/membership_programs?include=membership_benefits")
    programme = next(each for each in programmes["membership_programs"] if each["id"] == row["membership_program_id"])
    query = "{ customer { memberships { nodes { id status price { amount } program { name benefits } } } } }"
    answer = await gateway.ask(query, customer=row["customer_id"])
    nodes = {node["id"]: node for node in answer.data["customer"]["memberships"]["nodes"]}
    assert nodes[f"gid://recharge/Membership/{row['id']}"] == {
        "id": f"gid://recharge/Membership/{row['id']}",
        "status": row["status"].upper(),
        "price": {"amount": str(row["price"])},
        "program": {
            "name": programme["name"],
            "benefits": [each["name"] for each in programme["include"]["membership_benefits"]],
        },
    }


async def test_subscription_in_detail(gateway: Gateway, store: Store, shopper: int) -> None:
    """Plan, product and contents of one subscription; and what is delivered next."""
    path = f"/subscriptions?customer_id={shopper}&status=active&limit=250"
    for row in (await store.get("subscriptions", path))["subscriptions"][:6]:
        answer = await gateway.ask(document("SubscriptionDetail"), {"id": str(row["id"])}, customer=shopper)
        customer = answer.data["customer"]
        subscription = customer["subscription"]
        number = row["external_product_id"]["ecommerce"]
        search = f"/product_search?format_version=2022-06&external_product_ids={number}"
        product = (await store.get("subscriptions", search, version="2021-01"))["products"][0]
        plans = {f"gid://recharge/Plan/{plan['id']}": plan for plan in product["plans"]}
        rhythm = plans[subscription["plan"]["id"]]["subscription_preferences"]
        assert subscription["plan"]["title"] == plans[subscription["plan"]["id"]]["title"]
        for name in ("order_interval_frequency", "charge_interval_frequency"):
            assert rhythm[name] == row[name]
        assert rhythm["interval_unit"] == row["order_interval_unit"]
        assert subscription["nextChargeDate"] == row["next_charge_scheduled_at"]
        assert [variant["title"] for variant in subscription["product"]["variants"]] == [
            variant["title"] for variant in product["variants"] if not variant["is_deleted"]
        ]
        assert bool(subscription["product"]["bundle"]) is bool(product["bundle_product"])
        assert bool(subscription["bundleSelection"]) is bool(product["bundle_product"])
        schedule = await store.get("subscriptions", f"/customers/{shopper}/delivery_schedule?delivery_count_future=4")
        assert customer["deliverySchedule"] == [
            {
                "date": delivery["date"][:10],
                "orders": [
                    {
                        "lineItems": [
                            {
                                "productTitle": item["product_title"],
                                "quantity": item["quantity"],
                                "isSkipped": item["is_skipped"],
                                "isSkippable": item["is_skippable"],
                            }
                            for item in order["line_items"]
                        ],
                        "totalPrice": money(order["total_price"], order["currency"]),
                    }
                    for order in delivery["orders"]
                ],
            }
            for delivery in schedule["deliveries"][:4]
        ]


@pytest.mark.parametrize("count", [0, 13, -1])
async def test_too_many_deliveries(store: Store, shopper: int, count: int) -> None:
    """A year's worth is the most."""
    async with gateway_before(store) as gateway:
        query = "query ($n: Int!) { customer { deliverySchedule(count: $n) { date } } }"
        answer = await gateway.ask(query, {"n": count}, customer=shopper)
        assert answer.body["data"] == {"customer": {"deliverySchedule": None}}
        assert [error["message"] for error in answer.errors] == ["`count` must be from 1 to 12."]
        assert gateway.calls == []
