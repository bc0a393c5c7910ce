"""Automatic persisted queries: texts that clients registered themselves, by digest, each shop's apart."""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.shared_store import as_text

logger = structlog.get_logger(__name__)


class RegisteredQueries(Protocol):
    """Bounded in number and time.

    To forget one costs its client one more request: this is a cache, and no list of what is allowed.
    """

    async def find(self, shop: str, digest: str) -> str | None:
        """The text of a digest."""

    async def keep(self, shop: str, digest: str, text: str) -> None:
        """Keep a text whose digest was checked."""


class QueriesInMemory:
    """Of one process. The oldest of a shop makes room for its newest."""

    def __init__(self, *, kept: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._kept = kept
        self._seconds = seconds
        self._now = now
        self._shops: defaultdict[str, OrderedDict[str, tuple[float, str]]] = defaultdict(OrderedDict)

    async def find(self, shop: str, digest: str) -> str | None:
        """The text of a digest."""
        ends, text = self._shops[shop].get(digest, (0.0, None))
        return text if ends > self._now() else None

    async def keep(self, shop: str, digest: str, text: str) -> None:
        """Keep a text whose digest was checked."""
        texts = self._shops[shop]
        texts[digest] = self._now() + self._seconds, text
        texts.move_to_end(digest)
        if len(texts) > self._kept:
            texts.popitem(last=False)


# The texts of a shop, and their digests in the order in which they came; both lie in one slot of a cluster. Times are
# of Redis's own clock, which all processes share.
_KEEP = """
local time = redis.call('TIME')
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('ZADD', KEYS[2], time[1] * 1000000 + time[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
for _, oldest in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1 - tonumber(ARGV[4]))) do
  redis.call('ZREM', KEYS[2], oldest)
  redis.call('DEL', ARGV[5] .. oldest)
end
"""


class QueriesInRedis:
    """Of all processes, with what this one has seen before it. Without Redis there is what this process has seen."""

    def __init__(self, redis: Redis, *, kept: int, seconds: float, seen: QueriesInMemory) -> None:
        self._redis = redis
        self._kept = kept
        self._milliseconds = int(seconds * 1000)
        self._seen = seen
        self._script = redis.register_script(_KEEP)

    async def find(self, shop: str, digest: str) -> str | None:
        """The text of a digest."""
        text = await self._seen.find(shop, digest)
        if text is not None:
            return text
        try:
            found = await self._redis.get(_prefix(shop) + digest)
        except RedisError as error:
            logger.warning("registered queries cannot be read", reason=type(error).__name__)
            return None
        if found is None:
            return None
        text = as_text(found)
        await self._seen.keep(shop, digest, text)
        return text

    async def keep(self, shop: str, digest: str, text: str) -> None:
        """Keep a text whose digest was checked."""
        await self._seen.keep(shop, digest, text)
        prefix = _prefix(shop)
        try:
            await self._script(
                keys=[prefix + digest, f"queries:{{{shop}}}"],
                args=[digest, text, self._milliseconds, self._kept, prefix],
            )
        except RedisError as error:
            logger.warning("a registered query was not kept", reason=type(error).__name__)


def _prefix(shop: str) -> str:
    """A shop's domain has no braces and no colon, a digest is hex: two keys never meet."""
    return f"query:{{{shop}}}:"
