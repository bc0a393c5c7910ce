"""R20: whatever is merged, kept, pipelined, cancelled, late, broken or wrong, nobody sees what is another's.

A gateway as the product serves it, with sessions, scopes, cache, Redis and quotas, asked by ten thousand shoppers of
fifty shops over a few connections, as by a proxy that shares them.
"""

import asyncio
import json
import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from benchmarks.stub import people
from gateway.app import create_app
from gateway.edge.sessions import SignedTokens
from gateway.identity import signed_tokens
from gateway.settings import Settings
from gateway.upstream import Bulk
from tests.isolation.asks import Ask, Asks
from tests.isolation.people import customers_in
from tests.isolation.world import World, serving
from tests.running import running

REQUESTS = int(os.environ.get("ISOLATION_REQUESTS", "1200"))
"""How many there are where calls carry several shops' keys, and a third of them for the other kinds of backend;
`ISOLATION_REQUESTS=100000` for a long run."""
SEED = int(os.environ.get("ISOLATION_SEED", "20261124"))
CONNECTIONS = 48


def settings(backend: str, bulk: Bulk, redis_url: str) -> Settings:
    """All that may be shared is shared, and quotas are small enough to be met."""
    common = {"url": backend, "bulk": bulk, "fleet_token": people.FLEET, "timeout_seconds": 3}
    return Settings.model_validate(
        {
            "sessions": {"secret": "s" * 40},
            "backends": dict.fromkeys(("subscriptions", "bundles", "loyalty"), common),
            "shops": {
                people.domain_of(shop): {
                    "id": 1_000 + shop,
                    "currency_code": "USD",
                    "backends": {
                        name: {"token": people.token_of(shop)} for name in ("subscriptions", "bundles", "loyalty")
                    },
                }
                for shop in range(people.SHOPS)
            },
            "redis": {"url": redis_url, "cache_timeout_seconds": 1, "ledger_timeout_seconds": 5},
            "cache": {"private_entries": 2_000, "public_entries": 500, "answers": 100},
            "limits": {"body_bytes": 200_000},
            "overload": {"lag_seconds": 0},  # on a busy machine all are answered, late
            "throttle": {
                "session_capacity": 600,
                "session_per_second": 20,
                "shop_capacity": 10_000_000,
                "address_capacity": 20_000,
                "trusted_proxies": ["127.0.0.0/8"],
            },
        }
    )


class Client:
    """Connections that are kept, shared by whoever asks next, with several requests under way on each."""

    def __init__(self, port: int, asks: Asks, chance: Random, requests: int) -> None:
        self._port, self._asks, self._chance, self._left = port, asks, chance, requests
        self.seen: Counter[str] = Counter()
        self.faults: list[str] = []
        self.cut: list[str] = []
        """Where the server closed a connection with requests under way."""

    async def run(self) -> None:
        """Send all of them."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(CONNECTIONS):
                tasks.create_task(self._connections())

    async def _connections(self) -> None:
        while self._left > 0:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            self.seen["connections"] += 1
            try:
                for _ in range(self._chance.randrange(1, 12)):
                    if self._left <= 0 or not await self._pipelined(reader, writer):
                        break
            finally:
                writer.transport.abort()

    async def _pipelined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Send some at once, and read their answers in order; whether the connection is still there."""
        asks = [ask for _ in range(self._chance.choice([1, 1, 1, 2, 3, 5])) for ask in self._asks.draw()]
        self._left -= len(asks)
        self.seen["asked"] += len(asks)
        self.seen["pipelined"] += len(asks) if len(asks) > 1 else 0
        self.seen["large"] += sum(len(ask.data) > 65_536 for ask in asks)
        writer.write(b"".join(ask.data for ask in asks))
        leaves_after = self._chance.randrange(len(asks)) if self._chance.random() < 0.04 else None
        for at, ask in enumerate(asks):
            if at == leaves_after:
                await asyncio.sleep(self._chance.uniform(0, 0.02))
                self.seen["cancelled"] += len(asks) - at
                return False
            try:
                await self._read(reader, ask)
            except (asyncio.IncompleteReadError, ConnectionResetError):
                # A server may close a connection whenever it likes; whoever was on it asks again on another.
                self.seen["cut"] += len(asks) - at
                self.cut.append(f"{ask.kind}, {at} of {[len(each.data) for each in asks]} bytes answered")
                return False
        return True

    async def _read(self, reader: asyncio.StreamReader, ask: Ask) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        status = int(first.split()[1])
        self.seen[f"status {status}"] += 1
        if status == 200 and ask.customer is not None:
            self.seen["with errors" if b'"errors"' in body else "whole"] += 1
            self.seen["stale"] += b'"freshness"' in body
        self.faults += ask.faults(status, headers["x-request-id"], body)


class Log(logging.Handler):
    """Looks at every line for what is somebody else's, and for what belongs in no log."""

    def __init__(self, askers: dict[str, Any]) -> None:
        super().__init__()
        self._askers = askers
        self.lines = 0
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        self.lines += 1
        text = record.getMessage()
        asker = record.msg.get("request_id") if isinstance(record.msg, dict) else None
        if others := customers_in(text.encode()) - {self._askers.get(str(asker))}:
            self.faults.append(f"{others} in {text}")
        if "@example.com" in text or "Bearer" in text or "eyJ" in text:
            self.faults.append(text)


@contextmanager
def watched(askers: dict[str, Any]) -> Iterator[Log]:
    """All that is logged while the block runs."""
    log = Log(askers)
    logging.getLogger().addHandler(log)
    try:
        yield log
    finally:
        logging.getLogger().removeHandler(log)


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it."""

    seen: Counter[str]
    """What happened how often, of requests, calls and lines of the log."""
    faults: list[str]
    """Answers, calls and lines that are wrong; those with somebody else's value first."""
    cut: list[str]


async def asked_by_everybody(bulk: Bulk, requests: int, redis_url: str) -> Found:
    """So many requests to a gateway whose backends look up by one key, by many of a shop, or by many of the fleet."""
    chance = random.Random(SEED)  # noqa: S311  # draws the same requests each time
    minted: list[SignedTokens] = []

    def mint(shop: str, customer: int, scopes: tuple[str, ...]) -> str:
        return minted[0].mint(shop, customer, scopes=scopes, lifetime_seconds=7_200)

    asks = Asks(chance, mint)
    world = World(chance, asks.named)
    async with serving(world) as backend:
        given = settings(backend, bulk, redis_url)
        minted.append(signed_tokens(given))
        async with running(create_app(given)) as url:
            client = Client(int(url.rpartition(":")[2]), asks, chance, requests)
            with watched(asks.askers) as log:
                await client.run()
    seen = client.seen + world.seen + Counter({"backend calls": world.calls.total(), "log lines": log.lines})
    return Found(seen, sorted(client.faults, key=is_foreign) + world.misrouted + log.faults, client.cut)


def is_foreign(fault: str) -> bool:
    """For sorting: what is somebody else's comes first."""
    return not fault.startswith("FOREIGN")


@pytest.mark.parametrize(("bulk", "part"), [("fleet", 1), ("shop", 3), ("none", 3)])
async def test_nobody_sees_what_is_anothers(bulk: Bulk, part: int, redis_url: str) -> None:
    """In no body, no call to a backend, and no log."""
    found = await asked_by_everybody(bulk, REQUESTS // part, redis_url)
    seen = found.seen
    print(json.dumps({"bulk": bulk, **seen, "where it was cut": found.cut[:5]}))  # noqa: T201  # the figures of a long run
    assert found.faults[:5] == []
    # All of it happened.
    assert seen["asked"] >= REQUESTS // part
    expected = ("pipelined", "large", "cancelled", "whole", "with errors", "status 204", "status 401", "status 429")
    assert [each for each in (*expected, "broken", "slow", "lies") if not seen[each]] == []
    assert seen["whole"] > seen["with errors"]
    assert seen["cut"] <= seen["asked"] / 100
