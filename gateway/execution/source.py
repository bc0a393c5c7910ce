"""Writes the Python function that answers one set of selections on one object type.

What `dataclasses` does for `__init__` is done here for answers: straight lines instead of a loop over fields. Only
the cheap things are written out, attributes, tests for values that need no change; all else is a call.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_enum_type,
    is_leaf_type,
    is_object_type,
)

from .calls import caller
from .completion import CALLING_BACK, PLAIN, Complete, awaiting, completion, listing
from .fields import Field
from .info import ResolveInfo
from .leaves import member_names, serializer, unchanged
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
        self._names: dict[str, Any] = {
            "ResolveInfo": ResolveInfo,
            "Pending": Pending,
            "adopt": adopt,
            "calling_back": CALLING_BACK,
            "plain": PLAIN,
        }
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
        expression, is_attribute = self._expression(number, field, place)
        if expression is None:
            self._may_wait.append(value)
            self._names[f"c{number}"] = caller(self._shapes, field)
            return [f"{value} = c{number}(src, {place}, run)"]
        type_ = field.definition.type
        complete = completion(self._shapes, field, type_)
        inner: GraphQLOutputType = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        test = unchanged(inner, value) if is_leaf_type(inner) else None
        stray = is_attribute and test is not None
        if not stray:
            self._may_wait.append(value)
        self._names[f"c{number}"] = awaiting(field, complete, stray=stray)
        cases = [] if is_attribute else [self._later(number, value, place, complete)]
        if test is not None:
            cases.append((test, ["pass"]))
        else:
            cases.append(self._usual(number, value, field, inner, place))
        if field.nullable:
            cases.insert(len(cases) - 1 if test is None else 0, (f"{value} is None", ["pass"]))
        lines = [f"{value} = {expression}"]
        for index, (condition, then) in enumerate(cases):
            lines += [f"{'elif' if index else 'if'} {condition}:", *(f"    {line}" for line in then)]
        return [*lines, "else:", f"    {value} = c{number}({value}, {place}, run)"]

    def _later(self, number: int, value: str, place: str, complete: Complete) -> tuple[str, list[str]]:
        """A value that calls back."""
        self._names[f"d{number}"] = complete
        return f"type({value}) in calling_back", [
            f"if {value}.is_settled:",
            f"    {value} = d{number}({value}.result(), {place}, run)",
            "else:",
            f"    {value} = Pending(run, f{number}, {place}, d{number}, {value}, True)",
        ]

    def _usual(
        self, number: int, value: str, field: Field, type_: GraphQLOutputType, place: str
    ) -> tuple[str, list[str]]:
        """The values that most often come, and what becomes of them."""
        if isinstance(type_, GraphQLList):
            self._names[f"l{number}"] = listing(self._shapes, field, type_)
            return f"type({value}) is list", [f"{value} = l{number}({value}, {place}, run)"]
        if is_enum_type(type_) and (names := member_names(type_)) is not None:
            # Members whose name in the answer is known by now; the first of each goes through its serializer.
            self._names[f"k{number}"], self._names[f"n{number}"] = names
            return f"type({value}) is k{number} and {value}._name_ in n{number}", [
                f"{value} = n{number}[{value}._name_]"
            ]
        if is_leaf_type(type_):
            self._names[f"s{number}"] = serializer(type_)
            return f"type({value}) in plain", [f"{value} = s{number}({value})"]
        if is_object_type(type_) and (class_ := plain_class(type_)) is not None:
            self._names[f"k{number}"] = class_
            self._names[f"b{number}"] = self._shapes.of(type_, field.nodes)
            as_itself = f" and not hasattr({value}, {CAST_ATTRIBUTE!r})" if type_.is_type_of is not None else ""
            return f"type({value}) is k{number}{as_itself}", [f"{value} = b{number}.build({value}, {place}, run)"]
        self._names[f"d{number}"] = completion(self._shapes, field, field.definition.type)
        return f"type({value}) in plain", [f"{value} = d{number}({value}, {place}, run)"]

    def _expression(self, number: int, field: Field, place: str) -> tuple[str | None, bool]:
        """Source of the field's value, where a caller is not needed, and whether it is a plain attribute."""
        attribute = attribute_of(field.definition)
        if attribute is not None:
            read, name = attribute
            if read is getattr and name.isidentifier() and not iskeyword(name):
                return f"src.{name}", True
            self._names[f"r{number}"] = read
            return f"r{number}(src, {name!r})", True
        direct = resolver_of(self._shapes.strawberry_schema, field.definition)
        if direct is None or direct.is_async or direct.has_arguments:
            return None, False
        self._names[f"r{number}"] = direct.function
        given = ["src"] if direct.takes_self else []
        given += [f"{name}=src" for name in direct.source_names]
        if direct.info_name is not None:
            info, names = direct.info_source(number, place)
            self._names |= names
            given.append(f"{direct.info_name}={info}")
        return f"r{number}({', '.join(given)})", False

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
        return cast("Build", self._names.pop("build"))  # whose globals they are: else it would hold itself
