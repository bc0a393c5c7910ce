"""One at a time for each name, within the process."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from gateway.upstream.deadline import Deadline


class Locks:
    """Locks by name; a lock is gone when nobody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def holding(self, names: Iterable[str], deadline: Deadline) -> AsyncIterator[bool]:
        """Hold the locks of all these names; taken in one order, so that nobody waits in a circle.

        Yields:
            Whether others had to be waited for, so that what was read before may be out of date.

        Raises:
            TimeoutError: Others held one of them until the deadline.
        """
        has_waited = False
        async with AsyncExitStack() as held:
            for name in sorted(set(names)):
                lock = self._locks.setdefault(name, asyncio.Lock())
                has_waited = has_waited or lock.locked()
                async with asyncio.timeout(max(deadline.remaining_seconds(), 0)):
                    await lock.acquire()
                held.callback(lock.release)
            yield has_waited
