"""Look-ups of concurrent requests, merged: many shoppers' keys in one call, each answer to those who asked for it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from gateway.deferred import Deferred
from gateway.errors import BackendError, BackendRejected, BackendTimeout, GatewayError
from gateway.metrics import LookupMetrics
from gateway.upstream.ask import Ask
from gateway.upstream.bulk import KEYS_A_CALL
from gateway.upstream.calls import Calls
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal
from gateway.upstream.kind import Kind
from gateway.upstream.waits import Waits

logger = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

PATIENCE_SECONDS = 0.1
"""How long a call keeps the next batch of its lane waiting: one that hangs must not hold up what comes after it."""
SCOPES_KEPT = 10_000
"""How many shoppers' latest writes are remembered; a look-up is over long before so many others have written."""
SPLITS_A_FLIGHT = 16
"""Most further calls to find out which keys a refusal was about. Where it was about all of them, none of them helps."""
_NOT_YET = object()
"""In the place of an outcome; None is one."""
_SPLIT_STATUSES = frozenset({400, 404, 413, 414, 422})
"""Refusals that one key can be the cause of."""
_at_seconds = attrgetter("at_seconds")


Found = Callable[[Mapping[Ask[Any], Any]], None]
"""Is told what was found, in the context of whoever asked. What is left out does not exist."""


class Waiter:
    """One request that waits for some asks, until all of them are answered or its deadline has passed."""

    __slots__ = ("_coalescer", "_context", "_found", "_left", "_seats", "deadline", "journal")

    def __init__(self, coalescer: "Coalescer", deadline: Deadline, journal: Journal, found: Found) -> None:
        self.deadline = deadline
        self.journal = journal
        self._coalescer = coalescer
        self._context = copy_context()
        self._found: Found | None = found
        self._seats: dict[Ask[Any], _Seat] = {}
        self._left = 0

    def cancel(self) -> None:
        """Wait no more, and tell nobody."""
        self._found = None
        self._leave()

    def take(self, ask: Ask[Any], seat: "_Seat") -> None:
        """Wait for one more."""
        self._seats[ask] = seat
        self._left += 1

    def arrived(self) -> None:
        """One of the seats has its outcome."""
        self._left -= 1
        if not self._left:
            self._coalescer.waits.discard(self)
            self._end_soon()

    def time_is_over(self) -> None:
        """Make do with what has been found until now."""
        self._end_soon()
        self._leave()

    def _end_soon(self) -> None:
        # Never in the turn of whoever brought the outcome: what one request makes of it must not be able to cost the
        # others theirs, and logs in its own context.
        asyncio.get_running_loop().call_soon(self._end, context=self._context)

    def _end(self) -> None:
        tell, self._found = self._found, None
        if tell is None:
            return
        found: dict[Ask[Any], Any] = {}
        for ask, seat in self._seats.items():
            outcome = seat.outcome
            if outcome is _NOT_YET:
                found[ask] = BackendTimeout(ask.tenant.service, cause="no answer before the operation's deadline")
            elif outcome is not None:
                found[ask] = outcome
        self._seats = {}
        tell(found)

    def _leave(self) -> None:
        self._coalescer.waits.discard(self)
        for seat in self._seats.values():
            if seat.outcome is _NOT_YET and self in seat.waiters:
                self._coalescer.leave(self, seat)


@dataclass(slots=True, eq=False)
class _Seat:
    """One ask on its way, and who waits for it."""

    identity: tuple[Kind[Any, Any, Any], Ask[Any], int]
    waiters: list[Waiter] = field(default_factory=list)
    outcome: Any = _NOT_YET
    flight: "_Flight | None" = None

    def settle(self, outcome: object) -> None:
        """Tell all who wait. None is for what does not exist."""
        self.outcome = outcome
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            waiter.arrived()


@dataclass(slots=True, eq=False)
class _Flight:
    """A look-up under way."""

    calls: Calls
    seats: dict[Ask[Any], _Seat]
    task: asyncio.Task[None] | None = None
    holds_a_slot: bool = True
    splits: int = 0


@dataclass(slots=True, eq=False)
class _Lane:
    """Asks that may travel together."""

    pending: dict[Ask[Any], _Seat] = field(default_factory=dict)
    busy: int = 0
    is_leaving: bool = False
    """The pending ones leave at the end of this turn of the loop."""


class Coalescer:
    """One for a process: gathers the asks of all requests in flight.

    Where a call can carry asks of several requests, a batch leaves at the end of the loop's turn as long as fewer than
    `calls_at_once` calls of its lane are under way; while they are, the next batch fills up. So nobody waits when there
    is nothing to wait for. Equal asks are one. What a lane is, and so what may ever share a call, says `Kind.lane`;
    whose an answer is, the ask: shop, shopper and key.

    A waiter that leaves, or whose deadline passes, takes nothing from the others; when all have left, the call is
    cancelled. A call that is refused for one key's sake is split in halves, so that each fails for itself.
    """

    def __init__(self, *, calls_at_once: int, metrics: LookupMetrics | None = None) -> None:
        self._calls_at_once = calls_at_once
        self._metrics = metrics or LookupMetrics()
        self._lanes: dict[Hashable, _Lane] = {}
        self._seats: dict[tuple[Kind[Any, Any, Any], Ask[Any], int], _Seat] = {}
        self._writes: OrderedDict[tuple[str, int | None], int] = OrderedDict()
        self._written = 0
        self._flying: set[asyncio.Task[None]] = set()
        self.waits = Waits()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)

    @property
    def flying(self) -> int:
        """How many look-ups are under way."""
        return len(self._flying)

    def wrote(self, shop: str, customer_id: int | None) -> None:
        """From now on nobody joins a look-up of this shopper's that began before: it may not know of the write."""
        self._written += 1
        self._writes[shop, customer_id] = self._written
        self._writes.move_to_end((shop, customer_id))
        if len(self._writes) > SCOPES_KEPT:
            self._writes.popitem(last=False)

    def changed(self) -> None:
        """From now on nobody joins any look-up that began before: something changed, and it may not know of it."""
        self._seats.clear()

    def look_up(
        self, kind: Kind[K, Any, Any], asks: Sequence[Ask[K]], deadline: Deadline, journal: Journal, found: Found
    ) -> Waiter:
        """Look asks up, together with whatever else is asked for now.

        Args:
            kind: What is looked up.
            asks: At least one.
            deadline: When what has no answer yet counts as a time-out.
            journal: Where calls and times are written down.
            found: Is told, in a later turn of the loop; once, unless the waiter is cancelled before.

        Returns:
            To cancel it with.
        """
        waiter = Waiter(self, deadline, journal, found)
        for ask in asks:
            waiter.take(ask, self._seat(kind, ask, waiter))
        self.waits.add(waiter)
        return waiter

    async def fetch(
        self, kind: Kind[K, Any, V], asks: Sequence[Ask[K]], deadline: Deadline, journal: Journal
    ) -> Mapping[Ask[K], V | Exception]:
        """The same for those who await it."""
        found: Deferred[Mapping[Ask[K], V | Exception]] = Deferred()
        waiter = self.look_up(kind, asks, deadline, journal, found.set)
        try:
            return await found
        finally:
            waiter.cancel()

    def _seat(self, kind: Kind[K, Any, Any], ask: Ask[K], waiter: Waiter) -> _Seat:
        """The seat of an ask: that of an equal one on its way, or a new one."""
        written = self._writes.get((ask.tenant.shop, ask.customer_id), 0) if self._writes else 0
        identity = (kind, ask, written)
        seat = self._seats.get(identity)
        if seat is not None:
            seat.waiters.append(waiter)
            if seat.flight is not None:
                seat.flight.calls.join(waiter.deadline, waiter.journal)
            return seat
        key = kind.lane(ask) if kind.merges(ask) else None
        lane = self._lanes.get(key) if key is not None else None
        if lane is not None and (waiting := lane.pending.get(ask)) is not None and waiting.waiters:
            # It has not left yet, so it knows of whatever was written until now.
            waiting.waiters.append(waiter)
            return waiting
        seat = self._seats[identity] = _Seat(identity, [waiter])
        if key is None:
            self._depart(kind, None, {ask: seat})
            return seat
        if lane is None:
            lane = self._lanes[key] = _Lane()
        lane.pending[ask] = seat
        if not lane.is_leaving and lane.busy < self._calls_at_once:
            lane.is_leaving = True
            asyncio.get_running_loop().call_soon(self._leave_together, kind, key, lane)
        return seat

    def _leave_together(self, kind: Kind[Any, Any, Any], key: Hashable, lane: _Lane) -> None:
        """Send the pending asks of a lane off, as many calls as there are free slots."""
        lane.is_leaving = False
        while lane.pending and lane.busy < self._calls_at_once:
            batch = dict(islice(lane.pending.items(), KEYS_A_CALL))
            for ask in batch:
                del lane.pending[ask]
            batch = {ask: seat for ask, seat in batch.items() if seat.waiters}
            if not batch:
                continue
            lane.busy += 1
            self._depart(kind, key, batch)
        if not lane.pending and not lane.busy:
            self._lanes.pop(key, None)

    def _depart(self, kind: Kind[Any, Any, Any], key: Hashable | None, seats: dict[Ask[Any], _Seat]) -> None:
        waiters = dict.fromkeys([waiter for seat in seats.values() for waiter in seat.waiters])
        deadline = max([waiter.deadline for waiter in waiters], key=_at_seconds)
        flight = _Flight(Calls(deadline, *dict.fromkeys([waiter.journal for waiter in waiters])), seats)
        self._metrics.left(next(iter(seats)).tenant.service, len(seats))
        for seat in seats.values():
            seat.flight = flight
        loop = asyncio.get_running_loop()
        flight.task = loop.create_task(self._fly(kind, flight))
        self._flying.add(flight.task)
        patience = loop.call_later(PATIENCE_SECONDS, self._free, kind, key, flight) if key is not None else None

        def landed(task: asyncio.Task[None]) -> None:
            self._flying.discard(task)
            for seat in seats.values():
                self._close(seat)
                seat.flight = None
            if patience is not None:
                patience.cancel()
            self._free(kind, key, flight)

        flight.task.add_done_callback(landed)

    def _free(self, kind: Kind[Any, Any, Any], key: Hashable | None, flight: _Flight) -> None:
        """Give a flight's slot to the next batch: it has landed, or has taken long enough."""
        lane = self._lanes.get(key) if key is not None else None
        if lane is None or not flight.holds_a_slot:
            return
        flight.holds_a_slot = False
        lane.busy -= 1
        if not lane.is_leaving:
            self._leave_together(kind, key, lane)

    async def _fly(self, kind: Kind[Any, Any, Any], flight: _Flight) -> None:
        found = await self._found(kind, flight, list(flight.seats))
        for ask, seat in flight.seats.items():
            if seat.outcome is _NOT_YET:
                seat.settle(found.get(ask))
            self._close(seat)

    async def _found(
        self, kind: Kind[Any, Any, Any], flight: _Flight, asks: Sequence[Ask[Any]]
    ) -> Mapping[Ask[Any], Any]:
        try:
            found = await kind.fetch(flight.calls, asks)
        except BackendError as error:
            return dict.fromkeys(asks, error)
        except Exception:
            logger.exception("unexpected error in a look-up", rows=kind.rows)
            return dict.fromkeys(asks, GatewayError("Internal error."))
        refused = [ask for ask in asks if _is_refused(found.get(ask))]
        if len(refused) < 2 or flight.splits >= SPLITS_A_FLIGHT:
            return found
        flight.splits += 2
        middle = len(refused) // 2
        halves = await asyncio.gather(
            self._found(kind, flight, refused[:middle]), self._found(kind, flight, refused[middle:])
        )
        return {**{ask: row for ask, row in found.items() if not _is_refused(row)}, **halves[0], **halves[1]}

    def leave(self, waiter: Waiter, seat: _Seat) -> None:
        """One waiter less; a look-up that nobody waits for is given up."""
        seat.waiters = [each for each in seat.waiters if each is not waiter]
        flight = seat.flight
        if seat.waiters:
            return
        if flight is None:
            self._close(seat)  # it has not left, and whoever asks next starts anew
        elif flight.task is not None and not any(each.waiters for each in flight.seats.values()):
            flight.task.cancel()
            for each in flight.seats.values():
                self._close(each)

    def _close(self, seat: _Seat) -> None:
        """Nobody may join any more; who still waits for what has no outcome is told so."""
        if self._seats.get(seat.identity) is seat:
            del self._seats[seat.identity]
        if seat.outcome is _NOT_YET:
            seat.settle(BackendError(seat.identity[1].tenant.service, cause="the gateway stops"))


def _is_refused(outcome: object) -> bool:
    return isinstance(outcome, BackendRejected) and outcome.status in _SPLIT_STATUSES
