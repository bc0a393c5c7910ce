"""The log of a gateway without Redis: one process, in memory."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import structlog

from gateway.beside import beside
from gateway.edge.events.log import KEPT_SECONDS, Event, Keeper, Outcome
from gateway.errors import BackendError

logger = structlog.get_logger(__name__)

MOST_KEPT = 100_000
MOST_WAITING = 10_000


class LocalEventLog:
    """Events of the last 48 hours, at most 100 000 of them; outlives a reload of settings."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._versions: OrderedDict[str, int] = OrderedDict()
        self._followers: set[asyncio.Queue[tuple[str, ...]]] = set()

    async def take(self, event: Event) -> Outcome:
        """Take an event; those who follow apply it."""
        now = time.monotonic()
        while self._seen and (len(self._seen) > MOST_KEPT or next(iter(self._seen.values())) < now - KEPT_SECONDS):
            self._seen.popitem(last=False)
        if event.key in self._seen:
            return "duplicate"
        if event.version is not None and self._versions.get(event.subject, event.version) > event.version:
            self._seen[event.key] = now
            return "stale"
        if any(queue.full() for queue in self._followers):
            raise BackendError("events", cause="too many events wait")
        for queue in self._followers:
            queue.put_nowait(event.tags)
        self._seen[event.key] = now
        if event.version is not None:
            self._versions[event.subject] = event.version
            self._versions.move_to_end(event.subject)
            if len(self._versions) > MOST_KEPT:
                self._versions.popitem(last=False)
        return "taken"

    async def announce(self, shop: str, customer_id: int, tags: Collection[str]) -> None:
        """There is no other process."""

    @asynccontextmanager
    async def following(self, keepers: Collection[Keeper]) -> AsyncIterator[None]:
        """Apply what is taken for as long as the block runs."""
        queue: asyncio.Queue[tuple[str, ...]] = asyncio.Queue(MOST_WAITING)
        self._followers.add(queue)
        try:
            async with beside(_apply(queue, keepers)):
                yield
        finally:
            self._followers.discard(queue)


async def _apply(queue: asyncio.Queue[tuple[str, ...]], keepers: Collection[Keeper]) -> None:
    while True:
        tags = await queue.get()
        for keeper in keepers:
            await keeper.purge(tags)
        logger.info("purged", tags=len(tags))
