"""A value of the answer that is not there yet."""

from __future__ import annotations

import asyncio
from asyncio import Future, Task
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, copy_context
from types import CoroutineType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # run and fields import this module's neighbours
    from .fields import Field
    from .positions import Position
    from .run import Run

# What a task finds when it begins, after `start` took the first step for it.
_RUNNING = object()  # nothing: go on with the resolver
_FINISHED = object()  # the value has landed

# An awaitable that has this attribute needs no task: where it is true `result()` gives the value or raises, and else
# `listen(listener)` has the listener called with the awaitable as soon as it is settled.
SETTLED = "is_settled"


class ResolverCancelledError(Exception):
    """Somebody else cancelled what a field was waiting for."""

    def __init__(self) -> None:
        super().__init__("The field's resolver was cancelled.")


class Pending(Coroutine[Any, Any, Any]):
    """An awaitable on its way to a place in the answer; also the coroutine that its own task runs.

    `start` runs the resolver up to its first suspension at once, under the task that will continue it, so that every
    loader's key that can be known in this turn of the loop is asked for in this turn, however deep it stands.
    """

    __slots__ = ("_awaitable", "_complete", "_context", "_first", "box", "field", "position", "run", "task")

    def __init__(
        self,
        run: Run,
        field: Field,
        position: Position,
        complete: Callable[[Any, Position, Run], Any],
        awaitable: Any,
        is_calling_back: bool = False,
    ) -> None:
        self.run = run
        self.field = field
        self.position = position
        self.box: Any = None  # the dict or list that holds the place; set by whoever builds it
        self.task: Task[Any] | None = None
        self._complete = complete
        self._awaitable = awaitable
        self._first: Any = _RUNNING
        # A resolver's context variables are seen by the resolvers below it, and by nobody beside it.
        self._context: Context = copy_context()
        if is_calling_back and not run.held:
            # Nothing has to begin: it says by itself when it is there.
            run.live.add(self)
            awaitable.listen(self._settled)
        else:
            run.queue.append(self)

    def start(self) -> None:
        """Begin; a value that needs no waiting is in its place when this returns."""
        awaitable = self._awaitable
        if isinstance(awaitable, Future):
            if isinstance(awaitable, Task):
                self.task = awaitable
            self.run.live.add(self)
            if awaitable.done():
                self._context.run(self._receive, awaitable)
            else:
                # No task of ours around it: the loop calls when it is there.
                awaitable.add_done_callback(self._arrived, context=self._context)
            return
        if type(awaitable) is not CoroutineType:
            if hasattr(awaitable, SETTLED):
                self.run.live.add(self)
                awaitable.listen(self._settled)
                return
            awaitable = self._awaitable = _awaiting(awaitable)
        self._take_first_step(awaitable)

    def discard(self) -> None:
        """Drop a value whose place is gone before it was started."""
        awaitable = self._awaitable
        if isinstance(awaitable, Task):
            self.run.abandon(awaitable)
        elif isinstance(awaitable, Future):
            awaitable.add_done_callback(_retrieve)
        elif hasattr(awaitable, "close"):
            awaitable.close()

    def _take_first_step(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        run = self.run
        loop = run.loop
        task = self.task = Task(self, loop=loop, context=self._context)
        outer = asyncio.current_task(loop)
        # Documented under "Extending asyncio": who steps a coroutine says which task it belongs to. Timeouts need it.
        if outer is not None:
            asyncio._leave_task(loop, outer)  # noqa: SLF001 - a documented hook in spite of its underscore
        asyncio._enter_task(loop, task)  # noqa: SLF001 - as above
        run.live.add(self)
        try:
            first = self._context.run(coroutine.send, None)
        except BaseException as outcome:  # noqa: BLE001 - sorted out below, where the outer task is back
            result = outcome
        else:
            # Others may await the same future before the task takes over; the mark is for one at a time.
            if first is not None:
                first._asyncio_future_blocking = False  # noqa: SLF001 - asyncio's protocol for any Future
            self._first = first
            return
        finally:
            asyncio._leave_task(loop, task)  # noqa: SLF001 - as above
            if outer is not None:
                asyncio._enter_task(loop, outer)  # noqa: SLF001 - as above
        self._first = _FINISHED
        try:
            if isinstance(result, StopIteration):
                self._context.run(self._land, result.value)
            else:
                self._fall(result)
        finally:
            del result  # whose traceback has this frame

    def _land(self, value: Any) -> None:
        run = self.run
        self.task = None  # the task knows this as its coroutine: without the circle both go at once
        live = run.live
        if self not in live:
            dispose(value)
            return
        live.remove(self)
        if run.bubbled and not run.holds(self):
            dispose(value)
            return
        run.is_building = True
        try:
            result = self._complete(value, self.position, run)
        except Exception as error:  # noqa: BLE001 - whatever fails below a field is the field's error
            run.fail(self, error)
            return
        finally:
            run.is_building = False
        if type(result) is Pending:
            result.box = self.box
        self.box[self.position[1]] = result

    def _fall(self, error: BaseException) -> None:
        run = self.run
        self.task = None
        if self not in run.live:
            return
        run.live.discard(self)
        if isinstance(error, asyncio.CancelledError):
            run.fail(self, ResolverCancelledError())
        elif isinstance(error, Exception):
            run.fail(self, error)
        else:
            raise error

    def _receive(self, future: Future[Any]) -> None:
        if future.cancelled():
            self._fall(ResolverCancelledError())
            return
        error = future.exception()
        if error is None:
            self._land(future.result())
        else:
            self._fall(error)

    def _arrived(self, future: Future[Any]) -> None:
        run = self.run
        try:
            self._receive(future)
            run.drain()
        except BaseException as error:  # noqa: BLE001 - the loop would only log it, and the run would wait for ever
            run.crash(error)

    def _settled(self, awaitable: Any) -> None:
        run = self.run
        if run.is_building:
            # A resolver has settled it: the place that it goes to may still be in the making.
            run.live.discard(self)
            run.queue.append(self)
            return
        try:
            try:
                value = awaitable.result()
            except BaseException as error:  # noqa: BLE001 - sorted out there
                self._fall(error)
            else:
                self._context.run(self._land, value)
            if run.queue or run.bubbled or not run.live:
                run.drain()
        except BaseException as error:  # noqa: BLE001 - whoever settles it has others to tell
            run.crash(error)

    # The coroutine that the task runs.

    def send(self, value: Any) -> Any:
        """Continue the resolver; its value lands in the same turn."""
        first = self._first
        if first is _RUNNING:
            try:
                return self._awaitable.send(value)
            except BaseException as outcome:  # noqa: BLE001 - sorted out there
                return self._end(outcome)
        if first is _FINISHED:
            raise StopIteration
        self._first = _RUNNING
        if first is not None:
            first._asyncio_future_blocking = True  # noqa: SLF001 - as where it was taken away
        return first

    def throw(self, *exception: Any) -> Any:
        """Continue the resolver with an error, its own or a cancellation."""
        if self._first is _FINISHED:
            raise StopIteration
        self._first = _RUNNING
        try:
            return self._awaitable.throw(*exception)
        except BaseException as outcome:  # noqa: BLE001 - sorted out there
            return self._end(outcome)

    def close(self) -> None:
        """End the resolver."""
        self._awaitable.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise TypeError("only its own task runs it")

    def _end(self, outcome: BaseException) -> Any:
        self._first = _FINISHED
        run = self.run
        try:
            if isinstance(outcome, StopIteration):
                self._land(outcome.value)
            else:
                self._fall(outcome)
            run.drain()
        except BaseException as error:
            run.crash(error)
            if not isinstance(error, Exception):
                raise
        if isinstance(outcome, asyncio.CancelledError):
            raise outcome  # so that the task, too, says that it was cancelled
        raise StopIteration


def dispose(value: Any) -> None:
    """End coroutines in a value that nobody wants any more, so that Python need not complain of them."""
    if isinstance(value, CoroutineType):
        value.close()
    elif isinstance(value, (list, tuple)):
        for item in value:
            dispose(item)


async def _awaiting(awaitable: Any) -> Any:
    return await awaitable


def _retrieve(future: Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
