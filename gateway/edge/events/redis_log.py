"""The log that the gateway's processes share: a Redis stream that each of them follows."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from gateway.beside import beside
from gateway.edge.events.log import KEPT_SECONDS, Event, Keeper, Outcome
from gateway.errors import BackendError

logger = structlog.get_logger(__name__)

STREAM = "{gateway:events}:1:stream"
"""In braces: what one script touches lies in one slot of a cluster."""
LIFE = "{gateway:events}:1:life"
BEGINNING = "0-0"
MOST_ENTRIES = 10_000
BLOCK_MS = 400
"""How long Redis holds a read open while nothing comes; below every sensible timeout of a command."""
PAUSE_SECONDS = 0.1
"""Between two tries while Redis is away."""
WRITTEN_BY = b"by"
"""The field that an entry has which tells of a shopper's write: the log of the process where it was."""
ANNOUNCE_SECONDS = 0.1
"""Longest time that a shopper waits for the others to be told."""
REST_SECONDS = 1.0
"""For so long a Redis that could not be told is not asked again."""

# Seen, order and stream in one step: an event is never marked as seen and lost.
TAKE = """
if redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) == false then return 'duplicate' end
if ARGV[2] ~= '' then
  local known = redis.call('GET', KEYS[2])
  if known and tonumber(known) > tonumber(ARGV[2]) then return 'stale' end
  redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[1])
end
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*', 'tags', ARGV[4], 'at', ARGV[5])
return 'taken'
"""


class RedisEventLog:
    """The shared log. Its client's timeout has to be above `BLOCK_MS`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take = redis.register_script(TAKE)
        self._name = uuid.uuid4().hex
        self._rests_until = 0.0

    async def take(self, event: Event) -> Outcome:
        """Take an event, once over all processes."""
        keys = [f"{{gateway:events}}:1:seen:{event.key}", f"{{gateway:events}}:1:version:{event.subject}", STREAM]
        version = "" if event.version is None else event.version
        arguments = [KEPT_SECONDS, version, MOST_ENTRIES, " ".join(event.tags), f"{time.time():.6f}"]
        try:
            try:
                outcome: bytes = await self._take(keys=keys, args=arguments)
            except RedisConnectionError:
                # A connection of before Redis was restarted. Twice taken is a duplicate, so this is safe.
                outcome = await self._take(keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            raise BackendError("events", cause=type(error).__name__) from None
        return _OUTCOMES[outcome]

    async def announce(self, shop: str, customer_id: int, tags: Collection[str]) -> None:
        """Tell the other processes that a shopper has changed something here."""
        if time.monotonic() < self._rests_until:
            return
        fields: dict[Any, Any] = {
            WRITTEN_BY: self._name,
            "shop": shop,
            "customer": customer_id,
            "tags": " ".join(tags),
            "at": f"{time.time():.6f}",
        }
        try:
            async with asyncio.timeout(ANNOUNCE_SECONDS):
                await self._redis.xadd(STREAM, fields, maxlen=MOST_ENTRIES, approximate=True)
        except (RedisError, OSError, TimeoutError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            logger.warning("other processes do not hear of a write", cause=type(error).__name__)

    @asynccontextmanager
    async def following(self, keepers: Collection[Keeper]) -> AsyncIterator[None]:
        """Apply what any process takes for as long as the block runs; where Redis is away, once it is back."""
        follower = _Follower(self._redis, keepers, self._name)
        await follower.begin()
        async with beside(follower.follow()):
            yield


_OUTCOMES: dict[bytes, Outcome] = {b"taken": "taken", b"duplicate": "duplicate", b"stale": "stale"}


class _Follower:
    """Where one process stands in the stream."""

    def __init__(self, redis: Redis, keepers: Collection[Keeper], own_name: str) -> None:
        self._redis = redis
        self._keepers = keepers
        self._own_name = own_name.encode()
        self._last_id: Any = None
        """Of the entry that was applied last, or that was the last one at the start; None until Redis was there."""
        self._life: Any = None
        """Which life of the store that was: one that lost its data has another."""
        self._is_cut_off = True

    async def begin(self) -> None:
        """Stand at the end of the stream, if Redis is there."""
        with suppress(RedisError, OSError):
            await self._stand_at_end()

    async def follow(self) -> None:
        """Apply entry by entry."""
        while True:
            try:
                if self._is_cut_off:
                    await self._resume()
                answer: Any = await self._redis.xread({STREAM: self._last_id}, count=500, block=BLOCK_MS)
            except (RedisError, OSError) as error:
                if not self._is_cut_off:
                    logger.warning("events cannot be read", cause=type(error).__name__)
                self._is_cut_off = True
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            for entry_id, fields in entries_of(answer):
                await self._apply(fields)
                self._last_id = entry_id

    async def _apply(self, fields: Mapping[bytes, bytes]) -> None:
        tags = fields[b"tags"].decode().split()
        by = fields.get(WRITTEN_BY)
        if by == self._own_name:
            return  # known here before it was announced
        for keeper in self._keepers:
            if by is None:
                await keeper.purge(tags)
            else:
                keeper.wrote(fields[b"shop"].decode(), int(fields[b"customer"]), tags)
        delay_ms = (time.time() - float(fields[b"at"])) * 1_000
        log = logger.info if by is None else logger.debug
        log("purged", tags=len(tags), delay_ms=round(delay_ms, 1))

    async def _resume(self) -> None:
        """Find the place again. Where entries may have been missed for good, nothing that is kept can be trusted."""
        if self._last_id is None or not await self._is_whole():
            await self._stand_at_end()
            for keeper in self._keepers:
                await keeper.clear()
            logger.warning("events may have been missed, all that was kept is dropped")
        self._is_cut_off = False

    async def _stand_at_end(self) -> None:
        self._life = await self._life_of_store()
        newest: Any = await self._redis.xrevrange(STREAM, count=1)
        self._last_id = newest[0][0] if newest else BEGINNING
        self._is_cut_off = False

    async def _is_whole(self) -> bool:
        """Whether nothing after the last entry was trimmed, or lost with the store."""
        if await self._life_of_store() != self._life:
            return False
        if self._last_id == BEGINNING:
            return int(await self._redis.xlen(STREAM)) < MOST_ENTRIES
        return bool(await self._redis.xrange(STREAM, min=self._last_id, max=self._last_id))

    async def _life_of_store(self) -> Any:
        await self._redis.set(LIFE, uuid.uuid4().hex, nx=True)
        return await self._redis.get(LIFE)


def entries_of(answer: Any) -> Iterator[tuple[Any, dict[bytes, bytes]]]:
    """The entries of a read from one stream; RESP3 answers with a dict."""
    streams = answer.items() if isinstance(answer, dict) else answer or ()
    for _, entries in streams:
        yield from entries
