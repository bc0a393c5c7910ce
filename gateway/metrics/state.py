"""What is looked at when metrics are collected, rather than counted all the while."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

CLOSED = "closed"


class Breaker(Protocol):
    """What is seen of a breaker."""

    @property
    def state(self) -> str:
        """One of `STATES`."""

    opened: int
    refused: int


class RetryBudget(Protocol):
    """What is seen of a budget."""

    balance: float
    spent: int
    denied: int


class Backend(Protocol):
    """What is seen of a backend: one address of a service."""

    @property
    def service(self) -> str:
        """The domain's name."""

    @property
    def breaker(self) -> Breaker:
        """Its breaker."""

    @property
    def budget(self) -> RetryBudget:
        """Its budget."""

    @property
    def hedged(self) -> int:
        """How many second calls have been made beside slow ones."""


STATES = (CLOSED, "half-open", "open")
"""Of a breaker, the worst one last."""


def worst_states(backends: Iterable[Backend]) -> dict[str, str]:
    """The state of each service's breaker; of a service with several addresses the worst."""
    states: dict[str, str] = {}
    for backend in backends:
        states[backend.service] = max(states.get(backend.service, CLOSED), str(backend.breaker.state), key=STATES.index)
    return dict(sorted(states.items()))


def observed(
    backends: Collection[Backend], fallbacks: Mapping[str, int], admitted: Mapping[str, float]
) -> Iterator[Metric]:
    """The state of all backends, by which reasons operations were left to graphql-core, and what overload lets through.

    An address is no label: whoever reads metrics need not know hosts, and shops' own would be as many as shops.
    """
    services = sorted({backend.service for backend in backends})
    breakers = GaugeMetricFamily(
        "gateway_breakers", "Breakers, one for each address of a backend, by state.", labels=["service", "state"]
    )
    opened = CounterMetricFamily("gateway_breaker_opened", "How often breakers opened.", labels=["service"])
    refused = CounterMetricFamily(
        "gateway_breaker_refusals", "Calls that were not made, since a breaker was open.", labels=["service"]
    )
    balance = GaugeMetricFamily(
        "gateway_retry_balance", "Retries that may be made now, at the address that has least left.", labels=["service"]
    )
    retries = CounterMetricFamily("gateway_retries", "Calls that were made again.", labels=["service"])
    denied = CounterMetricFamily(
        "gateway_retries_denied", "Calls that were not made again, for want of balance.", labels=["service"]
    )
    hedges = CounterMetricFamily("gateway_hedges", "Second calls beside slow ones.", labels=["service"])
    for service in services:
        own = [backend for backend in backends if backend.service == service]
        for state in STATES:
            breakers.add_metric([service, state], sum(str(each.breaker.state) == state for each in own))
        opened.add_metric([service], sum(each.breaker.opened for each in own))
        refused.add_metric([service], sum(each.breaker.refused for each in own))
        balance.add_metric([service], min(each.budget.balance for each in own))
        retries.add_metric([service], sum(each.budget.spent for each in own))
        denied.add_metric([service], sum(each.budget.denied for each in own))
        hedges.add_metric([service], sum(each.hedged for each in own))
    yield from (breakers, opened, refused, balance, retries, denied, hedges)
    executed = CounterMetricFamily(
        "gateway_execution_fallbacks", "Operations that graphql-core executed, by reason.", labels=["reason"]
    )
    for reason, times in sorted(fallbacks.items()):
        executed.add_metric([reason], times)
    yield executed
    share = GaugeMetricFamily(
        "gateway_admitted_share", "The share of operations that may run: 1 unless load is shed.", labels=["priority"]
    )
    for priority, value in admitted.items():
        share.add_metric([priority], value)
    yield share
