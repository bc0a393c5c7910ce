"""From the rows of a key to the one value that a loader hands out."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from gateway.upstream.upstream import Batch

K = TypeVar("K")
V = TypeVar("V", bound=msgspec.Struct)


def picking(batch: Batch[K, tuple[V, ...]], pick: Callable[[tuple[V, ...]], V]) -> Batch[K, V]:
    """A batch function whose value for a key is picked from the key's rows, of which there is at least one."""

    async def picked(keys: Sequence[K]) -> Mapping[K, V | Exception]:
        found = await batch(keys)
        return {key: rows if isinstance(rows, Exception) else pick(rows) for key, rows in found.items()}

    return picked


def first_of(batch: Batch[K, tuple[V, ...]]) -> Batch[K, V]:
    """The first row of each key, in the backend's order."""
    return picking(batch, lambda rows: rows[0])
