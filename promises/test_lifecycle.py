"""Workers that are restarted, killed or stuck under load, and clients that leave."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from benchmarks.operations import of_shopper
from benchmarks.processes import Started
from benchmarks.stub import people
from promises.conftest import Measured
from promises.stage import staged
from tests.processes import children_of

CLIENTS = 40
QUERY = "{ shop { id domain } }"


@dataclass
class Counts:
    """What came of requests so far."""

    answered: int = 0
    dropped: int = 0


@asynccontextmanager
async def loaded(port: int) -> AsyncIterator[Counts]:
    """Clients that ask without a pause, on connections that they keep, for as long as the block runs."""
    counts = Counts()
    url = f"http://127.0.0.1:{port}/graphql?shop={people.domain_of(0)}"

    async def client() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
            while True:
                try:
                    async with session.post(url, json={"query": QUERY}, timeout=aiohttp.ClientTimeout(20)) as response:
                        body = await response.json()
                        if response.status == 200 and "errors" not in body:
                            counts.answered += 1
                        else:
                            counts.dropped += 1
                except (aiohttp.ClientError, TimeoutError):
                    counts.dropped += 1
                await asyncio.sleep(0.005)

    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    try:
        yield counts
    finally:
        for each in clients:
            each.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


async def served(log: Path, starts: int) -> None:
    """Wait until workers have begun to serve so many times."""
    while starts_in(log) < starts:  # noqa: ASYNC110  # a process tells nobody
        await asyncio.sleep(0.01)


def starts_in(log: Path) -> int:
    """How many times a worker has begun to serve, by its log."""
    return log.read_text(encoding="utf-8").count("startup complete")


async def replaced(gateway: Started, log: Path, gone: int, *, workers: int) -> float:
    """How long until as many serve as before, without that one."""
    began = time.perf_counter()
    starts = starts_in(log)
    async with asyncio.timeout(30):
        await served(log, starts + 1)
        while gone in (children := children_of(gateway.pid)) or len(children) != workers:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)
    return time.perf_counter() - began


WORKERS = {"SERVER__WORKERS": "2", "LOG__LEVEL": "INFO"}


@pytest.mark.promise("R10")
async def test_restarting_one_by_one(tmp_path: Path, measured: Measured) -> None:
    """Ten times a worker is told to stop, while clients keep asking on their connections."""
    environment = {**WORKERS, "SERVER__DRAIN_SECONDS": "1"}
    async with staged(tmp_path) as stage, stage.gateway(environment=environment) as gateway:
        log = tmp_path / "gateway.log"
        await served(log, 2)
        longest = 0.0
        async with loaded(gateway.port) as counts:
            await asyncio.sleep(1)
            for _ in range(10):
                oldest = min(children_of(gateway.pid))
                os.kill(oldest, signal.SIGTERM)
                longest = max(longest, await replaced(gateway, log, oldest, workers=2))
    measured(
        "R10",
        f"{CLIENTS} clients, 10 restarts of 2 workers: {counts.answered} answered, {counts.dropped} dropped; "
        f"the longest from SIGTERM to its successor {longest:.1f} s, 1 s of it to let clients leave",
    )
    assert counts.answered > 1_000
    assert counts.dropped == 0
    assert longest < 15


@pytest.mark.promise("R11", "R12")
@pytest.mark.parametrize(("promise", "number", "within"), [("R11", signal.SIGKILL, 2.0), ("R12", signal.SIGSTOP, 3.5)])
async def test_a_worker_that_is_gone(
    tmp_path: Path, measured: Measured, promise: str, number: signal.Signals, within: float
) -> None:
    """Killed, or stopped in the middle of what it does: it costs no more than what it was answering."""
    async with staged(tmp_path) as stage, stage.gateway(environment=WORKERS) as gateway:
        log = tmp_path / "gateway.log"
        await served(log, 2)
        async with loaded(gateway.port) as counts:
            await asyncio.sleep(2)
            victim = min(children_of(gateway.pid))
            os.kill(victim, number)
            took = await replaced(gateway, log, victim, workers=2)
            await asyncio.sleep(1)
    what = "killed" if number == signal.SIGKILL else "stopped"
    measured(
        promise,
        f"1 of 2 workers {what} with {CLIENTS} clients: {counts.dropped} of {counts.answered + counts.dropped} lost, "
        f"its successor serves after {took:.1f} s",
    )
    assert counts.answered > 500
    assert counts.dropped <= CLIENTS
    assert took <= within


class Backend(asyncio.Protocol):
    """A backend that never answers, and notes when a connection to it is cut."""

    def __init__(self, asked: asyncio.Queue[None], cut: asyncio.Queue[float]) -> None:
        self._asked = asked
        self._cut = cut
        self._has_asked = False

    def data_received(self, data: bytes) -> None:  # noqa: ARG002  # whatever it asks
        """Note that there is a call."""
        if not self._has_asked:
            self._has_asked = True
            self._asked.put_nowait(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # however it ends
        """Note when."""
        if self._has_asked:
            self._cut.put_nowait(time.perf_counter())


@pytest.mark.promise("R22")
async def test_a_client_that_leaves_a_read(tmp_path: Path, measured: Measured) -> None:
    """Fifty of them, one after the other: the call to the backend is cut."""
    asked: asyncio.Queue[None] = asyncio.Queue()
    cut: asyncio.Queue[float] = asyncio.Queue()
    server = await asyncio.get_running_loop().create_server(lambda: Backend(asked, cut), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    after_ms: list[float] = []
    async with staged(tmp_path) as stage, stage.gateway(BACKENDS__SUBSCRIPTIONS__URL=url) as gateway:
        for number in range(1, 51):
            request = of_shopper("{ customer { email } }", people.shopper(number, subscriptions=1), lambda _body: True)
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            writer.write(request.data)
            await asyncio.wait_for(asked.get(), 10)
            began = time.perf_counter()
            writer.close()
            after_ms.append((await asyncio.wait_for(cut.get(), 10) - began) * 1_000)
    server.close()
    await server.wait_closed()
    slowest = max(after_ms)
    measured("R22", f"50 clients leave: the backend's call is cut after at most {slowest:.0f} ms")
    assert slowest < 100
