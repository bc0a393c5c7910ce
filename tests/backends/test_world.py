"""The seeded world: the same everywhere, and with all kinds of customers in it."""

# ruff: noqa: D103 - a test's name is its promise

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backends import SHOPS, demo_customer_id
from backends.store import catalogue_rows
from backends.store.chance import World
from backends.store.households import Household, households
from backends.store.loyalty import membership
from backends.store.people import person
from tests.backends.services import AURORA, CUSTOMERS, NORDLYS, TODAY, Backends

WORLD = World(2026, 1_000, TODAY)
DEMO = demo_customer_id()


@pytest.fixture(scope="module")
def everyone() -> list[Household]:
    """A thousand customers."""
    return list(households(WORLD))


async def everything(backends: Backends, name: str, path: str) -> list[dict[str, Any]]:
    """The rows of both shops."""
    return [row for shop in SHOPS for row in await backends[name].rows(path, shop=shop.domain)]


def test_equal_seeds_make_equal_worlds() -> None:
    small = replace(WORLD, customers=40)
    assert list(households(small)) == list(households(small))
    assert list(catalogue_rows.rows(small)) == list(catalogue_rows.rows(small))
    assert list(households(small)) != list(households(replace(small, seed=7)))


def test_a_larger_world_begins_with_the_smaller_one() -> None:
    small = list(households(replace(WORLD, customers=20)))
    assert list(households(replace(WORLD, customers=30)))[:20] == small


def test_a_day_later_everything_is_due_a_day_later() -> None:
    small = replace(WORLD, customers=10)
    later = replace(small, today=TODAY + timedelta(days=1))
    for before, after in zip(households(small), households(later), strict=True):
        assert [
            (row["id"], row["next_charge_scheduled_at"] and row["next_charge_scheduled_at"] + timedelta(days=1))
            for row in before.subscriptions
        ] == [(row["id"], row["next_charge_scheduled_at"]) for row in after.subscriptions]


def test_ids_are_never_given_twice(everyone: list[Household]) -> None:
    for rows in (
        [each.customer for each in everyone],
        [row for each in everyone for row in each.addresses],
        [row for each in everyone for row in each.subscriptions],
        [row for each in everyone for row in each.charges],
        [row for each in everyone for row in each.bundle_selections],
        [row for each in everyone for row in each.credit_accounts],
        [row for each in everyone for row in (*each.subscriptions, *each.onetimes)],
        [row for each in everyone for row in each.orders],
        [row for each in everyone for row in each.payment_methods],
        [row for each in everyone for row in each.memberships],
        [row for each in everyone for row in each.gift_purchases],
        [item for each in everyone for row in each.bundle_selections for item in row["items"]],
    ):
        assert len({row["id"] for row in rows}) == len(rows)


def test_a_thousand_customers_are_of_all_kinds(everyone: list[Household]) -> None:
    active = [sum(row["status"] == "active" for row in each.subscriptions) for each in everyone]
    assert sum(1 <= count <= 4 for count in active) > 600
    assert sum(count >= 20 for count in active) > 15
    assert sum(count == 0 for count in active) > 100
    assert {row["status"] for each in everyone for row in each.subscriptions} == {"active", "cancelled", "expired"}
    assert {len(each.addresses) for each in everyone} == {1, 2, 3, 4}
    assert 20 < sum(each.person.in_dunning for each in everyone) < 120
    assert any(row["max_retries_reached"] for each in everyone for row in each.subscriptions)
    assert any(row["presentment_currency"] for each in everyone for row in each.subscriptions)
    assert 200 < sum(bool(each.credit_accounts) for each in everyone) < 500
    assert {row["status"] for each in everyone for row in each.charges} == {
        "queued", "success", "skipped", "error", "refunded", "partially_refunded", "pending",
    }  # fmt: skip
    gifts = [
        item for each in everyone for row in each.charges for item in row["line_items"] if item["offer_attributes"]
    ]
    assert len(gifts) > 100
    known = [membership(WORLD, each.person) for each in everyone]
    assert {member and member.customer["state"] for member in known} == {"member", "candidate", "disabled", None}
    vouchers = [row for member in known if member for row in member.reward_fulfillments]
    assert {row["usage_status"] for row in vouchers} == {"used", "unused", "untracked"}


def test_both_shops_sell_fifty_products_and_bundles_of_both_rules() -> None:
    products = [row for name, rows in catalogue_rows.rows(WORLD) if name == "products" for row in rows]
    assert len(products) == 50
    for shop in SHOPS:
        boxes = [row["bundle_product"] for row in products if row["shop_id"] == shop.id and row["bundle_product"]]
        assert {box["price_rule"] for box in boxes} == {"fixed", "dynamic"}
    addresses = [url for row in products for image in row["details"]["images"] for url in image.values()]
    assert all(str(url).startswith("https://cdn.example.com/") for url in addresses if url != 1)


def test_points_balances_are_what_the_history_adds_up_to() -> None:
    for index in range(200):
        known = membership(WORLD, person(WORLD, index))
        if known:
            balance = sum(row["points_change"] for row in known.points_transactions)
            assert known.customer["points_balance"] == balance >= 0


async def test_the_services_agree_about_ids_and_addresses(backends: Backends) -> None:
    customers = {row["email"]: row for row in await everything(backends, "subscriptions", "/customers")}
    members = await everything(backends, "loyalty", "/v1/customers")
    assert len(customers) == CUSTOMERS
    assert len(members) < CUSTOMERS
    assert all(member["email"] in customers for member in members)
    assert all(member["first_name"] == customers[member["email"]]["first_name"] for member in members)

    subscriptions = {row["id"]: row for row in await everything(backends, "subscriptions", "/subscriptions")}
    charges = {row["id"]: row for row in await everything(backends, "subscriptions", "/charges")}
    for row in await everything(backends, "bundles", "/bundle_selections"):
        subscription = subscriptions[row["purchase_item_id"]]
        assert subscription["external_product_id"] == {"ecommerce": row["external_product_id"]}
        assert subscription["external_variant_id"] == {"ecommerce": row["external_variant_id"]}
        if row["charge_id"]:
            items = charges[row["charge_id"]]["line_items"]
            assert row["purchase_item_id"] in {item["purchase_item_id"] for item in items}

    products = {
        row["external_product_id"]: row
        for row in await everything(backends, "subscriptions", "/product_search?limit=250")
    }
    for subscription in subscriptions.values():
        product = products[subscription["external_product_id"]["ecommerce"]]
        variants = {variant["external_variant_id"] for variant in product["variants"]}
        assert subscription["external_variant_id"]["ecommerce"] in variants
        assert subscription["product_title"] == product["title"]


async def test_an_active_subscription_has_one_queued_charge_on_its_date(backends: Backends) -> None:
    due = defaultdict(list)
    for charge in await everything(backends, "subscriptions", "/charges?status=queued"):
        assert charge["scheduled_at"] > TODAY.isoformat()
        for item in charge["line_items"]:
            if not item["offer_attributes"]:
                due[item["purchase_item_id"]].append(charge)
    rows = await everything(backends, "subscriptions", "/subscriptions")
    shared = Counter(charge["id"] for charges in due.values() for charge in charges)
    assert max(shared.values()) > 3
    for row in rows:
        charges = due[row["id"]]
        assert len(charges) == (1 if row["has_queued_charges"] else 0)
        assert row["has_queued_charges"] is (row["status"] == "active" and not row["max_retries_reached"])
        for charge in charges:
            assert charge["scheduled_at"] == row["next_charge_scheduled_at"]
            assert charge["address_id"] == row["address_id"]


async def test_customers_count_their_subscriptions(backends: Backends) -> None:
    rows = await everything(backends, "subscriptions", "/subscriptions")
    total = Counter(row["customer_id"] for row in rows)
    active = Counter(row["customer_id"] for row in rows if row["status"] == "active")
    for customer in await everything(backends, "subscriptions", "/customers"):
        assert customer["subscriptions_total_count"] == total[customer["id"]]
        assert customer["subscriptions_active_count"] == active[customer["id"]]


async def test_dunning_shows_in_the_customer_and_in_a_failed_charge(backends: Backends) -> None:
    failed = {row["customer"]["id"] for row in await everything(backends, "subscriptions", "/charges?status=error")}
    dunning = {
        row["id"]
        for row in await everything(backends, "subscriptions", "/customers")
        if row["has_payment_method_in_dunning"]
    }
    assert failed
    assert failed <= dunning


async def test_boxes_hold_what_their_rules_allow(backends: Backends) -> None:
    products = await everything(backends, "subscriptions", "/product_search?limit=250")
    collections = {
        product["external_product_id"]: {str(each["id"]) for each in product["collections"]} for product in products
    }
    boxes = [product["bundle_product"] for product in products if product["bundle_product"]]
    sizes = {size["id"]: (box, size) for box in boxes for size in box["variants"]}
    rows = await everything(backends, "bundles", "/bundle_selections")
    assert {sizes[row["bundle_variant_id"]][0]["price_rule"] for row in rows} == {"fixed", "dynamic"}
    for row in rows:
        box, size = sizes[row["bundle_variant_id"]]
        quantities: Counter[str] = Counter()
        for item in row["items"]:
            assert item["collection_id"] in collections[item["external_product_id"]]
            assert item["quantity"] <= (box["max_quantity_per_variant"] or item["quantity"])
            quantities[item["collection_id"]] += item["quantity"]
        (limits,) = size["ranges"]
        assert limits["quantity_min"] <= quantities.total() <= (limits["quantity_max"] or quantities.total())
        sources = {source["collection_id"]: source for source in size["option_sources"]}
        assert set(quantities) <= set(sources)
        for collection, source in sources.items():
            assert quantities[collection] >= (source["quantity_min"] or 0)
            assert quantities[collection] <= (source["quantity_max"] or quantities[collection])


async def test_a_bundle_subscription_has_one_choice_without_a_charge(backends: Backends) -> None:
    rows = await everything(backends, "bundles", "/bundle_selections")
    current = Counter(row["purchase_item_id"] for row in rows if row["charge_id"] is None)
    active = await everything(backends, "subscriptions", "/subscriptions?bundles_only=true&status=active")
    assert all(current[row["id"]] == 1 for row in active)
    assert any(row["charge_id"] and row["order_id"] for row in rows)
    assert all((row["charge_id"] is None) is (row["order_id"] is None) for row in rows)


async def test_the_demo_customer_has_something_of_everything(backends: Backends) -> None:
    ask = backends["subscriptions"]
    customer = (await ask(f"/customers/{DEMO}")).body["customer"]
    active = await ask.rows(f"/subscriptions?customer_id={DEMO}&status=active")
    boxes = await ask.rows(f"/subscriptions?customer_id={DEMO}&status=active&bundles_only=true")
    assert len(active) == customer["subscriptions_active_count"] == 24
    assert len(boxes) >= 4
    assert len({row["address_id"] for row in active}) >= 2
    summary = (await ask(f"/customers/{DEMO}/credit_summary")).body["credit_summary"]
    assert float(summary["total_available_balance"]) > 0
    (member,) = await backends["loyalty"].rows(f"/v1/customers?email={customer['email']}")
    assert member["state"] == "member"
    assert member["points_balance"] >= 500
    vouchers = await backends["loyalty"].rows(f"/v1/reward_fulfillments?customer_id={member['id']}&usage_status=unused")
    assert vouchers
    assert (await ask(f"/customers/{DEMO}", shop=NORDLYS.domain)).status == 404
    assert AURORA.currency == "USD"
