"""The record of what internal tools do on behalf of customers: append-only, and written before anything is done."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from gateway.errors import Forbidden
from gateway.viewer import Viewer

logger = structlog.get_logger(__name__)


class Entry(msgspec.Struct, frozen=True):
    """One operation: who, what, for whom, when, why. Nothing that the operation carried or answered."""

    at: str
    request_id: str
    tool: str
    shop: str
    customer_id: int
    operation: str | None
    """The operation's name."""
    kind: str
    """`query` or `mutation`."""
    reason: str


class Sink(Protocol):
    """Where entries go."""

    def append(self, line: bytes) -> None:
        """Write a line so that it is there when this returns; raises OSError."""


class AuditFile:
    """A file of JSON lines. Several processes may append to the same one; each line is one write."""

    def __init__(self, path: Path, *, is_synced: bool) -> None:
        self._path = path
        self._is_synced = is_synced

    def append(self, line: bytes) -> None:
        """Write a line; with `is_synced` it is on the disk when this returns."""
        # Opened anew each time, so that it may be rotated away at any moment; nobody but the owner reads it.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError("short write")
            if self._is_synced:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Audit:
    """Writes entries, or refuses the operation."""

    def __init__(self, sink: Sink | None) -> None:
        self._sink = sink

    async def record(self, viewer: Viewer, *, operation: str | None, kind: str, request_id: str) -> None:
        """Record an operation that is about to run on behalf of a customer; others are nobody's business.

        Raises:
            Forbidden: It cannot be recorded, and so must not run.
        """
        if viewer.tool is None or viewer.customer_id is None:
            return
        entry = Entry(
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            request_id=request_id,
            tool=viewer.tool,
            shop=viewer.shop,
            customer_id=viewer.customer_id,
            operation=operation,
            kind=kind,
            reason=viewer.reason or "",
        )
        if self._sink is None:
            raise Forbidden("Nobody acts on behalf of customers here: the settings name no audit record.")
        try:
            await asyncio.to_thread(self._sink.append, msgspec.json.encode(entry) + b"\n")
        except OSError as error:
            logger.error("audit record not written", cause=type(error).__name__)  # noqa: TRY400  # the cause says it all
            raise Forbidden("The audit record cannot be written, so nothing was done.") from None
