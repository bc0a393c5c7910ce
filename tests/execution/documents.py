"""Draws documents that a schema allows, and variables for them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)

SCALARS: dict[str, list[Any]] = {
    "Int": [0, 3, -7, 2147483647],
    "Float": [0.5, -2.25, 4],
    "String": ["", "x", 'quo"te'],
    "Boolean": [True, False],
    "ID": ["id1", "7"],
    "Decimal": ["1.50", "0"],
    "Date": ["2026-11-24"],
    "DateTime": ["2026-11-24T10:00:00+00:00"],
    "UUID": ["6f8f57f4-5d3c-4a41-8f2f-2d1f5a8b8c10"],
    "JSON": ["text", 5],
    "Upper": ["up"],
}
WRONG: list[Any] = ["wrong", -1.5, [], {}, None, {"zzz": 1}, 2**40]


class Drawer:
    """Draws one document; a response key always means the same field with the same arguments."""

    def __init__(self, schema: GraphQLSchema, random: Random, *, invalid_variables: bool = True) -> None:
        self._schema = schema
        self._random = random
        self._invalid = invalid_variables
        self._arguments: dict[tuple[str, str, int], str] = {}
        self._fragments: dict[str, tuple[str, str]] = {}
        self._variables: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def document(self, operation: str = "query") -> str:
        """Text of an operation with its fragments; `values` holds the variables afterwards."""
        root = self._schema.mutation_type if operation == "mutation" else self._schema.query_type
        assert root is not None
        body = self._selections(root, 4)
        variables = ", ".join(f"${name}: {type_}" for name, type_ in self._variables.items())
        head = f"{operation} Drawn({variables})" if variables else f"{operation} Drawn"
        fragments = [f"fragment {name} on {on} {text}" for name, (on, text) in self._fragments.items()]
        return "\n".join([f"{head} {body}", *fragments])

    def _chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def _selections(self, on: Any, depth: int) -> str:
        count = self._random.randint(1, 5)
        return "{ " + " ".join(self._selection(on, depth) for _ in range(count)) + " }"

    def _selection(self, on: Any, depth: int) -> str:
        if depth > 0 and self._chance(12):
            condition, type_ = self._condition(on)
            return f"...{condition}{self._directives()} {self._selections(type_, depth - 1)}"
        if depth > 0 and self._chance(12):
            return f"...{self._fragment(on, depth - 1)}{self._directives()}"
        fields = dict(getattr(on, "fields", {}))
        if depth <= 0:
            fields = {name: field for name, field in fields.items() if is_leaf_type(get_named_type(field.type))}
        if not fields or self._chance(5):
            return f"__typename{self._directives()}"
        name = self._random.choice(sorted(fields))
        return self._field(on, name, fields[name], depth)

    def _condition(self, on: Any) -> tuple[str, Any]:
        if self._chance(40):
            return "", on
        choices = [on]
        if is_abstract_type(on):
            choices += self._schema.get_possible_types(on)
        choices += getattr(on, "interfaces", ())
        type_ = self._random.choice(choices)
        return f" on {type_.name}", type_

    def _fragment(self, on: Any, depth: int) -> str:
        known = [name for name, (type_, _) in self._fragments.items() if type_ == on.name]
        if known and self._chance(50):
            return self._random.choice(known)
        text = self._selections(on, depth)
        # Named after its body is drawn, so that it cannot contain itself.
        name = f"F{len(self._fragments)}"
        self._fragments[name] = (on.name, text)
        return name

    def _field(self, on: Any, name: str, field: GraphQLField, depth: int) -> str:
        owner = on
        for interface in getattr(on, "interfaces", ()):
            if name in interface.fields and interface.fields[name].type == field.type:
                owner = interface
        variant = self._random.randrange(2) if self._chance(30) else 0
        key = (owner.name, name, variant)
        if key not in self._arguments:
            self._arguments[key] = self._write_arguments(field)
        plain = variant == 0 and isinstance(owner, GraphQLInterfaceType)
        root = on in {self._schema.query_type, self._schema.mutation_type}
        alias = "" if plain or (root and variant == 0) else f"{owner.name}_{name}_{variant}: "
        body = ""
        type_ = get_named_type(field.type)
        if is_composite_type(type_):
            body = " " + self._selections(type_, depth - 1)
        return f"{alias}{name}{self._arguments[key]}{self._directives()}{body}"

    def _directives(self) -> str:
        if not self._chance(14):
            return ""
        text = ""
        for directive in self._random.choice([["skip"], ["include"], ["include", "skip"]]):
            if self._chance(25):
                text += f" @{directive}(if: {json.dumps(self._chance(50))})"
            else:
                name = f"b{self._random.randrange(3)}"
                self._variables[name] = "Boolean!"
                self.values.setdefault(name, self._chance(60))
                text += f" @{directive}(if: ${name})"
        return text

    def _write_arguments(self, field: GraphQLField) -> str:
        parts = []
        for name, argument in field.args.items():
            required = isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined
            if required or self._chance(70):
                parts.append(f"{name}: {self._value(argument.type, 2, has_default=not required)}")
        return f"({', '.join(parts)})" if parts else ""

    def _value(self, type_: Any, depth: int, *, has_default: bool = False) -> str:  # noqa: PLR0911 - one a kind
        if self._chance(35):
            return self._variable(type_, has_default=has_default)
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif self._chance(10):
            return "null"
        if isinstance(type_, GraphQLList):
            if self._chance(15):
                return self._value(GraphQLNonNull(_nullable(type_.of_type)), depth - 1)
            return (
                "[" + ", ".join(self._value(type_.of_type, depth - 1) for _ in range(self._random.randrange(3))) + "]"
            )
        if isinstance(type_, GraphQLInputObjectType):
            parts = []
            for name, field in type_.fields.items():
                required = isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined
                nested = isinstance(_nullable(field.type), GraphQLInputObjectType)
                if required or (self._chance(60) and not (nested and depth <= 0)):
                    parts.append(f"{name}: {self._value(field.type, depth - 1)}")
            return "{" + ", ".join(parts) + "}"
        if isinstance(type_, GraphQLEnumType):
            return str(self._random.choice(sorted(type_.values)))
        return json.dumps(self._random.choice(SCALARS[type_.name]))

    def _variable(self, type_: Any, *, has_default: bool) -> str:
        name = f"v{len(self._variables)}"
        declared = str(type_)
        if not isinstance(type_, GraphQLNonNull) and self._chance(30):
            declared += "!"
            type_ = GraphQLNonNull(type_)
        elif isinstance(type_, GraphQLNonNull) and has_default and self._chance(30):
            declared = str(type_.of_type)
            type_ = type_.of_type
        self._variables[name] = declared
        if self._invalid and self._chance(2):
            self.values[name] = self._random.choice(WRONG)
        elif isinstance(type_, GraphQLNonNull) or self._chance(75):
            self.values[name] = self._json(type_, 2)
        return f"${name}"

    def _json(self, type_: Any, depth: int) -> Any:
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif self._chance(15):
            return None
        if isinstance(type_, GraphQLList):
            return [self._json(type_.of_type, depth - 1) for _ in range(self._random.randrange(3))]
        if isinstance(type_, GraphQLInputObjectType):
            return {
                name: self._json(field.type, depth - 1)
                for name, field in type_.fields.items()
                if isinstance(field.type, GraphQLNonNull)
                or (self._chance(60) and not (depth <= 0 and isinstance(field.type, GraphQLInputObjectType)))
            }
        if isinstance(type_, GraphQLEnumType):
            return self._random.choice(sorted(type_.values))
        return self._random.choice(SCALARS[type_.name])


def _nullable(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_
