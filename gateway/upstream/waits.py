"""Waiting for several values under a deadline, without a timer for each wait."""

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.deferred import Deferred
from gateway.upstream.deadline import Deadline

LOOK_SECONDS = 0.02
"""How late a wait may end. Calls have deadlines of their own, a little earlier; this is for what they cannot know."""


class Waits:
    """All waits of a process: one timer looks after them, as a timer each would cost more than the wait."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], Deadline] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def until_settled(self, values: Sequence[Deferred[Any]], deadline: Deadline) -> None:
        """Wait until all are settled, or the deadline has passed. Whoever leaves takes nothing from others who wait."""
        left = sum(not value.is_settled for value in values)
        if not left:
            return
        loop = asyncio.get_running_loop()
        over = loop.create_future()

        def count(_settled: object) -> None:
            nonlocal left
            left -= 1
            if not left and not over.done():
                over.set_result(None)

        for value in values:
            if not value.is_settled:
                value.listen(count)
        self._waiting[over] = deadline
        if self._timer is None:
            self._timer = loop.call_later(LOOK_SECONDS, self._look)
        try:
            await over
        finally:
            del self._waiting[over]

    def _look(self) -> None:
        for over, deadline in self._waiting.items():
            if deadline.remaining_seconds() <= 0 and not over.done():
                over.set_result(None)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(LOOK_SECONDS, self._look) if self._waiting else None
