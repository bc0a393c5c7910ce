"""Whether a client is still there to read its answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class ClientLeft(Exception):  # a state, not an error: nobody reads the answer
    """The client of a request has closed its connection."""


class Presence:
    """The client at the other end of a connection, which has one request at work at a time.

    The connection says when it goes: nothing has to watch it, so that being there costs a request nothing.
    """

    __slots__ = ("_has_left", "_waiting")

    def __init__(self) -> None:
        self._has_left = False
        self._waiting: asyncio.Task[Any] | None = None

    def left(self) -> None:
        """The connection is gone: end what is done for it alone."""
        self._has_left = True
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()

    async def awaiting(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of some work, which is cancelled when the client leaves.

        Raises:
            ClientLeft: It has left.
        """
        if self._has_left:
            work.close()
            raise ClientLeft
        task = self._waiting = asyncio.current_task()
        try:
            return await work
        except asyncio.CancelledError:
            # A server that stops cancels too: what has another cause than the client goes on as it is.
            if self._waiting is None and task is not None and task.uncancel() == 0:
                raise ClientLeft from None
            raise
        finally:
            self._waiting = None
