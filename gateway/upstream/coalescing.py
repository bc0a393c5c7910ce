"""Look-ups of concurrent requests, merged: many shoppers' keys in one call, each answer to those who asked for it."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from operator import attrgetter
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from gateway.deferred import Deferred
from gateway.errors import BackendError, BackendRejected, GatewayError
from gateway.metrics import LookupMetrics
from gateway.upstream.ask import Ask
from gateway.upstream.bulk import KEYS_A_CALL
from gateway.upstream.calls import Calls
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal
from gateway.upstream.kind import Kind
from gateway.upstream.seats import NOT_YET, Flight, Found, Seat, Waiter
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
_SPLIT_STATUSES = frozenset({400, 404, 413, 414, 422})
"""Refusals that one key can be the cause of."""
_at_seconds = attrgetter("at_seconds")


@dataclass(slots=True, eq=False)
class _Lane:
    """Asks that may travel together."""

    pending: dict[Ask[Any], Seat] = field(default_factory=dict)
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
        self._seats: dict[tuple[Kind[Any, Any, Any], Ask[Any], int], Seat] = {}
        self._writes: OrderedDict[tuple[str, int | None], int] = OrderedDict()
        self._written = 0
        self._flying: set[asyncio.Task[None]] = set()
        self._waits = Waits()
        self._holding: dict[Flight, float] = {}
        """Those that have a slot of their lane, and when they left, by the loop's clock."""
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
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
        waiter = Waiter(deadline, journal, found, self._waits, self._give_up)
        key = kind.lane(asks[0])  # all asks are one request's, of one backend
        waiter.begin({ask: self._seat(kind, ask, waiter, key) for ask in asks})
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

    def _seat(self, kind: Kind[K, Any, Any], ask: Ask[K], waiter: Waiter, key: Hashable) -> Seat:
        """The seat of an ask: that of an equal one on its way, or a new one."""
        written = self._writes.get((ask.tenant.shop, ask.customer_id), 0) if self._writes else 0
        identity = (kind, ask, written)
        seat = self._seats.get(identity)
        if seat is not None:
            seat.waiters.append(waiter)
            if seat.flight is not None:
                seat.flight.calls.join(waiter.deadline, waiter.journal)
            return seat
        merges = kind.merges(ask)
        lane = self._lanes.get(key) if merges else None
        if lane is not None and (waiting := lane.pending.get(ask)) is not None and waiting.waiters:
            # It has not left yet, so it knows of whatever was written until now.
            waiting.waiters.append(waiter)
            return waiting
        seat = self._seats[identity] = Seat(identity, [waiter])
        if not merges:
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

    def _depart(self, kind: Kind[Any, Any, Any], key: Hashable | None, seats: dict[Ask[Any], Seat]) -> None:
        waiters = dict.fromkeys([waiter for seat in seats.values() for waiter in seat.waiters])
        deadline = max([waiter.deadline for waiter in waiters], key=_at_seconds)
        calls = Calls(deadline, *dict.fromkeys([waiter.journal for waiter in waiters]))
        flight = Flight(kind, key, calls, seats)
        self._metrics.left(next(iter(seats)).tenant.service, len(seats))
        for seat in seats.values():
            seat.flight = flight
        loop = asyncio.get_running_loop()
        flight.task = loop.create_task(self._fly(flight))
        self._flying.add(flight.task)
        flight.task.add_done_callback(partial(self._landed, flight))
        if key is not None:
            self._holding[flight] = loop.time()
            if self._timer is None:
                self._timer = loop.call_later(PATIENCE_SECONDS, self._free_the_slow)

    def _landed(self, flight: Flight, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        for seat in flight.seats.values():
            if seat.flight is not None:  # it was cancelled
                self._close(seat)
        self._free(flight)

    def _free(self, flight: Flight) -> None:
        """Give a flight's slot to the next batch: it has landed, or has taken long enough."""
        if self._holding.pop(flight, None) is None:
            return
        lane = self._lanes[flight.lane]
        lane.busy -= 1
        if not lane.is_leaving:
            self._leave_together(flight.kind, flight.lane, lane)

    def _free_the_slow(self) -> None:
        # One timer for all: they have left in the order in which their time is over.
        loop = asyncio.get_running_loop()
        while self._holding:
            flight, left_seconds = next(iter(self._holding.items()))
            if (wait := left_seconds + PATIENCE_SECONDS - loop.time()) > 0:
                self._timer = loop.call_later(wait, self._free_the_slow)
                return
            self._free(flight)
        self._timer = None

    async def _fly(self, flight: Flight) -> None:
        found = await self._found(flight, list(flight.seats))
        for ask, seat in flight.seats.items():
            if seat.outcome is NOT_YET:
                seat.settle(found.get(ask))
            self._close(seat)

    async def _found(self, flight: Flight, asks: Sequence[Ask[Any]]) -> Mapping[Ask[Any], Any]:
        try:
            found = await flight.kind.fetch(flight.calls, asks)
        except BackendError as error:
            return dict.fromkeys(asks, error)
        except Exception:
            logger.exception("unexpected error in a look-up", rows=flight.kind.rows)
            return dict.fromkeys(asks, GatewayError("Internal error."))
        refused = [
            ask for ask, outcome in found.items() if isinstance(outcome, BackendRejected) and _may_split(outcome)
        ]
        if len(refused) < 2 or flight.splits >= SPLITS_A_FLIGHT:
            return found
        flight.splits += 2
        middle = len(refused) // 2
        halves = await asyncio.gather(self._found(flight, refused[:middle]), self._found(flight, refused[middle:]))
        return {**found, **dict.fromkeys(refused), **halves[0], **halves[1]}

    def _give_up(self, seat: Seat) -> None:
        """Nobody waits for a seat any more, nor for the look-up when this was its last."""
        flight = seat.flight
        if flight is None:
            self._close(seat)  # it has not left, and whoever asks next starts anew
        elif flight.task is not None and not any(each.waiters for each in flight.seats.values()):
            flight.task.cancel()
            for each in flight.seats.values():
                self._close(each)

    def _close(self, seat: Seat) -> None:
        """Nobody may join any more; who still waits for what has no outcome is told so."""
        seat.flight = None
        if self._seats.get(seat.identity) is seat:
            del self._seats[seat.identity]
        if seat.outcome is NOT_YET:
            seat.settle(BackendError(seat.identity[1].tenant.service, cause="the gateway stops"))


def _may_split(refusal: BackendRejected) -> bool:
    return refusal.status in _SPLIT_STATUSES
