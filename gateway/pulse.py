"""A timer in the event loop, and how late it comes: for so long whatever becomes ready waits for its turn."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BEAT_SECONDS = 0.02
"""How often it beats. A turn of the loop that takes longer than this shows in the next beat."""

Hears = Callable[[float, float], object]
"""Gets how late a beat is, in seconds, and the moment of it, on the monotonic clock."""


class Pulse:
    """One for a loop: whoever wants to know whether it runs, or how it keeps up, hears the same beats."""

    def __init__(self) -> None:
        """Nothing beats yet, so that it may be made before the loop is."""
        self._hearing: dict[Hears, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due_seconds = 0.0

    def start(self) -> None:
        """Beat from now on."""
        self._due_seconds = time.monotonic() + BEAT_SECONDS
        self._timer = asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat)

    def close(self) -> None:
        """Beat no more."""
        if self._timer is not None:
            self._timer.cancel()

    @contextmanager
    def heard_by(self, hears: Hears) -> Iterator[None]:
        """Call this with each beat, for as long as the block runs."""
        self._hearing[hears] = None
        try:
            yield
        finally:
            del self._hearing[hears]

    def late_seconds(self) -> float:
        """How late the next beat is already; less than nothing where it is not due."""
        return time.monotonic() - self._due_seconds

    def _beat(self) -> None:
        now = time.monotonic()
        late = now - self._due_seconds
        # Before anybody hears it: what a listener does is a part of the next beat's time, and cannot end the beats.
        self.start()
        for hears in list(self._hearing):
            hears(late, now)
