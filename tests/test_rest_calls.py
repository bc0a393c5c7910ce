"""Exactly which REST calls each document takes on cold backends, and in which round each starts."""

from dataclasses import dataclass
from typing import Self

import pytest

from gateway.upstream import Bulk
from tests.conftest import SHOP, Gateway, Store, gateway_before
from tests.documents import document

MEMBER = "include=vip_status.vip_tier,vip_status.next_vip_tier"
SEARCH = "format_version=2022-06"
BULK: tuple[Bulk, ...] = ("none", "shop", "fleet")


def joined(values: set[int] | set[str]) -> str:
    """Ids as they are sent: sorted, each once, with raw commas."""
    return ",".join(str(value) for value in sorted(values))


def in_order(*rounds: list[str]) -> list[list[str]]:
    """Rounds of calls, those of a round in any order."""
    return [sorted(calls) for calls in rounds]


async def test_customer_portal_over_twenty_subscriptions(gateway: Gateway, store: Store, shopper: int) -> None:
    """Ten calls, however many items and products; what is keyed by the customer's id does not wait for the record."""
    portal = await Portal.read(store, shopper)
    rounds = gateway.in_rounds()

    answer = await gateway.ask(document("CustomerPortal"), customer=shopper)

    assert len(answer.data["customer"]["subscriptions"]["nodes"]) == 20
    assert rounds.finished == in_order(
        [
            f"subscriptions /customers/{shopper}/credit_summary?include=credit_details",
            f"subscriptions /customers/{shopper}?include=referral_info",
            "subscriptions /shop/settings",
            f"subscriptions /subscriptions?customer_id={shopper}&status=active&sort_by=id-asc&limit=20",
        ],
        [*portal.second_round, f"loyalty /v1/customers?email={portal.email}&{MEMBER}&limit=250"],
        portal.third_round,
    )
    assert len(gateway.calls) == 10


async def test_customer_portal_where_backends_take_lists_of_customers(store: Store, shopper: int) -> None:
    """The same rounds; the questions are ones that other customers' could be merged with."""
    portal = await Portal.read(store, shopper)
    async with gateway_before(store, bulk="shop") as gateway:
        rounds = gateway.in_rounds()
        answer = await gateway.ask(document("CustomerPortal"), customer=shopper)
    assert len(answer.data["customer"]["subscriptions"]["nodes"]) == 20
    assert rounds.finished == in_order(
        [
            f"subscriptions /credit_summaries?customer_ids={shopper}&include=credit_details&limit=250",
            f"subscriptions /customers?ids={shopper}&include=referral_info&limit=250",
            "subscriptions /shop/settings",
            f"subscriptions /subscriptions?customer_ids={shopper}&status=active&sort_by=id-asc&limit=21",
        ],
        [*portal.second_round, f"loyalty /v1/customers?emails={portal.email}&{MEMBER}&limit=250"],
        portal.third_round,
    )


async def test_customer_portal_where_backends_take_several_shops(store: Store, shopper: int) -> None:
    """As above, in calls that other shops' could be merged with, by the fleet's own credential."""
    portal = await Portal.read(store, shopper)
    async with gateway_before(store, bulk="fleet") as gateway:
        rounds = gateway.in_rounds()
        answer = await gateway.ask(document("CustomerPortal"), customer=shopper)
    assert len(answer.data["customer"]["subscriptions"]["nodes"]) == 20
    assert rounds.finished == in_order(
        [
            "subscriptions /bulk/credit_summaries",
            "subscriptions /bulk/customers",
            "subscriptions /bulk/subscriptions",
            "subscriptions /shop/settings",
        ],
        [
            "bundles /bulk/bundle_selections",
            "loyalty /v1/bulk/customers",
            "subscriptions /bulk/addresses",
            "subscriptions /bulk/charges",
            *(call for call in portal.second_round if "/product_search?" in call),
        ],
        portal.third_round,
    )
    asked = dict(zip(posted(gateway), gateway.fronts["subscriptions"].bodies, strict=True))
    assert asked["/bulk/credit_summaries"] == {
        "shops": {SHOP: {"customer_ids": [shopper]}},
        "params": {"include": "credit_details", "limit": "250"},
    }
    assert asked["/bulk/subscriptions"] == {
        "shops": {SHOP: {"customer_ids": [shopper]}},
        "params": {"status": "active", "sort_by": "id-asc", "limit": "21"},
    }
    assert asked["/bulk/customers"] == {
        "shops": {SHOP: {"ids": [shopper]}},
        "params": {"include": "referral_info", "limit": "250"},
    }
    assert asked["/bulk/charges"] == {
        "shops": {SHOP: {"purchase_item_ids": portal.subscriptions}},
        "params": {"status": "queued", "sort_by": "scheduled_at-asc", "limit": "250"},
    }
    assert set(asked) == {f"/bulk/{name}" for name in ("addresses", "charges", "credit_summaries", "customers")} | {
        "/bulk/subscriptions"
    }
    assert gateway.fronts["bundles"].bodies == [
        {
            "shops": {SHOP: {"purchase_item_ids": portal.subscriptions}},
            "params": {"sort_by": "updated_at-desc", "limit": "250"},
        }
    ]
    include = {"include": "vip_status.vip_tier,vip_status.next_vip_tier", "limit": "250"}
    assert gateway.fronts["loyalty"].bodies == [{"shops": {SHOP: {"emails": [portal.email]}}, "params": include}]


def posted(gateway: Gateway) -> list[str]:
    """The fleet calls to the subscriptions backend, in the order of their bodies."""
    return [call for call in gateway.fronts["subscriptions"].calls if call.startswith("/bulk/")]


@dataclass(frozen=True)
class Portal:
    """What the calls of a shopper's portal are made of, as the backends have it."""

    email: str
    subscriptions: list[int]
    second_round: list[str]
    """Calls keyed by the subscriptions, but for the member's."""
    third_round: list[str]
    """What is in the bundles is known only now. The products that are known already are not asked for again."""

    @classmethod
    async def read(cls, store: Store, shopper: int) -> Self:
        """Read it from the backends."""
        page = f"/subscriptions?customer_id={shopper}&status=active&sort_by=id-asc&limit=20"
        subscriptions = (await store.get("subscriptions", page))["subscriptions"]
        assert len(subscriptions) == 20
        ids = joined({row["id"] for row in subscriptions})
        record = await store.get("subscriptions", f"/customers/{shopper}")
        selections = await store.get("bundles", f"/bundle_selections?purchase_item_ids={ids}&limit=250")
        chosen = {
            item["external_product_id"]
            for row in selections["bundle_selections"]
            if row["charge_id"] is None and row["order_id"] is None
            for item in row["items"]
        }
        subscribed = {row["external_product_id"]["ecommerce"] for row in subscriptions}
        assert len(chosen - subscribed) > 1
        addresses = joined({row["address_id"] for row in subscriptions})
        return cls(
            record["customer"]["email"],
            sorted(row["id"] for row in subscriptions),
            [
                f"bundles /bundle_selections?purchase_item_ids={ids}&sort_by=updated_at-desc&limit=250",
                f"subscriptions /product_search?external_product_ids={joined(subscribed)}&{SEARCH}&limit=250",
                f"subscriptions /addresses?ids={addresses}&limit=250",
                f"subscriptions /charges?purchase_item_ids={ids}&status=queued&sort_by=scheduled_at-asc&limit=250",
            ],
            [f"subscriptions /product_search?external_product_ids={joined(chosen - subscribed)}&{SEARCH}&limit=250"],
        )


async def test_loyalty_panel(gateway: Gateway, store: Store, shopper: int) -> None:
    """The programme does not wait for the shopper; the shopper's part waits for e-mail, then for the member's id."""
    record = await store.get("subscriptions", f"/customers/{shopper}")
    email = record["customer"]["email"]
    member = (await store.get("loyalty", f"/v1/customers?email={email}"))["customers"][0]["id"]
    rounds = gateway.in_rounds()

    answer = await gateway.ask(document("LoyaltyPanel"), customer=shopper)

    assert answer.data["customer"]["loyalty"]["status"] == "MEMBER"
    assert rounds.finished == in_order(
        [
            "loyalty /v1/earning_rules?limit=250",
            "loyalty /v1/points_settings",
            "loyalty /v1/vip_tiers?limit=250",
            f"subscriptions /customers/{shopper}/credit_summary?include=credit_details",
            f"subscriptions /customers/{shopper}?include=referral_info",
        ],
        [f"loyalty /v1/customers?email={email}&{MEMBER}&limit=250"],
        [
            "loyalty /v1/points_products?limit=250",
            f"loyalty /v1/points_transactions?customer_id={member}&limit=20",
            f"loyalty /v1/reward_fulfillments?customer_id={member}&usage_status=unused&limit=10",
        ],
    )


async def test_product_widget(gateway: Gateway, store: Store) -> None:
    """A visitor's product page: the product and the programme at once, then the discounts of that product."""
    found = await store.get("subscriptions", f"/product_search?{SEARCH}&limit=1", version="2021-01")
    product = found["products"][0]["external_product_id"]
    rounds = gateway.in_rounds()

    answer = await gateway.ask(
        document("ProductSubscriptionWidget"), {"productId": product, "country": "CA", "language": "FR"}
    )

    assert answer.data["product"]["title"] == found["products"][0]["title"]
    assert rounds.finished == in_order(
        [
            f"subscriptions /product_search?external_product_ids={product}&{SEARCH}&country_code=CA&limit=250",
            "loyalty /v1/earning_rules?limit=250",
            "loyalty /v1/points_settings",
        ],
        ["subscriptions /incentives/tiered_discounts?status=published&limit=250"],
    )


async def test_bundle_builder(store: Store) -> None:
    """The bundle, then what it may be filled with, then those products in one call; no customer is asked for."""
    found = (await store.get("subscriptions", f"/product_search?{SEARCH}&limit=250", version="2021-01"))["products"]
    bundle = next(row for row in found if row["bundle_product"] and row["bundle_product"]["is_customizable"])
    number = bundle["external_product_id"]
    data = await store.get("bundles", f"/bundle-data/{number}")
    asked_for = {
        source["collection_id"] for size in bundle["bundle_product"]["variants"] for source in size["option_sources"]
    }
    inside = {str(row["id"]) for key in asked_for for row in data["collections"][key]["products"]}
    for bulk in BULK:
        async with gateway_before(store, bulk=bulk) as gateway:
            rounds = gateway.in_rounds()
            answer = await gateway.ask(document("BundleBuilder"), {"productId": number})
        assert answer.data["product"]["bundle"]["variants"]
        assert rounds.finished == in_order(
            [f"subscriptions /product_search?external_product_ids={number}&{SEARCH}&limit=250"],
            [f"bundles /bundle-data/{number}"],
            [f"subscriptions /product_search?external_product_ids={joined(inside)}&{SEARCH}&limit=250"],
        )


async def test_subscription_detail(store: Store, shopper: int) -> None:
    """The subscription and the schedule at once, then what hangs on the subscription."""
    listed = await store.get("subscriptions", f"/subscriptions?customer_id={shopper}&status=active&sort_by=id-asc")
    row = listed["subscriptions"][0]
    product = row["external_product_id"]["ecommerce"]
    for bulk in BULK:
        async with gateway_before(store, bulk=bulk) as gateway:
            rounds = gateway.in_rounds()
            answer = await gateway.ask(document("SubscriptionDetail"), {"id": str(row["id"])}, customer=shopper)
        assert answer.data["customer"]["subscription"]["plan"]
        by_id, selections = (
            ("subscriptions /bulk/subscriptions", "bundles /bulk/bundle_selections")
            if bulk == "fleet"
            else (
                f"subscriptions /subscriptions?ids={row['id']}&limit=250",
                f"bundles /bundle_selections?purchase_item_ids={row['id']}&sort_by=updated_at-desc&limit=250",
            )
        )
        assert rounds.finished[:2] == in_order(
            [f"subscriptions /customers/{shopper}/delivery_schedule?delivery_count_future=4", by_id],
            [selections, f"subscriptions /product_search?external_product_ids={product}&{SEARCH}&limit=250"],
        )
        # A third round there is only where the subscription is a bundle: the products inside it.
        is_bundle = answer.data["customer"]["subscription"]["bundleSelection"] is not None
        assert [len(calls) for calls in rounds.finished[2:]] == ([1] if is_bundle else [])


async def test_loyalty_panel_in_bulk(store: Store, shopper: int) -> None:
    """What is the shopper's own is asked for by lists of customers, what is the shop's as ever."""
    email = (await store.get("subscriptions", f"/customers/{shopper}"))["customer"]["email"]
    member = (await store.get("loyalty", f"/v1/customers?email={email}"))["customers"][0]["id"]
    programme = [
        "loyalty /v1/earning_rules?limit=250",
        "loyalty /v1/points_settings",
        "loyalty /v1/vip_tiers?limit=250",
    ]
    rewards = "loyalty /v1/points_products?limit=250"
    own = {
        "shop": (
            [
                f"subscriptions /credit_summaries?customer_ids={shopper}&include=credit_details&limit=250",
                f"subscriptions /customers?ids={shopper}&include=referral_info&limit=250",
            ],
            f"loyalty /v1/customers?emails={email}&{MEMBER}&limit=250",
            [
                f"loyalty /v1/points_transactions?customer_ids={member}&limit=21",
                f"loyalty /v1/reward_fulfillments?customer_ids={member}&usage_status=unused&limit=11",
            ],
        ),
        "fleet": (
            ["subscriptions /bulk/credit_summaries", "subscriptions /bulk/customers"],
            "loyalty /v1/bulk/customers",
            ["loyalty /v1/bulk/points_transactions", "loyalty /v1/bulk/reward_fulfillments"],
        ),
    }
    for bulk, (first, second, third) in own.items():
        async with gateway_before(store, bulk=bulk) as gateway:  # type: ignore[arg-type]  # the keys are its literals
            rounds = gateway.in_rounds()
            answer = await gateway.ask(document("LoyaltyPanel"), customer=shopper)
        assert answer.data["customer"]["loyalty"]["status"] == "MEMBER"
        assert rounds.finished == in_order([*programme, *first], [second], [rewards, *third])


async def test_documents_ask_as_the_apis_want_to_be_asked(gateway: Gateway, store: Store, shopper: int) -> None:
    """Each family of APIs gets its own credential and version, and no header of the client's."""
    await gateway.ask(document("CustomerPortal"), customer=shopper, headers={"X-Internal-Admin": "1", "Cookie": "a=b"})

    versions = {
        call.partition("?")[0]: headers["x-recharge-version"]
        for front in (gateway.fronts["subscriptions"], gateway.fronts["bundles"])
        for call, headers in zip(front.calls, front.headers, strict=True)
    }
    assert versions.pop("/product_search") == "2021-01"
    assert versions.pop("/shop/settings") == "2021-01"
    assert set(versions.values()) == {"2021-11"}
    assert [headers["authorization"] for headers in gateway.fronts["loyalty"].headers] == [
        f"Bearer {store.tokens['loyalty'][SHOP]}"
    ]
    sent = {name for front in gateway.fronts.values() for headers in front.headers for name in headers}
    assert sent == {
        "host",
        "accept",
        "accept-encoding",
        "user-agent",
        "authorization",
        "x-recharge-access-token",
        "x-recharge-version",
        "x-timeout-ms",
    }


@pytest.mark.parametrize("first", [1, 20])
async def test_calls_do_not_grow_with_the_page(gateway: Gateway, shopper: int, first: int) -> None:
    """One subscription or twenty: the same number of calls."""
    query = """query ($n: Int!) {
        customer { subscriptions(first: $n) { nodes { address { city } upcomingCharge { id } } } }
    }"""
    await gateway.ask(query, {"n": first}, customer=shopper)
    assert len(gateway.calls) == 3
