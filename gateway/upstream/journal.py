"""One append-only record a request: what its answer was made of, and which REST calls that took."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class Call:
    """One REST call. Written by the client that makes it; several requests may have one in common."""

    service: str
    request: str
    """Method, path and query, such as `GET /addresses?ids=1,2`; a value that is personal data reads `…`."""
    began_seconds: float = field(default_factory=time.perf_counter)
    duration_ms: float = 0.0
    status: int | None = None
    """HTTP status; None when there was no answer."""
    requests: int = 1
    """How many requests' look-ups it carries."""

    def end(self) -> None:
        """Its answer is there, or will not come."""
        self.duration_ms = (time.perf_counter() - self.began_seconds) * 1_000


class Stale(NamedTuple):
    """Something that was given although it was no longer fresh."""

    id: str
    """Its global id."""
    service: str
    age_seconds: float
    reason: str
    """The code of the backend's failure, or REVALIDATING where a refresh is under way."""


@dataclass(slots=True, eq=False)
class Journal:
    """What one operation did, in the order in which it started."""

    began_seconds: float = field(default_factory=time.perf_counter)
    operation: str | None = None
    """Its name where it is a trusted document's, and so one of a bounded number."""
    calls: list[Call] = field(default_factory=list)
    stale: list[Stale] = field(default_factory=list)
    is_private: bool = False
    """Something was read that depends on who asks, be it that nobody in particular does."""
    tags: set[str] = field(default_factory=set)
    """What the public part of the answer is made of."""
    fresh_until_seconds: float = math.inf
    """By the monotonic clock: the earliest end of the freshness of all that was read."""
    oldest_seconds: float = math.inf
    """By the monotonic clock: when the oldest of all that was read was true."""

    def read_public(self, asked_seconds: float, fresh_seconds: float, tags: Iterable[str]) -> None:
        """Something was read that is the same for everybody."""
        self.fresh_until_seconds = min(self.fresh_until_seconds, asked_seconds + fresh_seconds)
        self.oldest_seconds = min(self.oldest_seconds, asked_seconds)
        self.tags.update(tags)

    def started_ms(self, call: Call) -> float:
        """When a call began, in milliseconds after the operation; 0 for one that was under way already."""
        return max(0.0, (call.began_seconds - self.began_seconds) * 1_000)

    def elapsed_ms(self) -> float:
        """Milliseconds since the operation began."""
        return (time.perf_counter() - self.began_seconds) * 1_000
