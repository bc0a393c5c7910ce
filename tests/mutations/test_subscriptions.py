"""What shoppers do with their subscriptions: done, shown, and in the database; or refused, and not."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.conftest import OTHER_SHOP, Gateway
from tests.mutations.conftest import Written
from tests.mutations.picking import gid, subscriptions

TODAY = date.today()  # noqa: DTZ011  # as the shop's calendar has it
SOON = (TODAY + timedelta(days=11)).isoformat()
PAST = (TODAY - timedelta(days=1)).isoformat()

Rows = Iterator[dict[str, Any]]


@pytest.fixture(scope="module")
async def rows(shop: Written) -> Rows:
    """Subscriptions that can be skipped and swapped; each test takes the next."""
    return await subscriptions(shop, is_skippable=True, is_swappable=True)


def document(field: str, arguments: str, selection: str = "") -> str:
    """A mutation of a subscription with what it may be changed to."""
    return f"""mutation ($id: ID!) {{ result: {field}(subscriptionId: $id{arguments}) {{
        {selection}
        subscription {{ id status nextChargeDate quantity address {{ id }} upcomingCharge {{ id scheduledDate }} }}
        userErrors {{ field message code }} }} }}"""


async def change(gateway: Gateway, row: dict[str, Any], field: str, arguments: str = "", selection: str = "") -> Any:
    """The payload of a mutation by the subscription's owner."""
    variables = {"id": gid("SubscriptionContract", row["id"])}
    query = document(field, arguments, selection)
    return (await gateway.ask(query, variables, customer=row["customer_id"])).data["result"]


def refused(payload: Any) -> list[tuple[Any, str]]:
    """Field and code of each user error of a payload that has changed nothing."""
    assert payload["subscription"] is None
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


@pytest.mark.parametrize("field", ["subscriptionReschedule", "subscriptionPause"])
async def test_the_next_charge_is_put_off(gateway: Gateway, shop: Written, rows: Rows, field: str) -> None:
    """The answer shows the new date and the charge that goes with it; so does the backend."""
    row = next(rows)
    argument = "until" if field == "subscriptionPause" else "date"
    payload = await change(gateway, row, field, f', {argument}: "{SOON}"')
    assert payload["userErrors"] == []
    assert payload["subscription"]["nextChargeDate"] == SOON
    assert payload["subscription"]["upcomingCharge"]["scheduledDate"] == SOON
    assert (await shop.subscription(row["id"]))["next_charge_scheduled_at"] == SOON
    pause = "&pause=true" if field == "subscriptionPause" else ""
    path = f"/subscriptions/{row['id']}/set_next_charge_date?commit=true{pause}"
    assert gateway.fronts["subscriptions"].writes == [f"POST {path}"]
    assert gateway.fronts["subscriptions"].bodies[-1] == {"date": SOON}


async def test_a_past_date_is_refused_at_its_field(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """In the words of the argument that each mutation has for it."""
    row = next(rows)
    for field, argument in (("subscriptionReschedule", "date"), ("subscriptionPause", "until")):
        payload = await change(gateway, row, field, f', {argument}: "{PAST}"')
        assert refused(payload) == [([argument], "DATE_IN_PAST")]
    assert await shop.subscription(row["id"]) == row


async def test_quantity_and_properties(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """One write; what is left out stays."""
    row = next(rows)
    arguments = ', input: {quantity: 3, properties: [{key: "Grind", value: "Fine"}]}'
    selection = ""
    payload = await change(gateway, row, "subscriptionUpdate", arguments, selection)
    assert (payload["userErrors"], payload["subscription"]["quantity"]) == ([], 3)
    now = await shop.subscription(row["id"])
    assert (now["quantity"], now["properties"]) == (3, [{"name": "Grind", "value": "Fine"}])
    assert gateway.fronts["subscriptions"].writes == [f"PUT /subscriptions/{row['id']}?commit=true"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("{quantity: 0}", (["input", "quantity"], "INVALID")),
        ("{quantity: -1}", (["input", "quantity"], "INVALID")),
        ("{quantity: 2147483647}", (["input", "quantity"], "INVALID")),
        ('{planId: "1"}', (["input", "planId"], "INVALID")),
        ("{interval: {unit: WEEK, count: 0}}", (["input", "interval"], "INVALID")),
        ("{interval: {unit: WEEK, count: 100000}}", (["input", "interval"], "INVALID")),
        ('{planId: "1", interval: {unit: WEEK, count: 1}}', (["input", "interval"], "INVALID")),
        ("{}", (["input"], "BLANK")),
    ],
)
async def test_an_update_that_cannot_be(
    gateway: Gateway, shop: Written, given: str, error: tuple[list[str], str]
) -> None:
    """Each has a code and the field that it is about, and changes nothing."""
    row = next(await subscriptions(shop, is_skippable=True, is_swappable=True))
    before = await shop.subscription(row["id"])
    payload = await change(gateway, row, "subscriptionUpdate", f", input: {given}")
    assert refused(payload) == [error]
    assert await shop.subscription(row["id"]) == before


async def test_an_interval_goes_as_a_whole(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """Unit and both frequencies, since the backend refuses a part; years are months there."""
    row = next(rows)
    selection = "done: subscription { deliveryInterval { unit count } }"
    payload = await change(gateway, row, "subscriptionUpdate", ", input: {interval: {unit: DAY, count: 10}}", selection)
    assert payload["done"] == {"deliveryInterval": {"unit": "DAY", "count": 10}}
    sent = gateway.fronts["subscriptions"].bodies[-1]
    assert sent == {"order_interval_unit": "day", "order_interval_frequency": 10, "charge_interval_frequency": 10}
    payload = await change(gateway, row, "subscriptionUpdate", ", input: {interval: {unit: YEAR, count: 1}}", selection)
    assert payload["done"] == {"deliveryInterval": {"unit": "MONTH", "count": 12}}
    now = await shop.subscription(row["id"])
    assert (now["order_interval_unit"], now["order_interval_frequency"]) == ("month", 12)


async def test_a_swap_shows_what_it_is_now(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """Title, price and the product itself are the other variant's."""
    row = next(rows)
    path = "/product_search?format_version=2022-06&has_plans=true&has_bundle_product=false&limit=250"
    products = (await shop.get("subscriptions", path, version="2021-01"))["products"]
    other = next(each for each in products if each["external_product_id"] != row["external_product_id"]["ecommerce"])
    variant, plan = other["variants"][0], next(each for each in other["plans"] if each["type"] == "subscription")
    number = variant["external_variant_id"]
    arguments = f', input: {{productVariantId: "{gid("ProductVariant", number, "shopify")}", planId: "{plan["id"]}"}}'
    selection = "done: subscription { productTitle product { id } price { amount } plan { id } }"
    payload = await change(gateway, row, "subscriptionSwap", arguments, selection)
    assert payload["userErrors"] == []
    now = await shop.subscription(row["id"])
    assert now["external_variant_id"] == {"ecommerce": number}
    assert payload["done"]["productTitle"] == now["product_title"] == other["title"]
    assert payload["done"]["product"] == {"id": gid("Product", other["external_product_id"], "shopify")}
    assert payload["done"]["price"] == {"amount": now["price"]}


async def test_swaps_that_cannot_be(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """Unknown variants and plans by the field; a subscription that cannot be swapped before anything is sent."""
    row = next(rows)
    variant = row["external_variant_id"]["ecommerce"]
    unknown = await change(gateway, row, "subscriptionSwap", ', input: {productVariantId: "1"}')
    assert refused(unknown) == [(["input", "productVariantId"], "INVALID")]
    plan = await change(gateway, row, "subscriptionSwap", f', input: {{productVariantId: "{variant}", planId: "1"}}')
    assert refused(plan) == [(["input", "planId"], "INVALID")]
    assert await shop.subscription(row["id"]) == row
    fixed = next(await subscriptions(shop, bundles=True, is_swappable=False))
    gateway.fronts["subscriptions"].writes.clear()
    payload = await change(gateway, fixed, "subscriptionSwap", f', input: {{productVariantId: "{variant}"}}')
    assert refused(payload) == [(["subscriptionId"], "NOT_SWAPPABLE")]
    assert gateway.fronts["subscriptions"].writes == []


async def test_cancelled_and_taken_up_again(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """Each way; a second press is told what is the case."""
    row = next(rows)
    arguments = ', input: {reason: "Too much", comments: "Later"}'
    payload = await change(
        gateway, row, "subscriptionCancel", arguments, "done: subscription { cancelledAt cancellationReason }"
    )
    assert payload["subscription"]["status"] == "CANCELLED"
    assert payload["subscription"]["upcomingCharge"] is None
    assert payload["done"]["cancellationReason"] == "Too much"
    now = await shop.subscription(row["id"])
    assert (now["status"], now["cancellation_reason_comments"]) == ("cancelled", "Later")
    assert refused(await change(gateway, row, "subscriptionCancel", arguments)) == [
        (["subscriptionId"], "ALREADY_CANCELLED")
    ]
    for field, more in (
        ("subscriptionReschedule", f', date: "{SOON}"'),
        ("subscriptionUpdate", ", input: {quantity: 2}"),
    ):
        assert refused(await change(gateway, row, field, more)) == [(["subscriptionId"], "ALREADY_CANCELLED")]
    payload = await change(gateway, row, "subscriptionActivate")
    assert payload["subscription"]["status"] == "ACTIVE"
    assert payload["subscription"]["upcomingCharge"]["scheduledDate"] == payload["subscription"]["nextChargeDate"]
    assert (await shop.subscription(row["id"]))["status"] == "active"
    assert refused(await change(gateway, row, "subscriptionActivate")) == [(["subscriptionId"], "INVALID")]


async def test_delivered_somewhere_else(gateway: Gateway, shop: Written, shopper: int) -> None:
    """To the shopper's own addresses only; a foreign one is as one that does not exist."""
    addresses = await shop.rows("subscriptions", f"/addresses?customer_id={shopper}")
    path = f"/subscriptions?customer_id={shopper}&status=active&bundles_only=false"
    row = next(each for each in await shop.rows("subscriptions", path) if each["has_queued_charges"])
    target = next(each["id"] for each in addresses if each["id"] != row["address_id"])
    payload = await change(gateway, row, "subscriptionAddressUpdate", f', addressId: "{target}"')
    assert payload["subscription"]["address"] == {"id": gid("Address", target)}
    assert (await shop.subscription(row["id"]))["address_id"] == target
    everyone = await shop.rows("subscriptions", "/addresses")
    foreign = next(each["id"] for each in everyone if each["customer_id"] != shopper)
    gateway.fronts["subscriptions"].writes.clear()
    for number in (foreign, 1):
        payload = await change(gateway, row, "subscriptionAddressUpdate", f', addressId: "{number}"')
        assert refused(payload) == [(["addressId"], "NOT_FOUND")]
    assert gateway.fronts["subscriptions"].writes == []


EVERY = [
    ("subscriptionPause", f', until: "{SOON}"'),
    ("subscriptionReschedule", f', date: "{SOON}"'),
    ("subscriptionSwap", ', input: {productVariantId: "1"}'),
    ("subscriptionUpdate", ", input: {quantity: 2}"),
    ("subscriptionCancel", ', input: {reason: "x"}'),
    ("subscriptionActivate", ""),
]


@pytest.mark.parametrize(("field", "arguments"), EVERY)
async def test_somebody_elses_is_not_there(gateway: Gateway, shop: Written, field: str, arguments: str) -> None:
    """A foreign subscription answers exactly as a missing one, and nothing is sent for either."""
    row, *others = await subscriptions(shop, is_skippable=True)
    other = next(each for each in others if each["customer_id"] != row["customer_id"])
    foreign = await change(gateway, {**row, "id": other["id"]}, field, arguments)
    missing = await change(gateway, {**row, "id": 1}, field, arguments)
    assert foreign == missing
    assert refused(foreign) == [(["subscriptionId"], "NOT_FOUND")]
    assert gateway.fronts["subscriptions"].writes == []
    visitor = await gateway.ask(document(field, arguments), {"id": str(row["id"])})
    assert visitor.body["data"] == {"result": None}
    assert [error["extensions"]["code"] for error in visitor.errors] == ["UNAUTHENTICATED"]
    assert gateway.fronts["subscriptions"].writes == []


async def test_what_the_merchant_does_not_allow_is_not_sent(gateway: Gateway, shop: Written) -> None:
    """The second shop's portal: no other product, no reactivation, plans but no intervals, a reason, two orders."""
    row = next(await subscriptions(shop, at=OTHER_SHOP, is_swappable=True))

    async def ask(field: str, arguments: str = "") -> Any:
        answer = await gateway.ask(
            document(field, arguments), {"id": str(row["id"])}, customer=row["customer_id"], shop=OTHER_SHOP
        )
        return refused(answer.data["result"])

    assert await ask("subscriptionSwap", ', input: {productVariantId: "1"}') == [
        (["input", "productVariantId"], "NOT_ALLOWED")
    ]
    assert await ask("subscriptionActivate") == [(["subscriptionId"], "NOT_ALLOWED")]
    assert await ask("subscriptionUpdate", ", input: {interval: {unit: WEEK, count: 3}}") == [
        (["input", "interval"], "NOT_ALLOWED")
    ]
    assert await ask("subscriptionCancel", ', input: {reason: " "}') == [(["input", "reason"], "BLANK")]
    assert gateway.fronts["subscriptions"].writes == []
    paid = await shop.rows(
        "subscriptions", f"/charges?purchase_item_ids={row['id']}&status=success,refunded", shop=OTHER_SHOP
    )
    done = await gateway.ask(
        document("subscriptionCancel", ', input: {reason: "Enough"}'),
        {"id": str(row["id"])},
        customer=row["customer_id"],
        shop=OTHER_SHOP,
    )
    codes = [error["code"] for error in done.data["result"]["userErrors"]]
    assert codes == ([] if len(paid) >= 2 else ["NOT_ALLOWED"])
    assert len(gateway.fronts["subscriptions"].writes) == (len(paid) >= 2)


async def test_the_portal_says_that_plans_may_be_chosen(gateway: Gateway) -> None:
    """A shop that allows other plans allows other frequencies."""
    answer = await gateway.ask("{ shop { customerPortal { canEditFrequency } } }", shop=OTHER_SHOP)
    assert answer.data == {"shop": {"customerPortal": {"canEditFrequency": True}}}


async def test_fields_run_in_order(gateway: Gateway, rows: Rows) -> None:
    """Each sees what the one before it has done."""
    row = next(rows)
    later = (TODAY + timedelta(days=15)).isoformat()
    query = """mutation ($id: ID!, $soon: Date!, $later: Date!) {
        a: subscriptionReschedule(subscriptionId: $id, date: $later) { subscription { nextChargeDate } }
        b: subscriptionUpdate(subscriptionId: $id, input: {quantity: 4}) { subscription { quantity nextChargeDate } }
        c: subscriptionReschedule(subscriptionId: $id, date: $soon) { subscription { nextChargeDate quantity
            upcomingCharge { scheduledDate } } }
    }"""
    variables = {"id": str(row["id"]), "soon": SOON, "later": later}
    answer = await gateway.ask(query, variables, customer=row["customer_id"])
    assert answer.data == {
        "a": {"subscription": {"nextChargeDate": later}},
        "b": {"subscription": {"quantity": 4, "nextChargeDate": later}},
        "c": {"subscription": {"nextChargeDate": SOON, "quantity": 4, "upcomingCharge": {"scheduledDate": SOON}}},
    }
    path = f"/subscriptions/{row['id']}"
    assert gateway.fronts["subscriptions"].writes == [
        f"POST {path}/set_next_charge_date?commit=true",
        f"PUT {path}?commit=true",
        f"POST {path}/set_next_charge_date?commit=true",
    ]
