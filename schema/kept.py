"""Objects of the graph that are made once and given to many.

Their classes say `__shared__ = True`: they never change, and what an operation makes of them is kept beside its plan.
So there is one object for one value, or what is kept would be of objects that nobody sees again.
"""

from collections.abc import Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(dict[K, V]):
    """Objects by what they are made of, at most so many: the oldest go.

    An id is a key as good as its object, and quicker, where the value holds that object: it stays the object's own.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: K, value: V) -> V:
        """Keep a new one."""
        if len(self) >= self._most:
            del self[next(iter(self))]
        self[key] = value
        return value
