"""Whatever is written, in whatever order: charges, dates and sums agree; two edits at once do not."""

# ruff: noqa: D103 - a test's name is its promise

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from backends import SHOPS
from tests.backends.services import TODAY, asking, memory_database, mysql_database
from tests.backends.services import settings as service_settings
from tests.backends.stores import Store, active, check, store


async def test_regenerating_changes_nothing_that_was_seeded() -> None:
    async with store(30) as shop:
        for each in SHOPS:
            before = await shop.subscriptions.rows("/charges", shop=each.domain)
            stored = await shop.subscriptions.rows("/subscriptions", shop=each.domain)
            for address in await shop.subscriptions.rows("/addresses", shop=each.domain):
                path = f"/addresses/{address['id']}?commit=true"
                assert (await shop.subscriptions.put(path, {}, shop=each.domain)).status == 200
            assert await shop.subscriptions.rows("/charges", shop=each.domain) == before
            assert await shop.subscriptions.rows("/subscriptions", shop=each.domain) == stored


KINDS = (
    "skip", "skip_future", "unskip", "set", "cancel", "activate", "quantity", "onetime", "reschedule", "process",
    "move", "code", "swap",
)  # fmt: skip
WRITES = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 30), st.integers(1, 90)), max_size=14)


async def act(shop: Store, kind: str, place: int, days: int) -> int:
    """One write to one of the demo customer's things; whether it is allowed is the service's business."""
    ask = shop.subscriptions
    rows = await ask.rows("/subscriptions?sort_by=id-asc")
    row = rows[place % len(rows)]
    key, day = row["id"], (TODAY + timedelta(days=days)).isoformat()
    charges = await shop.charges(f"purchase_item_ids={key}&status={'skipped' if kind == 'unskip' else 'queued'}")
    charge = charges[-1]["id"] if charges else 1
    sent: dict[str, tuple[str, str, Any]] = {
        "skip": ("POST", f"/charges/{charge}/skip", {"purchase_item_ids": [key]}),
        "skip_future": ("POST", f"/subscriptions/{key}/charges/skip", {"date": row["next_charge_scheduled_at"] or day}),
        "unskip": ("POST", f"/charges/{charge}/unskip", {"purchase_item_ids": [key]}),
        "set": ("POST", f"/subscriptions/{key}/set_next_charge_date?commit=true", {"date": day}),
        "cancel": ("POST", f"/subscriptions/{key}/cancel", {"cancellation_reason": "x"}),
        "activate": ("POST", f"/subscriptions/{key}/activate?commit=true", None),
        "quantity": ("PUT", f"/subscriptions/{key}?commit=true", {"quantity": days}),
        "onetime": (
            "POST",
            "/onetimes",
            {
                "address_id": row["address_id"],
                "external_variant_id": row["external_variant_id"],
                "quantity": 1,
                "next_charge_scheduled_at": day,
            },
        ),
        "reschedule": ("POST", f"/charges/{charge}/change_next_charge_date", {"next_charge_date": day}),
        "process": ("POST", f"/charges/{charge}/process", None),
        "move": (
            "POST",
            f"/subscriptions/{key}/change_address",
            {"address_id": rows[days % len(rows)]["address_id"]},
        ),
        "code": ("POST", f"/charges/{charge}/apply_discount", {"discount_code": ["LOYAL5", "SHIPFREE"][days % 2]}),
        "swap": (
            "PUT",
            f"/subscriptions/{key}?commit=true",
            {"external_variant_id": rows[days % len(rows)]["external_variant_id"]},
        ),
    }
    method, path, body = sent[kind]
    return (await ask(path, body, method=method)).status


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WRITES)
def test_any_sequence_of_writes_leaves_everything_in_agreement(writes: list[tuple[str, int, int]]) -> None:
    async def run() -> None:
        async with asking("subscriptions", service_settings(customers=2)) as ask:
            shop = Store(ask, ask)
            for kind, place, days in writes:
                assert await act(shop, kind, place, days) in {200, 402, 404, 422}
            await check(shop.subscriptions)

    asyncio.run(run())


async def test_of_two_edits_of_one_address_at_once_one_is_refused() -> None:
    async with store(20, faults=True) as shop:
        ask = shop.subscriptions
        first, second = await active(ask, 2)
        await ask.put("/faults", {"hold_ms": 1_000})
        path = f"/subscriptions/{first['id']}?commit=true"
        held = asyncio.create_task(ask.put(path, {"quantity": 2}))
        await asyncio.sleep(0.1)
        charge = await shop.queued(first["id"])
        others = [
            await ask.put(path, {"quantity": 3}),
            await ask.post(f"/charges/{charge['id']}/skip", {"purchase_item_ids": [first["id"]]}),
            await ask.put(f"/addresses/{first['address_id']}", {"city": "X"}),
        ]
        assert not held.done()
        assert [(each.status, each.body) for each in others] == [
            (409, {"errors": "Another request is changing the same address"})
        ] * 3
        assert (await held).body["subscription"]["quantity"] == 2
        await ask.delete("/faults")
        assert (await ask.put(f"/subscriptions/{second['id']}?commit=true", {"quantity": 2})).status == 200
        assert (await ask.put(path, {"quantity": 3})).status == 200


async def test_another_process_at_the_same_address_is_a_conflict_too() -> None:
    async with mysql_database() as url, asking("subscriptions", service_settings(url, customers=5)) as ask:
        row = (await ask("/addresses?limit=1")).body["addresses"][0]
        engine = create_async_engine(url)
        try:
            async with engine.connect() as other:
                await other.execute(text("SELECT id FROM addresses WHERE id = :id FOR UPDATE"), {"id": row["id"]})
                answer = await ask.put(f"/addresses/{row['id']}", {"city": "X"})
                assert (answer.status, answer.body) == (409, {"errors": "Another request is changing the same address"})
        finally:
            await engine.dispose()
        assert (await ask.put(f"/addresses/{row['id']}", {"city": "X"})).status == 200


async def test_a_failed_write_leaves_nothing_behind() -> None:
    async with store(20) as shop:
        ask = shop.subscriptions
        before = [await ask.rows(path) for path in ("/subscriptions", "/charges", "/onetimes?include_cancelled=true")]
        (row,) = await active(ask, 1)
        for path, body in (
            (f"/subscriptions/{row['id']}", {"quantity": 2, "plan_id": 1}),
            (f"/subscriptions/{row['id']}", {"quantity": 2, "external_variant_id": {"ecommerce": "5"}}),
        ):
            assert (await ask.put(path, body)).status == 422
        after = [await ask.rows(path) for path in ("/subscriptions", "/charges", "/onetimes?include_cancelled=true")]
        assert after == before


@pytest.mark.parametrize("kind", ["sqlite", "mysql"])
async def test_of_two_purchases_of_the_last_points_one_wins(kind: str) -> None:
    database = memory_database if kind == "sqlite" else mysql_database
    async with database() as url, asking("loyalty", service_settings(url, customers=5)) as ask:
        member = next(row for row in await ask.rows("/v1/customers?state=member") if row["points_balance"] >= 300)
        product = next(row for row in await ask.rows("/v1/points_products") if row["points_price"] == 300)
        times = member["points_balance"] // 300 + 2
        path = f"/v1/points_products/{product['id']}/purchase"
        answers = await asyncio.gather(*(ask.post(path, {"customer_id": member["id"]}) for _ in range(times)))
        won = [each.body["points_purchase"] for each in answers if each.status == 201]
        lost = [each for each in answers if each.status != 201]
        assert len(won) == times - 2
        assert {each.status for each in lost} == {422}
        assert {each.body["error"]["message"] for each in lost} == {
            "points_to_spend: Customer does not have enough points."
        }
        now = (await ask(f"/v1/customers/{member['id']}")).body["customer"]
        assert now["points_balance"] == member["points_balance"] % 300
        changes = await ask.rows(f"/v1/points_transactions?customer_id={member['id']}")
        assert sum(each["points_change"] for each in changes) == now["points_balance"]
        fulfilled = {row["id"]: row for row in await ask.rows(f"/v1/reward_fulfillments?customer_id={member['id']}")}
        assert all(fulfilled[each["reward_fulfillment"]["id"]] == each["reward_fulfillment"] for each in won)


async def test_points_are_spent_in_steps_by_members_only() -> None:
    async with asking("loyalty", service_settings(customers=40)) as ask:
        product = next(row for row in await ask.rows("/v1/points_products") if row["exchange_type"] == "variable")
        path = f"/v1/points_products/{product['id']}/purchase"
        member = max(await ask.rows("/v1/customers?state=member"), key=lambda row: row["points_balance"])
        bought = await ask.post(path, {"customer_id": member["id"], "points_to_spend": 200})
        assert bought.body["points_purchase"]["points_spent"] == 200
        assert bought.body["points_purchase"]["reward_fulfillment"]["name"] == "2 off your order"
        candidate = (await ask.rows("/v1/customers?state=candidate"))[0]
        for body, told in (
            ({"customer_id": member["id"]}, "points_to_spend: Missing data for required field."),
            (
                {"customer_id": member["id"], "points_to_spend": 150},
                "points_to_spend: Must be a multiple of 100 from 100 to 5000.",
            ),
            ({"customer_id": candidate["id"], "points_to_spend": 100}, "customer_id: Customer is not a member."),
            ({"customer_id": 1, "points_to_spend": 100}, "customer_id: Customer not found."),
            (None, "customer_id: Missing data for required field."),
        ):
            answer = await ask.post(path, body, x_request_id="q")
            assert (answer.status, answer.body) == (422, {"error": {"message": told, "request_id": "q"}})
        assert (await ask.post("/v1/points_products/1/purchase", {"customer_id": 1})).status == 404
