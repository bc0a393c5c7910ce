"""The per-request DataLoader."""

import asyncio
from collections.abc import Coroutine, Hashable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from aiodataloader import DataLoader

from gateway.deferred import Deferred
from gateway.upstream.reading import Looking
from gateway.upstream.upstream import Batch, LookUps

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LoadsClosed(Exception):  # a state, not an error: nobody waits for the value any more
    """The request ended before this look-up did."""


class Loads:
    """Owner of a request's running look-ups: when the request ends, those still running are cancelled and awaited."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()
        self._waiting: set[_LookUp] = set()
        self._loaders: list[Loader[Any, Any]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for look_up in list(self._waiting):
            look_up.cancel()
        if self._running:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
        # Loaders know their owner: where nothing is left of that circle, all that was looked up goes at once.
        self._loaders.clear()

    def forget(self) -> None:
        """Something was written: whatever a shopper's look-ups have found so far counts no more."""
        for loader in self._loaders:
            loader.clear_all()

    def add(self, loader: "Loader[Any, Any]") -> None:
        """Let this loader forget with the others."""
        self._loaders.append(loader)

    def look_up(self, batch: LookUps[Any, Any], wanted: dict[Any, Deferred[Any]]) -> None:
        """Settle values by a look-up, and own it until it is done."""
        waiting = _LookUp(self._waiting, wanted)
        looking = batch.look_up(list(wanted), waiting.settle)
        if looking is not None:
            waiting.begin(looking)

    def start(self, look_up: Coroutine[Any, Any, None]) -> None:
        """Run a look-up, and own it until it is done."""
        task = self.loop.create_task(look_up)
        self._running.add(task)
        task.add_done_callback(self._running.discard)


class _LookUp:
    """Values that wait for a look-up."""

    __slots__ = ("_looking", "_owner", "_wanted")

    def __init__(self, owner: set["_LookUp"], wanted: dict[Any, Deferred[Any]]) -> None:
        self._owner = owner
        self._wanted = wanted
        self._looking: Looking | None = None

    def begin(self, looking: Looking) -> None:
        """It is under way."""
        self._looking = looking
        self._owner.add(self)

    def settle(self, found: Mapping[Any, Any]) -> None:
        """It is over."""
        self._owner.discard(self)
        self._looking = None
        for key, value in self._wanted.items():
            outcome = found.get(key)
            if isinstance(outcome, Exception):
                value.fail(outcome)
            else:
                value.set(outcome)

    def cancel(self) -> None:
        """Nobody needs it any more."""
        self._owner.discard(self)
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        for value in self._wanted.values():
            value.fail(LoadsClosed())


class Loader(DataLoader[K, V | None]):
    """Gathers the keys that fields ask for in one turn of the loop into one call of a batch function.

    A key is looked up once a request. What a batch leaves out is None.

    What a DataLoader is stays aiodataloader's. Its futures, and its two tasks for each batch, are replaced (decision
    9): values come as `Deferred`, which needs neither a future nor a shield for each field that waits.
    """

    def __init__(self, batch: Batch[K, V], loads: Loads, *, is_lasting: bool = False) -> None:
        """`is_lasting` is for what no shopper's write changes, such as products."""
        self._found: dict[K, Deferred[V | None]] = {}
        self._wanted: dict[K, Deferred[V | None]] = {}
        # What DataLoader's constructor does, but for its look into the batch function's code, ten times a request.
        # A Deferred is awaited as the futures are that its types speak of.
        self.loop = loads.loop
        self._cache = cast("Any", self._found)
        self._batch = batch
        self._known = batch.known if isinstance(batch, LookUps) and batch.kind.is_public else None
        self._loads = loads
        if not is_lasting:
            loads.add(self)

    def load(self, key: K) -> Deferred[V | None]:  # type: ignore[override]  # as above
        """The value of a key, or None where there is none."""
        value = self._found.get(key)
        if value is not None:
            return value
        if self._known is not None and (known := self._known(key)) is not None:
            value = self._found[key] = Deferred.of(known)
            return value
        value = self._wanted.get(key)
        if value is None:
            value = self._wanted[key] = Deferred()
            if len(self._wanted) == 1:
                self.loop.call_soon(self._leave)
        # One that was forgotten before it left is still to be asked for, and so knows of what was written until now.
        self._found[key] = value
        return value

    def prime(self, key: K, value: V | None) -> Self:
        """Keep a value that is known already, in place of what was known before, so that nobody asks for it."""
        self._found[key] = Deferred.of(value)
        return self

    def _leave(self) -> None:
        wanted, self._wanted = self._wanted, {}
        if isinstance(self._batch, LookUps):
            self._loads.look_up(self._batch, wanted)
        else:
            self._loads.start(self._look_up(wanted))

    @staticmethod
    def get_cache_key(key: K) -> K:
        """Keys are what they are."""
        return key

    async def batch_load_fn(self, keys: list[K]) -> list[V | None]:
        """Values, or the exceptions in their place, in the order of the keys."""
        found = await self._batch(keys)
        return [cast("V | None", found.get(key)) for key in keys]

    async def _look_up(self, wanted: dict[K, Deferred[V | None]]) -> None:
        try:
            values = await self.batch_load_fn(list(wanted))
        except BaseException as error:
            # As with aiodataloader, a batch that failed is not kept, and all who wait for its keys are told.
            outcome = LoadsClosed() if isinstance(error, asyncio.CancelledError) else error
            for key, value in wanted.items():
                if self._found.get(key) is value:
                    del self._found[key]
                value.fail(outcome)
            if not isinstance(error, Exception | asyncio.CancelledError):
                raise
            return
        for waiting, outcome_of_key in zip(wanted.values(), values, strict=True):
            if isinstance(outcome_of_key, Exception):
                waiting.fail(outcome_of_key)
            else:
                waiting.set(outcome_of_key)
