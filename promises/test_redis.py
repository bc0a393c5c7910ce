"""Redis that is killed or frozen while shoppers keep coming."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from benchmarks import operations
from benchmarks.load import Outcome, open_loop
from benchmarks.operations import Request
from benchmarks.processes import Started
from promises.conftest import Measured
from promises.stage import percentile_ms, staged
from tests.redis_server import RedisServer, running_redis

RATE = 50
"""Operations a second."""
SHARED = {
    "THROTTLE__SHOP_CAPACITY": "10_000_000",
    "THROTTLE__SHOP_PER_SECOND": "1_000_000",
    "THROTTLE__PROCESSES": "2",
    "BACKENDS__LOYALTY__RATE_CALLS": "100_000",
    "BACKENDS__LOYALTY__RATE_CALLS_A_SECOND": "100_000",
}
"""Quotas and rates are counted in Redis, so that each operation asks it several times, and none is used up."""


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Started, RedisServer]]:
    """A gateway with Redis, warm."""
    async with (
        running_redis() as redis,
        staged(folder) as stage,
        stage.gateway(environment=SHARED, REDIS__URL=redis.url) as gateway,
    ):
        await open_loop(gateway.port, pages(1), rate=30, seconds=3, connections=32)
        yield gateway, redis


async def load(gateway: Started, beginning: int, seconds: float) -> Outcome:
    """So many shoppers and visitors."""
    return await open_loop(gateway.port, pages(beginning), rate=RATE, seconds=seconds, connections=64)


def pages(beginning: int) -> Iterator[Request]:
    """Product pages of all shops, and shoppers who look at their credit, in turn."""
    visitors = operations.product_widgets(beginning=beginning)
    shoppers = operations.credits(beginning=beginning)
    while True:
        yield next(visitors)
        yield next(shoppers)


async def used_again(redis: RedisServer) -> float:
    """How long it takes until answers are kept there and quotas are counted there."""
    began = time.monotonic()
    async with asyncio.timeout(20), Redis.from_url(redis.url) as client:
        while True:
            try:
                keys: list[Any] = await client.keys("*")
            except RedisError:
                keys = []
            if all(any(key.startswith(kind) for key in keys) for kind in (b"storefront:cache:", b"bucket:", b"rate:")):
                return time.monotonic() - began
            await asyncio.sleep(0.02)


@pytest.mark.promise("R6")
async def test_redis_is_killed_and_comes_back(tmp_path: Path, measured: Measured) -> None:
    """At a third of the load it is gone, at two thirds it is there again, empty."""
    async with served(tmp_path) as (gateway, redis):
        healthy = await load(gateway, 100_000, 6)
        running = asyncio.create_task(load(gateway, 200_000, 15))
        await asyncio.sleep(5)
        await redis.kill()
        await asyncio.sleep(5)
        await redis.start()
        again = await used_again(redis)
        outcome = await running
        before, after = percentile_ms(healthy), percentile_ms(outcome)
        count = len(outcome.durations_seconds)
        measured(
            "R6",
            f"{outcome.errors} of {count} failed, p99 {after:.0f} ms, {before:.0f} ms before; used again "
            f"{again:.2f} s after its start",
        )
        assert (healthy.first_errors, healthy.unanswered) == ([], 0)
        assert (outcome.first_errors, outcome.unanswered) == ([], 0)
        assert after <= before + 60
        assert again < 5


@pytest.mark.promise("R7", "R16")
async def test_redis_is_frozen(tmp_path: Path, measured: Measured) -> None:
    """It takes connections and commands, and answers nothing for ten seconds."""
    frozen_seconds = 10
    async with served(tmp_path) as (gateway, redis):
        healthy = await load(gateway, 100_000, 6)
        redis.freeze()
        try:
            outcome = await load(gateway, 200_000, frozen_seconds)
        finally:
            redis.thaw()
        back = await load(gateway, 300_000, 3)
        before, after = percentile_ms(healthy), percentile_ms(outcome)
        # What waits for Redis waits for its timeout, 50 ms.
        slow = sum(seconds * 1_000 > before + 40 for seconds in outcome.durations_seconds)
        count = len(outcome.durations_seconds)
        failed = f"{outcome.errors} of {count} failed in {frozen_seconds} s"
        measured(
            "R7",
            f"{failed}, p99 {after:.0f} ms, {before:.0f} ms before; {slow / frozen_seconds:.1f} slow ones a second",
        )
        measured("R16", f"{failed} without the store")
        for each in (healthy, outcome, back):
            assert (each.first_errors, each.unanswered) == ([], 0)
        assert slow <= 3 * frozen_seconds
