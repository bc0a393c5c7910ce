"""Fields that are read from a backend's row when somebody asks for them.

A row has more values than an operation asks for, and an answer has hundreds of rows. So the objects of the graph that
are made for one request hold the row, and what a field shows is made of it only where the field is selected.
"""

from collections.abc import Callable, Sequence
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

        def value(shown: Any) -> V:
            return read(shown.row)

        return computed(value, description=description, directives=directives)


def computed(read: Callable[[Any], V], *, description: str, directives: Sequence[object] = ()) -> V:
    """`strawberry.field` whose value is made of the object itself, for what takes more than the row."""
    # The default of a field that `__init__` does not take stays on the class, where a property is what it always is.
    field: StrawberryField = strawberry.field(description=description, directives=directives, default=property(read))
    field.init = False
    return cast("V", field)
