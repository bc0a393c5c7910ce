"""One value that many use at once, replaced as a whole: whoever began with the old one keeps it to the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Held(Generic[T]):
    """A value with what closes it, and how many hold it."""

    value: T
    resources: AsyncExitStack
    holders: int = 1
    """Its owner is one of them until it is replaced."""
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def opened(cls, opening: AbstractAsyncContextManager[T]) -> "_Held[T]":
        resources = AsyncExitStack()
        return cls(await resources.enter_async_context(opening), resources)

    def __enter__(self) -> T:
        self.holders += 1
        return self.value

    def __exit__(self, *_error: object) -> None:
        self.release()

    def release(self) -> None:
        self.holders -= 1
        if not self.holders:
            self.released.set()

    async def closed(self) -> None:
        """Wait for the last holder, then close."""
        await self.released.wait()
        await self.resources.aclose()


class Replaceable(Generic[T]):
    """The current value, and the owner of those before it that are still in use."""

    def __init__(self, first: _Held[T]) -> None:
        self._current = first
        self._closing: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def holding(cls, first: AbstractAsyncContextManager[T]) -> AsyncIterator["Replaceable[T]"]:
        """Open the first value. At the end of the block every value is closed, each once nobody uses it."""
        replaceable = cls(await _Held.opened(first))
        try:
            yield replaceable
        finally:
            replaceable._retire(replaceable._current)  # its own
            await asyncio.gather(*replaceable._closing)

    def current(self) -> AbstractContextManager[T]:
        """The value of now, which stays open for as long as the block runs; to be entered at once."""
        return self._current

    async def replace(self, opening: AbstractAsyncContextManager[T]) -> None:
        """Open another value and use it from now on; the one before is closed when its last user is done.

        When it does not open, the one before stays.
        """
        new = await _Held.opened(opening)
        old, self._current = self._current, new
        self._retire(old)

    def _retire(self, held: _Held[T]) -> None:
        held.release()
        task = asyncio.get_running_loop().create_task(held.closed())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
