"""When the collector looks for garbage in circles: among new objects often, among old ones where they are many more."""

import gc
import sys
import time

TIMES_THE_PAUSE = 30
"""How many times as long as a look in vain took the collector leaves the new objects alone: it has a thirtieth of the
time."""
MUCH_GARBAGE = 2_000
"""How many objects are no look in vain, so that the next one comes at once, while there are as few again."""
LONGEST_SECONDS = 1.0
"""The longest time that it leaves them alone. Whatever is kept in that time is walked in one pause."""
YOUNG_OBJECTS = 200_000
"""How many more objects there may be than at the last look: then it comes amid whatever is under way. Ten thousands are
those of requests in flight, so that this is for what makes garbage faster than anybody looks."""
GROWN_BLOCKS = 2_000_000
"""By how many blocks of memory, some 60 bytes each, a process may grow before old objects are looked at, too. What is
kept by default is less than that."""
_NEVER = 2**31 - 1


class Garbage:
    """The collector's ways in a process that serves; see `docs/decisions/0014-old-objects-are-left-alone.md`."""

    def __init__(self) -> None:
        self._next_seconds = 0.0
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
        """Collect among the new objects if it is time; among all where there are so many more than the last time.

        To be called between turns of the loop: then nothing new is half done, and what will be garbage is garbage.
        """
        began = time.monotonic()
        if began < self._next_seconds:
            return
        found = gc.collect(0)
        if sys.getallocatedblocks() > self._most_blocks:
            gc.collect()
            self._allow_growth()
        if found < MUCH_GARBAGE:
            ended = time.monotonic()
            self._next_seconds = ended + min((ended - began) * TIMES_THE_PAUSE, LONGEST_SECONDS)

    def _allow_growth(self) -> None:
        blocks = sys.getallocatedblocks()
        # In proportion, as Python does it: a process that keeps much is not walked more often than it doubles.
        self._most_blocks = blocks + max(GROWN_BLOCKS, blocks)
