"""One response key of one object type."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLObjectType, is_non_null_type, located_error

from .positions import Position, keys


@dataclass(slots=True, eq=False)
class Field:
    """What is known of a field before the operation runs; equal only to itself."""

    key: str
    name: str
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    definition: GraphQLField

    @property
    def nullable(self) -> bool:
        """Whether a failure of this field stops at this field."""
        return not is_non_null_type(self.definition.type)

    def located(self, error: Exception, position: Position) -> GraphQLError:
        """The error with its place; one that has a place already keeps it."""
        return located_error(error, self.nodes, keys(position))

    def null_error(self) -> TypeError:
        """What graphql-core says of a null where none may be."""
        return TypeError(f"Cannot return null for non-nullable field {self.parent}.{self.name}.")
