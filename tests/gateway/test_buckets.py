"""Buckets in memory and in Redis do the same."""

import asyncio
import math
from collections.abc import AsyncIterator

import pytest

from gateway.buckets import Bucket, Buckets, BucketsInMemory, BucketsInRedis, Quota
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


async def test_who_can_wait_takes_in_advance(buckets: Buckets) -> None:
    """In the order in which they came; who cannot wait so long takes nothing."""
    quick = Bucket("{s}:quick", Quota(2, 1))
    waits = [(await buckets.take([quick], 1, patience_seconds=2.5)) for _ in range(5)]
    assert [one.is_taken for one in waits] == [True, True, True, True, False]
    assert [round(one.wait_seconds) for one in waits] == [0, 0, 1, 2, 3]
    assert round((await buckets.take([quick], 1, patience_seconds=3.5)).wait_seconds) == 3
    assert not (await buckets.take([quick], 0)).is_taken


async def test_a_bucket_may_hold_less_than_it_seems(buckets: Buckets) -> None:
    """What is known of it counts, even where that is less than nothing; never more than it holds."""
    await buckets.take([OWN], 0, at_most=3)
    assert await left(buckets, OWN) == 3
    await buckets.take([OWN], 0, at_most=5)
    assert await left(buckets, OWN) == 3
    assert (await buckets.take([OWN], 0, patience_seconds=math.inf, at_most=-1)).is_taken
    assert round((await buckets.take([OWN], 1)).wait_seconds) == pytest.approx(2_000, abs=50)
