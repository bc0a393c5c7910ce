"""A ledger of what was begun under which key, and what came of it."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from gateway.upstream.deadline import Deadline


class LedgerDown(Exception):  # a state that each caller answers in its own way
    """The ledger cannot be read or written now."""


@dataclass(frozen=True, slots=True)
class Mine:
    """The key is this attempt's to work on, until its lease ends."""

    note: bytes | None = None
    """What an earlier attempt noted before it sent something; None where none got that far."""
    sent_seconds_ago: float | None = None
    """When that was."""


@dataclass(frozen=True, slots=True)
class Done:
    """It was done before; this came of it."""

    outcome: bytes


@dataclass(frozen=True, slots=True)
class Busy:
    """Another attempt is at it."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The key was used before, with another input."""


Began = Mine | Done | Busy | Mismatch


class Ledger(Protocol):
    """Entries by name. A name is a digest: neither it nor an owner says who the shopper is.

    An entry is running while its owner's lease lasts, unknown when the owner left it or the lease ended, and done when
    there is an outcome; outcomes are kept for as long as a key is promised to hold.

    Every method raises LedgerDown when the ledger cannot be reached.
    """

    async def begin(self, name: str, fingerprint: str, owner: str) -> Began:
        """Take an entry that is new, or that nobody works on, in one step."""

    async def note(self, name: str, owner: str, note: bytes) -> bool:
        """Write down what is about to be sent; False when the lease has gone to another, and then nothing may be."""

    async def finish(self, name: str, owner: str, outcome: bytes) -> None:
        """It is done."""

    async def leave(self, name: str, owner: str, *, has_sent: bool) -> None:
        """What became of it is unknown; the next attempt has to look. What was sent by this one broke off just now."""

    async def release(self, name: str, owner: str) -> None:
        """Nothing was done; forget it."""

    async def wait(self, name: str, seconds: float) -> None:
        """Return when the entry may have changed, at the latest after so many seconds."""

    async def claim(self, name: str, claimant: str) -> bool:
        """Whether a thing belongs to this claimant from now on, or did before; the first claimant keeps it."""

    def alone(self, name: str, owner: str, deadline: Deadline) -> AbstractAsyncContextManager[None]:
        """Be the only one of all processes for as long as the block runs, or the lease lasts.

        Raises:
            TimeoutError: Another was it until the deadline.
        """
