"""What happens to an event that is genuine: it is taken once, in order, and told to whoever keeps answers."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

KEPT_SECONDS = 48 * 3_600
"""For how long a sender may send an event again."""

Outcome = Literal["taken", "duplicate", "stale"]
"""Taken; sent before; older than what was taken about the same object."""


@dataclass(frozen=True, slots=True)
class Event:
    """A genuine event."""

    key: str
    """Equal for all deliveries of one event; holds no personal data."""
    subject: str
    """The object that it is about, with its shop."""
    version: int | None
    """Microseconds since 1970: the object's state. None where there is no order."""
    tags: tuple[str, ...]


class Keeper(Protocol):
    """Keeps answers, and lets go of them."""

    async def purge(self, tags: Collection[str]) -> None:
        """Let go of what has one of these tags."""

    def wrote(self, shop: str, customer_id: int | None, tags: Collection[str]) -> None:
        """A shopper changed something at another process: nobody gets what was read of his before."""

    async def clear(self) -> None:
        """Let go of all: what has changed is not known."""


class EventLog(Protocol):
    """Takes events, and tells every process."""

    async def take(self, event: Event) -> Outcome:
        """Take an event.

        Raises:
            BackendError: It is not taken; the sender has to send it again.
        """

    async def announce(self, shop: str, customer_id: int, tags: Collection[str]) -> None:
        """Tell the other processes that a shopper has changed something here.

        Where that cannot be told, nothing is raised: what they keep of a shopper is old within seconds by itself.
        """

    def following(self, keepers: Collection[Keeper]) -> AbstractAsyncContextManager[None]:
        """Tell these of what is taken, by any process, for as long as the block runs."""
