"""How long lists are and what fields cost, as directives that clients and the gateway's own limits read."""

from collections.abc import Callable
from typing import TypeVar

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.base import StrawberryObjectDefinition

T = TypeVar("T")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT],
    description="What a field, or each object of a type, adds to an operation's cost: 0 and 1 where nothing is said.",
)
class Cost:
    weight: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="How long a list is taken to be: as long as one of its arguments says, else `assumedSize`.",
)
class ListSize:
    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = True


VALUE = Cost(weight="0")
"""Of a type whose objects come with what they belong to, such as a price."""


A_CALL = Cost(weight="10")
"""Of a field that takes a call of its own, and of every mutation: it writes, and asks anew for what it changed."""


def listed(assumed: int) -> ListSize:
    """Of a list that has about so many rows."""
    return ListSize(assumed_size=assumed, require_one_slicing_argument=strawberry.UNSET)


def by_ids(assumed: int) -> ListSize:
    """Of a list with a row for each of `ids`, which is there once in every document that is valid."""
    return ListSize(assumed_size=assumed, slicing_arguments=["ids"], require_one_slicing_argument=strawberry.UNSET)


def sliced(argument: str, assumed: int) -> ListSize:
    """Of a list that is as long as the argument says, which has a default."""
    return ListSize(assumed_size=assumed, slicing_arguments=[argument], require_one_slicing_argument=False)


def paged(assumed: int) -> ListSize:
    """Of a connection with so many rows where `first` is left out."""
    return ListSize(
        assumed_size=assumed,
        slicing_arguments=["first"],
        sized_fields=["nodes", "edges"],
        require_one_slicing_argument=False,
    )


def each_field(cost: Cost) -> Callable[[type[T]], type[T]]:
    """Let each field of a type cost this much. Stands above `type`."""

    def mark(class_: type[T]) -> type[T]:
        definition: StrawberryObjectDefinition = class_.__strawberry_definition__  # type: ignore[attr-defined]  # what `type` has set
        for field in definition.fields:
            field.directives = [*field.directives, cost]
        return class_

    return mark
