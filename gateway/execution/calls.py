"""How resolvers are called that take arguments, want `info`, are async or have something around them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from graphql import default_field_resolver, get_argument_values

from .completion import Complete, awaiting, completion
from .fields import Field
from .info import ResolveInfo
from .positions import Position
from .run import Run
from .strawberry_internals import DirectResolver, resolver_of

if TYPE_CHECKING:  # shapes imports this module
    from .shapes import Shapes

_FROZEN = (str, int, float, bool, type(None), Enum, date, time, Decimal, UUID)


def caller(shapes: Shapes, field: Field) -> Complete:
    """A function from (source, position, run) to the completed value of the field."""
    finish = awaiting(field, completion(shapes, field, field.definition.type))
    values = _values(field)
    direct = resolver_of(shapes.strawberry_schema, field.definition)
    if direct is None:
        resolve = field.definition.resolve or default_field_resolver

        def whole(source: Any, position: Position, run: Run) -> Any:
            info = cast("Any", ResolveInfo(run, field, position))
            return finish(resolve(source, info, **values(run)), position, run)

        return whole
    call = _direct(field, direct)
    if not direct.is_async:
        return lambda source, position, run: finish(call(source, position, run, values(run)), position, run)

    def started(source: Any, position: Position, run: Run) -> Any:
        coerced = values(run)
        try:
            value = call(source, position, run, coerced)
        except Exception as error:  # noqa: BLE001 - Strawberry's wrapper is a coroutine: its errors come when awaited
            value = _raising(error)
        return finish(value, position, run)

    return started


async def _raising(error: Exception) -> None:
    raise error


def _values(field: Field) -> Callable[[Run], dict[str, Any]]:
    """The arguments as graphql-core coerces them; once a run, where calls may share them."""
    definition, node = field.definition, field.nodes[0]
    if not definition.args and not node.arguments:
        return lambda _run: {}

    def values(run: Run) -> dict[str, Any]:
        known = run.arguments.get(field)
        if known is None:
            known = get_argument_values(definition, node, run.variables)
            if all(map(_is_frozen, known.values())):
                run.arguments[field] = known
        return known

    return values


def _is_frozen(value: Any) -> bool:
    return isinstance(value, _FROZEN)


def _direct(field: Field, direct: DirectResolver) -> Callable[[Any, Position, Run, dict[str, Any]], Any]:
    function, takes_self, info_name = direct.function, direct.takes_self, direct.info_name
    source_names, has_arguments = direct.source_names, direct.has_arguments

    def call(source: Any, position: Position, run: Run, values: dict[str, Any]) -> Any:
        info = direct.info(ResolveInfo(run, field, position)) if info_name is not None or has_arguments else None
        if has_arguments:
            keywords = run.keywords.get(field)
            if keywords is None:
                keywords = direct.convert(values, info)
                if field in run.arguments:
                    run.keywords[field] = keywords
            keywords = keywords.copy()
        else:
            keywords = {}
        if info_name is not None:
            keywords[info_name] = info
        for name in source_names:
            keywords[name] = source
        return function(source, **keywords) if takes_self else function(**keywords)

    return call
