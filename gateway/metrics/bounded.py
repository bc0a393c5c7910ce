"""Labels of which there is a bounded number."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

OTHER = "other"
MOST = 500
"""So many label values of one kind are told apart: Prometheus keeps each for weeks, and a page of them takes time."""


class Bound(Generic[K, T]):
    """Children of metrics, bound to their labels when first needed; beyond `MOST` all share one.

    prometheus-client finds a child by its labels in 0.9 µs, and a dictionary finds it here in 0.05 µs.
    """

    __slots__ = ("_bind", "_bound", "_others")

    def __init__(self, bind: Callable[[K], T], others: K) -> None:
        """Nothing is bound yet.

        Args:
            bind: From a key to the child with its labels.
            others: The key that stands for all keys beyond `MOST`.
        """
        self._bind = bind
        self._bound: dict[K, T] = {}
        self._others = others

    def __getitem__(self, key: K) -> T:
        """The child of a key."""
        child = self._bound.get(key)
        if child is None:
            if len(self._bound) >= MOST:
                key = self._others
                if (child := self._bound.get(key)) is not None:
                    return child
            child = self._bound[key] = self._bind(key)
        return child

    def items(self) -> list[tuple[K, T]]:
        """The children that are bound so far, with their keys."""
        return list(self._bound.items())
