"""What is asked of the gateway, and how it is answered."""

import time
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from gateway.metrics.bounded import OTHER, Bound

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""From an answer that is kept as bytes to one that takes as long as an operation may."""
OK = "OK"
LEFT = "CLIENT_LEFT"
"""Instead of a code: nobody waited for the answer any more."""


class AnswerMetrics:
    """Counts answers by operation and code. Without a registry it counts for nobody."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        answers = Counter(
            "gateway_answers",
            "Answers by operation (trusted documents' names, all else is `other`) and the code of their first error.",
            ["operation", "code"],
            registry=registry,
        )
        seconds = Histogram(
            "gateway_answer_seconds",
            "From a request's first look to its answer's bytes.",
            ["operation"],
            registry=registry,
            buckets=SECONDS,
        )
        stale = Counter(
            "gateway_stale_objects",
            "Objects that were given although no longer fresh, by the reason: a failure's code, or REVALIDATING.",
            ["service", "reason"],
            registry=registry,
        )
        self._answers = Bound[tuple[str, str], tuple[Counter, Histogram]](
            lambda key: (answers.labels(*key), seconds.labels(key[0])), (OTHER, OTHER)
        )
        self._stale = Bound[tuple[str, str], Counter](lambda key: stale.labels(*key), (OTHER, OTHER))

    def answered(self, operation: str | None, code: str | None, began_seconds: float) -> None:
        """An answer is ready.

        Args:
            operation: The name of a trusted document's operation; None for everybody else's.
            code: The first error's; None where there is none.
            began_seconds: When the request began, by `time.perf_counter`.
        """
        answers, seconds = self._answers[operation or OTHER, code or OK]
        answers.inc()
        seconds.observe(time.perf_counter() - began_seconds)

    def gave_stale(self, objects: Iterable[tuple[str, str]]) -> None:
        """Objects were given that are not fresh: the service and the reason of each."""
        for each in objects:
            self._stale[each].inc()
