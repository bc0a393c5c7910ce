"""How scalars and enums become what the answer carries."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

from .strawberry_internals import enum_class

# The values that graphql-core's serializers hand back unchanged, as tests on a name. Everything else, wrong values
# included, goes through the serializer.
_UNCHANGED = {
    GraphQLString.coerce_output_value: "type({v}) is str",
    GraphQLID.coerce_output_value: "type({v}) is str",
    GraphQLInt.coerce_output_value: "type({v}) is int and -2147483648 <= {v} <= 2147483647",
    GraphQLFloat.coerce_output_value: (
        "type({v}) is float and -1.7976931348623157e308 <= {v} <= 1.7976931348623157e308"
    ),
    GraphQLBoolean.coerce_output_value: "{v} is True or {v} is False",
    str: "type({v}) is str",
}


_MEMBER_NAMES: WeakKeyDictionary[GraphQLEnumType, dict[str, Any]] = WeakKeyDictionary()


def unchanged(type_: GraphQLLeafType, variable: str) -> str | None:
    """Source of a test that is true only for values which serialize to themselves."""
    if not isinstance(type_, GraphQLScalarType):
        return None
    test = _UNCHANGED.get(type_.coerce_output_value)
    return None if test is None else test.format(v=variable)


def serializer(type_: GraphQLLeafType) -> Callable[[Any], Any]:
    """A function from a value that is not null to what the answer carries; raises for values the type refuses."""
    coerce = type_.coerce_output_value
    if coerce is str:
        return str  # text or an error, whatever comes: nobody need look whether it is null

    def serialize(value: Any) -> Any:
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise TypeError(
                f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})` to return non-nullable value,"
                f" returned: {inspect(coerced)}"
            )
        return coerced

    known = member_names(type_) if isinstance(type_, GraphQLEnumType) else None
    return serialize if known is None else _members_first(*known, serialize)


def member_names(type_: GraphQLEnumType) -> tuple[type[Enum], dict[str, Any]] | None:
    """The class of an enum type's members, and what the answer carries for those that were serialized so far."""
    class_ = enum_class(type_)
    if class_ is None or not issubclass(class_, Enum):
        return None
    return class_, _MEMBER_NAMES.setdefault(type_, {})


def _members_first(class_: type[Enum], names: dict[str, Any], serialize: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def member(value: Any) -> Any:
        # Strawberry compares a member's value with each value of the type; once for each member is enough.
        if type(value) is not class_:
            return serialize(value)
        name = value._name_  # a documented attribute of members, without the descriptor that `name` is
        found = names.get(name)
        if found is None:
            found = serialize(value)
            names[name] = found
        return found

    return member
