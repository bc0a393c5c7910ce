"""The per-request DataLoader."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

from aiodataloader import DataLoader

from gateway.upstream.upstream import Batch

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LoadsClosed(Exception):  # a state, not an error: nobody waits for the value any more
    """The request ended before this look-up did."""


class Loads:
    """Owner of a request's running look-ups: when the request ends, those still running are cancelled and awaited."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._loaders: list[Loader[Any, Any]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def forget(self) -> None:
        """Something was written: whatever a shopper's look-ups have found so far counts no more."""
        for loader in self._loaders:
            loader.clear_all()

    def add(self, loader: "Loader[Any, Any]") -> None:
        """Let this loader forget with the others."""
        self._loaders.append(loader)

    def own_current(self) -> None:
        """Own the task that runs now, until it is done."""
        task = asyncio.current_task()
        assert task is not None, "a look-up runs in a task"  # noqa: S101  # for mypy: aiodataloader starts one for each batch
        self._running.add(task)
        task.add_done_callback(self._running.discard)


class Loader(Generic[K, V]):
    """Gathers the keys that fields ask for in one turn of the loop into one call of a batch function.

    A key is looked up once a request. What a batch leaves out is None.
    """

    def __init__(self, batch: Batch[K, V], loads: Loads, *, is_lasting: bool = False) -> None:
        """`is_lasting` is for what no shopper's write changes, such as products."""
        self._batch = batch
        self._loads = loads
        # aiodataloader hands an exception in the list to that key's waiters; its types do not say so.
        load_all = cast("Callable[[list[K]], Coroutine[Any, Any, list[V | None]]]", self._load_all)
        self._loader: DataLoader[K, V | None] = DataLoader(load_all, loop=asyncio.get_running_loop())
        if not is_lasting:
            loads.add(self)

    def load(self, key: K) -> Awaitable[V | None]:
        """The value of a key, or None where there is none.

        Several fields share a key's future; the shield keeps one that is cancelled from taking the others' answer.
        """
        return asyncio.shield(self._loader.load(key))

    def prime(self, key: K, value: V) -> None:
        """Keep a value that is known already, in place of what was known before, so that nobody asks for it."""
        self._loader.clear(key)
        self._loader.prime(key, value)

    def clear_all(self) -> None:
        """Forget what was found, so that it is looked up again."""
        self._loader.clear_all()

    async def _load_all(self, keys: Sequence[K]) -> list[V | Exception | None]:
        self._loads.own_current()
        try:
            found = await self._batch(keys)
        except asyncio.CancelledError:
            # aiodataloader hands on exceptions only: without this, a cancelled batch leaves its waiters for ever.
            raise LoadsClosed from None
        return [found.get(key) for key in keys]
