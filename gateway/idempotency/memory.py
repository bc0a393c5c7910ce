"""The ledger of a gateway that is one process: in memory, and gone with it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.idempotency.ledger import Began, Busy, Done, Mine, Mismatch
from gateway.upstream.deadline import Deadline
from gateway.upstream.locks import Locks

ENTRIES_KEPT = 200_000
"""About 100 MB; the oldest goes first."""


@dataclass(slots=True)
class _Entry:
    fingerprint: str
    owner: str
    until: float
    """When it is forgotten."""
    outcome: bytes | None = None
    note: bytes | None = None
    sent_at: float | None = None
    is_running: bool = True


class MemoryLedger:
    """Entries of this process. A lease never ends here: whoever holds it gives it back, or ends with the process."""

    def __init__(self, *, keep_seconds: float) -> None:
        self._keep_seconds = keep_seconds
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._claims: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._locks = Locks()
        self._changed = asyncio.Condition()

    async def begin(self, name: str, fingerprint: str, owner: str) -> Began:
        """As the ledger says."""
        entry = self._entries.get(name)
        now = time.monotonic()
        if entry is None or entry.until < now:
            self._entries.pop(name, None)
            self._entries[name] = _Entry(fingerprint, owner, now + self._keep_seconds)
            if len(self._entries) > ENTRIES_KEPT:
                self._entries.popitem(last=False)
            return Mine()
        if entry.fingerprint != fingerprint:
            return Mismatch()
        if entry.outcome is not None:
            return Done(entry.outcome)
        if entry.is_running:
            return Busy()
        entry.is_running, entry.owner = True, owner
        return Mine(entry.note, None if entry.sent_at is None else now - entry.sent_at)

    async def note(self, name: str, owner: str, note: bytes) -> bool:
        """As the ledger says."""
        entry = self._of(name, owner)
        if entry is None:
            return False
        entry.note, entry.sent_at = note, time.monotonic()
        return True

    async def finish(self, name: str, owner: str, outcome: bytes) -> None:
        """As the ledger says."""
        if entry := self._of(name, owner):
            entry.outcome, entry.is_running, entry.note = outcome, False, None
        await self._tell()

    async def leave(self, name: str, owner: str, *, has_sent: bool) -> None:
        """As the ledger says."""
        if entry := self._of(name, owner):
            entry.is_running = False
            if has_sent:
                # What was sent broke off now, which may be long after the note.
                entry.sent_at = time.monotonic()
        await self._tell()

    async def release(self, name: str, owner: str) -> None:
        """As the ledger says."""
        if self._of(name, owner):
            del self._entries[name]
        await self._tell()

    async def wait(self, name: str, seconds: float) -> None:
        """As the ledger says."""
        entry = self._entries.get(name)
        if entry is None or not entry.is_running:
            return
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait()
        except TimeoutError:
            return

    async def claim(self, name: str, claimant: str) -> bool:
        """As the ledger says."""
        now = time.monotonic()
        holder, until = self._claims.get(name, (claimant, 0.0))
        if until < now:
            holder = claimant
            self._claims[name] = claimant, now + self._keep_seconds
            if len(self._claims) > ENTRIES_KEPT:
                self._claims.popitem(last=False)
        return holder == claimant

    @asynccontextmanager
    async def alone(self, name: str, owner: str, deadline: Deadline) -> AsyncIterator[None]:  # noqa: ARG002  # the ledger's signature
        """As the ledger says."""
        async with self._locks.holding((name,), deadline):
            yield

    def _of(self, name: str, owner: str) -> _Entry | None:
        entry = self._entries.get(name)
        return entry if entry is not None and entry.is_running and entry.owner == owner else None

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
