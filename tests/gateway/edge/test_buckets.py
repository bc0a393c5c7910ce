"""Buckets in memory and in Redis do the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.edge.buckets import Bucket, Buckets, BucketsInMemory, BucketsInRedis, Quota
from gateway.shared_store import connected_store

SLOW = 0.001
"""So little comes back each second that no test waits for it."""
OWN = Bucket("{s}:own", Quota(10, SLOW))
SHARED = Bucket("{s}:shared", Quota(15, SLOW))


@pytest.fixture(params=["memory", "redis"])
async def buckets(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Buckets]:
    """Each kind."""
    if request.param == "memory":
        yield BucketsInMemory()
        return
    async with connected_store(redis_url, timeout_seconds=2, connections=64) as redis:
        yield BucketsInRedis(redis)


async def left(buckets: Buckets, bucket: Bucket) -> float:
    """What a bucket holds, to a tenth."""
    return round((await buckets.take([bucket], 0)).left, 1)


async def test_a_take_is_from_all_or_from_none(buckets: Buckets) -> None:
    """The one that lacks most says how long to wait."""
    taken = await buckets.take([OWN, SHARED], 8)
    assert (taken.wait_seconds, round(taken.left, 1)) == (0, 2)
    refused = await buckets.take([OWN, SHARED], 8)
    assert round(refused.wait_seconds) == pytest.approx(6_000, abs=50)
    other = Bucket("{s}:other", Quota(10, SLOW))
    refused = await buckets.take([other, SHARED], 8)
    assert round(refused.wait_seconds) == pytest.approx(1_000, abs=50)
    assert [await left(buckets, bucket) for bucket in (OWN, SHARED, other)] == [2, 7, 10]


async def test_what_is_given_back_can_be_taken_again(buckets: Buckets) -> None:
    """Never more than the bucket holds."""
    await buckets.take([OWN], 8)
    assert round((await buckets.take([OWN], -5)).left, 1) == 7
    assert round((await buckets.take([OWN], -50)).left, 1) == 10


async def test_more_than_a_bucket_holds_is_taken_when_it_is_full(buckets: Buckets) -> None:
    """Else it would never be."""
    assert (await buckets.take([OWN], 50)).wait_seconds == 0
    assert await left(buckets, OWN) == 0
    assert round((await buckets.take([OWN], 50)).wait_seconds) == pytest.approx(10_000, abs=50)


async def test_time_brings_it_back(buckets: Buckets) -> None:
    """As much as the quota says."""
    quick = Bucket("{s}:quick", Quota(10, 100))
    await buckets.take([quick], 10)
    wait = (await buckets.take([quick], 10)).wait_seconds
    assert 0 < wait <= 0.1
    await asyncio.sleep(wait + 0.02)
    assert (await buckets.take([quick], 10)).wait_seconds == 0


async def test_many_at_once_never_take_more_than_there_is(buckets: Buckets) -> None:
    """However they interleave."""
    taken = await asyncio.gather(*(buckets.take([OWN, SHARED], 1) for _ in range(40)))
    assert sum(one.wait_seconds == 0 for one in taken) == 10
