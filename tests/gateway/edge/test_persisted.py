"""Registered queries are bounded in number and time, in memory and in Redis alike."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from gateway.edge.persisted import QueriesInMemory, QueriesInRedis, RegisteredQueries
from gateway.shared_store import connected_store

KEPT = 3
SECONDS = 0.3


@pytest.fixture(params=["memory", "redis"])
async def queries(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[RegisteredQueries]:
    """Each kind; that of Redis sees nothing in its own memory, so that Redis has to answer."""
    if request.param == "memory":
        yield QueriesInMemory(kept=KEPT, seconds=SECONDS)
        return
    async with connected_store(redis_url, timeout_seconds=1, connections=4) as redis:
        yield QueriesInRedis(redis, kept=KEPT, seconds=SECONDS, seen=QueriesInMemory(kept=1, seconds=0))


def digest(text: str) -> str:
    """As clients compute it."""
    return hashlib.sha256(text.encode()).hexdigest()


async def test_the_oldest_makes_room(queries: RegisteredQueries) -> None:
    """Of its own shop only; registering again makes it the newest."""
    await queries.keep("other.example", digest("o"), "o")
    for text in ("a", "b", "c", "a", "d"):
        await queries.keep("one.example", digest(text), text)
    found = [await queries.find("one.example", digest(text)) for text in "abcd"]
    assert found == ["a", None, "c", "d"]
    assert await queries.find("other.example", digest("o")) == "o"


async def test_time_passes(queries: RegisteredQueries) -> None:
    """Then it is as if it had never been."""
    await queries.keep("one.example", digest("é"), "é")
    assert await queries.find("one.example", digest("é")) == "é"
    await asyncio.sleep(SECONDS + 0.05)
    assert await queries.find("one.example", digest("é")) is None


async def test_nothing_stays_in_redis(redis_url: str) -> None:
    """Every key ends by itself."""
    async with Redis.from_url(redis_url) as redis:
        queries = QueriesInRedis(redis, kept=KEPT, seconds=60, seen=QueriesInMemory(kept=1, seconds=0))
        for number in range(10):
            await queries.keep("one.example", digest(str(number)), str(number))
        keys = await redis.keys()
        assert len(keys) == KEPT + 1
        assert all([0 < await redis.ttl(key) <= 60 for key in keys])
