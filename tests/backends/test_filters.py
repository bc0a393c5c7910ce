"""What each filter lets through: exactly the rows that a plain reading of it names."""

# ruff: noqa: D103 - a test's name is its promise

from collections.abc import Callable
from typing import Any

import pytest

from tests.backends.services import AURORA, Asked, Backends

Row = dict[str, Any]


def plain(row: Row, name: str) -> str | None:
    """A value as it would be asked for; ids of the shop platform without their wrapping."""
    value = row.get(name)
    if isinstance(value, dict):
        value = value["ecommerce"]
    return None if value is None else str(value)


# Service, path, parameters made from all rows, and the same thing said in Python of one row and those parameters.
Case = tuple[str, str, Callable[[list[Row]], dict[str, str]], Callable[[Row, dict[str, str]], bool]]


def many(service: str, path: str, parameter: str, name: str, count: int = 3) -> Case:
    """`parameter` takes several values of `name`, joined; these are out of the middle of the list."""

    def parameters(rows: list[Row]) -> dict[str, str]:
        middle = len(rows) // 2
        return {parameter: ",".join(str(row[name]) for row in rows[middle : middle + count])}

    return service, path, parameters, lambda row, q: plain(row, name) in q[parameter].split(",")


def one(service: str, path: str, parameter: str, place: int = 0) -> Case:
    """`parameter` takes one value of the key of the same name; this is one of those that are there."""

    def parameters(rows: list[Row]) -> dict[str, str]:
        return {parameter: [value for row in rows if (value := plain(row, parameter))][place]}

    return service, path, parameters, lambda row, q: plain(row, parameter) == q[parameter]


def fixed(service: str, path: str, query: dict[str, str], holds: Callable[[Row], bool]) -> Case:
    """Parameters that follow from no row."""
    return service, path, lambda _: query, lambda row, _: holds(row)


CASES: list[Case] = [
    many("subscriptions", "/customers", "ids", "id"),
    one("subscriptions", "/customers", "external_customer_id", 4),
    one("subscriptions", "/customers", "hash", 5),
    (
        "subscriptions",
        "/customers",
        lambda rows: {"email": rows[3]["email"].upper()},
        lambda row, q: row["email"] == q["email"].lower(),
    ),
    (
        "subscriptions",
        "/customers",
        lambda rows: {"created_at_min": rows[5]["created_at"], "created_at_max": "2026-01-01"},
        lambda row, q: q["created_at_min"] <= row["created_at"] <= "2026-01-01T00:00:00",
    ),
    many("subscriptions", "/addresses", "ids", "id"),
    one("subscriptions", "/addresses", "customer_id"),
    fixed("subscriptions", "/addresses", {"discount_code": "LOYAL5"}, lambda row: row["discounts"] != []),
    (
        "subscriptions",
        "/addresses",
        lambda rows: {"discount_id": str(next(row for row in rows if row["discounts"])["discounts"][0]["id"])},
        lambda row, _: row["discounts"] != [],
    ),
    many("subscriptions", "/subscriptions", "ids", "id", 9),
    one("subscriptions", "/subscriptions", "customer_id"),
    one("subscriptions", "/subscriptions", "address_id"),
    many("subscriptions", "/subscriptions", "address_ids", "address_id", 20),
    one("subscriptions", "/subscriptions", "external_product_id", 7),
    one("subscriptions", "/subscriptions", "external_variant_id", 7),
    fixed(
        "subscriptions",
        "/subscriptions",
        {"status": "cancelled,expired"},
        lambda row: row["status"] in {"cancelled", "expired"},
    ),
    (
        "subscriptions",
        "/subscriptions",
        lambda rows: {"updated_at_min": rows[9]["updated_at"].replace("+", "%2B"), "status": "active"},
        lambda row, q: row["updated_at"] >= q["updated_at_min"].replace("%2B", "+") and row["status"] == "active",
    ),
    fixed(
        "subscriptions",
        "/subscriptions",
        {"created_at_max": "2026-03-01T02:00:00%2B02:00"},
        lambda row: row["created_at"] <= "2026-03-01T00:00:00+00:00",
    ),
    many("subscriptions", "/charges", "ids", "id"),
    one("subscriptions", "/charges", "address_id"),
    one("subscriptions", "/charges", "external_order_id"),
    one("subscriptions", "/charges", "scheduled_at", 30),
    (
        "subscriptions",
        "/charges",
        lambda rows: {"customer_id": str(rows[0]["customer"]["id"])},
        lambda row, q: str(row["customer"]["id"]) == q["customer_id"],
    ),
    (
        "subscriptions",
        "/charges",
        lambda rows: {"purchase_item_id": str(rows[5]["line_items"][-1]["purchase_item_id"])},
        lambda row, q: q["purchase_item_id"] in {str(item["purchase_item_id"]) for item in row["line_items"]},
    ),
    (
        "subscriptions",
        "/charges",
        lambda rows: {
            "purchase_item_ids": ",".join(str(row["line_items"][0]["purchase_item_id"]) for row in rows[:60]),
            "status": "queued,error",
        },
        lambda row, q: (
            row["status"] in {"queued", "error"}
            and any(str(item["purchase_item_id"]) in q["purchase_item_ids"].split(",") for item in row["line_items"])
        ),
    ),
    fixed(
        "subscriptions",
        "/charges",
        {"scheduled_at_min": "2026-11-25", "scheduled_at_max": "2026-12-03"},
        lambda row: "2026-11-25" <= row["scheduled_at"] <= "2026-12-03",
    ),
    fixed(
        "subscriptions",
        "/charges",
        {"processed_at_min": "2026-10-01T00:00:00Z"},
        lambda row: (row["processed_at"] or "") >= "2026-10-01T00:00:00+00:00",
    ),
    fixed("subscriptions", "/charges", {"discount_code": "LOYAL5"}, lambda row: row["discounts"] != []),
    many("subscriptions", "/credit_accounts", "ids", "id"),
    one("subscriptions", "/credit_accounts", "customer_id"),
    fixed(
        "subscriptions",
        "/credit_accounts",
        {"credit_type": "gift,reward"},
        lambda row: row["type"] in {"gift", "reward"},
    ),
    fixed(
        "subscriptions",
        "/credit_accounts",
        {"expires_at_min": "2026-11-24"},
        lambda row: (row["expires_at"] or "") >= "2026-11-24",
    ),
    many("subscriptions", "/plans", "ids", "id"),
    one("subscriptions", "/plans", "external_product_id"),
    fixed("subscriptions", "/plans", {"type": "prepaid"}, lambda row: row["type"] == "prepaid"),
    one("subscriptions", "/incentives/tiered_discounts", "external_bundle_product_id"),
    one("subscriptions", "/incentives/tiered_discounts", "external_product_id"),
    one("subscriptions", "/incentives/tiered_discounts", "collection_id"),
    one("subscriptions", "/incentives/tiered_discounts", "status"),
    many("bundles", "/bundle_selections", "ids", "id"),
    many("bundles", "/bundle_selections", "purchase_item_ids", "purchase_item_id", 8),
    many("bundles", "/bundle_selections", "bundle_variant_ids", "bundle_variant_id", 2),
    (
        "loyalty",
        "/v1/customers",
        lambda rows: {"email": rows[2]["email"].title()},
        lambda row, q: row["email"] == q["email"].lower(),
    ),
    fixed(
        "loyalty",
        "/v1/customers",
        {"state": "candidate,disabled"},
        lambda row: row["state"] in {"candidate", "disabled"},
    ),
    one("loyalty", "/v1/points_products", "exchange_type"),
    one("loyalty", "/v1/points_transactions", "customer_id"),
    fixed(
        "loyalty",
        "/v1/points_transactions",
        {"updated_at_min": "2026-01-01"},
        lambda row: row["updated_at"] >= "2026-01-01",
    ),
    one("loyalty", "/v1/reward_fulfillments", "customer_id"),
    fixed(
        "loyalty",
        "/v1/reward_fulfillments",
        {"usage_status": "used", "fulfillment_status": "issued"},
        lambda row: (row["usage_status"], row["fulfillment_status"]) == ("used", "issued"),
    ),
]


@pytest.mark.parametrize(("name", "path", "parameters", "holds"), CASES, ids=range(len(CASES)))
async def test_a_filter_lets_through_what_it_names_and_nothing_else(
    backends: Backends,
    name: str,
    path: str,
    parameters: Callable[[list[Row]], dict[str, str]],
    holds: Callable[[Row, dict[str, str]], bool],
) -> None:
    everything = await backends[name].rows(path)
    query = parameters(everything)
    found = await backends[name].rows(f"{path}?{'&'.join(f'{key}={value}' for key, value in query.items())}")
    expected = [row for row in everything if holds(row, query)]
    assert expected
    assert expected != everything
    assert found == expected


async def test_an_address_is_active_while_a_subscription_goes_there(subscriptions: Asked) -> None:
    active = {row["address_id"] for row in await subscriptions.rows("/subscriptions?status=active")}
    everywhere = {row["id"] for row in await subscriptions.rows("/addresses")}
    assert {row["id"] for row in await subscriptions.rows("/addresses?is_active=true")} == active
    assert {row["id"] for row in await subscriptions.rows("/addresses?is_active=0")} == everywhere - active


async def test_bundles_only_are_the_subscriptions_to_bundle_products(backends: Backends) -> None:
    products = await backends["subscriptions"].rows("/product_search?has_bundle_product=true")
    boxes = {product["external_product_id"] for product in products}
    everything = await backends["subscriptions"].rows("/subscriptions")
    found = await backends["subscriptions"].rows("/subscriptions?bundles_only=true")
    assert found == [row for row in everything if row["external_product_id"]["ecommerce"] in boxes]


async def test_a_text_filter_is_no_pattern(subscriptions: Asked) -> None:
    for value in ("%25", "_" * 12, "x" * 300, "' OR 1=1 --", "%00"):
        assert await subscriptions.rows(f"/customers?email={value}") == []


async def test_a_text_filter_minds_the_case(subscriptions: Asked) -> None:
    assert await subscriptions.rows("/addresses?discount_code=LOYAL5") != []
    assert await subscriptions.rows("/addresses?discount_code=loyal5") == []


async def test_ids_may_be_as_many_as_a_page_has_rows(subscriptions: Asked) -> None:
    rows = (await subscriptions.rows("/charges"))[:250]
    assert len(rows) == 250
    found = await subscriptions(f"/charges?ids={','.join(str(row['id']) for row in rows)}&limit=250")
    assert found.body["charges"] == rows


async def test_the_shop_of_the_tests_is_the_first(subscriptions: Asked) -> None:
    answer = await subscriptions("/shop/settings")
    assert answer.body["settings"]["shop_url"] == AURORA.domain
