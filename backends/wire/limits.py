"""How often a token may ask: a leaky bucket each."""

import re
import time
from collections import OrderedDict
from dataclasses import dataclass

MULTIPLIED = re.compile(r"[a-z]+_(\d{1,3})x(\d{1,3})")
"""A token of a larger plan says in its prefix how much faster its bucket leaks, and how much larger it is."""
MOST_BUCKETS = 10_000
WAIT_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Bucket:
    """What fits, and how many a second leave."""

    size: int
    leak: float


class Limits:
    """The buckets of all tokens that have asked lately."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admits(self, token: str, now: float | None = None) -> bool:
        """Whether one more request fits; when it does it is in."""
        at = time.monotonic() if now is None else now
        size, leak = float(self.bucket.size), self.bucket.leak
        if found := MULTIPLIED.match(token):
            leak, size = leak * max(1, int(found[1])), size * max(1, int(found[2]))
        level, before = self.levels.pop(token, (0.0, at))
        level = max(0.0, level - (at - before) * leak)
        fits = level + 1 <= size
        self.levels[token] = (level + fits, at)
        if len(self.levels) > MOST_BUCKETS:
            self.levels.popitem(last=False)
        return fits
