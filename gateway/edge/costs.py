"""What each field of a schema costs, by the directives of the cost specification: `@cost` and `@listSize`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    value_from_ast_untyped,
)
from graphql.utilities import get_default_value_ast

ASSUMED_SIZE = 10
"""Length of a list of which the schema says nothing."""
SLICING_ARGUMENTS = ("first", "last", "limit", "count")
"""Arguments that say how long a list is, where the schema says nothing."""


@dataclass(frozen=True, slots=True)
class Slicing:
    """An argument that gives a list's length: a number, or a list of the same length such as `ids`."""

    default: Any
    """None where there is none."""
    is_list: bool


@dataclass(frozen=True, slots=True)
class FieldCost:
    """What one field of one type costs; unlike the objects in it, the field itself costs nothing unless it says so."""

    weight: int
    """Of the field, once for each object that has it: `@cost` on the field."""
    objects: int
    """Of each object that it returns: `@cost` on the type, else 1; 0 for scalars and enums."""
    returns: str | None
    """The type that its selections are on; None for scalars and enums."""
    is_list: bool
    slicing: Mapping[str, "Slicing"]
    """Arguments that give a list's length."""
    assumed: int | None
    """Length of the list where no argument gives it; None means the longest page that there may be."""
    sized: frozenset[str]
    """Fields of what it returns whose length the arguments give, such as `nodes`; without any, the field's own."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of a whole schema."""

    fields: Mapping[tuple[str, str], FieldCost]
    """By type and field."""
    roots: Mapping[str, str]
    """The types of `query`, `mutation` and `subscription`."""
    sized: frozenset[str]
    """Every field name whose length another field's arguments give."""

    @classmethod
    def of(cls, schema: GraphQLSchema) -> "Costs":
        """The costs of a schema that was built from SDL, and so carries its directives."""
        fields = {
            (kind.name, name): _field_cost(field)
            for kind in schema.type_map.values()
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
            for name, field in kind.fields.items()
        }
        query = schema.query_type
        if query is not None:
            # They are fields of no type, and of each query.
            fields |= {
                (query.name, name): replace(UNKNOWN, returns=kind)
                for name, kind in (("__schema", "__Schema"), ("__type", "__Type"))
            }
        roots = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
        return cls(
            fields,
            {name: root.name for name, root in roots.items() if root is not None},
            frozenset(name for cost in fields.values() for name in cost.sized),
        )


UNKNOWN = FieldCost(weight=0, objects=1, returns=None, is_list=False, slicing={}, assumed=1, sized=frozenset())
"""A field that the schema does not have; validation refuses it later."""


def _field_cost(field: GraphQLField) -> FieldCost:
    directives = _directives(field.ast_node.directives if field.ast_node else ())
    kind: GraphQLNamedType = get_named_type(field.type)
    is_composite = isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    size = directives.get("listSize")
    if size is None:
        slicing = {name for name in SLICING_ARGUMENTS if name in field.args}
        sized: Iterable[str] = _connection_lists(kind) if slicing else ()
        assumed: int | None = ASSUMED_SIZE
    else:
        slicing = set(size.get("slicingArguments") or ())
        sized = size.get("sizedFields") or ()
        assumed = size.get("assumedSize")
    return FieldCost(
        weight=_weight(directives, 0),
        objects=_type_weight(kind) if is_composite else 0,
        returns=kind.name if is_composite else None,
        is_list=_is_list(field.type),
        slicing={
            name: Slicing(_default_of(field.args[name]), _is_list(field.args[name].type))
            for name in sorted(slicing)
            if name in field.args
        },
        assumed=assumed,
        sized=frozenset(sized),
    )


def _default_of(argument: GraphQLArgument) -> Any:
    node = get_default_value_ast(argument)
    return None if node is None else value_from_ast_untyped(node)


def _connection_lists(kind: GraphQLNamedType) -> Iterable[str]:
    """The lists of a connection, by Relay's names for them."""
    if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return ()
    return (name for name in ("edges", "nodes") if name in kind.fields and _is_list(kind.fields[name].type))


def _type_weight(kind: GraphQLNamedType) -> int:
    return _weight(_directives(kind.ast_node.directives if kind.ast_node else ()), 1)


def _weight(directives: Mapping[str, Mapping[str, Any]], default: int) -> int:
    """The specification's weight is a string with a number in it; a fraction counts as a whole."""
    cost = directives.get("cost")
    return default if cost is None else max(0, -int(-float(cost["weight"]) // 1))


def _directives(nodes: Iterable[DirectiveNode] | None) -> dict[str, dict[str, Any]]:
    return {
        node.name.value: {
            argument.name.value: value_from_ast_untyped(argument.value) for argument in node.arguments or ()
        }
        for node in nodes or ()
    }


def _is_list(kind: Any) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)
