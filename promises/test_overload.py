"""More than a process can answer, and clients that send slowly."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from benchmarks.load import Outcome, closed_loop, open_loop
from benchmarks.operations import Request, of_shopper, portals
from benchmarks.stub import people
from promises.conftest import Measured
from promises.stage import percentile_ms, staged

SHEDDING = {"OVERLOAD__LAG_SECONDS": "0.04"}
"""As the settings have it; a stage turns it off."""
FIELDS = "{ customer { id credit { totalAvailable { amount } } subscriptions(first: 5) { nodes { id } } } }"
WIDGET, CHECKOUT = f"query Widget {FIELDS}", f"query Checkout {FIELDS}"
STATUSES = frozenset({200, 503})


@dataclass
class Answers:
    """What came of each request of a load, in the order in which its times are kept."""

    kinds: list[tuple[str, bool]] = field(default_factory=list)
    """Which operation, and whether it was answered rather than refused."""

    def of(self, requests: Iterator[Request], name: str) -> Iterator[Request]:
        """The same requests; each may be refused, and is right only where it is answered in full or refused so."""
        for request in requests:

            def is_right(body: bytes, ask: Request = request) -> bool:
                is_refused = b'"OVERLOADED"' in body
                self.kinds.append((name, not is_refused))
                return is_refused or ask.is_right(body)

            yield Request(request.data, is_right, statuses=STATUSES)

    def count(self, name: str, *, answered: bool) -> int:
        """How many of an operation were answered, or refused."""
        return self.kinds.count((name, answered))

    def refused_ms(self, outcome: Outcome) -> float:
        """How long all but the slowest hundredth of the refusals took."""
        refused = [
            seconds
            for (_, is_answered), seconds in zip(self.kinds, outcome.durations_seconds, strict=True)
            if not is_answered
        ]
        return percentile_ms(Outcome(durations_seconds=refused)) if refused else 0.0


@pytest.mark.promise("R13")
async def test_three_times_too_much(tmp_path: Path, measured: Measured) -> None:
    """As much as before is answered; the rest is refused before anybody gives up, and all is well soon after."""
    async with staged(tmp_path) as stage:
        async with stage.gateway(log="peak") as gateway:
            await closed_loop(gateway.port, portals(5, beginning=1), connections=16, seconds=3)
            outcome = await closed_loop(gateway.port, portals(5, beginning=20_000), connections=16, seconds=6)
            peak = len(outcome.durations_seconds) / outcome.elapsed_seconds
        async with stage.gateway(log="overload", environment=SHEDDING) as gateway:
            await closed_loop(gateway.port, portals(5, beginning=40_000), connections=1, seconds=2)
            answers, seconds = Answers(), 20
            load = answers.of(portals(5, beginning=60_000), "portal")
            outcome = await open_loop(gateway.port, load, rate=3 * peak, seconds=seconds, connections=400)
            goodput = answers.count("portal", answered=True) / seconds / peak
            refused_ms = answers.refused_ms(outcome)
            began = time.perf_counter()
            recovered = 0.0
            for number in count(1):
                after = Answers()
                load = after.of(portals(5, beginning=100_000 * number), "portal")
                await open_loop(gateway.port, load, rate=peak / 3, seconds=0.5, connections=50)
                recovered = time.perf_counter() - began
                if not after.count("portal", answered=False) or recovered > 10:
                    break
        measured(
            "R13",
            f"peak {peak:.0f}/s; of three times that {goodput:.0%} of the peak answered, "
            f"{answers.count('portal', answered=False)} of {len(answers.kinds)} refused, p99 {refused_ms:.0f} ms, "
            f"{outcome.unanswered} without an answer; nothing refused {recovered:.1f} s later",
        )
        assert outcome.first_errors == []
        assert outcome.unanswered == 0
        assert goodput >= 0.9
        assert refused_ms <= 100
        assert recovered <= 5


def asked(document: str, *, beginning: int) -> Iterator[Request]:
    """Each time another shopper."""

    def is_right(body: bytes) -> bool:
        return b'"totalAvailable":{' in body and body.count(b"gid://recharge/SubscriptionContract/") == 5

    for number in count(beginning):
        yield of_shopper(document, people.shopper(number, subscriptions=5), is_right)


@pytest.mark.promise("R14")
async def test_checkout_goes_before_widgets(tmp_path: Path, measured: Measured) -> None:
    """Half and half, half more than can be answered; the checkout is in a manifest, and on the list."""
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"checkout": CHECKOUT}), encoding="utf-8")
    environment = {
        **SHEDDING,
        "OPERATIONS__MANIFESTS": json.dumps([str(manifest)]),
        "OVERLOAD__IMPORTANT_OPERATIONS": '["Checkout"]',
    }
    async with staged(tmp_path) as stage:
        async with stage.gateway(log="peak") as gateway:
            await closed_loop(gateway.port, asked(WIDGET, beginning=1), connections=16, seconds=2)
            outcome = await closed_loop(gateway.port, asked(WIDGET, beginning=20_000), connections=16, seconds=5)
            peak = len(outcome.durations_seconds) / outcome.elapsed_seconds
        async with stage.gateway(log="overload", environment=environment) as gateway:
            await closed_loop(gateway.port, asked(WIDGET, beginning=40_000), connections=1, seconds=1)
            await closed_loop(gateway.port, asked(CHECKOUT, beginning=50_000), connections=1, seconds=1)
            answers = Answers()
            widgets = answers.of(asked(WIDGET, beginning=60_000), "widget")
            checkouts = answers.of(asked(CHECKOUT, beginning=200_000), "checkout")
            both = (next(each) for _ in count() for each in (widgets, checkouts))
            outcome = await open_loop(gateway.port, both, rate=1.5 * peak, seconds=15, connections=400)
    shares = {}
    for name in ("checkout", "widget"):
        answered, refused = answers.count(name, answered=True), answers.count(name, answered=False)
        shares[name] = answered / (answered + refused)
    measured(
        "R14",
        f"at 1.5 times a peak of {peak:.0f}/s, {shares['checkout']:.2%} of the checkouts answered and "
        f"{shares['widget']:.0%} of the widgets, {outcome.unanswered} without an answer",
    )
    assert outcome.first_errors == []
    assert outcome.unanswered == 0
    assert shares["checkout"] >= 0.99
    assert shares["widget"] < 1


HEAD = b"POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n"


async def slowly(port: int, begun: bytes, drop: bytes) -> float:
    """Send a byte a second until the gateway closes; for how long it let us."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.perf_counter()

    async def dripping() -> None:
        writer.write(begun)
        while True:
            await asyncio.sleep(1)
            writer.write(drop)

    sending = asyncio.create_task(dripping())
    try:
        async with asyncio.timeout(30):
            while await reader.read(1_000):
                pass
    except (ConnectionError, TimeoutError):
        pass
    finally:
        sending.cancel()
        writer.transport.abort()
    return time.perf_counter() - began


@pytest.mark.promise("R26")
async def test_seven_hundred_slow_senders(tmp_path: Path, measured: Measured) -> None:
    """All of them are let go in time, and shoppers notice nothing."""
    deadline = 5.0
    async with staged(tmp_path) as stage, stage.gateway(SERVER__RECEIVE_SECONDS=str(deadline)) as gateway:
        load = asked(WIDGET, beginning=1)
        await open_loop(gateway.port, load, rate=50, seconds=3, connections=50)
        before = await open_loop(gateway.port, load, rate=50, seconds=8, connections=50)
        senders = [(HEAD, b"x")] * 400 + [(HEAD + b"\r\n", b" ")] * 300
        slow = [asyncio.create_task(slowly(gateway.port, *each)) for each in senders]
        during = await open_loop(gateway.port, load, rate=50, seconds=8, connections=50)
        longest = max(await asyncio.gather(*slow))
    usual, meanwhile = percentile_ms(before), percentile_ms(during)
    measured(
        "R26",
        f"400 slow heads and 300 slow bodies: the last closed after {longest:.1f} s at {deadline:.0f} s; "
        f"p99 of others {usual:.0f} ms before, {meanwhile:.0f} ms meanwhile",
    )
    assert (before.errors, during.errors, during.unanswered) == (0, 0, 0)
    assert longest <= deadline + 1
    assert meanwhile <= 1.2 * usual
