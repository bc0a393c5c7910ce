"""What has been begun and has to be seen through, whether or not anybody waits for it any more."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

logger = structlog.get_logger(__name__)

T = TypeVar("T")


class Unfinished:
    """Owner of what must not be cut: it is awaited when its owner closes. Each task ends by a deadline of its own."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while self._running:
            await asyncio.wait(self._running)

    async def see_through(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of some work, which goes on even when whoever asked for it leaves."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Whoever asked gets it too, if still there; here it is taken so that it never counts as unseen.
            logger.debug("ended with an error", error=type(error).__name__)
