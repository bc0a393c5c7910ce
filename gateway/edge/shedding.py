"""Load shedding: what is asked while the event loop cannot keep up is refused at once, the least important first."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog

from gateway.edge.operations import Operation

logger = structlog.get_logger(__name__)

IMPORTANT_LAG = 5
"""So many times the lag has to be until what is important is refused too."""
NEARLY_NONE = 0.1
"""And no more than this share of the rest may pass: while there is still something else to refuse, that goes first."""
PATIENCE_SECONDS = 1.0
"""After so long even a lag that gets no worse is too much."""
SMALLEST_STEP = 0.1
"""At once the share falls to no less than so much of itself."""
SMALLEST_SHARE = 0.01
RISE_PER_SECOND = 1.0
"""How fast a share rises while nothing lags at all."""
LONGEST_BEAT_SECONDS = 0.1
"""Of a longer one no more counts for the rise: the process was stopped, and nothing was learned meanwhile."""
WORSE = 0.9
"""A lag under so much of the one before is getting better, and needs no further step."""
LOG_SECONDS = 10.0


class Gate:
    """Lets through such a share of requests as the loop can answer in time.

    It closes when every beat for an interval was later than the target, and the lag is as bad as ever since it began:
    what one long pause left behind gets better by itself. From then on each late beat makes the share smaller, in
    proportion, and each good one larger.
    """

    __slots__ = ("_credit", "_interval", "_last_seconds", "_late_since", "_previous", "_target", "_worst", "share")

    def __init__(self, *, lag_seconds: float, interval_seconds: float) -> None:
        self._target = lag_seconds
        self._interval = interval_seconds
        self.share = 1.0
        self._credit = 0.0
        self._last_seconds = 0.0
        self._previous = 0.0
        self._late_since: float | None = None
        self._worst = 0.0

    @property
    def is_calm(self) -> bool:
        """Whether it lets through everything, and has no reason not to."""
        return self.share >= 1 and self._late_since is None

    def heard(self, lag: float, now: float) -> None:
        """A beat came so late, in seconds, at a moment of the monotonic clock."""
        elapsed = min(now - self._last_seconds, LONGEST_BEAT_SECONDS)
        previous, self._previous, self._last_seconds = self._previous, lag, now
        if lag <= self._target:
            self._late_since = None
            if self.share < 1:
                self.share = min(1.0, self.share + RISE_PER_SECOND * elapsed * (1 - max(lag, 0.0) / self._target))
            return
        if self._late_since is None:
            self._late_since, self._worst = now, lag
            if self.share < 1:
                self._fall(lag)
        elif self.share < 1:
            if lag >= WORSE * previous:
                self._fall(lag)
        elif self._is_overloaded(lag, now):
            self._fall(lag)
        self._worst = max(self._worst, lag)

    def admits(self, lag: float, now: float) -> bool:
        """Whether one more request may pass, where the next beat is so late already."""
        if self.share >= 1:
            # A turn of the loop that takes long is the sign itself; waiting for its end would make it longer.
            if self._late_since is None or lag <= self._target or not self._is_overloaded(lag, now):
                return True
            self._fall(lag)
        # By turns rather than by chance: of three, at a share of a third, exactly one.
        self._credit += self.share
        if self._credit < 1:
            return False
        self._credit -= 1
        return True

    def _is_overloaded(self, lag: float, now: float) -> bool:
        late_for = now - self._late_since if self._late_since is not None else 0.0
        return late_for >= self._interval and (lag >= self._worst or late_for >= PATIENCE_SECONDS)

    def _fall(self, lag: float) -> None:
        self.share = max(SMALLEST_SHARE, self.share * max(SMALLEST_STEP, self._target / lag))


@dataclass(slots=True)
class Shed:
    """How many requests were refused."""

    important: int = 0
    others: int = 0


class Shedding:
    """Which operations run while too much is asked.

    Mutations are important, and so are trusted documents' operations of certain names; in a document that anybody may
    send, a name means nothing.
    """

    def __init__(
        self,
        *,
        lag_seconds: float,
        interval_seconds: float,
        important: Collection[str],
        late_seconds: Callable[[], float],
    ) -> None:
        """Everything runs until it hears of beats.

        Args:
            lag_seconds: How late a beat may be.
            interval_seconds: How long it has to be later than that.
            important: Names of operations.
            late_seconds: How late the next beat is already.
        """
        self._important = frozenset(important)
        self._late_seconds = late_seconds
        self.gate = Gate(lag_seconds=lag_seconds, interval_seconds=interval_seconds)
        self.important_gate = Gate(
            lag_seconds=lag_seconds * IMPORTANT_LAG, interval_seconds=max(interval_seconds, PATIENCE_SECONDS)
        )
        self.shed = Shed()
        self.is_calm = True
        """Whether everything runs, and nobody needs to ask."""
        self._logged = Shed()
        self._next_log_seconds = 0.0

    def heard(self, lag: float, now: float) -> None:
        """A beat of the loop."""
        self.gate.heard(lag, now)
        self.important_gate.heard(lag if self.gate.share <= NEARLY_NONE else 0.0, now)
        self.is_calm = self.gate.is_calm and self.important_gate.is_calm
        if self.shed != self._logged and now >= self._next_log_seconds:
            logger.warning(
                "load is shed",
                lag_ms=round(lag * 1_000),
                share=round(self.gate.share, 2),
                refused=self.shed.others - self._logged.others,
                refused_important=self.shed.important - self._logged.important,
            )
            self._logged = Shed(self.shed.important, self.shed.others)
            self._next_log_seconds = now + LOG_SECONDS

    def admits(self, *, is_important: bool) -> bool:
        """Whether an operation may run."""
        lag, now = self._late_seconds(), time.monotonic()
        if is_important:
            if self.important_gate.admits(lag, now):
                return True
            self.shed.important += 1
        else:
            if self.gate.admits(lag, now):
                return True
            self.shed.others += 1
        return False

    def is_important(self, operation: Operation) -> bool:
        """Whether it is refused last."""
        return operation.is_mutation or (operation.is_trusted and operation.name in self._important)
