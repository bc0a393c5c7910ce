"""The compiled selections of a document, one for each object type and set of field nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import strawberry
from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
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
    """The answer of one object type to one set of selections; compiled when the first such object comes."""

    __slots__ = ("_conditions", "_on", "_selection", "_shapes", "_variants", "build")

    build: Build

    def __init__(self, shapes: Shapes, on: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> None:
        self._shapes = shapes
        self._on = on
        self._selection = Selection(shapes.operation.schema, shapes.operation.fragments, on, sets)
        self._conditions: tuple[str, ...] = ()
        self._variants: dict[tuple[bool, ...], Build] = {}
        self.build = self._compile_first

    def _compile_first(self, source: Any, at: Position | None, run: Run) -> Any:
        self._conditions = self._selection.conditions()
        if self._conditions:
            self.build = self._choose
        else:
            build = compile_selection(self._shapes, self._on, self._selection.fields({}))
            self.build = keeping(build, plain_class(self._on)) if self.is_shared() else build
        return self.build(source, at, run)

    def is_shared(self) -> bool:
        """Whether the answer follows from the object alone, under any conditions."""
        return not self._selection.conditions() and is_shared(self._shapes, self._on, self._selection.fields({}))

    def _choose(self, source: Any, at: Position | None, run: Run) -> Any:
        build = run.variants.get(self)
        if build is None:
            truths = tuple(run.truths[name] for name in self._conditions)
            build = self._variants.get(truths)
            if build is None:
                build = compile_selection(self._shapes, self._on, self._selection.fields(run.truths))
                self._variants[truths] = build
            run.variants[self] = build
        return build(source, at, run)

    def answer(self, source: Any, at: Position | None, run: Run) -> Any:
        """Build with what is compiled by then."""
        return self.build(source, at, run)

    def steps(self, run: Run) -> list[Build]:
        """One function for each field, in the order of the answer: mutations run one after the other."""
        fields = self._selection.fields(run.truths)
        return [compile_selection(self._shapes, self._on, {key: nodes}) for key, nodes in fields.items()]


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
        return Shape(self, on, [self.operation.node.selection_set])

    def of(self, on: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Shape:
        """The shape of an object that stands where these nodes select from it."""
        key = (on.name, tuple(map(id, nodes)))
        shape = self._shapes.get(key)
        if shape is None:
            sets = [node.selection_set for node in nodes if node.selection_set]
            shape = self._shapes[key] = Shape(self, on, sets)
        return shape

    def abstract(self, field: Field, type_: GraphQLAbstractType) -> Callable[[Any, Position, Run], Any]:
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
            on = self._object_type(name, value, field, type_)
            class_ = plain_class(on)
            if (
                class_ is type(value)
                and getattr(value, CAST_ATTRIBUTE, None) is None
                and decides_by_class(type_, class_)
            ):
                by_class[class_] = self.of(on, field.nodes)
            return completion(self, field, on)(value, position, run)

        return complete

    def _object_type(self, name: Any, value: Any, field: Field, type_: GraphQLAbstractType) -> GraphQLObjectType:
        where = f"{field.parent}.{field.name}"
        schema = self.operation.schema
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
