"""What a shopper changes at one process shows at the others, which keep answers of their own."""

import asyncio
from datetime import date, timedelta
from typing import Any

from tests.conftest import Gateway, gateway_before
from tests.mutations.conftest import Written
from tests.mutations.picking import gid, subscriptions

SOON = (date.today() + timedelta(days=11)).isoformat()  # noqa: DTZ011  # as the shop's calendar has it
QUERY = "query ($id: ID!) { node(id: $id) { ... on SubscriptionContract { nextChargeDate } } }"
CHANGE = """mutation ($id: ID!, $date: Date!) {
    subscriptionReschedule(subscriptionId: $id, date: $date) { userErrors { message } } }"""


async def test_a_change_shows_at_another_process(shop: Written, redis_url: str) -> None:
    """Long before what it keeps of the shopper would be old; what it keeps of others stays."""
    mine, *rest = await subscriptions(shop, is_skippable=True)
    others = next(row for row in rest if row["customer_id"] != mine["customer_id"])
    changes: dict[str, Any] = {"redis": {"url": redis_url}, "cache": {"keep": "all"}}
    async with gateway_before(shop.store, **changes) as one, gateway_before(shop.store, **changes) as other:

        async def seen(gateway: Gateway, row: dict[str, Any]) -> str:
            variables = {"id": gid("SubscriptionContract", row["id"])}
            answer = await gateway.ask(QUERY, variables, customer=row["customer_id"])
            return str(answer.data["node"]["nextChargeDate"])

        assert await seen(other, mine) == mine["next_charge_scheduled_at"] != SOON
        await seen(other, others)
        calls = other.calls
        await seen(other, mine)
        assert other.calls == calls  # it is kept

        variables = {"id": gid("SubscriptionContract", mine["id"]), "date": SOON}
        answer = await one.ask(CHANGE, variables, customer=mine["customer_id"])
        assert answer.data["subscriptionReschedule"]["userErrors"] == []
        async with asyncio.timeout(2):
            while await seen(other, mine) != SOON:  # noqa: ASYNC110  # a process tells nobody what it has heard
                await asyncio.sleep(0.01)
        assert await seen(one, mine) == SOON

        calls = other.calls
        await seen(other, others)
        assert other.calls == calls
