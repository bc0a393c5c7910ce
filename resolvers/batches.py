"""From the rows of a key to the one value that a loader hands out."""

from typing import TypeVar

import msgspec

V = TypeVar("V", bound=msgspec.Struct)


def first(rows: tuple[V, ...]) -> V:
    """The first of a key's rows, in the backend's order; there is at least one."""
    return rows[0]
