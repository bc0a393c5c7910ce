"""How a resolver's value becomes a value of the answer, for each kind of type."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from graphql import (
    GraphQLError,
    GraphQLLeafType,
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
    from .shapes import Shapes

# Completes a value that is not awaited any more: returns the answer's value or a Pending, raises what failed.
Complete: TypeAlias = Callable[[Any, Position, Run], Any]

# Classes with values that were not awaited: a class's values are all awaited or none is, except for generators.
_PLAIN: set[type] = set()
_MOST_CLASSES = 1_000


def awaiting(field: Field, complete: Complete, *, stray: bool = False) -> Complete:
    """The same for a value that may have to be awaited first.

    A stray awaitable is one where nobody expects it, in a plain attribute; the run is told to look out for them.
    """

    def maybe(value: Any, position: Position, run: Run) -> Any:
        class_ = type(value)
        if class_ in _PLAIN:
            return complete(value, position, run)
        if class_ is CoroutineType or is_awaitable(value):
            if getattr(value, SETTLED, False):
                return complete(value.result(), position, run)
            run.stray = run.stray or stray
            return Pending(run, field, position, complete, value)
        if class_ is not GeneratorType and len(_PLAIN) < _MOST_CLASSES:
            _PLAIN.add(class_)
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

    return complete


def _present(shapes: Shapes, field: Field, type_: GraphQLOutputType) -> Complete:
    if isinstance(type_, GraphQLList):
        return _list(shapes, field, type_)
    if is_leaf_type(type_):
        return _leaf(type_)
    if is_abstract_type(type_):
        return shapes.abstract(field, type_)
    return _object(shapes, field, cast("GraphQLObjectType", type_))


def _leaf(type_: GraphQLLeafType) -> Complete:
    serialize = serializer(type_)
    return lambda value, _position, _run: serialize(value)


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


def _list(shapes: Shapes, field: Field, type_: GraphQLList[Any]) -> Complete:
    item_type: GraphQLOutputType = type_.of_type
    item_nullable = not isinstance(item_type, GraphQLNonNull)
    complete_item = awaiting(field, completion(shapes, field, item_type))
    inner = item_type.of_type if isinstance(item_type, GraphQLNonNull) else item_type
    class_ = plain_class(inner) if isinstance(inner, GraphQLObjectType) else None
    shape = shapes.of(inner, field.nodes) if isinstance(inner, GraphQLObjectType) else None

    def add(out: list[Any], item: Any, position: Position, run: Run) -> None:
        at = (position, len(out), None, item_nullable)
        try:
            if shape is not None and type(item) is class_ and getattr(item, CAST_ATTRIBUTE, None) is None:
                done: Any = shape.build(item, at, run)
            else:
                done = complete_item(item, at, run)
        except Exception as error:  # noqa: BLE001 - whatever fails below an item is the item's error
            run.absorb(field, error, at)
            done = None
        out.append(done)
        if type(done) is Pending:
            done.box = out

    def complete(value: Any, position: Position, run: Run) -> Any:
        if hasattr(value, "__aiter__"):
            return _iterating(field, add, value, position, run)
        if type(value) is not list and not _is_iterable(value):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'.")
        out: list[Any] = []
        items = iter(value)
        try:
            for item in items:
                add(out, item, position, run)
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


def _iterating(
    field: Field, add: Callable[[list[Any], Any, Position, Run], None], value: Any, position: Position, run: Run
) -> Pending:
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
                    add(out, item, position, run)
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
