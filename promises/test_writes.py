"""Writes whose answers are lost, with a key and without."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from backends import demo_customer_id
from promises.conftest import Measured
from tests.conftest import gateway_before
from tests.mutations.conftest import written
from tests.mutations.picking import subscriptions
from tests.mutations.test_failures import RESCHEDULE, TODAY
from tests.mutations.test_once import lossy, redeemed
from tests.redis_server import running_redis

KEYS = int(os.environ.get("TEST_MUTATION_KEYS", "150"))
"""`TEST_MUTATION_KEYS=1000` for the whole promise."""


@pytest.mark.promise("R17")
async def test_a_key_is_done_once(tmp_path: Path, measured: Measured) -> None:
    """Two thirds of the answers are lost, half of those before the backend and half behind it; clients send again."""
    async with (
        running_redis() as redis,
        written(tmp_path) as shop,
        gateway_before(
            shop.store,
            idempotency={"settle_seconds": 0.5},
            redis={"url": redis.url, "ledger_timeout_seconds": 10},
        ) as gateway,
    ):
        await redeemed(gateway, shop, demo_customer_id(), KEYS)
        writes = len(gateway.fronts["loyalty"].writes)
    measured(
        "R17",
        f"{KEYS} keys, each sent three times at once and again until it is known: {KEYS} redemptions, each with one"
        f" code for all who asked; the gateway wrote {writes} times, since two thirds of the answers were lost",
    )
    assert writes >= KEYS


@pytest.mark.promise("R18")
async def test_without_a_key_nothing_is_sent_again(tmp_path: Path, measured: Measured) -> None:
    """The same losses, of writes that may have been done."""
    async with written(tmp_path) as shop, gateway_before(shop.store) as gateway:
        front = gateway.fronts["subscriptions"]
        lossy(gateway, 3, service="subscriptions")
        rows = list(await subscriptions(shop, is_skippable=True))
        asked = unknown = 0
        for days in range(30, 35):
            date = (TODAY + timedelta(days=days)).isoformat()
            moves = ({"id": str(row["id"]), "date": date} for row in rows)
            answers = await asyncio.gather(
                *(
                    gateway.ask(RESCHEDULE, each, customer=row["customer_id"])
                    for each, row in zip(moves, rows, strict=True)
                )
            )
            asked += len(answers)
            unknown += sum("errors" in answer.body for answer in answers)
    measured(
        "R18",
        f"{asked} writes without a key, two thirds of their answers lost, {unknown} for good:"
        f" {len(front.writes) - asked} sent again",
    )
    assert unknown
    assert len(front.writes) == asked
