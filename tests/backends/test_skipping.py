"""Deliveries that are skipped, taken back, moved, collected."""

# ruff: noqa: D103 - a test's name is its promise

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio

from tests.backends.services import AURORA, NORDLYS, TODAY, memory_database, mysql_database
from tests.backends.stores import Store, active, check, store

SOON = (TODAY + timedelta(days=1)).isoformat()
LATER = (TODAY + timedelta(days=77)).isoformat()


@pytest_asyncio.fixture(scope="module", params=[memory_database, mysql_database], ids=["sqlite", "mysql"])
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """One store for the module; each test takes other subscriptions."""
    async with store(36, request.param) as found:
        yield found


async def taken(shop: Store, place: int, **options: Any) -> dict[str, Any]:
    return (await active(shop.subscriptions, place + 1, **options))[place]


def later(row: dict[str, Any]) -> str:
    """The day after the next charge on which a subscription comes again."""
    on = date.fromisoformat(row["next_charge_scheduled_at"])
    count = row["charge_interval_frequency"]
    if row["order_interval_unit"] == "week":
        return (on + timedelta(days=7 * count)).isoformat()
    year, month = divmod(on.year * 12 + on.month - 1 + count, 12)
    return date(year, month + 1, min(on.day, 28 if month == 1 else 30 if month in {3, 5, 8, 10} else 31)).isoformat()


async def test_what_is_skipped_comes_again_an_interval_later(shop: Store) -> None:
    row = await taken(shop, 0)
    charge = await shop.queued(row["id"])
    answer = await shop.subscriptions.post(f"/charges/{charge['id']}/skip", {"purchase_item_ids": [row["id"]]})
    assert answer.status == 200
    skipped = answer.body["charge"]
    assert (skipped["status"], skipped["scheduled_at"]) == ("skipped", charge["scheduled_at"])
    assert [item["purchase_item_id"] for item in skipped["line_items"] if not item["offer_attributes"]] == [row["id"]]
    now = await shop.subscription(row["id"])
    assert now["next_charge_scheduled_at"] == later(row)
    assert (await shop.queued(row["id"]))["scheduled_at"] == later(row)
    await check(shop.subscriptions)
    schedule = await shop.subscriptions(
        f"/customers/{row['customer_id']}/delivery_schedule?date_max={charge['scheduled_at']}&delivery_count_future=20"
    )
    (day,) = [each for each in schedule.body["deliveries"] if each["date"] == charge["scheduled_at"]]
    lines = [line for order in day["orders"] for line in order["line_items"] if line["subscription_id"] == row["id"]]
    assert [line["is_skipped"] for line in lines] == [True]

    back = await shop.subscriptions.post(f"/charges/{skipped['id']}/unskip", {"purchase_item_ids": [row["id"]]})
    assert back.status == 200
    assert (back.body["charge"]["status"], back.body["charge"]["scheduled_at"]) == ("queued", charge["scheduled_at"])
    assert (await shop.subscription(row["id"]))["next_charge_scheduled_at"] == row["next_charge_scheduled_at"]
    assert (await shop.queued(row["id"]))["id"] == back.body["charge"]["id"]
    assert not await shop.charges(f"purchase_item_ids={row['id']}&status=skipped&scheduled_at_min={SOON}")
    await check(shop.subscriptions)


async def test_a_charge_that_is_skipped_as_a_whole_keeps_its_id(shop: Store) -> None:
    charges = await shop.charges("status=queued")
    charge = next(each for each in charges if len(each["line_items"]) == 1)
    key = charge["line_items"][0]["purchase_item_id"]
    skipped = await shop.subscriptions.post(f"/charges/{charge['id']}/skip", {"purchase_item_ids": [key]})
    assert skipped.body["charge"]["id"] == charge["id"]
    back = await shop.subscriptions.post(f"/charges/{charge['id']}/unskip", {"purchase_item_ids": [key]})
    same = {name: value for name, value in charge.items() if name != "updated_at"}
    assert {name: value for name, value in back.body["charge"].items() if name != "updated_at"} == same
    await check(shop.subscriptions)


async def test_a_delivery_is_skipped_before_it_is_queued(shop: Store) -> None:
    row = await taken(shop, 1)
    path = f"/subscriptions/{row['id']}/charges/skip"
    answer = await shop.subscriptions.post(path, {"date": later(row), "subscription_id": str(row["id"])})
    assert answer.status == 200, answer.text
    skipped = answer.body["charge"]
    assert (skipped["status"], skipped["scheduled_at"]) == ("skipped", later(row))
    assert (await shop.subscription(row["id"]))["next_charge_scheduled_at"] == row["next_charge_scheduled_at"]
    again = await shop.subscriptions.post(path, {"date": later(row)})
    assert (again.status, again.body) == (422, {"errors": {"date": ["Nothing is delivered on this day."]}})
    await check(shop.subscriptions)
    first = await shop.queued(row["id"])
    await shop.subscriptions.post(f"/charges/{first['id']}/skip", {"purchase_item_ids": [row["id"]]})
    now = await shop.subscription(row["id"])
    assert now["next_charge_scheduled_at"] == later({**row, "next_charge_scheduled_at": later(row)})
    back = await shop.subscriptions.post(f"/charges/{skipped['id']}/unskip", {"purchase_item_ids": [row["id"]]})
    assert back.body["charge"]["scheduled_at"] == later(row)
    assert (await shop.subscription(row["id"]))["next_charge_scheduled_at"] == later(row)
    await check(shop.subscriptions)


@pytest.mark.parametrize("pause", ["", "&pause=true"])
async def test_a_date_is_set_and_a_pause_is_nothing_else(shop: Store, pause: str) -> None:
    row = await taken(shop, 2)
    path = f"/subscriptions/{row['id']}/set_next_charge_date?commit=true{pause}"
    answer = await shop.subscriptions.post(path, {"date": LATER})
    assert (answer.status, answer.body["subscription"]["next_charge_scheduled_at"]) == (200, LATER)
    assert answer.body["subscription"]["status"] == "active"
    assert (await shop.queued(row["id"]))["scheduled_at"] == LATER
    await check(shop.subscriptions)
    for day in (TODAY.isoformat(), "2020-01-01"):
        refused = await shop.subscriptions.post(path, {"date": day})
        assert (refused.status, refused.body) == (422, {"errors": {"date": ["date is not far enough in the future"]}})


async def test_a_charge_that_is_put_off_keeps_its_id(shop: Store) -> None:
    row = await taken(shop, 3)
    charge = await shop.queued(row["id"])
    path = f"/charges/{charge['id']}/change_next_charge_date"
    answer = await shop.subscriptions.post(path, {"next_charge_date": LATER})
    assert answer.status == 200, answer.text
    assert (answer.body["charge"]["id"], answer.body["charge"]["scheduled_at"]) == (charge["id"], LATER)
    assert len(answer.body["charge"]["line_items"]) == len(charge["line_items"])
    await check(shop.subscriptions)
    refused = await shop.subscriptions.post(path, {"next_charge_date": "2020-01-01"})
    assert refused.body == {"errors": {"next_charge_date": ["date is not far enough in the future"]}}


async def test_a_paid_charge_becomes_an_order_and_comes_again(shop: Store) -> None:
    customers = {row["id"]: row for row in await shop.subscriptions.rows("/customers")}
    rows = await active(shop.subscriptions, 12)
    row = next(each for each in rows[4:] if customers[each["customer_id"]]["has_valid_payment_method"])
    charge = await shop.queued(row["id"])
    answer = await shop.subscriptions.post(f"/charges/{charge['id']}/process")
    assert (answer.status, answer.body["charge"]["status"]) == (200, "success")
    (order,) = await shop.subscriptions.rows(f"/orders?charge_id={charge['id']}")
    assert (order["line_items"], order["total_price"]) == (charge["line_items"], charge["total_price"])
    assert order["charge"]["status"] == "success"
    assert (await shop.subscription(row["id"]))["next_charge_scheduled_at"] == later(row)
    again = await shop.subscriptions.post(f"/charges/{charge['id']}/process")
    assert (again.status, again.body) == (422, {"errors": {"_schema": ["Charge is success"]}})
    await check(shop.subscriptions)


async def test_a_customer_without_a_good_card_does_not_pay(shop: Store) -> None:
    for name in (AURORA.domain, NORDLYS.domain):
        customers = await shop.subscriptions.rows("/customers", shop=name)
        for customer in customers:
            charges = await shop.charges(f"customer_id={customer['id']}&status=queued", shop=name)
            if charges and not customer["has_valid_payment_method"]:
                answer = await shop.subscriptions.post(f"/charges/{charges[0]['id']}/process", shop=name)
                assert (answer.status, answer.body) == (402, {"errors": "Customer needs to update credit card"})
                return
    pytest.fail("nobody is in dunning")


async def test_codes_take_off_what_they_say(shop: Store) -> None:
    row = (await active(shop.subscriptions, 14))[13]
    charge = await shop.queued(row["id"])
    path = f"/charges/{charge['id']}/apply_discount"
    lines = int(charge["total_line_items_price"].replace(".", ""))
    for code, off, ships in (
        ("WELCOME10", lines // 10, None),
        ("FIVEOFF", min(500, lines), None),
        ("SHIPFREE", 0, "0.00"),
    ):
        answer = await shop.subscriptions.post(path, {"discount_code": code})
        assert answer.status == 200, answer.text
        found = answer.body["charge"]
        if found["currency"] == "USD":
            assert int(found["total_discounts"].replace(".", "")) == off
        assert [each["code"] for each in found["discounts"]] == [code]
        assert ships is None or found["shipping_lines"][0]["price"] == ships
    await check(shop.subscriptions)
    for code in ("LASTYEAR", "nothing"):
        refused = await shop.subscriptions.post(path, {"discount_code": code})
        assert (refused.status, refused.body) == (422, {"errors": {"discount_code": ["Discount code not found."]}})
    gone = await shop.subscriptions.post(f"/charges/{charge['id']}/remove_discount")
    assert (gone.body["charge"]["discounts"], gone.body["charge"]["total_discounts"]) == ([], "0.00")
    await check(shop.subscriptions)


async def test_what_cannot_be_skipped_says_why(shop: Store) -> None:
    row = await taken(shop, 2)
    charge = await shop.queued(row["id"])
    path = f"/charges/{charge['id']}/skip"
    missing = await shop.subscriptions.post(path)
    assert missing.body == {"errors": {"purchase_item_ids": ["Missing data for required field."]}}
    strange = await shop.subscriptions.post(path, {"purchase_item_ids": [1]})
    assert strange.body == {"errors": {"purchase_item_ids": ["Not on this charge: 1."]}}
    paid = (await shop.charges("status=success"))[0]
    over = await shop.subscriptions.post(f"/charges/{paid['id']}/skip", {"purchase_item_ids": [1]})
    assert (over.status, over.body) == (422, {"errors": {"_schema": ["Charge is success"]}})
    prepaid = next(each for each in await shop.subscriptions.rows("/subscriptions?status=active") if each["is_prepaid"])
    on = await shop.queued(prepaid["id"])
    refused = await shop.subscriptions.post(f"/charges/{on['id']}/skip", {"purchase_item_ids": [prepaid["id"]]})
    assert refused.body == {"errors": {"purchase_item_ids": [f"Not skippable: {prepaid['id']}."]}}
    foreign = await shop.subscriptions.post(path, {"purchase_item_ids": [row["id"]]}, shop=NORDLYS.domain)
    assert (foreign.status, foreign.body) == (404, {"errors": "Not Found"})
    await check(shop.subscriptions)
