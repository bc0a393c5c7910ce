"""Look-ups, answered from what is kept where that is good enough."""

import asyncio
import random
import time
from collections.abc import Collection, Coroutine, Hashable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from gateway.errors import BackendError, BackendRejected
from gateway.metrics import LookupMetrics
from gateway.upstream.ask import Ask
from gateway.upstream.coalescing import Coalescer
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal, Stale
from gateway.upstream.kind import Kind
from gateway.upstream.memory import Entry, Memory
from gateway.upstream.policy import Policy
from gateway.upstream.reading import ABSENT_SECONDS, Looking, Reading
from gateway.upstream.shared import SharedCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

REFRESH_SECONDS = 5.0
"""Longest time for a refresh that nobody waits for, and how long other processes leave it to the one that began."""
RETRY_SECONDS = 1.0
RETRY_SECONDS_MAX = 30.0
"""A value whose refresh failed is refreshed again after a second, two, four …, half of that at random."""
BACKGROUND_TASKS = 1_000
"""Most refreshes and writes under way; more are left out, and what they would have kept is looked up again."""
REVALIDATING = "REVALIDATING"

Keep = Literal["all", "public", "nothing"]
"""Which answers are kept."""


class Cache:
    """Answers from memory, then from Redis, then from the backend; kept by each look-up's policy.

    A value that is no longer fresh is given while one refresh of it is under way, or where the backend fails; then the
    journal says so. A look-up that must be fresh, as those of mutations, gets nothing private that is kept, and nothing
    stale. Failures are never kept.
    """

    def __init__(
        self,
        coalescer: Coalescer,
        memory: Memory,
        shared: SharedCache | None = None,
        *,
        keep: Keep = "all",
        metrics: LookupMetrics | None = None,
    ) -> None:
        self._coalescer = coalescer
        self._keep = keep
        self._memory = memory
        self._shared = shared
        self._metrics = metrics or LookupMetrics()
        self._tasks: set[asyncio.Task[None]] = set()
        self._refreshing: set[tuple[Kind[Any, Any, Any], Ask[Any]]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def working(self) -> int:
        """How many refreshes and writes are under way."""
        return len(self._tasks)

    async def purge(self, tags: Collection[str]) -> None:
        """Let go of what has one of these tags, here and in Redis."""
        self._memory.purge(tags)
        self._coalescer.changed()
        if self._shared is not None:
            await self._shared.purge(tags)

    async def clear(self) -> None:
        """Let go of all that this process keeps."""
        self._memory.clear()
        self._coalescer.changed()

    def wrote(self, shop: str, customer_id: int | None, tags: Collection[str]) -> None:
        """A shopper changed something: nobody gets what was read of his before."""
        self._memory.purge(tags)
        self._coalescer.wrote(shop, customer_id)

    def look_up(self, reading: Reading) -> Looking | None:
        """Look asks up, and tell what was found: later, or at once where all of it is at hand.

        Returns:
            What it can be cancelled with; None where it is over.
        """
        kind, journal = reading.kind, reading.journal
        policy = kind.policy
        if policy is None or not policy.is_public:
            journal.is_private = True
            if policy is None or reading.is_fresh or self._keep != "all":
                return self._coalescer.look_up(kind, reading.asks, reading.deadline, journal, reading.tell)
        elif self._keep == "nothing":
            journal.read_public(time.monotonic(), 0.0, ())
            return self._coalescer.look_up(kind, reading.asks, reading.deadline, journal, reading.tell)
        missing = self._missing(reading, reading.asks)
        if missing and self._shared is not None and policy.is_public:
            return self._own(self._look_elsewhere(reading, self._shared, missing))
        self._count(reading, redis=0, backend=len(missing))
        if missing:
            return self._ask(reading, missing)
        reading.tell(reading.found)
        return None

    async def _look_elsewhere(self, reading: Reading, shared: SharedCache, missing: Sequence[Ask[Any]]) -> None:
        """The same for what this process does not have, but Redis may."""
        kind = reading.kind
        for ask, (value, age) in (await shared.get(kind, missing)).items():
            known = self._memory.get(kind, ask)
            asked_seconds = time.monotonic() - age
            if known is None or known.asked_seconds < asked_seconds:
                self._memory.put(kind, {ask: value}, asked_seconds)
        asking = self._missing(reading, missing)
        self._count(reading, redis=len(missing) - len(asking), backend=len(asking))
        if asking:
            asked_seconds = time.monotonic()
            answers = await self._coalescer.fetch(kind, asking, reading.deadline, reading.journal)
            self._answered(reading, asking, asked_seconds, answers)
        else:
            reading.tell(reading.found)

    def _missing(self, reading: Reading, asks: Sequence[Ask[Any]]) -> list[Ask[Any]]:
        """Those of which nothing good enough is kept; the others are among what is found."""
        kind, policy, kept = reading.kind, reading.policy, self._memory.get
        entries: dict[Ask[Any], Entry[Any]] = {}
        missing: list[Ask[Any]] = []
        for ask in asks:
            entry = kept(kind, ask)
            if entry is None or not self._is_good_enough(reading, policy, ask, entry):
                missing.append(ask)
            else:
                entries[ask] = entry
        if entries:
            reading.give(entries)
        return missing

    def _count(self, reading: Reading, *, redis: int, backend: int) -> None:
        asks = reading.asks
        self._metrics.answered(
            asks[0].tenant.service,
            reading.kind.path,
            memory=len(asks) - redis - backend,
            redis=redis,
            backend=backend,
        )

    def known(self, kind: Kind[K, Any, V], ask: Ask[K], journal: Journal) -> V | None:
        """A public answer that is at hand and fresh; None where one has to look for it."""
        policy = kind.policy
        if policy is None or self._keep == "nothing":
            return None
        entry = self._memory.get(kind, ask)
        if entry is None or entry.value is None or time.monotonic() - entry.asked_seconds > policy.fresh_seconds:
            return None
        journal.read_public(entry.asked_seconds, policy.fresh_seconds, entry.tags)
        self._metrics.kept[ask.tenant.backend.service, kind.path] += 1
        return entry.value

    def _is_good_enough(self, reading: Reading, policy: Policy, ask: Ask[Any], entry: Entry[Any]) -> bool:
        """Whether what is kept may be given; where it is no longer fresh, that is written down."""
        kind = reading.kind
        now = time.monotonic()
        age = now - entry.asked_seconds
        if entry.value is None:
            if age > min(ABSENT_SECONDS, policy.fresh_seconds):
                return False
        elif age > policy.fresh_seconds:
            if reading.is_fresh:
                return False
            if age <= policy.revalidating_seconds:
                if now >= entry.retry_seconds:
                    self._refresh(kind, policy, ask, entry)
                reason = entry.failure or REVALIDATING
            elif now < entry.retry_seconds and age <= policy.on_error_seconds:
                reason = entry.failure
            else:
                return False
            reading.journal.stale.append(Stale(kind.gid_of(ask), ask.tenant.service, age, reason))
        return True

    def _ask(self, reading: Reading, asks: Sequence[Ask[Any]]) -> Looking:
        """Ask the backend, and tell what was found."""
        told = partial(self._answered, reading, asks, time.monotonic())
        return self._coalescer.look_up(reading.kind, asks, reading.deadline, reading.journal, told)

    def _answered(
        self, reading: Reading, asks: Sequence[Ask[Any]], asked_seconds: float, answers: Mapping[Ask[Any], Any]
    ) -> None:
        """Keep what the backend says, or make do with what is kept where it fails; and tell what was found."""
        kind, policy = reading.kind, reading.policy
        kept: dict[Ask[Any], Any] = {}
        stale: dict[Ask[Any], Entry[Any]] = {}
        for ask in asks:
            outcome = answers.get(ask)
            if not isinstance(outcome, Exception):
                kept[ask] = outcome
                continue
            entry = None if reading.is_fresh or not _is_outage(outcome) else self._memory.get(kind, ask)
            age = asked_seconds - entry.asked_seconds if entry else 0.0
            if entry is None or entry.value is None or age > policy.on_error_seconds:
                reading.found[ask] = outcome
                continue
            _failed(entry, outcome)
            reading.journal.stale.append(Stale(kind.gid_of(ask), ask.tenant.service, age, entry.failure))
            stale[ask] = entry
        reading.give(stale)
        if kept:
            reading.give(self._memory.put(kind, kept, asked_seconds))
            self._share(kind, policy, kept, asked_seconds)
        reading.tell(reading.found)

    def _refresh(self, kind: Kind[K, Any, V], policy: Policy, ask: Ask[K], entry: Entry[V]) -> None:
        """Look a value up anew, with nobody waiting; one refresh a value at a time, over all processes."""
        identity = (kind, ask)
        if identity in self._refreshing or len(self._tasks) >= BACKGROUND_TASKS:
            return
        self._refreshing.add(identity)

        async def refresh() -> None:
            try:
                await self._refreshed(kind, policy, ask, entry)
            finally:
                self._refreshing.discard(identity)

        self._own(refresh())

    async def _refreshed(self, kind: Kind[K, Any, V], policy: Policy, ask: Ask[K], entry: Entry[V]) -> None:
        if self._shared is not None and policy.is_public:
            kept = (await self._shared.get(kind, [ask])).get(ask)
            if kept is not None and kept[1] <= policy.fresh_seconds:
                self._memory.put(kind, {ask: kept[0]}, time.monotonic() - kept[1])
                return
            if not await self._shared.may_refresh(kind, ask, REFRESH_SECONDS):
                entry.retry_seconds = time.monotonic() + random.uniform(0.1, 0.3)  # noqa: S311  # until the other is done
                return
        asked_seconds = time.monotonic()
        outcome = (await self._coalescer.fetch(kind, [ask], Deadline.after(REFRESH_SECONDS), Journal())).get(ask)
        if isinstance(outcome, Exception):
            _failed(entry, outcome)
            return
        self._memory.put(kind, {ask: outcome}, asked_seconds)
        self._share(kind, policy, {ask: outcome}, asked_seconds)

    def _share(
        self, kind: Kind[K, Any, V], policy: Policy, values: Mapping[Ask[K], V | None], asked_seconds: float
    ) -> None:
        if self._shared is None or not policy.is_public or len(self._tasks) >= BACKGROUND_TASKS:
            return
        current = {ask: value for ask, value in values.items() if not self._has_changed(kind, ask, asked_seconds)}
        for is_absent in (False, True):
            alike = {ask: value for ask, value in current.items() if (value is None) == is_absent}
            lasts = (
                ABSENT_SECONDS
                if is_absent
                else max(policy.fresh_seconds, policy.revalidating_seconds, policy.on_error_seconds)
            )
            if alike:
                self._own(self._shared.put(kind, alike, time.monotonic() - asked_seconds, lasts))

    def _has_changed(self, kind: Kind[K, Any, Any], ask: Ask[K], since_seconds: float) -> bool:
        return self._memory.has_changed(kind.tags(ask), since_seconds)

    def _own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _is_outage(failure: Exception) -> bool:
    """Whether the backend failed, rather than refused what was asked."""
    return isinstance(failure, BackendError) and not isinstance(failure, BackendRejected)


def _failed(entry: Entry[Any], failure: Exception) -> None:
    """Note that a refresh failed, and when the next may be."""
    longest = min(RETRY_SECONDS * 2**entry.failures, RETRY_SECONDS_MAX)
    entry.failures += 1
    entry.retry_seconds = time.monotonic() + random.uniform(longest / 2, longest)  # noqa: S311  # jitter, guards nothing
    entry.failure = failure.code if isinstance(failure, BackendError) else "INTERNAL"
