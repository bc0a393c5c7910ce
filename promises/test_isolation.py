"""Ten thousand shoppers of fifty shops on the same connections, and visitors who share what is looked up."""

import asyncio
import os
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import operations
from gateway.telemetry import log_to_standard_library
from gateway.upstream import Bulk
from promises.conftest import Measured
from promises.stage import staged
from tests.attacks.attack import read_answer
from tests.isolation.test_isolation import asked_by_everybody
from tests.redis_server import running_redis

REQUESTS = int(os.environ.get("ISOLATION_REQUESTS", "3000"))
"""For each kind of backend; `ISOLATION_REQUESTS=100000` for a long run."""
ASKERS = 200


@pytest.mark.promise("R20")
@pytest.mark.parametrize("bulk", ["fleet", "shop", "none"])
async def test_nobody_sees_what_is_anothers(bulk: Bulk, measured: Measured) -> None:
    """Every value bears whose it is; bodies, calls to backends and the log are searched for those of others."""
    log_to_standard_library("INFO")
    async with running_redis() as redis:
        found = await asked_by_everybody(bulk, REQUESTS, redis.url)
    seen = found.seen
    measured(
        "R20",
        f"{bulk}: {len(found.faults)} foreign or wrong values in the answers to {seen['asked']:,} requests of 10,000"
        f" shoppers, {seen['backend calls']:,} calls and {seen['log lines']:,} lines of the log;"
        f" {seen['pipelined']:,} were pipelined, {seen['cancelled']:,} left by their client,"
        f" {seen['lies']:,} answers of backends were lies",
    )
    assert found.faults[:5] == []
    assert seen["asked"] >= REQUESTS


@pytest.mark.promise("R21")
async def test_who_leaves_takes_no_shared_look_up_away(tmp_path: Path, measured: Measured) -> None:
    """Two hundred visitors ask a cold process for one page; every other leaves while the backends think."""
    async with staged(tmp_path) as stage, stage.gateway() as gateway:
        for backend in stage.backends.values():
            await backend.reset(latency_ms=300)
        request = next(islice(operations.product_widget(), 1))

        async def ask(*, leaves: bool) -> bool | None:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            try:
                writer.write(request.data)
                if leaves:
                    await asyncio.sleep(0.15)
                    return None
                answer = await asyncio.wait_for(read_answer(reader), 20)
                return answer.status == 200 and request.is_right(answer.body)
            finally:
                writer.transport.abort()

        answers = await asyncio.gather(*(ask(leaves=number % 2 == 0) for number in range(ASKERS)))
        counts = {name: count for each in stage.backends.values() for name, count in (await each.counts()).items()}
    stayed = [each for each in answers if each is not None]
    measured(
        "R21",
        f"{ASKERS} visitors ask for one page, {ASKERS - len(stayed)} leave while it is looked up, the first of them"
        f" too: {sum(stayed)} of the other {len(stayed)} have it whole, by {sum(counts.values())} calls, one a path",
    )
    assert all(stayed)
    assert set(counts.values()) == {1}
