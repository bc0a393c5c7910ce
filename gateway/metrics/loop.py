"""How the event loop keeps up."""

from prometheus_client import CollectorRegistry, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class LoopMetrics:
    """Measures how late the loop's beats come. Without a registry it measures for nobody."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._lag = Histogram(
            "gateway_loop_lag_seconds",
            "How late a timer comes in the event loop, fifty times a second: for so long everybody waits.",
            registry=registry,
            buckets=SECONDS,
        )

    def heard(self, late_seconds: float, _now: float) -> None:
        """A beat came so late."""
        self._lag.observe(max(0.0, late_seconds))
