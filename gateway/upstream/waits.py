"""The end of waiting for what does not come, without a timer for each who waits."""

import asyncio
from typing import Protocol

from gateway.upstream.deadline import Deadline

LOOK_SECONDS = 0.02
"""How late a wait may end. Calls have deadlines of their own, a little earlier; this is for what they cannot know."""


class Waiting(Protocol):
    """Whoever waits."""

    @property
    def deadline(self) -> Deadline:
        """Until when."""

    def time_is_over(self) -> None:
        """The deadline has passed."""


class Waits:
    """All waits of a process: one timer looks after them, as a timer each would cost more than the wait."""

    def __init__(self) -> None:
        self._waiting: set[Waiting] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, waiting: Waiting) -> None:
        """Look after one more."""
        self._waiting.add(waiting)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def discard(self, waiting: Waiting) -> None:
        """It waits no more."""
        self._waiting.discard(waiting)

    def _look(self) -> None:
        for waiting in [each for each in self._waiting if each.deadline.remaining_seconds() <= 0]:
            self._waiting.discard(waiting)
            waiting.time_is_over()
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look) if self._waiting else None
