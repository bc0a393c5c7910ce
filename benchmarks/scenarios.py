"""What is measured, in which order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks import operations
from benchmarks.contestants import (
    APOLLO,
    BARE,
    BFF,
    HIVE,
    MERCURIUS,
    NONE_MODE,
    OURS,
    SHOP_MODE,
    STRAWBERRY,
    TAILCALL,
    YOGA,
    YOGA_JIT,
)
from benchmarks.operations import Request

ALL = (OURS, SHOP_MODE, NONE_MODE, MERCURIUS, YOGA_JIT, YOGA, APOLLO, HIVE, TAILCALL, BFF, STRAWBERRY)
FEW = (OURS, SHOP_MODE, NONE_MODE, MERCURIUS, YOGA_JIT, BFF)
OF_GRAPHS = (OURS, SHOP_MODE, NONE_MODE, MERCURIUS, YOGA_JIT, TAILCALL)

Requests = Callable[[int], Iterator[Request]]
"""The requests from the n-th shopper on."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line of bars in the plot, one table in the README."""

    name: str
    title: str
    connections: int
    requests: Requests
    servers: tuple[str, ...] = ALL
    latency_ms: float = 0
    is_quick: bool = False
    """Part of `--quick`."""


def _portals(subscriptions: int = 5, shop: int | None = None) -> Requests:
    return lambda beginning: operations.portals(subscriptions, beginning=beginning, shop=shop)


SCENARIOS = (
    Scenario("portal-unique", "CustomerPortal, 5 subscriptions", 32, _portals(), (*ALL, BARE), is_quick=True),
    Scenario("portal-unique-20ms", "the same, backends at 20 ms", 96, _portals(), latency_ms=20, is_quick=True),
    Scenario("portal-alone", "the same, one connection", 1, _portals(), is_quick=True),
    Scenario("portal-alone-20ms", "the same, one connection, backends at 20 ms", 1, _portals(), latency_ms=20),
    Scenario("portal-20-subscriptions", "CustomerPortal, 20 subscriptions", 32, _portals(20), is_quick=True),
    Scenario("portal-200-subscriptions", "CustomerPortal200, 200 subscriptions", 8, _portals(200)),
    Scenario("portal-1-subscription", "CustomerPortal, 1 subscription", 32, _portals(1), (*FEW, TAILCALL)),
    Scenario("portal-unique-4ms", "5 subscriptions, backends at 4 ms", 32, _portals(), FEW, latency_ms=4),
    Scenario("portal-8-connections", "5 subscriptions, 8 connections", 8, _portals(), FEW),
    Scenario("portal-128-connections", "5 subscriptions, 128 connections", 128, _portals(), FEW),
    Scenario("portal-one-shop", "5 subscriptions, all shoppers of one shop", 32, _portals(shop=7), FEW),
    Scenario(
        "portal-identical",
        "the same shopper again and again",
        32,
        lambda beginning: operations.same_portal(5, beginning=beginning),
        FEW,
    ),
    Scenario(
        "credit-unique",
        "one field of one REST call",
        32,
        lambda beginning: operations.credits(beginning=beginning),
        OF_GRAPHS,
    ),
    Scenario(
        "widget-identical",
        "ProductSubscriptionWidget, the same visitor's question again and again",
        32,
        lambda _: operations.product_widget(),
        (OURS, BARE),
        is_quick=True,
    ),
)
