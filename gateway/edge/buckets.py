"""Token buckets: each holds an amount that comes back by the second; a take is from several of them or from none."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from redis.asyncio import Redis

from gateway.shared_store import as_text

BUCKETS_KEPT = 100_000
"""So many buckets are kept in memory; the least recently used goes, as if it were full."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What a bucket holds at most, and what comes back each second."""

    capacity: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """One of them, by a name that holds no personal data."""

    name: str
    quota: Quota


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a take."""

    wait_seconds: float
    """0 where it was taken from all buckets; else nothing was, and after so long it would be."""
    left: float
    """What the first bucket holds now."""


class Buckets(Protocol):
    """An amount larger than a bucket is taken when the bucket is full; else it would never be."""

    async def take(self, buckets: Sequence[Bucket], amount: float) -> Taken:
        """Take an amount from all buckets, or from none. A negative amount is given back."""


class BucketsInMemory:
    """Of one process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._states: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(self, buckets: Sequence[Bucket], amount: float) -> Taken:
        """Take an amount from all buckets, or from none. A negative amount is given back."""
        now = self._now()
        held = []
        wait = 0.0
        for bucket in buckets:
            quota = bucket.quota
            tokens, at = self._states.get(bucket.name, (quota.capacity, now))
            tokens = min(quota.capacity, tokens + max(0.0, now - at) * quota.per_second)
            wait = max(wait, (min(amount, quota.capacity) - tokens) / quota.per_second)
            held.append(tokens)
        if wait > 0:
            return Taken(wait, held[0])
        for place, bucket in enumerate(buckets):
            capacity = bucket.quota.capacity
            held[place] = min(capacity, held[place] - min(amount, capacity))
            self._states[bucket.name] = held[place], now
            self._states.move_to_end(bucket.name)
        while len(self._states) > BUCKETS_KEPT:
            self._states.popitem(last=False)
        return Taken(0.0, held[0])


# KEYS: the buckets. ARGV: the amount, then capacity and amount a second of each. The clock is Redis's own, which all
# processes share. A bucket that nobody takes from is gone when it would be full again.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local amount = tonumber(ARGV[1])
local held, wait = {}, 0
for place, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * place]), tonumber(ARGV[2 * place + 1])
  local state = redis.call('HMGET', key, 'tokens', 'at')
  local tokens, at = tonumber(state[1]) or capacity, tonumber(state[2]) or now
  tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
  wait = math.max(wait, (math.min(amount, capacity) - tokens) / rate)
  held[place] = tokens
end
if wait <= 0 then
  wait = 0
  for place, key in ipairs(KEYS) do
    local capacity, rate = tonumber(ARGV[2 * place]), tonumber(ARGV[2 * place + 1])
    held[place] = math.min(capacity, held[place] - math.min(amount, capacity))
    redis.call('HSET', key, 'tokens', string.format('%.6f', held[place]), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', key, math.ceil((capacity - held[place]) / rate * 1000) + 1000)
  end
end
return {string.format('%.6f', wait), string.format('%.6f', held[1])}
"""


class BucketsInRedis:
    """Of all processes, in one round trip. Raises RedisError where Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(_TAKE)

    async def take(self, buckets: Sequence[Bucket], amount: float) -> Taken:
        """Take an amount from all buckets, or from none. A negative amount is given back."""
        numbers = [number for bucket in buckets for number in (bucket.quota.capacity, bucket.quota.per_second)]
        wait, left = await self._script(keys=[bucket.name for bucket in buckets], args=[amount, *numbers])
        return Taken(float(as_text(wait)), float(as_text(left)))
