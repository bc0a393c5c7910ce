"""Writes the Python function that answers one set of selections on one object type.

What `dataclasses` does for `__init__` is done here for answers: straight lines instead of a loop over fields. Only
the cheap things are written out, attributes, tests for values that need no change; all else is a call.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_enum_type,
    is_leaf_type,
    is_object_type,
)

from .calls import caller
from .completion import awaiting, completion
from .fields import Field
from .leaves import member_names, unchanged
from .pending import Pending
from .strawberry_internals import CAST_ATTRIBUTE, attribute_of, plain_class, resolver_of

if TYPE_CHECKING:  # shapes imports this module
    from .shapes import Build, Shapes


def compile_selection(shapes: Shapes, on: GraphQLObjectType, fields: dict[str, list[FieldNode]]) -> Build:
    """A function that answers these fields of one source object."""
    writer = _Writer(shapes, on)
    for key, nodes in fields.items():
        writer.add(key, nodes)
    return writer.function()


def adopt(out: dict[str, Any]) -> None:
    """Tell stray awaitables where they stand."""
    for value in out.values():
        if type(value) is Pending:
            value.box = out


class _Writer:
    def __init__(self, shapes: Shapes, on: GraphQLObjectType) -> None:
        self._shapes = shapes
        self._on = on
        self._names: dict[str, Any] = {"Pending": Pending, "adopt": adopt}
        self._lines: list[str] = []
        self._items: list[str] = []
        self._may_wait: list[str] = []

    def add(self, key: str, nodes: list[FieldNode]) -> None:
        name = nodes[0].name.value
        definition = self._shapes.operation.schema.get_field(self._on, name)
        if definition is None:
            return  # graphql-core skips what validation would have refused
        if name == "__typename":
            self._items.append(f"{key!r}: {self._on.name!r}")
            return
        number = len(self._items)
        value = f"v{number}"
        field = Field(key, name, nodes, self._on, definition)
        place = f"(at, {key!r}, {self._on.name!r}, {field.nullable})"
        self._items.append(f"{key!r}: {value}")
        self._names[f"f{number}"] = field
        self._lines += [
            "    try:",
            *(f"        {line}" for line in self._value(number, value, field, place)),
            "    except Exception as e:",
            f"        {value} = run.absorb(f{number}, e, {place})",
        ]

    def _value(self, number: int, value: str, field: Field, place: str) -> list[str]:
        expression, is_attribute = self._expression(number, field)
        if expression is None:
            self._may_wait.append(value)
            self._names[f"c{number}"] = caller(self._shapes, field)
            return [f"{value} = c{number}(src, {place}, run)"]
        type_ = field.definition.type
        inner: GraphQLOutputType = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        test = unchanged(inner, value) if is_leaf_type(inner) else None
        stray = is_attribute and test is not None
        if not stray:
            self._may_wait.append(value)
        self._names[f"c{number}"] = awaiting(field, completion(self._shapes, field, type_), stray=stray)
        call = f"{value} = c{number}({value}, {place}, run)"
        present = f"{value} is not None and " if field.nullable else ""
        lines = [f"{value} = {expression}"]
        class_ = plain_class(inner) if is_object_type(inner) else None
        names = member_names(inner) if is_enum_type(inner) else None
        if test is not None:
            lines += [f"if {present}not ({test}):", f"    {call}"]
        elif names is not None:
            # Members whose name in the answer is known by now; the first of each goes through its serializer.
            self._names[f"k{number}"], self._names[f"n{number}"] = names
            lines += [
                f"if type({value}) is k{number} and {value}._name_ in n{number}:",
                f"    {value} = n{number}[{value}._name_]",
                f"elif {value} is not None:" if field.nullable else "else:",
                f"    {call}",
            ]
        elif class_ is not None:
            self._names[f"k{number}"] = class_
            self._names[f"b{number}"] = self._shapes.of(cast("GraphQLObjectType", inner), field.nodes)
            cast_away = f" and getattr({value}, {CAST_ATTRIBUTE!r}, None) is None"
            lines += [
                f"if type({value}) is k{number}{cast_away if self._checks(inner) else ''}:",
                f"    {value} = b{number}.build({value}, {place}, run)",
                f"elif {value} is not None:" if field.nullable else "else:",
                f"    {call}",
            ]
        else:
            lines += [f"if {value} is not None:", f"    {call}"] if field.nullable else [call]
        return lines

    @staticmethod
    def _checks(type_: GraphQLOutputType) -> bool:
        return cast("GraphQLObjectType", type_).is_type_of is not None

    def _expression(self, number: int, field: Field) -> tuple[str | None, bool]:
        """Source of the field's value, where a caller is not needed, and whether it is a plain attribute."""
        attribute = attribute_of(field.definition)
        if attribute is not None:
            read, name = attribute
            if read is getattr and name.isidentifier() and not iskeyword(name):
                return f"src.{name}", True
            self._names[f"r{number}"] = read
            return f"r{number}(src, {name!r})", True
        direct = resolver_of(self._shapes.strawberry_schema, field.definition)
        if direct is None or direct.is_async or direct.has_arguments or direct.info_name:
            return None, False
        self._names[f"r{number}"] = direct.function
        sources = ["src"] if direct.takes_self else []
        sources += [f"{name}=src" for name in direct.source_names]
        return f"r{number}({', '.join(sources)})", False

    def function(self) -> Build:
        waits = [
            line
            for value in self._may_wait
            for line in (f"    if type({value}) is Pending:", f"        {value}.box = out")
        ]
        lines = [
            "def build(src, at, run):",
            *self._lines,
            f"    out = {{{', '.join(self._items)}}}",
            *waits,
            "    if run.stray:",
            "        adopt(out)",
            "    return out",
        ]
        code = compile("\n".join(lines), f"<selections of {self._on.name}>", "exec")
        exec(code, self._names)  # noqa: S102 - the source holds names of the schema and the document, as literals
        return cast("Build", self._names["build"])
