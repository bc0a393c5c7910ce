"""How a resolver's value becomes a value of the answer, for each kind of type."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    Undefined,
    is_abstract_type,
    is_leaf_type,
)
from graphql.pyutils import inspect

from .fields import Field
from .info import ResolveInfo
from .leaves import serializer
from .pending import SETTLED, Pending, dispose
from .positions import Position, field_of
from .run import Run
from .strawberry_internals import CAST_ATTRIBUTE, is_awaitable, plain_class

if TYPE_CHECKING:  # shapes imports this module
    from .shapes import Shape, Shapes

# Completes a value that is not awaited any more: returns the answer's value or a Pending, raises what failed.
Complete: TypeAlias = Callable[[Any, Position, Run], Any]

# Classes whose values were neither awaited nor errors nor null: they are never, except for generators.
PLAIN: set[type] = set()
# Classes whose values call back.
CALLING_BACK: set[type] = set()
_MOST_CLASSES = 1_000
_NEVER_PLAIN = (Exception, GeneratorType, type(None), type(Undefined))


def awaiting(field: Field, complete: Complete, *, stray: bool = False) -> Complete:
    """The same for a value that may have to be awaited first.

    A stray awaitable is one where nobody expects it, in a plain attribute; the run is told to look out for them.
    """

    def maybe(value: Any, position: Position, run: Run) -> Any:
        class_ = type(value)
        if class_ in PLAIN:
            return complete(value, position, run)
        if class_ is CoroutineType or is_awaitable(value):
            if hasattr(value, SETTLED):
                if len(CALLING_BACK) < _MOST_CLASSES:
                    CALLING_BACK.add(class_)
                if value.is_settled:
                    return complete(value.result(), position, run)
            run.stray = run.stray or stray
            return Pending(run, field, position, complete, value, class_ in CALLING_BACK)
        if not issubclass(class_, _NEVER_PLAIN) and len(PLAIN) < _MOST_CLASSES:
            PLAIN.add(class_)
        return complete(value, position, run)

    return maybe


def completion(shapes: Shapes, field: Field, type_: GraphQLOutputType) -> Complete:
    """How values of the type are completed, null and exceptions that were returned included."""
    nullable = not isinstance(type_, GraphQLNonNull)
    inner: GraphQLOutputType = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    present = _present(shapes, field, inner)

    def complete(value: Any, position: Position, run: Run) -> Any:
        if value is None or value is Undefined:
            if nullable:
                return None
            raise field.null_error()
        if isinstance(value, Exception):
            raise value
        return present(value, position, run)

    expected = _expected(shapes, field, inner)
    if expected is None:
        return complete
    class_, shape, may_be_cast = expected

    def build(value: Any, position: Position, run: Run) -> Any:
        if type(value) is class_ and not (may_be_cast and hasattr(value, CAST_ATTRIBUTE)):
            return shape.build(value, position, run)
        return complete(value, position, run)

    return build


def _present(shapes: Shapes, field: Field, type_: GraphQLOutputType) -> Complete:
    if isinstance(type_, GraphQLList):
        return listing(shapes, field, type_)
    if is_leaf_type(type_):
        serialize = serializer(type_)
        return lambda value, _position, _run: serialize(value)
    if is_abstract_type(type_):
        return shapes.abstract(field, type_)
    return _object(shapes, field, cast("GraphQLObjectType", type_))


def _expected(shapes: Shapes, field: Field, type_: GraphQLOutputType) -> tuple[type, Shape, bool] | None:
    """The class that an object type's values usually have, how they answer, and whether a cast has to be looked for."""
    if not isinstance(type_, GraphQLObjectType):
        return None
    class_ = plain_class(type_)
    return None if class_ is None else (class_, shapes.of(type_, field.nodes), type_.is_type_of is not None)


def _object(shapes: Shapes, field: Field, type_: GraphQLObjectType) -> Complete:
    shape = shapes.of(type_, field.nodes)
    is_type_of = type_.is_type_of
    class_ = plain_class(type_)
    if is_type_of is None:
        return shape.answer  # not `build`, which changes when it has compiled

    def refuse(value: Any) -> GraphQLError:
        return GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", field.nodes)

    def checked(value: Any, position: Position, run: Run) -> Any:
        if type(value) is class_ and getattr(value, CAST_ATTRIBUTE, None) is None:
            return shape.build(value, position, run)
        answer: Any = is_type_of(value, cast("Any", ResolveInfo(run, field, field_of(position))))
        if is_awaitable(answer):

            def later(answer: Any, position: Position, run: Run) -> Any:
                if not answer:
                    raise refuse(value)
                return shape.build(value, position, run)

            return Pending(run, field, position, later, answer)
        if not answer:
            raise refuse(value)
        return shape.build(value, position, run)

    return checked


_NOTHING = (None, None, False)  # is expected
# Completes items, and adds them to a list of the answer.
Add: TypeAlias = Callable[[list[Any], Iterator[Any], Position, Run], None]


def _adding(shapes: Shapes, field: Field, item_type: GraphQLOutputType) -> Add:
    nullable = not isinstance(item_type, GraphQLNonNull)
    complete = awaiting(field, completion(shapes, field, item_type))
    inner = item_type.of_type if isinstance(item_type, GraphQLNonNull) else item_type
    class_, shape, may_be_cast = cast("tuple[type | None, Any, bool]", _expected(shapes, field, inner) or _NOTHING)

    def add(out: list[Any], items: Iterator[Any], position: Position, run: Run) -> None:
        for item in items:
            at = (position, len(out), None, nullable)
            try:
                if type(item) is class_ and not (may_be_cast and hasattr(item, CAST_ATTRIBUTE)):
                    done: Any = shape.build(item, at, run)
                else:
                    done = complete(item, at, run)
            except Exception as error:  # noqa: BLE001 - whatever fails below an item is the item's error
                run.absorb(field, error, at)
                done = None
            out.append(done)
            if type(done) is Pending:
                done.box = out

    return add


def listing(shapes: Shapes, field: Field, type_: GraphQLList[Any]) -> Complete:
    """How values of a list type are completed that are there, and no exceptions."""
    add = _adding(shapes, field, type_.of_type)

    def complete(value: Any, position: Position, run: Run) -> Any:
        if type(value) is not list:
            if hasattr(value, "__aiter__"):
                return _iterating(field, add, value, position, run)
            if not _is_iterable(value):
                message = f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'."
                raise GraphQLError(message)
        out: list[Any] = []
        items = iter(value)
        try:
            add(out, items, position, run)
        except Exception:
            # What the items before wait for has nowhere to land, and those behind are never looked at.
            run.bubbled = True
            with suppress(Exception):
                dispose(list(items))
            raise
        return out

    return complete


def _is_iterable(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (bytearray, bytes, str, memoryview, Mapping))


def _iterating(field: Field, add: Add, value: Any, position: Position, run: Run) -> Pending:
    # Items are completed as they come, and what they wait for is started when the last has come.
    waiting: list[Pending] = []
    run.held.append(waiting)

    async def iterate() -> list[Any]:
        out: list[Any] = []
        iterator = value.__aiter__()
        try:
            while True:
                try:
                    item = await anext(iterator)
                except StopAsyncIteration:
                    return out
                queue, run.queue = run.queue, deque()
                try:
                    add(out, iter((item,)), position, run)
                finally:
                    waiting.extend(run.queue)
                    run.queue = queue
        except Exception as error:
            if hasattr(iterator, "aclose"):
                with suppress(Exception):
                    await iterator.aclose()
            raise field.located(error, position) from error

    def land(out: list[Any], _position: Position, run: Run) -> list[Any]:
        run.queue.extend(waiting)
        waiting.clear()
        return out

    return Pending(run, field, position, land, iterate())
