"""One append-only record a request: which REST calls its answer took."""

import time
from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True, eq=False)
class Journal:
    """What one operation did, in the order in which it started."""

    began_seconds: float = field(default_factory=time.perf_counter)
    calls: list[Call] = field(default_factory=list)

    def started_ms(self, call: Call) -> float:
        """When a call began, in milliseconds after the operation; 0 for one that was under way already."""
        return max(0.0, (call.began_seconds - self.began_seconds) * 1_000)

    def elapsed_ms(self) -> float:
        """Milliseconds since the operation began."""
        return (time.perf_counter() - self.began_seconds) * 1_000
