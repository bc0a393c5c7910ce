"""The end of calls that take too long, with one timer for all calls to a backend."""

import asyncio
import math
import time
from typing import Any


class Timeout:
    """Of one call: cancels the task that makes it."""

    __slots__ = ("_cancelling", "_task", "at_seconds", "is_over")

    def __init__(self, task: asyncio.Task[Any], at_seconds: float) -> None:
        self._task = task
        self._cancelling = task.cancelling()
        self.at_seconds = at_seconds
        """By the monotonic clock."""
        self.is_over = False

    def end(self) -> None:
        """Its time has come."""
        self.is_over = True
        self._task.cancel()

    def is_why(self) -> bool:
        """Whether a task that was cancelled was cancelled by this, and by nobody else."""
        return self.is_over and self._task.uncancel() <= self._cancelling


class Timeouts:
    """Those of all calls under way.

    A timer for each call would cost a tenth of the call. Nearly all may take equally long, and so they end in the order
    in which they began: the one timer is set for the earliest, and anew only when it rings.
    """

    def __init__(self) -> None:
        self._running: set[Timeout] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_seconds = math.inf

    def begin(self, seconds: float) -> Timeout:
        """Let the current task run for so long, or until `discard`."""
        task = asyncio.current_task()
        assert task is not None, "calls are made in tasks"  # noqa: S101  # for mypy
        timeout = Timeout(task, time.monotonic() + seconds)
        self._running.add(timeout)
        if timeout.at_seconds < self._rings_seconds:
            self._set(timeout.at_seconds)
        return timeout

    def discard(self, timeout: Timeout) -> None:
        """Its call is over. The timer may ring for nobody."""
        self._running.discard(timeout)

    def close(self) -> None:
        """Ring no more: no call is under way."""
        if self._timer is not None:
            self._timer.cancel()

    def _set(self, at_seconds: float) -> None:
        self.close()
        self._rings_seconds = at_seconds
        self._timer = asyncio.get_running_loop().call_later(max(0.0, at_seconds - time.monotonic()), self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_seconds = None, math.inf
        now = time.monotonic()
        for timeout in [each for each in self._running if each.at_seconds <= now]:
            self._running.discard(timeout)
            timeout.end()
        if self._running:
            self._set(min(each.at_seconds for each in self._running))
