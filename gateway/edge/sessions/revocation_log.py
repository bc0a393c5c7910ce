"""The log of revocations that the gateway's processes share, in Redis."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.beside import beside
from gateway.edge.sessions.revocations import Revocation, Revocations
from gateway.errors import BackendError

logger = structlog.get_logger(__name__)

STREAM = "gateway:revocations:1"
BLOCK_MS = 400
"""How long Redis holds a read open while nothing comes; below every sensible timeout of a command."""
PAUSE_SECONDS = 0.25
"""Between two tries while Redis is away."""
ENTRIES_A_READ = 1_000


class RevocationLog:
    """A Redis stream that every process appends to and follows.

    A stream, not publish and subscribe: a process that was away reads on where it stopped, and one that starts reads
    what is still in force. Redis pushes what is new, so that a logout reaches all processes within a round trip, and
    no request ever waits for Redis.
    """

    def __init__(self, known: Revocations, redis: Redis | None, *, lifetime_seconds: float) -> None:
        """Without Redis the log is this process's own; `lifetime_seconds` is the longest that any session lasts."""
        self.known = known
        self._redis = redis
        self._lifetime_seconds = lifetime_seconds
        self._last_id = _id_at(time.time() - lifetime_seconds)

    async def append(self, revocation: Revocation) -> None:
        """Revoke, here at once and everywhere else as soon as Redis has it.

        Raises:
            BackendError: The other processes do not know; it holds in this one.
        """
        self.known.add(revocation)
        if self._redis is None:
            return
        fields: dict[Any, Any] = {"revocation": msgspec.json.encode(revocation)}
        oldest = _id_at(time.time() - self._lifetime_seconds)
        try:
            await self._redis.xadd(STREAM, fields, minid=oldest, approximate=True)
        except (RedisError, OSError) as error:
            raise BackendError("sessions", cause=type(error).__name__) from None

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Read what others append for as long as the block runs; what is in force already is known when it begins.

        Where Redis is away the block begins all the same, and reads as soon as it is back.
        """
        if self._redis is None:
            yield
            return
        await self._read(self._redis, block_ms=None)
        async with beside(self._follow(self._redis)):
            yield

    async def _follow(self, redis: Redis) -> None:
        while True:
            if not await self._read(redis, block_ms=BLOCK_MS):
                await asyncio.sleep(PAUSE_SECONDS)

    async def _read(self, redis: Redis, *, block_ms: int | None) -> bool:
        """Read until there is nothing new; whether Redis answered."""
        while True:
            try:
                answer: Any = await redis.xread({STREAM: self._last_id}, count=ENTRIES_A_READ, block=block_ms)
            except (RedisError, OSError) as error:
                logger.warning("revocations cannot be read", cause=type(error).__name__)
                return False
            streams = answer.items() if isinstance(answer, dict) else answer or ()
            entries = [entry for _, found in streams for entry in found]
            for entry_id, fields in entries:
                self._last_id = entry_id
                self._take(fields)
            if len(entries) < ENTRIES_A_READ:
                return True

    def _take(self, fields: Any) -> None:
        try:
            self.known.add(msgspec.json.decode(fields[b"revocation"], type=Revocation))
        except (KeyError, msgspec.MsgspecError):
            # A newer release may write entries that this one cannot read.
            logger.error("unreadable revocation")  # noqa: TRY400  # the entry is all there is to say


def _id_at(seconds: float) -> str:
    """The stream id of a moment."""
    return f"{max(int(seconds * 1_000), 0)}-0"
