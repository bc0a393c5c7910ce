"""What keeps a failing backend from being asked too often, and a healthy one from being asked again for nothing."""

import math
import random
import time
from collections import deque
from enum import StrEnum

WINDOWS_SECONDS = (1.0, 10.0)
"""What a busy backend does shows in the last second, long before it outweighs ten that were good."""
SLOT_SECONDS = 0.1
"""So exactly a window is kept."""
CALLS_NEEDED = 20
"""Fewer calls than this in a window say nothing about a backend."""
FAILURE_RATE = 0.5
OPEN_SECONDS = 1.0
"""How long nothing is sent; then probes are."""
PROBES = 3
"""Most calls at once while a backend is being tried, and how many of them have to succeed in a row."""
RETRY_RATIO = 0.1
"""Retries for each call: what a backend that is failing gets on top of its load."""
RETRIES_SAVED = 10.0
"""Most retries that a quiet time saves up."""
RETRY_SECONDS = 0.05
"""The first retry waits at most so long, at random; each further one twice as long."""


class State(StrEnum):
    """Of a breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class _Slot:
    """What was counted within a short while."""

    __slots__ = ("calls", "ends_seconds", "failures")

    def __init__(self, ends_seconds: float) -> None:
        self.calls = self.failures = 0
        self.ends_seconds = ends_seconds


class _Outcomes:
    """How calls ended, as far back as the longest window goes: numbers a slot, however many the calls."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._latest = _Slot(-math.inf)
        self._slots: deque[_Slot] = deque(maxlen=round(max(WINDOWS_SECONDS) / SLOT_SECONDS))

    def add(self, now: float, *, failed: bool) -> None:
        """One more."""
        if now >= self._latest.ends_seconds:
            self._latest = _Slot(now + SLOT_SECONDS)
            self._slots.append(self._latest)
        self._latest.calls += 1
        self._latest.failures += failed

    def are_bad(self, now: float) -> bool:
        """Whether enough of a window's calls failed to say that the backend does not do its work."""
        return any(self._are_bad_since(now - seconds) for seconds in WINDOWS_SECONDS)

    def _are_bad_since(self, began_seconds: float) -> bool:
        slots = [slot for slot in self._slots if slot.ends_seconds > began_seconds + SLOT_SECONDS]
        calls = sum(slot.calls for slot in slots)
        return calls >= CALLS_NEEDED and sum(slot.failures for slot in slots) >= FAILURE_RATE * calls


class Breaker:
    """Opens when half of at least twenty calls failed, of the last second or of the last ten; tries again after one.

    5xx, timeouts and broken connections are failures; refusals and 429 are answers, and a call that was cancelled says
    nothing. While it is tried at most three calls are under way, and three successes in a row close it. Times are of
    the monotonic clock, so that a jump of the wall clock changes nothing.
    """

    def __init__(self) -> None:
        self._outcomes = _Outcomes()
        self._opened_seconds: float | None = None
        self._probing = 0
        self._succeeded = 0
        self.opened = 0
        """How often it has opened."""
        self.refused = 0
        """How many calls it has kept from being made."""

    @property
    def state(self) -> State:
        """Now."""
        if self._opened_seconds is None:
            return State.CLOSED
        is_over = time.monotonic() - self._opened_seconds >= OPEN_SECONDS
        return State.HALF_OPEN if is_over else State.OPEN

    def admits(self) -> bool:
        """Whether a call may be made; it is counted as under way until `record` or `forget` is called."""
        if self._opened_seconds is None:
            return True
        state = self.state
        if state is State.OPEN or (state is State.HALF_OPEN and self._probing >= PROBES):
            self.refused += 1
            return False
        self._probing += state is State.HALF_OPEN
        return True

    def record(self, *, failed: bool) -> State | None:
        """How a call ended; the state that this brought about, if it changed."""
        now = time.monotonic()
        if self._opened_seconds is not None:
            return self._probed(now, failed=failed)
        self._outcomes.add(now, failed=failed)
        return self._open(now) if failed and self._outcomes.are_bad(now) else None

    def _open(self, now: float) -> State:
        self._opened_seconds = now
        self._probing = self._succeeded = 0
        self.opened += 1
        return State.OPEN

    def forget(self) -> None:
        """A call was cancelled by whoever made it."""
        self._probing = max(0, self._probing - 1)

    def _probed(self, now: float, *, failed: bool) -> State | None:
        if self.state is State.OPEN:
            return None  # a call from before it opened
        self._probing = max(0, self._probing - 1)
        if failed:
            return self._open(now)
        self._succeeded += 1
        if self._succeeded < PROBES:
            return None
        self._opened_seconds = None
        self._outcomes.clear()
        return State.CLOSED


class RetryBudget:
    """One retry for every ten calls, so that retries never multiply the load of a backend that cannot carry it."""

    def __init__(self) -> None:
        self.balance = RETRIES_SAVED
        """How many retries may be made now."""
        self.spent = 0
        """How many have been made."""
        self.denied = 0
        """How many have not, for want of balance."""

    def deposit(self) -> None:
        """A call is made."""
        if self.balance < RETRIES_SAVED:
            self.balance = min(RETRIES_SAVED, self.balance + RETRY_RATIO)

    def withdraw(self) -> bool:
        """Whether a call may be made again."""
        if self.balance < 1:
            self.denied += 1
            return False
        self.balance -= 1
        self.spent += 1
        return True


def pause_seconds(attempt: int) -> float:
    """How long to wait before a retry: anything up to a limit that doubles, so that callers come back apart."""
    return random.uniform(0, RETRY_SECONDS * 2**attempt)  # noqa: S311  # jitter, guards nothing
