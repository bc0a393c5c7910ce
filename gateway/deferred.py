"""A value that comes later: once, to any number of those who wait."""

import asyncio
from collections.abc import Callable, Generator
from functools import partial
from types import TracebackType
from typing import Any, Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")

Listener = Callable[["Deferred[Any]"], object]


class Deferred(Generic[T]):
    """What look-ups hand out: a value, or the error that there is in its place.

    Unlike a future it belongs to no loop: those who listen are called in the turn in which it is settled, and nothing
    is scheduled. Unlike a future it can be shared: each `await` waits by itself, so that one who is cancelled, or whose
    time is over, takes nothing from the others. Compiled operations listen to it and need no task for it.
    """

    __slots__ = ("_error", "_listener", "_origin", "_others", "_value", "is_settled")

    _value: T
    _origin: TracebackType | None
    """Of the error."""

    def __init__(self) -> None:
        self.is_settled = False
        self._error: BaseException | None = None
        # Nearly all have one.
        self._listener: Listener | None = None
        self._others: list[Listener] | None = None

    @staticmethod
    def of(value: U) -> "Deferred[U]":
        """One that is there already."""
        deferred: Deferred[U] = Deferred()
        deferred._value = value
        deferred.is_settled = True
        return deferred

    def set(self, value: T) -> None:
        """Settle it with a value. Once only."""
        self._value = value
        self._settle()

    def fail(self, error: BaseException) -> None:
        """Settle it with an error. Once only."""
        self._error = error
        # Where it comes from knows those who wait for it: a circle.
        self._origin = None
        self._settle()

    def result(self) -> T:
        """The value of one that is settled.

        Raises:
            BaseException: The error, where it was settled with one.
        """
        if self._error is not None:
            # Raised in several places, it must not collect the frames of all of them.
            raise self._error.with_traceback(self._origin)
        return self._value

    def listen(self, listener: Listener) -> None:
        """Have a function called, with this, when it is settled; now if it is. The function raises nothing."""
        if self.is_settled:
            listener(self)
        else:
            self._add(listener)

    def then(self, change: Callable[[T], U]) -> "Deferred[U]":
        """Another, whose value is made of this one's. An error stays what it is; one of `change` is the other's."""
        changed = _Changed(change)
        if self.is_settled:
            changed.follow(self)
        else:
            self._add(changed.follow)
        return changed

    def then_wait(self, follow: Callable[[T], "Deferred[U]"]) -> "Deferred[U]":
        """Another, whose value is that of the one which `follow` makes of this one's value."""
        following: Deferred[U] = Deferred()
        self.listen(partial(_follow, following, follow))
        return following

    def _settle(self) -> None:
        self.is_settled = True
        listener, others = self._listener, self._others
        if listener is None:
            return
        self._listener = self._others = None
        listener(self)
        for other in others or ():
            other(self)

    def _add(self, listener: Listener) -> None:
        if self._listener is None:
            self._listener = listener
        elif self._others is None:
            self._others = [listener]
        else:
            self._others.append(listener)

    def __await__(self) -> Generator[Any, None, T]:
        if not self.is_settled:
            waiter = asyncio.get_running_loop().create_future()
            self._add(partial(_wake, waiter))
            yield from waiter
        return self.result()


class _Changed(Deferred[U]):
    """One whose value is made of another's."""

    __slots__ = ("_change",)

    def __init__(self, change: Callable[[Any], U]) -> None:
        self.is_settled = False
        self._error = None
        self._listener = None
        self._others = None
        self._change = change

    def follow(self, settled: Deferred[Any]) -> None:
        """Be settled: the other is."""
        try:
            self._value = self._change(settled.result())
        except Exception as error:  # noqa: BLE001  # whatever fails is the outcome
            self._error = error
            # A fault of ours is to be found by where it happened.
            self._origin = error.__traceback__ if settled._error is None else settled._origin  # noqa: SLF001  # its own class
        self._settle()


def _wake(waiter: asyncio.Future[None], _settled: Deferred[Any]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _follow(following: Deferred[U], follow: Callable[[T], Deferred[U]], settled: Deferred[T]) -> None:
    try:
        follow(settled.result()).listen(partial(_pass_on, following))
    except Exception as error:  # noqa: BLE001  # as above
        following.fail(error)


def _pass_on(following: Deferred[U], settled: Deferred[U]) -> None:
    try:
        value = settled.result()
    except Exception as error:  # noqa: BLE001  # as above
        following.fail(error)
    else:
        following.set(value)
