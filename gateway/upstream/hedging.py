"""A second call for the few look-ups that take longest, so that nobody waits for one answer that got stuck."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

CALLS_LOOKED_AT = 500
CALLS_NEEDED = 100
"""Fewer say nothing about what takes long."""
CALLS_A_LOOK = 50
"""How often it is found out anew."""
QUANTILE = 0.95
"""A second call is made where the first takes longer than so many of the others."""
HEDGE_RATIO = 0.05
"""Second calls for each call: where all of them become slow at once, none of that is the one answer's bad luck."""
HEDGES_SAVED = 5.0


class Hedging:
    """What one backend's calls take, and how many second ones there may be. Times are of the monotonic clock."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=CALLS_LOOKED_AT)
        self._until_look = CALLS_NEEDED
        self._after_seconds: float | None = None
        self._balance = 0.0
        self.made = 0
        """How many second calls have been made."""

    async def first_of(self, call: Callable[[], Awaitable[T]], may_hedge: Callable[[], bool]) -> T:
        """What the first of at most two equal calls answers; the other is cancelled, and over when this comes back.

        Args:
            call: Makes it. It has to do no harm when made twice.
            may_hedge: Asked at the last moment whether there may be a second one.

        Raises:
            Exception: What the first call raised, where none answered.
        """
        self._balance = min(HEDGES_SAVED, self._balance + HEDGE_RATIO)
        calls = [asyncio.ensure_future(self._timed(call))]
        try:
            done, waiting = await asyncio.wait(calls, timeout=self._after_seconds)
            if not done and self._balance >= 1 and may_hedge():
                self._balance -= 1
                self.made += 1
                calls.append(asyncio.ensure_future(self._timed(call)))
                waiting = set(calls)
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if answered := [each for each in done if each.exception() is None]:
                    return answered[0].result()
            return calls[0].result()
        finally:
            for each in calls:
                each.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    async def _timed(self, call: Callable[[], Awaitable[T]]) -> T:
        began = time.monotonic()
        try:
            return await call()
        finally:
            # One that was cancelled took at least so long.
            self._took(time.monotonic() - began)

    def _took(self, seconds: float) -> None:
        self._seconds.append(seconds)
        self._until_look -= 1
        if self._until_look <= 0:
            self._until_look = CALLS_A_LOOK
            self._after_seconds = sorted(self._seconds)[int(len(self._seconds) * QUANTILE)]
