"""One append-only record a request: which REST calls its answer took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Call:
    """One REST call. Written once, by the client that makes it."""

    service: str
    request: str
    """Method, path and query, such as `GET /addresses?ids=1,2`; a value that is personal data reads `…`."""
    started_ms: float
    """Since the operation began."""
    duration_ms: float = 0.0
    status: int | None = None
    """HTTP status; None when there was no answer."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What one operation did, in the order in which it started."""

    began_seconds: float = field(default_factory=time.perf_counter)
    calls: list[Call] = field(default_factory=list)

    @contextmanager
    def calling(self, service: str, request: str) -> Iterator[Call]:
        """Record a call for as long as the block runs; the block sets its status."""
        call = Call(service, request, started_ms=self.elapsed_ms())
        self.calls.append(call)
        try:
            yield call
        finally:
            call.duration_ms = self.elapsed_ms() - call.started_ms

    def elapsed_ms(self) -> float:
        """Milliseconds since the operation began."""
        return (time.perf_counter() - self.began_seconds) * 1_000
