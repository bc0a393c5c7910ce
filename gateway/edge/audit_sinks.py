"""Where the record of what tools do is kept: a stream in Redis, a file, or both."""

import asyncio
import os
from pathlib import Path
from typing import Protocol

from redis.asyncio import Redis

STREAM = "storefront:audit"
"""Nothing here ever takes an entry away."""
FIELD = "entry"


class Sink(Protocol):
    """Where entries go."""

    async def append(self, entry: bytes) -> None:
        """Write an entry so that it is there when this returns; raises OSError or RedisError."""


class AuditFile:
    """A file of JSON lines. Several processes may append to the same one; each line is one write."""

    def __init__(self, path: Path, *, is_synced: bool) -> None:
        self._path = path
        self._is_synced = is_synced

    async def append(self, entry: bytes) -> None:
        """Write a line; with `is_synced` it is on the disk when this returns."""
        await asyncio.to_thread(self._write, entry + b"\n")

    def _write(self, line: bytes) -> None:
        # Opened anew each time, so that it may be rotated away at any moment; nobody but the owner reads it.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError("short write")
            if self._is_synced:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


class AuditStream:
    """A stream in Redis, one for all processes of all machines."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def append(self, entry: bytes) -> None:
        """Add an entry; Redis has it when this returns, and keeps it as safely as it is told to (`appendfsync`)."""
        await self._redis.xadd(STREAM, {FIELD: entry})
