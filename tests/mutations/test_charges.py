"""Deliveries that are skipped, things that go along once, discounts and credit."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.conftest import Gateway
from tests.mutations.conftest import Written
from tests.mutations.picking import gid, subscriptions

TODAY = date.today()  # noqa: DTZ011  # as the shop's calendar has it

Rows = Iterator[dict[str, Any]]

SKIP = """mutation ($id: ID!, $date: Date) { result: subscriptionSkip(subscriptionId: $id, date: $date) {
    charge { id status scheduledDate } subscription { nextChargeDate upcomingCharge { scheduledDate } }
    userErrors { field message code } } }"""
UNSKIP = """mutation ($id: ID!, $charge: ID!) { result: subscriptionUnskip(subscriptionId: $id, chargeId: $charge) {
    charge { status scheduledDate } subscription { nextChargeDate upcomingCharge { scheduledDate } }
    userErrors { field message code } } }"""
ADD = """mutation ($input: OnetimeAddInput!) { result: onetimeAdd(input: $input) {
    onetime { id productTitle quantity nextChargeDate address { id } } userErrors { field message code } } }"""
REMOVE = """mutation ($id: ID!) { result: onetimeRemove(onetimeId: $id) {
    removedOnetimeId userErrors { field message code } } }"""
APPLY = """mutation ($id: ID!, $code: String!) { result: chargeDiscountApply(chargeId: $id, code: $code) {
    charge { id discounts { code } totalPrice { amount } } userErrors { field message code } } }"""
TAKE_OUT = """mutation ($id: ID!) { result: chargeDiscountRemove(chargeId: $id) {
    charge { id discounts { code } totalPrice { amount } } userErrors { field message code } } }"""


@pytest.fixture(scope="module")
async def rows(shop: Written) -> Rows:
    """Subscriptions that can be skipped; each test takes the next."""
    return await subscriptions(shop, is_skippable=True, is_swappable=True)


async def ask(gateway: Gateway, row: dict[str, Any], query: str, **variables: Any) -> Any:
    """The payload for the owner of a row."""
    return (await gateway.ask(query, variables, customer=row["customer_id"])).data["result"]


def refused(payload: Any) -> list[tuple[Any, str]]:
    """Field and code of each user error."""
    assert all(value is None for name, value in payload.items() if name != "userErrors")
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


async def test_the_next_delivery_is_skipped_and_taken_back(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """The next charge moves by one interval, and back."""
    row = next(rows)
    day = row["next_charge_scheduled_at"]
    payload = await ask(gateway, row, SKIP, id=str(row["id"]))
    assert payload["userErrors"] == []
    assert (payload["charge"]["status"], payload["charge"]["scheduledDate"]) == ("SKIPPED", day)
    now = await shop.subscription(row["id"])
    assert payload["subscription"]["nextChargeDate"] == now["next_charge_scheduled_at"] > day
    assert payload["subscription"]["upcomingCharge"]["scheduledDate"] == now["next_charge_scheduled_at"]
    (skipped,) = await shop.rows("subscriptions", f"/charges?purchase_item_ids={row['id']}&status=skipped")
    assert payload["charge"]["id"] == gid("Charge", skipped["id"])
    back = await ask(gateway, row, UNSKIP, id=str(row["id"]), charge=payload["charge"]["id"])
    assert back["userErrors"] == []
    assert (back["charge"]["status"], back["subscription"]["nextChargeDate"]) == ("QUEUED", day)
    assert (await shop.subscription(row["id"]))["next_charge_scheduled_at"] == day
    assert await shop.rows("subscriptions", f"/charges?purchase_item_ids={row['id']}&status=skipped") == []
    again = await ask(gateway, row, UNSKIP, id=str(row["id"]), charge=payload["charge"]["id"])
    assert [code for _, code in refused(again)] in (["INVALID"], ["NOT_FOUND"])


async def test_a_later_delivery_is_skipped_by_its_day(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """A day of the schedule that is not queued yet; other days are refused at the argument."""
    row = next(rows)
    schedule = await shop.get(
        "subscriptions", f"/customers/{row['customer_id']}/delivery_schedule?delivery_count_future=12"
    )
    days = [
        delivery["date"]
        for delivery in schedule["deliveries"]
        for order in delivery["orders"]
        for line in order["line_items"]
        if line["subscription_id"] == row["id"]
    ]
    later = days[1]
    payload = await ask(gateway, row, SKIP, id=str(row["id"]), date=later)
    assert (payload["charge"]["status"], payload["charge"]["scheduledDate"]) == ("SKIPPED", later)
    assert payload["subscription"]["nextChargeDate"] == row["next_charge_scheduled_at"]
    other = (date.fromisoformat(later) + timedelta(days=1)).isoformat()
    gateway.fronts["subscriptions"].writes.clear()
    assert refused(await ask(gateway, row, SKIP, id=str(row["id"]), date=other)) == [(["date"], "INVALID")]
    past = (TODAY - timedelta(days=1)).isoformat()
    assert refused(await ask(gateway, row, SKIP, id=str(row["id"]), date=past)) == [(["date"], "DATE_IN_PAST")]
    assert refused(await ask(gateway, row, SKIP, id=str(row["id"]), date=later)) == [(["date"], "INVALID")]
    assert len(gateway.fronts["subscriptions"].writes) == 3


async def test_what_cannot_be_skipped_is_not_sent(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """Prepaid ones, and charges that are another subscription's."""
    prepaid = next(await subscriptions(shop, is_skippable=False))
    assert refused(await ask(gateway, prepaid, SKIP, id=str(prepaid["id"]))) == [(["subscriptionId"], "NOT_SKIPPABLE")]
    row = next(rows)
    others = await shop.rows("subscriptions", f"/charges?customer_id={row['customer_id']}&status=success")
    strange = [each for each in others if all(i["purchase_item_id"] != row["id"] for i in each["line_items"])]
    for charge in (1, *(each["id"] for each in strange[:1])):
        payload = await ask(gateway, row, UNSKIP, id=str(row["id"]), charge=str(charge))
        assert refused(payload) == [(["chargeId"], "NOT_FOUND")]
    assert gateway.fronts["subscriptions"].writes == []


async def test_something_goes_along_once(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """With the next charge or a day's; taken out again, it is gone from the charge."""
    row = next(rows)
    variant = gid("ProductVariant", row["external_variant_id"]["ecommerce"], "shopify")
    given = {"addressId": gid("Address", row["address_id"]), "productVariantId": variant}
    payload = await ask(gateway, row, ADD, input={**given, "quantity": 2})
    assert payload["userErrors"] == []
    made = payload["onetime"]
    number = int(made["id"].rpartition("/")[2])
    stored = (await shop.get("subscriptions", f"/onetimes/{number}"))["onetime"]
    assert (made["quantity"], made["nextChargeDate"]) == (2, stored["next_charge_scheduled_at"])
    assert made["address"] == {"id": given["addressId"]}
    day = (TODAY + timedelta(days=40)).isoformat()
    dated = await ask(gateway, row, ADD, input={**given, "addToNextCharge": False, "date": day})
    assert dated["onetime"]["nextChargeDate"] == day
    payload = await ask(gateway, row, REMOVE, id=made["id"])
    assert payload == {"removedOnetimeId": made["id"], "userErrors": []}
    assert shop.select("subscriptions", "select is_cancelled from onetimes where id = ?", number) == [(1,)]
    assert refused(await ask(gateway, row, REMOVE, id=made["id"])) == [(["onetimeId"], "NOT_FOUND")]
    assert refused(await ask(gateway, row, REMOVE, id="1")) == [(["onetimeId"], "NOT_FOUND")]


async def test_what_cannot_go_along(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """Each with its argument and code; nothing is in the database for any of them."""
    row = next(rows)
    count = shop.select("subscriptions", "select count(*) from onetimes")
    everyone = await shop.rows("subscriptions", "/addresses")
    foreign = next(each["id"] for each in everyone if each["customer_id"] != row["customer_id"])
    variant = row["external_variant_id"]["ecommerce"]
    good = {"addressId": str(row["address_id"]), "productVariantId": variant}
    past = (TODAY - timedelta(days=1)).isoformat()
    for changed, field, code in (
        ({"addressId": str(foreign)}, ["input", "addressId"], "NOT_FOUND"),
        ({"addressId": "1"}, ["input", "addressId"], "NOT_FOUND"),
        ({"productVariantId": "1"}, ["input", "productVariantId"], "INVALID"),
        ({"quantity": 0}, ["input", "quantity"], "INVALID"),
        ({"quantity": 2_000_000_000}, ["input", "quantity"], "INVALID"),
        ({"addToNextCharge": False}, ["input", "date"], "BLANK"),
        ({"addToNextCharge": False, "date": past}, ["input", "date"], "DATE_IN_PAST"),
    ):
        assert refused(await ask(gateway, row, ADD, input=good | changed)) == [(field, code)]
    assert shop.select("subscriptions", "select count(*) from onetimes") == count


async def test_a_code_is_applied_and_taken_out(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """Of a queued charge of one's own; the total follows."""
    row = next(rows)
    path = f"/charges?purchase_item_ids={row['id']}&status=queued"
    charge = (await shop.rows("subscriptions", path))[0]
    before = await ask(gateway, row, TAKE_OUT, id=str(charge["id"]))
    payload = await ask(gateway, row, APPLY, id=gid("Charge", charge["id"]), code=" WELCOME10 ")
    assert payload["userErrors"] == []
    assert payload["charge"]["discounts"] == [{"code": "WELCOME10"}]
    now = (await shop.rows("subscriptions", path))[0]
    assert payload["charge"]["totalPrice"]["amount"] == now["total_price"]
    payload = await ask(gateway, row, TAKE_OUT, id=str(charge["id"]))
    assert (payload["charge"]["discounts"], payload["charge"]["totalPrice"]) == ([], before["charge"]["totalPrice"])
    for variables, field, code in (
        ({"id": str(charge["id"]), "code": "NOPE"}, ["code"], "INVALID"),
        ({"id": str(charge["id"]), "code": " "}, ["code"], "BLANK"),
        ({"id": "1", "code": "WELCOME10"}, ["chargeId"], "NOT_FOUND"),
    ):
        assert refused(await ask(gateway, row, APPLY, **variables)) == [(field, code)]
    paid = await shop.rows("subscriptions", f"/charges?customer_id={row['customer_id']}&status=success")
    if paid:
        assert refused(await ask(gateway, row, APPLY, id=str(paid[0]["id"]), code="WELCOME10")) == [
            (["chargeId"], "INVALID")
        ]
    foreign = next(
        each
        for each in await shop.rows("subscriptions", "/charges?status=queued")
        if each["customer"]["id"] != row["customer_id"]
    )
    gateway.fronts["subscriptions"].writes.clear()
    for query, more in ((APPLY, {"code": "WELCOME10"}), (TAKE_OUT, {})):
        assert refused(await ask(gateway, row, query, id=str(foreign["id"]), **more)) == [(["chargeId"], "NOT_FOUND")]
    assert gateway.fronts["subscriptions"].writes == []


async def test_credit_is_used_or_not(gateway: Gateway, shop: Written, shopper: int) -> None:
    """The answer says what the backend has."""
    query = """mutation ($on: Boolean!) { result: creditApplyToNextChargeSet(enabled: $on) {
        credit { appliesToNextCharge totalAvailable { amount } } userErrors { code } } }"""
    for is_on in (True, False):
        payload = (await gateway.ask(query, {"on": is_on}, customer=shopper)).data["result"]
        assert (payload["credit"]["appliesToNextCharge"], payload["userErrors"]) == (is_on, [])
        customer = (await shop.get("subscriptions", f"/customers/{shopper}"))["customer"]
        assert customer["apply_credit_to_next_recurring_charge"] is is_on
