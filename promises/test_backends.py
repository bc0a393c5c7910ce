"""Backends that hang, fail or lie, while shoppers keep coming."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.load import open_loop
from benchmarks.operations import Request, of_shopper
from benchmarks.stub import people
from promises.conftest import Measured
from promises.stage import percentile_ms, staged

THREE_BACKENDS = """{ customer { id
  subscriptions(first: 5) { nodes { id bundleSelection { id } } }
  credit { totalAvailable { amount } }
  loyalty { pointsBalance } } }"""
"""A field of each backend. The first of a shopper's subscriptions is a bundle."""


def without_points(*, beginning: int) -> Iterator[Request]:
    """Each time another shopper, whose points cannot be had; all the rest has to be there."""

    def is_right(body: bytes) -> bool:
        return (
            b'"loyalty":null' in body
            and body.count(b"gid://recharge/SubscriptionContract/") == 5
            and b'"bundleSelection":{' in body
            and b'"totalAvailable":{' in body
            and body.count(b'"message"') == 1
            and b'"code":"BACKEND_TIMEOUT"' in body
        )

    for number in range(beginning, beginning + 1_000_000):
        yield of_shopper(THREE_BACKENDS, people.shopper(number, subscriptions=5), is_right)


@pytest.mark.promise("R1")
async def test_a_hung_backend_costs_no_more_than_the_deadline(tmp_path: Path, measured: Measured) -> None:
    """Every operation waits for the points until its deadline, and has all the rest."""
    deadline_ms = 500
    async with staged(tmp_path) as stage, stage.gateway(OPERATIONS__DEADLINE_SECONDS="0.5") as gateway:
        await stage.backends["loyalty"].reset(latency_ms=0, hang=1)
        await open_loop(gateway.port, without_points(beginning=1), rate=10, seconds=1, connections=64)
        outcome = await open_loop(gateway.port, without_points(beginning=100), rate=40, seconds=8, connections=64)
        p99 = percentile_ms(outcome)
        count = len(outcome.durations_seconds)
        measured("R1", f"{count - outcome.errors} of {count} right, p99 {p99:.0f} ms at a deadline of {deadline_ms} ms")
        assert outcome.first_errors == []
        assert (outcome.errors, outcome.unanswered) == (0, 0)
        assert count >= 300
        assert p99 <= deadline_ms + 50
