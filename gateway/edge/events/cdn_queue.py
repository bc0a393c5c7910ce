"""Who purges the CDN: one process for each event, and another one where that process has died."""

import asyncio
import os
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from gateway.beside import beside
from gateway.edge.events.cdn import Cdn
from gateway.edge.events.redis_log import BLOCK_MS, PAUSE_SECONDS, STREAM, WRITTEN_BY, entries_of
from gateway.upstream import is_owned

logger = structlog.get_logger(__name__)

GROUP = "cdn"
ENTRIES_A_READ = 100
ABANDONED_MS = 60_000
"""What its reader has not settled for so long, another one takes over."""
MOST_WAITING = 10_000


class LocalCdnQueue:
    """The purges of a gateway without Redis; a keeper that keeps nothing itself."""

    def __init__(self, cdn: Cdn) -> None:
        self._cdn = cdn
        self._waiting: asyncio.Queue[Collection[str]] = asyncio.Queue(MOST_WAITING)

    async def purge(self, tags: Collection[str]) -> None:
        """Purge soon what a CDN may have."""
        tags = [each for each in tags if not is_owned(each)]
        if not tags:
            return
        try:
            self._waiting.put_nowait(tags)
        except asyncio.QueueFull:
            logger.error("the CDN was not purged", tags=len(tags), cause="too many purges wait")  # noqa: TRY400

    def wrote(self, shop: str, customer_id: int | None, tags: Collection[str]) -> None:
        """A CDN keeps nothing of a shopper's."""

    async def clear(self) -> None:
        """Nothing was missed here: the log is this process's own."""

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Purge for as long as the block runs."""
        async with beside(self._work()):
            yield

    async def _work(self) -> None:
        again: deque[tuple[float, list[str]]] = deque()
        while True:
            if tags := await self._next(until_seconds=again[0][0] if again else None):
                await self._cdn.purge(tags)
                if self._cdn.again_after_seconds:
                    again.append((time.monotonic() + self._cdn.again_after_seconds, tags))
            due: list[str] = []
            while again and again[0][0] <= time.monotonic():
                due += again.popleft()[1]
            if due:
                await self._cdn.purge(due)

    async def _next(self, *, until_seconds: float | None) -> list[str]:
        """What waits; nothing where nothing has come until then, by the monotonic clock."""
        tags: list[str] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(None if until_seconds is None else max(0.0, until_seconds - time.monotonic())):
                tags += await self._waiting.get()
        while not self._waiting.empty():
            tags += self._waiting.get_nowait()
        return tags


class SharedCdnQueue:
    """The purges of all processes: a group of readers of the log, of which each entry has one."""

    def __init__(self, cdn: Cdn, redis: Redis) -> None:
        self._cdn = cdn
        self._redis = redis
        self._name = f"{socket.gethostname()}-{os.getpid()}"
        self._again: deque[tuple[float, list[Any], list[str]]] = deque()
        """When to purge once more, and what is settled by that: a process that dies before leaves it to another."""

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Purge for as long as the block runs."""
        with suppress(RedisError, OSError):
            await self._join()
        async with beside(self._work()):
            yield

    async def _work(self) -> None:
        while True:
            try:
                abandoned: Any = await self._redis.xautoclaim(
                    STREAM, GROUP, self._name, min_idle_time=ABANDONED_MS, count=ENTRIES_A_READ
                )
                await self._settle(abandoned[1])
                fresh: Any = await self._redis.xreadgroup(
                    GROUP, self._name, {STREAM: ">"}, count=ENTRIES_A_READ, block=BLOCK_MS
                )
                await self._settle(list(entries_of(fresh)))
                while self._again and self._again[0][0] <= time.monotonic():
                    _, ids, tags = self._again.popleft()
                    await self._cdn.purge(tags)
                    await self._redis.xack(STREAM, GROUP, *ids)
            except ResponseError:
                # A store that lost its data has no group.
                with suppress(RedisError, OSError):
                    await self._join()
                await asyncio.sleep(PAUSE_SECONDS)
            except (RedisError, OSError):
                await asyncio.sleep(PAUSE_SECONDS)

    async def _settle(self, entries: list[Any]) -> None:
        # An entry that was trimmed meanwhile has no fields; what shoppers wrote is in no CDN.
        changes = [fields for _, fields in entries if fields and WRITTEN_BY not in fields]
        tags = [tag for fields in changes for tag in fields[b"tags"].decode().split() if not is_owned(tag)]
        ids = [entry_id for entry_id, _ in entries]
        if tags:
            await self._cdn.purge(tags)
            if self._cdn.again_after_seconds:
                self._again.append((time.monotonic() + self._cdn.again_after_seconds, ids, tags))
                return
        if ids:
            await self._redis.xack(STREAM, GROUP, *ids)

    async def _join(self) -> None:
        with suppress(ResponseError):  # it is there
            await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
