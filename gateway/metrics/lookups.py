"""What look-ups are answered from, and how many of them share a call."""

from collections import defaultdict
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from gateway.metrics.distribution import Distribution

MERGED = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)


class LookupMetrics:
    """Counts keys of look-ups by what they are answered from. Without a registry it counts for nobody.

    Its labels are services and the paths of look-ups, of which there are as many as the code names.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.kept: defaultdict[tuple[str, str], int] = defaultdict(int)
        """By service and lookup, keys that memory answered: adding here takes 0.1 µs, and such keys are many."""
        self._redis: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._backend: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._merged: defaultdict[str, Distribution] = defaultdict(lambda: Distribution(MERGED))
        if registry is not None:
            registry.register(self)

    def answered(self, service: str, lookup: str, *, memory: int, redis: int, backend: int) -> None:
        """So many keys of a look-up were answered from each; `lookup` is its path with `{key}`."""
        key = (service, lookup)
        if memory:
            self.kept[key] += memory
        if redis:
            self._redis[key] += redis
        if backend:
            self._backend[key] += backend

    def left(self, service: str, keys: int) -> None:
        """A look-up left for the backend with so many keys."""
        self._merged[service].add(keys)

    def collect(self) -> Iterator[Metric]:
        """What was counted so far, for Prometheus; from another thread too, while it is counted on."""
        counted = CounterMetricFamily(
            "gateway_lookup_keys",
            "Keys of look-ups whose answers may be kept, by what answered: memory, redis, or the backend.",
            labels=("service", "lookup", "source"),
        )
        sources = {"memory": self.kept, "redis": self._redis, "backend": self._backend}
        for lookup in sorted({key for keys in sources.values() for key in list(keys)}):
            for source, keys in sources.items():
                counted.add_metric((*lookup, source), keys.get(lookup, 0))
        merged = HistogramMetricFamily(
            "gateway_merged_keys",
            "Keys that one look-up at a backend carries, of however many requests.",
            labels=("service",),
        )
        for service, each in list(self._merged.items()):
            merged.add_metric((service,), each.buckets(), each.total)
        yield counted
        yield merged
