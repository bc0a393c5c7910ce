"""What graphql-core tells resolvers, made when they ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.pyutils import Path, gather_with_cancel
from graphql.type import GraphQLResolveInfoHelpers

from .positions import Position, path_of
from .strawberry_internals import is_awaitable

if TYPE_CHECKING:  # run imports this module's neighbours
    from .fields import Field
    from .run import Run


class ResolveInfo:
    """Has every attribute of graphql-core's info, as Strawberry fills them; it is not a tuple."""

    __slots__ = ("_field", "_position", "_run", "context")

    def __init__(self, run: Run, field: Field, position: Position) -> None:
        self._run = run
        self._field = field
        self._position = position
        self.context: Any = run.context
        """The caller's context; what most resolvers want, and so no property."""

    @property
    def field_name(self) -> str:
        """Name of the field in the schema."""
        return self._field.name

    @property
    def field_nodes(self) -> list[FieldNode]:
        """All selections of this field, merged."""
        return self._field.nodes

    @property
    def return_type(self) -> GraphQLOutputType:
        """Type of the field."""
        return self._field.definition.type

    @property
    def parent_type(self) -> GraphQLObjectType:
        """Type that has the field."""
        return self._field.parent

    @property
    def path(self) -> Path:
        """Where the field stands in the answer."""
        return path_of(self._position)

    @property
    def schema(self) -> GraphQLSchema:
        """The schema that is executed."""
        return self._run.operation.schema

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        return self._run.operation.fragments

    @property
    def root_value(self) -> Any:
        """What root resolvers get as their source."""
        return self._run.root

    @property
    def operation(self) -> OperationDefinitionNode:
        """The operation that is executed."""
        return self._run.operation.node

    @property
    def variable_values(self) -> dict[str, Any]:
        """Coerced variables by name."""
        return self._run.variables.coerced

    @property
    def is_awaitable(self) -> Callable[[Any], bool]:
        """The test that decides what is awaited."""
        return is_awaitable

    @property
    def abort_signal(self) -> None:
        """There is none: executions end by cancelling the task that awaits them."""
        return

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """Ways to await several things; what is tracked ends with the execution."""
        return GraphQLResolveInfoHelpers(gather=_gather, track=self._track)

    @property
    def operation_extensions(self) -> dict[str, Any] | None:
        """The `extensions` of the request."""
        return self._run.operation_extensions

    def _track(self, values: Sequence[Any]) -> None:
        for value in values:
            if is_awaitable(value):
                self._run.abandon(self._run.loop.create_task(_settle(value)))


def _gather(values: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
    return gather_with_cancel(*values)


async def _settle(awaitable: Awaitable[Any]) -> None:
    with suppress(Exception):  # tracked work is work whose outcome nobody wants any more
        await awaitable
