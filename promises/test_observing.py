"""What it costs to count."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import aiohttp
import pytest

from benchmarks import operations
from benchmarks.load import Outcome, closed_loop
from benchmarks.processes import Started
from promises.conftest import Measured
from promises.stage import staged
from tests.running import free_port

ROUNDS = int(os.environ.get("PROMISES_ROUNDS", "5"))
ROUND_SECONDS = 2.0
MOST_PERCENT = 5.0


@asynccontextmanager
async def collected(port: int) -> AsyncIterator[None]:
    """Somebody collects the metrics once a second, for as long as the block runs."""

    async def collect() -> None:
        async with aiohttp.ClientSession() as client:
            while True:
                async with client.get(f"http://127.0.0.1:{port}/metrics") as response:
                    assert response.status == 200
                    await response.read()
                await asyncio.sleep(1)

    task = asyncio.create_task(collect())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.promise("R30")
async def test_counting_costs_little(tmp_path: Path, measured: Measured) -> None:
    """The same shoppers' portals by two processes in turn, one of which counts and is asked for it each second."""
    port = free_port()
    beginnings = count(1, 100_000)

    async def cpu_ms(gateway: Started) -> tuple[float, Outcome]:
        before = gateway.cpu_seconds()
        pages = operations.portals(5, beginning=next(beginnings))
        outcome = await closed_loop(gateway.port, pages, connections=8, seconds=ROUND_SECONDS)
        return (gateway.cpu_seconds() - before) * 1_000 / len(outcome.durations_seconds), outcome

    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(tmp_path))
        plain = await stack.enter_async_context(stage.gateway(log="plain"))
        counting = await stack.enter_async_context(stage.gateway(log="counting", METRICS__PORT=str(port)))
        await stack.enter_async_context(collected(port))
        for each in (plain, counting):
            await cpu_ms(each)
        rounds = [(await cpu_ms(plain), await cpu_ms(counting)) for _ in range(ROUNDS)]
    errors = [error for pair in rounds for _, outcome in pair for error in outcome.first_errors]
    # The least disturbed of each: CPU time grows with whatever else the machine does to its caches.
    without, with_ = (min(pair[place][0] for pair in rounds) for place in (0, 1))
    measured(
        "R30",
        f"{with_:.2f} ms of CPU time for a portal with metrics that are collected each second, {without:.2f} without"
        f" ({(with_ / without - 1) * 100:+.1f} %)",
    )
    assert errors == []
    assert with_ <= without * (1 + MOST_PERCENT / 100)
