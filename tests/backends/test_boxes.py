"""What is put into boxes: the rules in their order, prices, ownership, the documents that builders start from."""

# ruff: noqa: D103 - a test's name is its promise

import base64
import struct
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from backends.bundles.manager import decode
from backends.bundles.rules import Item, problem
from backends.wire.proxied import signature
from tests.backends.services import AURORA, NORDLYS, asking, memory_database, mysql_database, settings
from tests.backends.stores import Store, check, store


@pytest_asyncio.fixture(scope="module", params=[memory_database, mysql_database], ids=["sqlite", "mysql"])
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """One store for the module."""
    async with store(30, request.param) as found:
        yield found


async def box(shop: Store, rule: str, place: int = 0) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """An active bundle subscription with its product and its current contents."""
    products = await shop.subscriptions.rows("/product_search?has_bundle_product=true")
    by_id = {each["external_product_id"]: each for each in products if each["bundle_product"]["price_rule"] == rule}
    rows = await shop.subscriptions.rows("/subscriptions?status=active&bundles_only=true&sort_by=id-asc")
    row = [each for each in rows if each["external_product_id"]["ecommerce"] in by_id][place]
    selections = await shop.bundles.rows(f"/bundle_selections?purchase_item_ids={row['id']}")
    (current,) = [each for each in selections if each["charge_id"] is None]
    return row, by_id[row["external_product_id"]["ecommerce"]], current


def sent(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("collection_id", "collection_source", "external_product_id", "external_variant_id", "quantity")
    return [{name: item[name] for name in names} for item in items]


async def test_seeded_contents_can_be_sent_back(shop: Store) -> None:
    for rule in ("fixed", "dynamic"):
        row, _, current = await box(shop, rule)
        answer = await shop.bundles.put(f"/bundle_selections/{current['id']}", {"items": sent(current["items"])})
        assert answer.status == 200, answer.text
        now = answer.body["bundle_selection"]
        assert sent(now["items"]) == sent(current["items"])
        assert [each["price"] for each in now["items"]] == [each["price"] for each in current["items"]]
        assert (await shop.subscription(row["id"]))["price"] == row["price"]
        assert (await shop.bundles(f"/bundle_selections/{current['id']}")).body == answer.body


async def test_other_contents_make_another_price_on_the_next_charge(shop: Store) -> None:
    row, _, current = await box(shop, "dynamic", 1)
    items = sent(current["items"])
    keys = ",".join(each["external_product_id"] for each in items)
    inside = await shop.subscriptions.rows(f"/product_search?external_product_ids={keys}")
    larger = {each["external_product_id"]: each["variants"][-1]["external_variant_id"] for each in inside}
    items = [{**each, "external_variant_id": larger[each["external_product_id"]]} for each in items]
    answer = await shop.bundles.put(f"/bundle_selections/{current['id']}", {"items": items})
    assert answer.status == 200, answer.text
    total = sum(
        int(each["price"].replace(".", "")) * each["quantity"] for each in answer.body["bundle_selection"]["items"]
    )
    now = await shop.subscription(row["id"])
    assert int(now["price"].replace(".", "")) == total
    assert now["price"] != row["price"]
    await check(shop.subscriptions)


async def test_another_size_and_plan_come_with_their_contents(shop: Store) -> None:
    row, product, _ = await box(shop, "fixed", 1)
    bundle = product["bundle_product"]
    size = next(
        each for each in bundle["variants"] if each["external_variant_id"] != row["external_variant_id"]["ecommerce"]
    )
    items = await fill(shop, bundle, size)
    plan = product["plans"][-1]
    body = {
        "external_product_id": {"ecommerce": product["external_product_id"]},
        "external_variant_id": {"ecommerce": size["external_variant_id"]},
        "plan_id": plan["id"],
        "items": items,
    }
    answer = await shop.bundles.put(f"/bundles/{row['id']}?commit=true", body)
    assert answer.status == 200, answer.text
    now = answer.body["subscription"]
    assert now["external_variant_id"] == {"ecommerce": size["external_variant_id"]}
    assert sent(now["items"]) == items
    variant = next(each for each in product["variants"] if each["external_variant_id"] == size["external_variant_id"])
    prices = {each["currency"]: each for each in variant["prices"][0]["presentment_prices"]}
    currency = row["presentment_currency"] or "USD"
    assert now["price"] == next(
        each["discounted_price"] for each in prices[currency]["plans"] if each["id"] == plan["id"]
    )
    assert {name: now[name] for name in now if name != "items"} == await shop.subscription(row["id"])
    await check(shop.subscriptions)


async def fill(shop: Store, bundle: dict[str, Any], size: dict[str, Any]) -> list[dict[str, Any]]:
    """Contents that a size accepts: first what each collection needs, then whatever there is room for."""
    wanted = size["items_count"] or size["ranges"][0]["quantity_min"]
    taken: dict[tuple[str, str], dict[str, Any]] = {}

    async def add(source: dict[str, Any], most: int) -> None:
        key = source["collection_id"]
        for product in await shop.subscriptions.rows(f"/product_search?collection_ids={key}"):
            held = sum(each["quantity"] for each in taken.values())
            here = sum(each["quantity"] for each in taken.values() if each["collection_id"] == key)
            mine = taken.get((key, product["external_product_id"]))
            room = bundle["max_quantity_per_variant"] or wanted
            count = min(room - (mine["quantity"] if mine else 0), most - here, wanted - held)
            if count > 0:
                taken[key, product["external_product_id"]] = {
                    "collection_id": key,
                    "collection_source": "shopify",
                    "external_product_id": product["external_product_id"],
                    "external_variant_id": product["variants"][0]["external_variant_id"],
                    "quantity": count + (mine["quantity"] if mine else 0),
                }

    for source in size["option_sources"]:
        await add(source, source["quantity_min"] or 0)
    for source in size["option_sources"]:
        await add(source, source["quantity_max"] or wanted)
    return list(taken.values())


BUNDLE = {
    "max_quantity_per_variant": 2,
    "variants": [
        {
            "external_variant_id": "1",
            "enabled": True,
            "items_count": 0,
            "ranges": [{"quantity_min": 3, "quantity_max": 4}, {"quantity_min": 6, "quantity_max": None}],
            "option_sources": [
                {"collection_id": "10", "quantity_min": 1, "quantity_max": 2},
                {"collection_id": "20", "quantity_min": None, "quantity_max": None},
            ],
        },
        {"external_variant_id": "2", "enabled": False, "items_count": 1, "ranges": [], "option_sources": []},
        {"external_variant_id": "3", "enabled": True, "items_count": 1, "ranges": [], "option_sources": []},
    ],
}
STOCK = {"10": frozenset({"100"}), "20": frozenset({"200", "201"})}


def item(collection: str, product: str, quantity: int) -> Item:
    return Item(collection, product, "1", quantity)


@pytest.mark.parametrize(
    ("variant", "items", "told"),
    [
        ("1", [item("10", "100", 1), item("20", "200", 2)], None),
        ("1", [item("10", "100", 2), item("20", "200", 2), item("20", "201", 2)], None),
        ("1", [], "No items were chosen."),
        ("9", [item("99", "999", 99)], "9 is not a size of this bundle."),
        ("2", [item("10", "100", 1)], "2 is not a size of this bundle."),
        ("1", [item("99", "999", 5)], "5 items are outside of what this size holds."),
        ("1", [item("99", "999", 3)], "More than 2 of one product: 999."),
        ("1", [item("99", "999", 2), item("98", "999", 1)], "Not a collection of this bundle: 99, 98."),
        ("1", [item("20", "999", 2), item("20", "998", 1)], "Outside of a collection's limits: 10."),
        ("1", [item("10", "999", 1), item("20", "998", 2)], "Not a product of its collection: 999, 998."),
        ("3", [item("10", "100", 1)], "Not a collection of this bundle: 10."),
    ],
)
def test_the_first_rule_that_is_broken_is_told(variant: str, items: list[Item], told: str | None) -> None:
    assert problem(BUNDLE, STOCK, variant, items) == told


def test_without_settings_nothing_is_valid() -> None:
    assert problem(None, {}, "1", [item("10", "100", 1)]) == "This product has no bundle settings."


async def test_contents_that_break_a_rule_are_refused_and_nothing_changes(shop: Store) -> None:
    _, _, current = await box(shop, "fixed")
    path = f"/bundle_selections/{current['id']}"
    items = sent(current["items"])
    missing = ["Missing data for required field."]
    total = sum(each["quantity"] for each in items) - items[0]["quantity"] + 999
    for body, problems in (
        ({}, {"items": missing}),
        (
            {"items": [{**items[0], "quantity": 999}, *items[1:]]},
            {"items": [f"{total} items are outside of what this size holds."]},
        ),
        (
            {"items": [{**each, "collection_id": "1"} for each in items]},
            {"items": ["Not a collection of this bundle: 1."]},
        ),
        ({"items": items, "plan_id": 1}, {"plan_id": ["Not a plan of this product."]}),
        ({"items": items, "purchase_item_id": 1}, {"purchase_item_id": ["Cannot be changed."]}),
    ):
        answer = await shop.bundles.put(path, body)
        assert (answer.status, answer.body) == (422, {"errors": problems})
    assert (await shop.bundles(path)).body["bundle_selection"]["items"] == (
        (await shop.bundles(path)).body["bundle_selection"]["items"]
    )
    foreign = await shop.bundles.put(path, {"items": items}, shop=NORDLYS.domain)
    assert (foreign.status, foreign.body) == (404, {"errors": "Not Found"})


async def test_what_has_gone_out_stays_as_it_was(shop: Store) -> None:
    gone = next(row for row in await shop.bundles.rows("/bundle_selections") if row["charge_id"])
    path = f"/bundle_selections/{gone['id']}"
    told = {"errors": {"_schema": ["This bundle selection went out with a charge"]}}
    assert (await shop.bundles.put(path, {"items": sent(gone["items"])})).body == told
    assert (await shop.bundles.delete(path)).body == told


async def test_a_selection_is_deleted_and_chosen_again(shop: Store) -> None:
    row, _, current = await box(shop, "fixed", 2)
    body = {"purchase_item_id": row["id"], "items": sent(current["items"])}
    twice = await shop.bundles.post("/bundle_selections", body)
    assert twice.body == {"errors": {"_schema": ["The subscription has a bundle selection already"]}}
    assert (await shop.bundles.delete(f"/bundle_selections/{current['id']}")).status == 204
    made = await shop.bundles.post("/bundle_selections", body)
    assert made.status == 200, made.text
    assert sent(made.body["bundle_selection"]["items"]) == sent(current["items"])


async def test_bundle_data_agrees_with_the_product_search(shop: Store) -> None:
    for product in await shop.subscriptions.rows("/product_search?has_bundle_product=true"):
        bundle = product["bundle_product"]
        answer = await shop.bundles(f"/bundle-data/{product['external_product_id']}")
        assert answer.status == 200
        data = answer.body
        assert (data["id"], data["title"]) == (int(product["external_product_id"]), product["title"])
        assert data["incentives"] == bundle["incentives"]
        for size, rules in zip(bundle["variants"], data["bundle_settings"]["variants"], strict=True):
            assert (rules["items_count"], rules["ranges"]) == (size["items_count"], size["ranges"])
            assert [
                (each["option_source_id"], each["quantity_min"], each["quantity_max"])
                for each in rules["option_sources"]
            ] == [
                (each["collection_id"], each["quantity_min"], each["quantity_max"]) for each in size["option_sources"]
            ]
            for source in rules["option_sources"]:
                inside = data["collections"][source["option_source_id"]]["products"]
                found = await shop.subscriptions.rows(f"/product_search?collection_ids={source['option_source_id']}")
                assert {each["id"] for each in inside} == {int(each["external_product_id"]) for each in found}
    plain = (await shop.subscriptions.rows("/product_search?has_bundle_product=false"))[0]
    assert (await shop.bundles(f"/bundle-data/{plain['external_product_id']}")).status == 404


async def test_the_manager_gives_contents_the_time_of_now(shop: Store) -> None:
    packed = struct.pack(">iQIQQQI", 0, 7, 1, 1, 2, 3, 3) + b"sku\0" + struct.pack(">IiIi", 4, 0, 0, 0)
    path = "/bundling-storefront-manager/api/v1/bundles"
    answer = await shop.bundles.post(path, {"bundle": base64.b64encode(packed).decode()})
    assert (answer.status, answer.body["code"]) == (200, 200)
    assert decode(answer.body["id"]) == (7, [Item("1", "2", "3", 4)])
    for wrong in ("", "!", "AAAA", base64.b64encode(packed + b"\0").decode()):
        refused = await shop.bundles.post(path, {"bundle": wrong})
        assert refused.status == 422


async def test_the_app_proxy_is_believed_when_it_signs(shop: Store) -> None:
    key = (await shop.subscriptions.rows("/product_search?has_bundle_product=true"))[0]["external_product_id"]
    given = {"shop": AURORA.domain, "logged_in_customer_id": "", "path_prefix": "/tools/recurring"}
    for secret, at, status in (
        ("hush", int(time.time()), 200),
        ("other", int(time.time()), 401),
        ("hush", int(time.time()) - 301, 401),
    ):
        query = {**given, "timestamp": str(at)}
        signed = "&".join(f"{n}={v}" for n, v in {**query, "signature": signature(secret, query.items())}.items())
        answer = await shop.bundles(f"/tools/recurring/bundle-data/{key}?{signed}", x_recharge_access_token="")
        assert answer.status == status


def test_shopifys_own_example_has_its_signature() -> None:
    query = [
        ("extra", "1"), ("extra", "2"), ("shop", "shop-name.myshopify.com"), ("logged_in_customer_id", "1"),
        ("path_prefix", "/apps/awesome_reviews"), ("timestamp", "1317327555"), ("signature", "x"),
    ]  # fmt: skip
    assert signature("hush", query) == "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"


async def test_alone_the_bundles_service_is_read_and_not_written() -> None:
    async with asking("bundles", settings(customers=10)) as ask:
        row = (await ask.rows("/bundle_selections"))[0]
        for answer in (
            await ask("/bundle-data/1"),
            await ask.put(f"/bundle_selections/{row['id']}", {"items": sent(row["items"])}),
        ):
            assert answer.status in {422, 503}
            if answer.status == 503:
                assert answer.body == {"errors": "BACKEND_SUBSCRIPTIONS_URL is not set"}
