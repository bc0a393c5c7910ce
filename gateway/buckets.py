"""Token buckets: each holds an amount that comes back by the second; a take is from several of them or from none."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.shared_store import as_text

logger = structlog.get_logger(__name__)

BUCKETS_KEPT = 100_000
"""So many buckets are kept in memory; the least recently used goes, as if it were full."""
REST_SECONDS = 1.0
"""For so long a Redis that did not answer is not asked again."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What a bucket holds at most, and what comes back each second."""

    capacity: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """One of them, by a name that holds no personal data and no secret."""

    name: str
    quota: Quota


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a take."""

    wait_seconds: float
    """After so long it is there: 0 where it is now."""
    left: float
    """What the first bucket holds now; below 0 where others wait for what comes back."""
    is_taken: bool
    """Whether it was taken, from all buckets; else it was from none."""


class Buckets(Protocol):
    """An amount larger than a bucket is taken when the bucket is full; else it would never be."""

    async def take(
        self, buckets: Sequence[Bucket], amount: float, *, patience_seconds: float = 0.0, at_most: float = math.inf
    ) -> Taken:
        """Take an amount from all buckets, or from none.

        Args:
            buckets: Which. All lie in one slot of a cluster.
            amount: How much. A negative amount is given back.
            patience_seconds: How long whoever takes can wait. What is not there yet, and will be by then, is taken in
                advance: those who wait are served in their order.
            at_most: What the buckets are known to hold, where that is less than they seem to.
        """


class BucketsInMemory:
    """Of one process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._states: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(
        self, buckets: Sequence[Bucket], amount: float, *, patience_seconds: float = 0.0, at_most: float = math.inf
    ) -> Taken:
        """Take an amount from all buckets, or from none."""
        now = self._now()
        held = []
        wait = 0.0
        for bucket in buckets:
            quota = bucket.quota
            tokens, at = self._states.get(bucket.name, (quota.capacity, now))
            tokens = min(at_most, quota.capacity, tokens + max(0.0, now - at) * quota.per_second)
            wait = max(wait, (min(amount, quota.capacity) - tokens) / quota.per_second)
            held.append(tokens)
        if wait > patience_seconds:
            return Taken(wait, held[0], is_taken=False)
        for place, bucket in enumerate(buckets):
            capacity = bucket.quota.capacity
            held[place] = min(capacity, held[place] - min(amount, capacity))
            self._states[bucket.name] = held[place], now
            self._states.move_to_end(bucket.name)
        while len(self._states) > BUCKETS_KEPT:
            self._states.popitem(last=False)
        return Taken(wait, held[0], is_taken=True)


# KEYS: the buckets. ARGV: the amount, the patience, what they hold at most, then capacity and amount a second of each.
# The clock is Redis's own, which all processes share. A bucket that nobody takes from is gone when it would be full.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local amount, patience, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local held, wait, taken = {}, 0, 0
for place, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * place + 2]), tonumber(ARGV[2 * place + 3])
  local state = redis.call('HMGET', key, 'tokens', 'at')
  local tokens, at = tonumber(state[1]) or capacity, tonumber(state[2]) or now
  tokens = math.min(most, capacity, tokens + math.max(0, now - at) * rate)
  wait = math.max(wait, (math.min(amount, capacity) - tokens) / rate)
  held[place] = tokens
end
if wait <= patience then
  taken = 1
  for place, key in ipairs(KEYS) do
    local capacity, rate = tonumber(ARGV[2 * place + 2]), tonumber(ARGV[2 * place + 3])
    held[place] = math.min(capacity, held[place] - math.min(amount, capacity))
    redis.call('HSET', key, 'tokens', string.format('%.6f', held[place]), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', key, math.ceil((capacity - held[place]) / rate * 1000) + 1000)
  end
end
return {string.format('%.6f', wait), string.format('%.6f', held[1]), taken}
"""
_ENDLESS = 1e18
"""Lua reads no infinity."""


class BucketsInRedis:
    """Of all processes, in one round trip. Raises RedisError where Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(_TAKE)

    async def take(
        self, buckets: Sequence[Bucket], amount: float, *, patience_seconds: float = 0.0, at_most: float = math.inf
    ) -> Taken:
        """Take an amount from all buckets, or from none."""
        numbers = [number for bucket in buckets for number in (bucket.quota.capacity, bucket.quota.per_second)]
        wait, left, taken = await self._script(
            keys=[bucket.name for bucket in buckets],
            args=[amount, min(patience_seconds, _ENDLESS), min(at_most, _ENDLESS), *numbers],
        )
        return Taken(float(as_text(wait)), float(as_text(left)), is_taken=bool(taken))


class SharedBuckets:
    """Of all processes while Redis answers; while it does not each process goes by its own, with its part of a quota.

    Nobody is refused for that Redis is away, and all processes together take no more each second than they may. A
    Redis that hangs costs one take in a second its timeout.
    """

    def __init__(
        self, shared: Buckets | None, *, processes: int = 1, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared = shared
        self._own = BucketsInMemory(now)
        self._processes = processes
        self._now = now
        self._rests_until = -math.inf
        """Above that while Redis is taken for away."""

    async def take(
        self, buckets: Sequence[Bucket], amount: float, *, patience_seconds: float = 0.0, at_most: float = math.inf
    ) -> Taken:
        """Take an amount from all buckets, or from none."""
        if self._shared is not None and self._now() >= self._rests_until:
            was_away = self._rests_until > -math.inf
            if was_away:
                # One take finds out whether it is back; others that come meanwhile go without.
                self._rests_until = self._now() + REST_SECONDS
            try:
                taken = await self._shared.take(buckets, amount, patience_seconds=patience_seconds, at_most=at_most)
            except (RedisError, OSError) as error:
                self._rests_until = self._now() + REST_SECONDS
                if not was_away:
                    logger.warning("quotas are each process's own for now", reason=type(error).__name__)
            else:
                self._rests_until = -math.inf
                return taken
        parts = [self._part(bucket) for bucket in buckets]
        return await self._own.take(parts, amount, patience_seconds=patience_seconds, at_most=at_most)

    def _part(self, bucket: Bucket) -> Bucket:
        quota = bucket.quota
        # A bucket of less than one would let each process take its all instead of one, and so more than its part.
        capacity = max(quota.capacity / self._processes, min(1.0, quota.capacity))
        return replace(bucket, quota=Quota(capacity, quota.per_second / self._processes))
