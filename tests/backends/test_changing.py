"""Subscriptions, one-times, addresses, customers and memberships: changed, refused, consistent afterwards."""

# ruff: noqa: D103 - a test's name is its promise

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from backends import demo_customer_id
from tests.backends.services import TODAY, Answer, memory_database, mysql_database
from tests.backends.stores import Store, active, check, store

DEMO = demo_customer_id()
OLD = {"x_recharge_version": "2021-01"}


@pytest_asyncio.fixture(scope="module", params=[memory_database, mysql_database], ids=["sqlite", "mysql"])
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """One store for the module; each test takes other subscriptions."""
    async with store(30, request.param) as found:
        yield found


async def swappable(shop: Store, place: int) -> dict[str, Any]:
    rows = [row for row in await active(shop.subscriptions, 16) if row["is_swappable"]]
    return rows[place]


async def other_product(shop: Store, row: dict[str, Any]) -> dict[str, Any]:
    """A product that is sold like a subscription's, and is another one."""
    path = "/product_search?format_version=2022-06&has_plans=true&has_bundle_product=false&limit=250"
    products = (await shop.subscriptions(path)).body["products"]
    found: dict[str, Any] = next(
        each
        for each in products
        if each["external_product_id"] != row["external_product_id"]["ecommerce"]
        and any(plan["title"] == "Delivered every 2 weeks" for plan in each["plans"])
    )
    return found


def refused(answer: Answer, status: int, **problems: Any) -> bool:
    return (answer.status, answer.body) == (status, {"errors": problems})


async def test_quantity_and_properties_reach_the_charge(shop: Store) -> None:
    row = await swappable(shop, 0)
    sent = {"quantity": 3, "properties": [{"name": "Grind", "value": "Fine"}]}
    answer = await shop.subscriptions.put(f"/subscriptions/{row['id']}?commit=true", sent)
    assert answer.status == 200
    assert answer.body["subscription"]["quantity"] == 3
    (line,) = [item for item in (await shop.queued(row["id"]))["line_items"] if item["purchase_item_id"] == row["id"]]
    assert (line["quantity"], line["properties"]) == (3, sent["properties"])
    await check(shop.subscriptions)
    for wrong, told in (
        ({"quantity": 0}, "Must be greater than or equal to 1 and less than or equal to 2147483647."),
        ({"quantity": "many"}, "Not a valid integer."),
        ({"quantity": None}, "Missing data for required field."),
        ({"quantity": True}, "Not a valid integer."),
    ):
        assert refused(await shop.subscriptions.put(f"/subscriptions/{row['id']}", wrong), 422, quantity=[told])


async def test_a_swap_changes_product_price_and_plan(shop: Store) -> None:
    row = await swappable(shop, 1)
    product = await other_product(shop, row)
    variant = product["variants"][0]
    plan = next(each for each in product["plans"] if each["title"] == "Delivered every 2 weeks")
    sent = {"external_variant_id": {"ecommerce": variant["external_variant_id"]}, "plan_id": plan["id"]}
    answer = await shop.subscriptions.put(f"/subscriptions/{row['id']}?commit=true", sent)
    assert answer.status == 200, answer.text
    now = answer.body["subscription"]
    prices = {each["currency"]: each for each in variant["prices"][0]["presentment_prices"]}
    price = next(
        each["discounted_price"]
        for each in prices[row["presentment_currency"] or "USD"]["plans"]
        if each["id"] == plan["id"]
    )
    assert (now["product_title"], now["price"], now["sku"]) == (product["title"], price, variant["sku"])
    assert (now["order_interval_unit"], now["order_interval_frequency"]) == ("week", 2)
    await check(shop.subscriptions)
    wrong = {"external_variant_id": {"ecommerce": "1"}}
    path = f"/subscriptions/{row['id']}"
    assert refused(await shop.subscriptions.put(path, wrong), 422, external_variant_id=["Variant not found."])
    assert refused(await shop.subscriptions.put(path, {"plan_id": 1}), 422, plan_id=["Not a plan of this product."])


async def test_an_interval_is_sent_as_a_whole_or_not_at_all(shop: Store) -> None:
    row = await swappable(shop, 2)
    path = f"/subscriptions/{row['id']}?commit=true"
    told = "when passing order_interval_unit provide charge_interval_frequency and order_interval_frequency"
    for part in ({"order_interval_unit": "month"}, {"charge_interval_frequency": 2}, {"order_interval_frequency": 2}):
        assert refused(await shop.subscriptions.put(path, part), 422, charge_interval_unit_type=told)
    whole = {"order_interval_unit": "day", "charge_interval_frequency": 10, "order_interval_frequency": 10}
    now = (await shop.subscriptions.put(path, whole)).body["subscription"]
    assert {name: now[name] for name in whole} == whole
    await check(shop.subscriptions)


async def test_a_date_in_the_past_is_refused_in_the_words_of_the_field(shop: Store) -> None:
    row = await swappable(shop, 3)
    sent = {"next_charge_scheduled_at": "2020-01-01"}
    path = f"/subscriptions/{row['id']}"
    assert refused(await shop.subscriptions.put(path, sent), 422, next_charge_scheduled_at="Cannot be in the past")


async def test_what_is_cancelled_can_be_taken_up_again(shop: Store) -> None:
    row = await swappable(shop, 4)
    before = (await shop.subscriptions(f"/customers/{row['customer_id']}")).body["customer"]
    path = f"/subscriptions/{row['id']}"
    sent = {"cancellation_reason": "Too much", "cancellation_reason_comments": "Later", "send_email": False}
    now = (await shop.subscriptions.post(f"{path}/cancel", sent)).body["subscription"]
    assert (now["status"], now["next_charge_scheduled_at"], now["has_queued_charges"]) == ("cancelled", None, False)
    assert (now["cancellation_reason"], now["cancellation_reason_comments"]) == ("Too much", "Later")
    after = (await shop.subscriptions(f"/customers/{row['customer_id']}")).body["customer"]
    assert after["subscriptions_active_count"] == before["subscriptions_active_count"] - 1
    await check(shop.subscriptions)
    again = await shop.subscriptions.post(f"{path}/cancel", sent)
    assert refused(again, 422, _schema=["Subscription is cancelled"])
    back = (await shop.subscriptions.post(f"{path}/activate?commit=true")).body["subscription"]
    assert (back["status"], back["cancelled_at"], back["cancellation_reason"]) == ("active", None, None)
    assert back["next_charge_scheduled_at"] > TODAY.isoformat()
    await check(shop.subscriptions)
    twice = await shop.subscriptions.post(f"{path}/activate")
    assert refused(twice, 422, _schema=["Subscription is active"])


async def test_a_subscription_moves_to_another_address_of_its_customer(shop: Store) -> None:
    addresses = await shop.subscriptions.rows(f"/addresses?customer_id={DEMO}")
    rows = await shop.subscriptions.rows(f"/subscriptions?customer_id={DEMO}&status=active&bundles_only=false")
    row = rows[0]
    target = next(each["id"] for each in addresses if each["id"] != row["address_id"])
    path = f"/subscriptions/{row['id']}/change_address"
    now = (await shop.subscriptions.post(path, {"address_id": target})).body["subscription"]
    assert now["address_id"] == target
    assert (await shop.queued(row["id"]))["address_id"] == target
    await check(shop.subscriptions)
    strange = next(
        each for each in await shop.subscriptions.rows("/addresses") if each["customer_id"] != row["customer_id"]
    )
    for key in (strange["id"], 1):
        answer = await shop.subscriptions.post(path, {"address_id": key})
        assert refused(answer, 422, address_id=["Address not found."])


async def test_a_new_subscription_is_charged_and_a_deleted_one_is_not(shop: Store) -> None:
    row = await swappable(shop, 5)
    product = await other_product(shop, row)
    sent = {
        "address_id": row["address_id"],
        "external_variant_id": {"ecommerce": product["variants"][0]["external_variant_id"]},
        "quantity": 2,
        "plan_id": product["plans"][0]["id"],
        "next_charge_scheduled_at": row["next_charge_scheduled_at"],
    }
    made = (await shop.subscriptions.post("/subscriptions?commit=true", sent)).body["subscription"]
    assert (made["product_title"], made["quantity"], made["status"]) == (product["title"], 2, "active")
    assert (await shop.queued(made["id"]))["id"] == (await shop.queued(row["id"]))["id"]
    await check(shop.subscriptions)
    assert (await shop.subscriptions.delete(f"/subscriptions/{made['id']}")).status == 204
    assert (await shop.subscriptions(f"/subscriptions/{made['id']}")).status == 404
    await check(shop.subscriptions)
    nothing = await shop.subscriptions.post("/subscriptions", {})
    missing = ["Missing data for required field."]
    assert refused(nothing, 422, address_id=missing)
    bare = await shop.subscriptions.post("/subscriptions", {"address_id": row["address_id"]})
    assert refused(bare, 422, external_variant_id=missing, quantity=missing)


async def test_uncommitted_changes_show_until_they_reach_the_charge() -> None:
    async with store(6, regeneration_seconds=0.3) as shop:
        (row, *_) = await active(shop.subscriptions, 1)
        before = await shop.queued(row["id"])
        await shop.subscriptions.put(f"/subscriptions/{row['id']}", {"quantity": 9})
        waiting = await shop.queued(row["id"])
        assert waiting == {**before, "has_uncommitted_changes": True}
        for _ in range(100):
            if not (await shop.queued(row["id"]))["has_uncommitted_changes"]:
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("never regenerated")
        await check(shop.subscriptions)
        assert (await shop.queued(row["id"]))["total_price"] != before["total_price"]


async def test_onetimes_come_along_and_go(shop: Store) -> None:
    row = await swappable(shop, 6)
    sent = {
        "address_id": row["address_id"],
        "external_variant_id": row["external_variant_id"],
        "quantity": 1,
        "add_to_next_charge": True,
    }
    made = (await shop.subscriptions.post("/onetimes", sent)).body["onetime"]
    first = (await shop.charges(f"address_id={row['address_id']}&status=queued"))[0]
    assert made["next_charge_scheduled_at"] == first["scheduled_at"]
    assert made["id"] in {item["purchase_item_id"] for item in first["line_items"]}
    assert (await shop.queued(made["id"]))["id"] == first["id"]
    await check(shop.subscriptions)
    path = f"/onetimes/{made['id']}"
    changed = await shop.subscriptions.put(path, {"quantity": 4, "next_charge_scheduled_at": "2027-02-01"})
    assert (changed.body["onetime"]["quantity"], changed.body["onetime"]["next_charge_scheduled_at"]) == (
        4,
        "2027-02-01",
    )
    await check(shop.subscriptions)
    assert (await shop.subscriptions.delete(path)).status == 204
    assert (await shop.subscriptions.delete(path)).status == 404
    assert await shop.subscriptions.rows(f"/onetimes?ids={made['id']}") == []
    (kept,) = await shop.subscriptions.rows(f"/onetimes?ids={made['id']}&include_cancelled=true")
    assert kept["is_cancelled"] is True
    await check(shop.subscriptions)
    past = {**sent, "add_to_next_charge": False, "next_charge_scheduled_at": "2020-01-01"}
    answer = await shop.subscriptions.post("/onetimes", past)
    assert refused(answer, 422, next_charge_scheduled_at="Cannot be in the past")


async def test_addresses_are_made_changed_merged_and_deleted(shop: Store) -> None:
    row = await swappable(shop, 7)
    home = (await shop.subscriptions(f"/addresses/{row['address_id']}")).body["address"]
    sent = {name: home[name] for name in ("address1", "city", "country_code", "first_name", "last_name", "zip")}
    extra = {"customer_id": home["customer_id"], "presentment_currency": home["presentment_currency"]}
    made = (await shop.subscriptions.post("/addresses", {**sent, **extra})).body["address"]
    assert {name: made[name] for name in sent} == sent
    path = f"/addresses/{made['id']}"
    await shop.subscriptions.post(f"/subscriptions/{row['id']}/change_address", {"address_id": made["id"]})
    moved = await shop.subscriptions.put(f"{path}?commit=true", {"city": "Elsewhere"})
    assert moved.body["address"]["city"] == "Elsewhere"
    assert (await shop.queued(row["id"]))["shipping_address"]["city"] == "Elsewhere"
    coded = await shop.subscriptions.put(f"{path}?commit=true", {"discounts": [{"code": "WELCOME10"}]})
    assert len(coded.body["address"]["discounts"]) == 1
    assert [each["code"] for each in (await shop.queued(row["id"]))["discounts"]] == ["WELCOME10"]
    await shop.subscriptions.put(f"{path}?commit=true", {"discounts": []})
    assert (await shop.queued(row["id"]))["discounts"] == []
    await check(shop.subscriptions)
    full = await shop.subscriptions.delete(path)
    assert refused(full, 422, _schema=["Address has active subscriptions"])
    merging = {
        "target_address": {"id": home["id"]},
        "source_addresses": [{"id": made["id"]}],
        "delete_source_addresses": True,
    }
    assert (await shop.subscriptions.post("/addresses/merge", merging)).body["address"]["id"] == home["id"]
    assert (await shop.subscriptions(path)).status == 404
    assert (await shop.subscription(row["id"]))["address_id"] == home["id"]
    await check(shop.subscriptions)
    missing = ["Missing data for required field."]
    bare = await shop.subscriptions.post("/addresses", {"customer_id": home["customer_id"]})
    names = ("address1", "city", "country_code", "first_name", "last_name")
    assert refused(bare, 422, **dict.fromkeys(names, missing))


async def test_customers_change_their_name_and_where_credit_goes(shop: Store) -> None:
    sent = {"first_name": "Ada", "apply_credit_to_next_recurring_charge": True, "email": "Ada@Example.com"}
    now = (await shop.subscriptions.put(f"/customers/{DEMO}", sent)).body["customer"]
    assert (now["first_name"], now["email"]) == ("Ada", "ada@example.com")
    assert now["apply_credit_to_next_recurring_charge"] is True
    assert {each["customer"]["email"] for each in await shop.charges(f"customer_id={DEMO}&status=queued")} == {
        "ada@example.com"
    }
    other = next(row for row in await shop.subscriptions.rows("/customers") if row["id"] != DEMO)
    for email, told in ((other["email"], "Email address is already taken."), ("a@b", "Not a valid email address.")):
        answer = await shop.subscriptions.put(f"/customers/{DEMO}", {"email": email})
        assert refused(answer, 422, email=[told])


async def test_memberships_end_begin_and_change(shop: Store) -> None:
    (row,) = await shop.subscriptions.rows(f"/memberships?customer_id={DEMO}")
    assert (row["status"], row["price"], row["type"]) == ("active", 9.0, "membership_subscription")
    path = f"/memberships/{row['id']}"
    over = await shop.subscriptions.post(f"{path}/cancel", {"cancel_immediately": True, "cancellation_reason": "x"})
    assert (over.body["membership"]["status"], over.body["membership"]["cancellation_reason"]) == ("inactive", "x")
    again = await shop.subscriptions.post(f"{path}/cancel", {})
    assert refused(again, 422, _schema=["Membership is inactive"])
    back = await shop.subscriptions.post(f"{path}/activate", {"expires_at": "2027-05-01T00:00:00"})
    assert back.body["membership"]["expires_at"] == "2027-05-01T00:00:00+00:00"
    assert back.body["membership"]["next_charge_scheduled_at"] == "2027-05-01"
    more = await shop.subscriptions.post(f"{path}/change", {"quantity": 2})
    assert more.body["membership"]["quantity"] == 2
    strange = await shop.subscriptions.post(f"{path}/change", {"membership_program_id": 1})
    assert refused(strange, 422, membership_program_id=["Membership program not found."])


async def test_the_old_version_changes_many_at_once_or_none(shop: Store) -> None:
    row = await swappable(shop, 8)
    path = f"/addresses/{row['address_id']}/subscriptions-bulk"
    sent = {
        "subscriptions": [
            {
                "quantity": 1,
                "shopify_variant_id": int(row["external_variant_id"]["ecommerce"]),
                "charge_interval_frequency": "2",
                "order_interval_frequency": "2",
                "order_interval_unit": "week",
                "next_charge_scheduled_at": row["next_charge_scheduled_at"],
                "status": "ACTIVE",
            }
        ]
        * 2,
        "commit_update": True,
    }
    made = (await shop.subscriptions.post(path, sent, **OLD)).body["subscriptions"]
    assert [each["status"] for each in made] == ["ACTIVE", "ACTIVE"]
    assert (made[0]["charge_interval_frequency"], made[0]["has_queued_charges"]) == ("2", 1)
    assert isinstance(made[0]["price"], float)
    assert made[0]["shopify_variant_id"] == int(row["external_variant_id"]["ecommerce"])
    await check(shop.subscriptions)
    ids = [each["id"] for each in made]
    changed = await shop.subscriptions.put(
        path, {"subscriptions": [{"id": key, "quantity": 5} for key in ids], "commit_update": True}, **OLD
    )
    assert [each["quantity"] for each in changed.body["subscriptions"]] == [5, 5]
    half = await shop.subscriptions.put(
        path, {"subscriptions": [{"id": ids[0], "quantity": 7}, {"id": 1, "quantity": 7}]}, **OLD
    )
    assert half.status == 404
    assert (await shop.subscription(ids[0]))["quantity"] == 5
    gone = await shop.subscriptions.delete(path, {"subscriptions": [{"id": key} for key in ids]}, **OLD)
    assert gone.status == 204
    await check(shop.subscriptions)
    for count in (0, 21):
        answer = await shop.subscriptions.put(path, {"subscriptions": [{"id": 1}] * count}, **OLD)
        assert answer.status == 422
    assert (await shop.subscriptions.post(path, sent, x_recharge_version="2021-11")).status == 426


@pytest.mark.parametrize(
    ("sent", "kind", "status", "told"),
    [
        (b"{", "application/json", 400, "Invalid JSON"),
        (b"[1]", "application/json", 422, {"_schema": ["Invalid input type."]}),
        (b"a=1", "application/x-www-form-urlencoded", 415, "Content-Type must be application/json"),
    ],
)
async def test_a_body_that_is_no_object_is_refused(shop: Store, sent: bytes, kind: str, status: int, told: Any) -> None:
    url = f"http://127.0.0.1:{shop.subscriptions.port}/customers/{DEMO}"
    headers = {"X-Recharge-Access-Token": "sk_aurora", "Content-Type": kind}
    async with shop.subscriptions.session.put(url, data=sent, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (status, {"errors": told})
