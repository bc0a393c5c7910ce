"""What is asked of the gateway, and how it is answered."""

import time
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from gateway.metrics.bounded import OTHER, Bound
from gateway.metrics.distribution import Distribution, by_label

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""From an answer that is kept as bytes to one that takes as long as an operation may."""
OK = "OK"
LEFT = "CLIENT_LEFT"
"""Instead of a code: nobody waited for the answer any more."""


class AnswerMetrics:
    """Counts answers by operation and code. Without a registry it counts for nobody.

    It adds to plain numbers, and makes metrics of them when they are collected: the library's own counter and histogram
    take 4 µs for an answer, as much as all else that an answer takes that is kept.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        stale = Counter(
            "gateway_stale_objects",
            "Objects that were given although no longer fresh, by the reason: a failure's code, or REVALIDATING.",
            ["service", "reason"],
            registry=registry,
        )
        self._answers = Bound[tuple[str, str], Distribution](lambda _: Distribution(SECONDS), (OTHER, OTHER))
        self._stale = Bound[tuple[str, str], Counter](lambda key: stale.labels(*key), (OTHER, OTHER))
        if registry is not None:
            registry.register(self)

    def answered(self, operation: str | None, code: str | None, began_seconds: float) -> None:
        """An answer is ready.

        Args:
            operation: The name of a trusted document's operation; None for everybody else's.
            code: The first error's; None where there is none.
            began_seconds: When the request began, by `time.perf_counter`.
        """
        self._answers[operation or OTHER, code or OK].add(time.perf_counter() - began_seconds)

    def gave_stale(self, objects: Iterable[tuple[str, str]]) -> None:
        """Objects were given that are not fresh: the service and the reason of each."""
        for each in objects:
            self._stale[each].inc()

    def collect(self) -> Iterator[Metric]:
        """What was counted so far, for Prometheus; from another thread too, while it is counted on."""
        answers = CounterMetricFamily(
            "gateway_answers",
            "Answers by operation (trusted documents' names, all else is `other`) and the code of their first error.",
            labels=("operation", "code"),
        )
        seconds = HistogramMetricFamily(
            "gateway_answer_seconds", "From a request's first look to its answer's bytes.", labels=("operation",)
        )
        took = self._answers.items()
        for key, each in took:
            answers.add_metric(key, each.count())
        for labels, each in by_label(((key[:1], each) for key, each in took), SECONDS).items():
            seconds.add_metric(labels, each.buckets(), each.total)
        yield answers
        yield seconds
