"""How resolvers are called that take arguments, want `info`, are async or have something around them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from graphql import FieldNode, Undefined, VariableNode, Visitor, default_field_resolver, get_argument_values, visit

from .completion import Complete, awaiting, completion
from .fields import Field
from .info import ResolveInfo
from .positions import Position
from .run import Run
from .strawberry_internals import DirectResolver, resolver_of

if TYPE_CHECKING:  # shapes imports this module
    from .shapes import Shapes

_FROZEN = (str, int, float, bool, type(None), Enum, date, time, Decimal, UUID)
_EXACT = frozenset({str, int, bool, type(None), type(Undefined)})
_MOST_ARGUMENTS = 32  # of one field, such as the pages that are asked for most


def caller(shapes: Shapes, field: Field) -> Complete:
    """A function from (source, position, run) to the completed value of the field."""
    finish = awaiting(field, completion(shapes, field, field.definition.type))
    arguments = _arguments(field)
    direct = resolver_of(shapes.strawberry_schema, field.definition)
    if direct is None:
        resolve = field.definition.resolve or default_field_resolver

        def whole(source: Any, position: Position, run: Run) -> Any:
            info = cast("Any", ResolveInfo(run, field, position))
            return finish(resolve(source, info, **arguments(run).values), position, run)

        return whole
    call = _direct(field, direct)
    if not direct.is_async:
        return lambda source, position, run: finish(call(source, position, run, arguments(run)), position, run)

    def started(source: Any, position: Position, run: Run) -> Any:
        coerced = arguments(run)
        try:
            value = call(source, position, run, coerced)
        except Exception as error:  # noqa: BLE001 - Strawberry's wrapper is a coroutine: its errors come when awaited
            value = _raising(error)
        return finish(value, position, run)

    return started


async def _raising(error: Exception) -> None:
    raise error


class Arguments:
    """A field's arguments as graphql-core coerces them, and as its resolver takes them."""

    __slots__ = ("is_shared", "keywords", "values")

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.is_shared = all(isinstance(value, _FROZEN) for value in values.values())
        """Whether calls may share them: nothing in them can be changed."""
        self.keywords: dict[str, Any] | None = None


def _arguments(field: Field) -> Callable[[Run], Arguments]:
    """The arguments of a field in a run: worked out once for the same variables, where calls may share them."""
    definition, node = field.definition, field.nodes[0]
    if not definition.args and not node.arguments:
        none = Arguments({})
        return lambda _run: none
    names = sorted(_variables_in(node))
    known: dict[tuple[Any, ...], Arguments] = {}

    def arguments(run: Run) -> Arguments:
        found = run.arguments.get(field)
        if found is not None:
            return found
        coerced = run.variables.coerced
        values = [coerced.get(name, Undefined) for name in names]
        # Only of types whose equal values are the same value: 1.0 and 1.00 are equal, and not the same decimal.
        key = tuple(values) + tuple(map(type, values)) if all(type(value) in _EXACT for value in values) else None
        found = known.get(key) if key is not None else None
        if found is None:
            found = Arguments(get_argument_values(definition, node, run.variables))
            if key is not None and found.is_shared:
                known[key] = found
                if len(known) > _MOST_ARGUMENTS:
                    del known[next(iter(known))]
        if found.is_shared:
            run.arguments[field] = found
        return found

    return arguments


class _Variables(Visitor):
    """Collects the names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        """Note one."""
        self.names.add(node.name.value)


def _variables_in(node: FieldNode) -> set[str]:
    """The variables that a field's arguments are made of."""
    visitor = _Variables()
    for argument in node.arguments or ():
        visit(argument, visitor)
    return visitor.names


def _direct(field: Field, direct: DirectResolver) -> Callable[[Any, Position, Run, Arguments], Any]:
    function, takes_self, info_name = direct.function, direct.takes_self, direct.info_name
    source_names, has_arguments = direct.source_names, direct.has_arguments

    def call(source: Any, position: Position, run: Run, arguments: Arguments) -> Any:
        info = direct.info(ResolveInfo, run, field, position) if info_name is not None or has_arguments else None
        if has_arguments:
            keywords = arguments.keywords
            if keywords is None:
                keywords = direct.convert(arguments.values, info)
                if arguments.is_shared:
                    arguments.keywords = keywords
            keywords = keywords.copy()
        else:
            keywords = {}
        if info_name is not None:
            keywords[info_name] = info
        for name in source_names:
            keywords[name] = source
        return function(source, **keywords) if takes_self else function(**keywords)

    return call
