"""One execution of a plan, from its first value to its last."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from graphql import ExecutionResult, GraphQLError
from graphql.execution.values import VariableValues

from .positions import Position

if TYPE_CHECKING:  # these modules import this one
    from .calls import Arguments
    from .fields import Field
    from .pending import Pending
    from .selections import Selection
    from .shapes import Build, Shapes


class Run:
    """The state of one execution; everything it starts has ended when `execute` returns."""

    __slots__ = (
        "_abandoned",
        "_done",
        "_sweeping",
        "arguments",
        "bubbled",
        "context",
        "data",
        "errors",
        "held",
        "is_building",
        "live",
        "loop",
        "operation",
        "operation_extensions",
        "queue",
        "root",
        "shapes",
        "stray",
        "truths",
        "variables",
        "variants",
    )

    def __init__(
        self,
        shapes: Shapes,
        variables: VariableValues,
        context: object,
        root: object,
        operation_extensions: dict[str, Any] | None,
    ) -> None:
        self.shapes = shapes
        self.operation = shapes.operation
        self.variables = variables
        self.context = context
        self.root = root
        self.operation_extensions = operation_extensions
        self.truths: dict[str, bool] = {}
        self.variants: dict[Selection, Build] = {}
        self.arguments: dict[Field, Arguments] = {}
        self.data: dict[str, Any] | None = None
        self.errors: list[GraphQLError] = []
        self.queue: deque[Pending] = deque()
        self.live: set[Pending] = set()
        # What items of async iterators wait for is held back until the last item has come.
        self.held: list[list[Pending]] = []
        self.loop = asyncio.get_running_loop()
        self.stray = False
        self._abandoned: list[asyncio.Task[Any]] = []
        self.bubbled = False
        self.is_building = False  # so that nothing lands meanwhile
        self._sweeping = False
        self._done: asyncio.Future[None] | None = None

    async def execute(self, steps: Sequence[Build], *, serially: bool) -> ExecutionResult:
        """Answer with what the steps build together, each step ended before the next when serially."""
        answer: dict[str, Any] = {}
        try:
            for step in steps:
                self.data = part = self._first(step)
                self.drain()
                if self.live or self._abandoned:
                    await self._settled()
                if part is None or self.data is None:
                    return ExecutionResult(None, self._handed_over())
                answer = answer | part if serially else part
        except BaseException:
            # Cancelled by the caller, or something that is no Exception came out of a resolver.
            await self._stop()
            raise
        finally:
            for pending in chain(self.queue, *self.held):
                pending.discard()
        return ExecutionResult(answer, self._handed_over() or None)

    def _handed_over(self) -> list[GraphQLError]:
        """The errors, which are nobody's here any more: their tracebacks have frames that know the run."""
        errors, self.errors = self.errors, []
        return errors

    def _first(self, step: Build) -> dict[str, Any] | None:
        self.is_building = True
        try:
            part: dict[str, Any] = step(self.root, None, self)
        except GraphQLError as error:
            self.errors.append(error)
            self.bubbled = True
            return None
        finally:
            self.is_building = False
        return part

    def absorb(self, field: Field, error: Exception, position: Position) -> None:
        """Note a failure that happened while values are built; raise it where null is not allowed."""
        if not position[3]:
            try:
                raise field.located(error, position)
            finally:
                del error  # its traceback has this frame
        located = field.located(error, position)
        self.errors.append(located)
        if located is error:
            # It came from below: what was started there has nowhere to land any more.
            self.bubbled = True

    def fail(self, pending: Pending, error: Exception) -> None:
        """Note a failure that happened after its surroundings were built."""
        if not self.holds(pending):
            return
        located = pending.field.located(error, pending.position)
        self.errors.append(located)
        if located is error:
            self.bubbled = True
        target: Position | None = pending.position
        if target is not None and target[3]:
            pending.box[target[1]] = None
            return
        self.bubbled = True
        while target is not None and not target[3]:
            target = target[0]
        if target is None:
            self.data = None
        else:
            box: Any = self._container(target)
            box[target[1]] = None

    def holds(self, pending: Pending) -> bool:
        """Whether the answer still has the place that this value is meant for."""
        if not self.bubbled:
            return True
        return pending.box is not None and self._container(pending.position) is pending.box

    def _container(self, position: Position) -> Any:
        parent = position[0]
        if parent is None:
            return self.data
        box = self._container(parent)
        # A place that was nulled, or that has not been filled, holds no containers.
        return cast("Any", box)[parent[1]] if isinstance(box, (dict, list)) else None

    def drain(self) -> None:
        """Start what waits to be started, first come first served, and see whether all is done."""
        queue = self.queue
        while queue:
            pending = queue.popleft()
            if self.bubbled and not self.holds(pending):
                pending.discard()
            else:
                pending.start()
        if not self.live:
            self._wake()
        elif self.bubbled and not self._sweeping:
            # Failures come in crowds, one for each key of a batch: one sweep serves them all.
            self._sweeping = True
            self.loop.call_soon(self._sweep)

    def _sweep(self) -> None:
        self._sweeping = False
        for pending in [pending for pending in self.live if not self.holds(pending)]:
            self.live.discard(pending)
            self.abandon(pending.task)
        if not self.live:
            self._wake()

    def abandon(self, task: asyncio.Task[Any] | None) -> None:
        """Stop listening to a task, without cancelling it yet.

        It may be waiting for a future that it shares with a field that lives, a loader's for example, and cancelling
        a task cancels what it waits for. The run ends it when nothing lives any more.
        """
        if task is not None:
            self._abandoned.append(task)

    def crash(self, error: BaseException) -> None:
        """End the run with something that is no failure of a field."""
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)

    def _wake(self) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(None)

    async def _settled(self) -> None:
        if self.live:
            self._done = self.loop.create_future()
            await self._done
            self._done = None
        if self._abandoned:
            await self._stop()

    async def _stop(self) -> None:
        tasks = [task for task in self._abandoned if not task.done()]
        tasks += [pending.task for pending in self.live if pending.task is not None]
        self.live.clear()
        self._abandoned.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
