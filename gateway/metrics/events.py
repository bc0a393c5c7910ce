"""What webhooks tell, and what becomes of it."""

from prometheus_client import CollectorRegistry, Counter


class EventMetrics:
    """Counts webhooks by sender and outcome. Without a registry it counts for nobody."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._webhooks = Counter(
            "gateway_webhooks",
            "Webhooks by sender (recharge, shopify) and outcome: taken, duplicate, stale, or the code of the refusal.",
            ["sender", "outcome"],
            registry=registry,
        )

    def came(self, sender: str, outcome: str) -> None:
        """A webhook was answered. These are few, so nothing is bound ahead."""
        self._webhooks.labels(sender, outcome).inc()
