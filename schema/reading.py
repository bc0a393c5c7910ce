"""Fields that are read from a backend's row when somebody asks for them.

A row has more values than an operation asks for, and an answer has hundreds of rows. So the objects of the graph that
are made for one request hold the row, and what a field shows is made of it only where the field is selected.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from types import CodeType
from typing import Any, Generic, TypeVar, cast

import msgspec
import strawberry
from strawberry.types.field import StrawberryField

R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V")


class Reading(Generic[R]):
    """Declares fields of a type that has a row in its private field `row`. Says which rows, so that mypy knows them."""

    def __init__(self, rows: type[R]) -> None:
        self.rows = rows

    def __call__(self, read: Callable[[R], V], *, description: str, directives: Sequence[object] = ()) -> V:
        """`strawberry.field` whose value is read from the row: `sku: str | None = of_row(lambda row: row.sku, …)`."""
        return computed(_of_row(read), description=description, directives=directives)


def computed(read: Callable[[Any], V], *, description: str, directives: Sequence[object] = ()) -> V:
    """`strawberry.field` whose value is made of the object itself, for what takes more than the row."""
    # The default of a field that `__init__` does not take stays on the class, where a property is what it always is.
    field: StrawberryField = strawberry.field(description=description, directives=directives, default=property(read))
    field.init = False
    return cast("V", field)


_ATTRIBUTE: Callable[[Any], Any] = lambda row: row.name  # noqa: E731  # its code is what is wanted


def _of_row(read: Callable[[Any], V]) -> Callable[[Any], V]:
    """The same, of the object that holds the row."""
    # Most are like `lambda row: row.sku`, written so that mypy knows the row: what gets an attribute needs no Python.
    code = getattr(read, "__code__", None)
    if isinstance(code, CodeType) and _steps(code) == _steps(_ATTRIBUTE.__code__):
        return attrgetter(f"row.{code.co_names[0]}")

    def value(shown: Any) -> V:
        return read(shown.row)

    return value


def _steps(code: CodeType) -> tuple[bytes, int, int]:
    return code.co_code, len(code.co_names), len(code.co_freevars)
