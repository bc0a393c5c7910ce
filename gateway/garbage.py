"""When the collector looks for garbage in circles: among new objects often, among old ones where they are many more."""

import gc
import sys

YOUNG_OBJECTS = 50_000
"""How many more objects there are than at the last look when the collector looks at those that came since. A portal of
twenty subscriptions is some thousands that go by themselves: looking sooner would look at them in vain."""
GROWN_BLOCKS = 2_000_000
"""By how many blocks of memory, some 60 bytes each, a process may grow before old objects are looked at, too. What is
kept by default is less than that."""
_NEVER = 2**31 - 1


class Garbage:
    """The collector's ways in a process that serves; see `docs/decisions/0014-old-objects-are-left-alone.md`."""

    def __init__(self) -> None:
        self._most_blocks = 0

    def settle(self) -> None:
        """Have the collector leave alone what there is by now for good, and from now on whatever gets old.

        The graph, its plans and the modules are some hundred thousand objects that stay, and kept answers are as many
        more again: walking them all holds up every request for a tenth of a second to a whole one, again and again.
        """
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, _NEVER, _NEVER)
        self._allow_growth()

    def look(self) -> None:
        """Collect among all objects, where there are so many more than the last time that garbage may be among them."""
        if sys.getallocatedblocks() > self._most_blocks:
            gc.collect()
            self._allow_growth()

    def _allow_growth(self) -> None:
        blocks = sys.getallocatedblocks()
        # In proportion, as Python does it: a process that keeps much is not walked more often than it doubles.
        self._most_blocks = blocks + max(GROWN_BLOCKS, blocks)
