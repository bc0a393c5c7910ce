"""What look-ups are answered from, and how many of them share a call."""

from collections import defaultdict

from prometheus_client import CollectorRegistry, Counter, Histogram

from gateway.metrics.bounded import OTHER, Bound

MERGED = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class LookupMetrics:
    """Counts keys of look-ups by what they are answered from. Without a registry it counts for nobody."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        keys = Counter(
            "gateway_lookup_keys",
            "Keys of look-ups whose answers may be kept, by what answered: memory, redis, or the backend.",
            ["service", "lookup", "source"],
            registry=registry,
        )
        merged = Histogram(
            "gateway_merged_keys",
            "Keys that one look-up at a backend carries, of however many requests.",
            ["service"],
            registry=registry,
            buckets=MERGED,
        )

        def of_lookup(key: tuple[str, str]) -> tuple[Counter, Counter, Counter]:
            memory, redis, backend = (keys.labels(*key, source) for source in ("memory", "redis", "backend"))
            return memory, redis, backend

        self._keys = Bound[tuple[str, str], tuple[Counter, Counter, Counter]](of_lookup, (OTHER, OTHER))
        self._merged = Bound[str, Histogram](merged.labels, OTHER)
        self.kept: defaultdict[tuple[str, str], int] = defaultdict(int)
        """By service and lookup, keys that memory answered and that `settle` has yet to count: adding here takes
        0.1 µs, and such keys are many."""
        self._redis: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._backend: defaultdict[tuple[str, str], int] = defaultdict(int)

    def answered(self, service: str, lookup: str, *, memory: int, redis: int, backend: int) -> None:
        """So many keys of a look-up were answered from each; `lookup` is its path with `{key}`."""
        key = (service, lookup)
        if memory:
            self.kept[key] += memory
        if redis:
            self._redis[key] += redis
        if backend:
            self._backend[key] += backend

    def settle(self) -> None:
        """Count what was added since; to be called before numbers are read, in the loop."""
        for source, added in enumerate((self.kept, self._redis, self._backend)):
            for key, keys in added.items():
                self._keys[key][source].inc(keys)
            added.clear()

    def left(self, service: str, keys: int) -> None:
        """A look-up left for the backend with so many keys."""
        self._merged[service].observe(keys)
