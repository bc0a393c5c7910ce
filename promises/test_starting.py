"""A gateway that starts when nothing that it needs is there."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import pytest

from benchmarks.load import closed_loop, open_loop
from benchmarks.operations import of_shopper
from benchmarks.processes import Started
from benchmarks.stub import people
from promises.conftest import Measured
from promises.stage import staged
from promises.test_backends import THREE_BACKENDS, asking
from tests.gates import Gate
from tests.redis_server import RedisServer


@asynccontextmanager
async def shut_gate(to_port: int) -> AsyncIterator[Gate]:
    """A port at which nobody listens yet."""
    gate = Gate(to_port)
    await gate.open()
    await gate.shut()
    try:
        yield gate
    finally:
        await gate.shut()


async def status_of(gateway: Started, path: str) -> int:
    """Of a page of the gateway's."""
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{gateway.port}{path}") as response,
    ):
        return response.status


async def is_whole(gateway: Started, number: int) -> bool:
    """Whether a shopper has all of the answer."""

    def is_right(body: bytes) -> bool:
        return b'"errors"' not in body and b'"pointsBalance":' in body and b'"bundleSelection":{' in body

    request = of_shopper(THREE_BACKENDS, people.shopper(number, subscriptions=5), is_right)
    return not (await closed_loop(gateway.port, iter([request]), connections=1, seconds=0)).errors


@pytest.mark.promise("R24")
async def test_it_starts_with_everything_down_and_recovers_alone(tmp_path: Path, measured: Measured) -> None:
    """Three backends and Redis come up ten seconds after it, with shoppers waiting."""
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(tmp_path))
        gates = {
            name: await stack.enter_async_context(shut_gate(each.started.port)) for name, each in stage.backends.items()
        }
        redis = RedisServer(Path(stack.enter_context(TemporaryDirectory())))
        stack.push_async_callback(redis.kill)
        urls = {f"BACKENDS__{name.upper()}__URL": f"http://127.0.0.1:{gate.port}" for name, gate in gates.items()}
        began = time.monotonic()
        gateway = await stack.enter_async_context(stage.gateway(environment=urls, REDIS__URL=redis.url))
        async with asyncio.timeout(20):
            while await status_of(gateway, "/readyz") != 200:  # noqa: ASYNC110  # another process tells nobody
                await asyncio.sleep(0.05)
        started = time.monotonic() - began

        # Enough of them that every breaker opens; each has an answer with what is left.
        down = await open_loop(gateway.port, asking(THREE_BACKENDS, beginning=1), rate=40, seconds=10, connections=64)
        states = [await status_of(gateway, "/livez"), await status_of(gateway, "/readyz")]
        assert not await is_whole(gateway, 900_000)

        waiting = asyncio.create_task(
            open_loop(gateway.port, asking(THREE_BACKENDS, beginning=100_000), rate=40, seconds=8, connections=64)
        )
        came = time.monotonic()
        for gate in gates.values():
            await gate.open()
        await redis.start()
        async with asyncio.timeout(20):
            number = 1_000_000
            while not await is_whole(gateway, number):
                number += 1
                await asyncio.sleep(0.05)
        whole = time.monotonic() - came
        after = await waiting
        measured(
            "R24",
            f"ready after {started:.1f} s with all of it down; {len(down.durations_seconds)} operations answered with "
            f"what was left, none as 5xx; whole answers {whole:.1f} s after backends and Redis came up",
        )
        assert states == [200, 200]
        for outcome in (down, after):
            assert (outcome.first_errors, outcome.unanswered) == ([], 0)
        assert whole < 5
