"""A wall clock that jumps by an hour, both ways; needs libfaketime (`apt-get install faketime`)."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from benchmarks import operations
from benchmarks.load import Outcome, open_loop
from benchmarks.operations import Request, of_shopper, token_for
from benchmarks.processes import Started
from benchmarks.stub import people
from promises.conftest import Measured
from promises.stage import percentile_ms, staged
from promises.test_backends import CREDIT
from tests.redis_server import running_redis

HOUR = 3_600
BACKEND_MS = 200
LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def lasting(beginning: int) -> Iterator[Request]:
    """Visitors, and shoppers whose sessions hold an hour ago and in an hour, in turn."""

    def is_right(body: bytes) -> bool:
        return b'"totalAvailable":{' in body and b'"errors"' not in body

    visitors = operations.product_widgets(beginning=beginning)
    for number in range(beginning, beginning + 1_000_000):
        yield next(visitors)
        shopper = people.shopper(number, subscriptions=1)
        token = token_for(shopper, seconds_ago=2 * HOUR, lifetime_seconds=4 * HOUR)
        yield of_shopper(CREDIT, shopper, is_right, token=token)


async def load(gateway: Started, beginning: int, seconds: float) -> Outcome:
    """So many of them."""
    return await open_loop(gateway.port, lasting(beginning), rate=40, seconds=seconds, connections=32)


@pytest.mark.promise("R29")
async def test_the_wall_clock_jumps(tmp_path: Path, measured: Measured) -> None:
    """An hour on, two back, while shoppers come and a backend is slow: nothing times out, nothing is stale for ever."""
    if not LIBRARIES:
        pytest.skip("libfaketime is not installed")
    jump = tmp_path / "jump"
    jump.write_text("+0", encoding="ascii")
    clock = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(jump),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with (
        running_redis() as redis,
        staged(tmp_path) as stage,
        stage.gateway(preload=clock, REDIS__URL=redis.url) as gateway,
    ):
        await load(gateway, 1, 2)
        # Slow enough that calls are under way whenever the clock jumps.
        await stage.backends["subscriptions"].reset(latency_ms=BACKEND_MS)
        healthy = await load(gateway, 100_000, 4)
        running = asyncio.create_task(load(gateway, 200_000, 12))
        taken = []
        for offset in (HOUR, -HOUR, 0):
            await asyncio.sleep(2)
            jump.write_text(f"{offset:+d}", encoding="ascii")  # a few bytes
            await asyncio.sleep(1.5)
            taken.append(await is_taken(gateway, seconds_ago=60, lifetime_seconds=HOUR // 2))
            taken.append(await is_taken(gateway, seconds_ago=2 * HOUR, lifetime_seconds=3 * HOUR // 2))
        outcome = await running
        count = len(outcome.durations_seconds)
        before, after = percentile_ms(healthy), percentile_ms(outcome)
        measured(
            "R29",
            f"an hour on, two back, one on: {outcome.errors} of {count} failed, p99 {after:.0f} ms, "
            f"{before:.0f} ms before",
        )
        # A session of half an hour ends with the jump; one that has ended, or has not begun, goes by the clock too.
        assert taken == [False, False, False, True, True, False]
        assert (outcome.first_errors, outcome.unanswered) == ([], 0)
        # What Redis keeps is dated by that clock, so it is asked for anew after a jump: a round of calls, and no more.
        assert after <= before + BACKEND_MS + 100


async def is_taken(gateway: Started, **times: int) -> bool:
    """Whether a session is taken: the one thing that goes by the wall clock, since its token does."""
    token = token_for(people.shopper(1, subscriptions=1), **times).decode()
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as client,
        client.post(f"http://127.0.0.1:{gateway.port}/graphql", json={"query": "{ shop { domain } }"}) as response,
    ):
        return response.status == 200
