"""What is on its way to a backend, and the requests that wait for it."""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import BackendTimeout
from gateway.upstream.ask import Ask
from gateway.upstream.calls import Calls
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal
from gateway.upstream.kind import Kind
from gateway.upstream.waits import Waits

NOT_YET = object()
"""In the place of an outcome; None is one."""

Found = Callable[[Mapping[Ask[Any], Any]], None]
"""Is told what was found, or why it was not. What is left out does not exist."""


@dataclass(slots=True, eq=False)
class Seat:
    """One ask on its way, and who waits for it."""

    identity: tuple[Kind[Any, Any, Any], Ask[Any], int]
    waiters: list["Waiter"]
    outcome: Any = NOT_YET
    flight: "Flight | None" = None
    """The look-up that it is part of, from when that leaves until it has landed."""

    def settle(self, outcome: object) -> None:
        """Tell all who wait. None is for what does not exist."""
        self.outcome = outcome
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            waiter.arrived()


@dataclass(slots=True, eq=False)
class Flight:
    """A look-up under way."""

    kind: Kind[Any, Any, Any]
    lane: Hashable | None
    """Where it has a slot; None for one that merges with no other."""
    calls: Calls
    seats: dict[Ask[Any], Seat]
    task: asyncio.Task[None] | None = None
    splits: int = 0


@dataclass(slots=True, eq=False)
class Waiter:
    """One request that waits for some asks, until all of them are answered or its deadline has passed."""

    deadline: Deadline
    journal: Journal
    found: Found | None
    """None once it has been told, or wants to know no more."""
    waits: Waits
    give_up: Callable[[Seat], None]
    """Is told of a seat for which this was the last to wait."""
    _seats: dict[Ask[Any], Seat] = field(default_factory=dict)
    _left: int = 0
    _context: Any = field(default_factory=copy_context)

    def begin(self, seats: dict[Ask[Any], Seat]) -> None:
        """Wait for these, in which this is among those who wait."""
        self._seats = seats
        self._left = len(seats)
        self.waits.add(self)

    def arrived(self) -> None:
        """One of the seats has its outcome."""
        self._left -= 1
        if not self._left:
            self.waits.discard(self)
            self._end_soon()

    def time_is_over(self) -> None:
        """Make do with what has been found until now."""
        self._end_soon()
        self._leave()

    def cancel(self) -> None:
        """Wait no more, and tell nobody."""
        self.found = None
        self._leave()

    def _end_soon(self) -> None:
        # Never in the turn of whoever brought the outcome: what one request makes of it must not be able to cost the
        # others theirs, and logs in its own context.
        asyncio.get_running_loop().call_soon(self._end, context=self._context)

    def _end(self) -> None:
        tell, self.found = self.found, None
        if tell is None:
            return
        found: dict[Ask[Any], Any] = {}
        for ask, seat in self._seats.items():
            outcome = seat.outcome
            if outcome is NOT_YET:
                found[ask] = BackendTimeout(ask.tenant.service, cause="no answer before the operation's deadline")
            elif outcome is not None:
                found[ask] = outcome
        self._seats.clear()
        tell(found)

    def _leave(self) -> None:
        self.waits.discard(self)
        for seat in self._seats.values():
            if self in seat.waiters:
                seat.waiters = [each for each in seat.waiters if each is not self]
                if not seat.waiters:
                    self.give_up(seat)
