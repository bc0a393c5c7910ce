"""The compiled selections of a document, one for each object type and set of field nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from weakref import proxy

import strawberry
from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    default_type_resolver,
    is_object_type,
)
from graphql.pyutils import inspect

from .completion import completion
from .fields import Field
from .info import ResolveInfo
from .pending import Pending
from .positions import Position, field_of
from .run import Run
from .selections import Selection
from .sharing import is_shared, keeping
from .source import compile_selection
from .strawberry_internals import CAST_ATTRIBUTE, decides_by_class, is_awaitable, plain_class

if TYPE_CHECKING:  # operation imports this module
    from .operation import Operation

# Answers for one source object; raises the error of a field that may not be null.
Build: TypeAlias = Callable[[Any, "Position | None", Run], Any]


class Shape:
    """The answer of one object type to one set of selections; compiled when the first such object comes.

    It knows the shapes below it, and nothing that knows it: so it goes with its plan, and nobody has to look for it.
    """

    __slots__ = ("__weakref__", "_on", "_selection", "build")

    build: Build

    def __init__(self, operation: Operation, on: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> None:
        self._on = on
        self._selection = Selection(operation.schema, operation.fragments, on, sets)
        self.build = partial(Shape._compile_first, proxy(self))  # a method of its own would hold it

    def _compile_first(self, source: Any, at: Position | None, run: Run) -> Any:
        self.build = build = self._compiled(run.shapes)
        return build(source, at, run)

    def _compiled(self, shapes: Shapes) -> Build:
        if self._selection.conditions():
            return _choosing(self._on, self._selection)
        build = compile_selection(shapes, self._on, self._selection.fields({}))
        return keeping(build, plain_class(self._on)) if self.is_shared(shapes) else build

    def is_shared(self, shapes: Shapes) -> bool:
        """Whether the answer follows from the object alone, under any conditions."""
        return not self._selection.conditions() and is_shared(shapes, self._on, self._selection.fields({}))

    def answer(self, source: Any, at: Position | None, run: Run) -> Any:
        """Build with what is compiled by then."""
        return self.build(source, at, run)

    def steps(self, run: Run) -> list[Build]:
        """One function for each field, in the order of the answer: mutations run one after the other."""
        fields = self._selection.fields(run.truths)
        return [compile_selection(run.shapes, self._on, {key: nodes}) for key, nodes in fields.items()]


def _choosing(on: GraphQLObjectType, selection: Selection) -> Build:
    """By the truths of a run, the function that answers under them."""
    conditions = selection.conditions()
    variants: dict[tuple[bool, ...], Build] = {}

    def choose(source: Any, at: Position | None, run: Run) -> Any:
        build = run.variants.get(selection)
        if build is None:
            truths = tuple(run.truths[name] for name in conditions)
            build = variants.get(truths)
            if build is None:
                build = variants[truths] = compile_selection(run.shapes, on, selection.fields(run.truths))
            run.variants[selection] = build
        return build(source, at, run)

    return choose


class Shapes:
    """All shapes of one operation."""

    def __init__(self, schema: strawberry.Schema, operation: Operation) -> None:
        self.strawberry_schema = schema
        self.operation = operation
        # The nodes are kept alive by the operation's document, so that their ids stay theirs.
        self._shapes: dict[tuple[str, tuple[int, ...]], Shape] = {}

    def __len__(self) -> int:
        return len(self._shapes)

    def root(self, on: GraphQLObjectType) -> Shape:
        """The shape of the whole answer."""
        return Shape(self.operation, on, [self.operation.node.selection_set])

    def of(self, on: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Shape:
        """The shape of an object that stands where these nodes select from it."""
        key = (on.name, tuple(map(id, nodes)))
        shape = self._shapes.get(key)
        if shape is None:
            sets = [node.selection_set for node in nodes if node.selection_set]
            shape = self._shapes[key] = Shape(self.operation, on, sets)
        return shape

    @staticmethod
    def abstract(field: Field, type_: GraphQLAbstractType) -> Callable[[Any, Position, Run], Any]:
        """How values of an interface or a union are completed."""
        resolve = type_.resolve_type or default_type_resolver
        by_class: dict[type, Shape] = {}

        def complete(value: Any, position: Position, run: Run) -> Any:
            shape = by_class.get(type(value))
            if shape is not None and getattr(value, CAST_ATTRIBUTE, None) is None:
                return shape.build(value, position, run)
            info = cast("Any", ResolveInfo(run, field, field_of(position)))
            name = resolve(value, info, type_)
            if is_awaitable(name):
                return Pending(run, field, position, lambda name, at, run: named(name, value, at, run), name)
            return named(name, value, position, run)

        def named(name: Any, value: Any, position: Position, run: Run) -> Any:
            on = _object_type(run.operation.schema, name, value, field, type_)
            class_ = plain_class(on)
            if (
                class_ is type(value)
                and getattr(value, CAST_ATTRIBUTE, None) is None
                and decides_by_class(type_, class_)
            ):
                by_class[class_] = run.shapes.of(on, field.nodes)
            return completion(run.shapes, field, on)(value, position, run)

        return complete


def _object_type(
    schema: GraphQLSchema, name: Any, value: Any, field: Field, type_: GraphQLAbstractType
) -> GraphQLObjectType:
    where = f"{field.parent}.{field.name}"
    if name is None:
        message = (
            f"Abstract type '{type_}' must resolve to an Object type at runtime for field '{where}'."
            f" Either the '{type_}' type should provide a 'resolve_type' function"
            " or each possible type should provide an 'is_type_of' function."
        )
    elif not isinstance(name, str):
        message = (
            f"Abstract type '{type_}' must resolve to an Object type at runtime for field '{where}'"
            f" with value {inspect(value)}, received '{inspect(name)}', which is not a valid Object type name."
        )
    elif (on := schema.get_type(name)) is None:
        message = f"Abstract type '{type_}' was resolved to a type '{name}' that does not exist inside the schema."
    elif not is_object_type(on):
        message = f"Abstract type '{type_}' was resolved to a non-object type '{name}'."
    elif not schema.is_sub_type(type_, on):
        message = f"Runtime Object type '{on}' is not a possible type for '{type_}'."
    else:
        return on
    raise GraphQLError(message, field.nodes)
