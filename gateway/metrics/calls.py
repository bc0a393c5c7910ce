"""What the gateway asks of the backends, and how they answer."""

import re
from collections.abc import Iterator
from functools import lru_cache

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from gateway.errors import (
    BackendBroken,
    BackendMalformed,
    BackendRejected,
    BackendThrottled,
    BackendTimeout,
    OutcomeUnknown,
)
from gateway.metrics.bounded import OTHER, Bound
from gateway.metrics.distribution import Distribution, by_label

SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_OUTCOMES: dict[type[BaseException], str] = {
    BackendTimeout: "timeout",
    BackendBroken: "broken",
    BackendMalformed: "malformed",
    BackendRejected: "rejected",
    BackendThrottled: "throttled",
    OutcomeUnknown: "unknown",
}
_ID = re.compile(r"/[^/]*[\d@%][^/]*")
_VERSION = re.compile(r"/v\d+")


class CallMetrics:
    """Counts REST calls by service, endpoint and outcome. Without a registry it counts for nobody."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._calls = Bound[tuple[str, str, str], Distribution](lambda _: Distribution(SECONDS), (OTHER, OTHER, OTHER))
        if registry is not None:
            registry.register(self)

    def count(self, service: str, method: str, target: str, outcome: str, seconds: float) -> None:
        """A call is over.

        Args:
            service: Of the backend.
            method: HTTP's.
            target: Path and query; neither ids nor the query become labels.
            outcome: One of those that the metric's description lists.
            seconds: From sending to the last byte of the answer.
        """
        self._calls[service, endpoint_of(method, target.partition("?")[0]), outcome].add(seconds)

    def collect(self) -> Iterator[Metric]:
        """What was counted so far, for Prometheus; from another thread too, while it is counted on."""
        calls = CounterMetricFamily(
            "gateway_backend_calls",
            "REST calls by outcome: ok, not_found, refused, timeout, broken, malformed, rejected, throttled, failed, "
            "unknown, cancelled.",
            labels=("service", "endpoint", "outcome"),
        )
        seconds = HistogramMetricFamily(
            "gateway_backend_call_seconds",
            "REST calls, from sending to the last byte of the answer.",
            labels=("service", "endpoint"),
        )
        took = self._calls.items()
        for key, each in took:
            calls.add_metric(key, each.count())
        for labels, each in by_label(((key[:2], each) for key, each in took), SECONDS).items():
            seconds.add_metric(labels, each.buckets(), each.total)
        yield calls
        yield seconds


def outcome_of(failure: Exception) -> str:
    """The label of what a call failed with."""
    return _OUTCOMES.get(type(failure), "failed")


@lru_cache(maxsize=1_000)
def endpoint_of(method: str, path: str) -> str:
    """A call's label: `GET /customers/{id}/credit_summary`. Whatever holds a digit is an id, unless a version."""
    return f"{method} {_ID.sub(_as_template, path)}"


def _as_template(segment: re.Match[str]) -> str:
    text = segment[0]
    return text if _VERSION.fullmatch(text) else "/{id}"
