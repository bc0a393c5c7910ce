"""Where a value stands in the answer, as a chain of plain tuples."""

from __future__ import annotations

from typing import TypeAlias

from graphql.pyutils import Path

# (what it stands in, key or index, type that owns the key, may it be null). A plain tuple is built for each object and
# each list item of an answer, at a fifth of the cost of graphql-core's Path; the Path is made when somebody asks.
Position: TypeAlias = tuple["Position | None", str | int, str | None, bool]


def keys(position: Position | None) -> list[str | int]:
    """The path of an error: keys and indexes from the root."""
    found: list[str | int] = []
    while position is not None:
        found.append(position[1])
        position = position[0]
    found.reverse()
    return found


def path_of(position: Position) -> Path:
    """The same place as graphql-core writes it."""
    parent, key, typename, _ = position
    return Path(None if parent is None else path_of(parent), key, typename)


def field_of(position: Position) -> Position:
    """The field that a list item, or an item of its items, belongs to."""
    while position[0] is not None and isinstance(position[1], int):
        position = position[0]
    return position
