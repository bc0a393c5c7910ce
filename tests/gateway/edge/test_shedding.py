"""Load shedding: what a gate makes of the loop's beats, and which operations are refused while it is not open."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from gateway.edge.shedding import Gate
from gateway.graph import shedding_of
from gateway.operation_settings import OverloadSettings
from gateway.pulse import BEAT_SECONDS, Pulse
from tests.conftest import Gateway, Store, gateway_before

TARGET, INTERVAL = 0.04, 0.1

PRODUCT = "query Product($id: ID!) { product(id: $id) { title } }"
WHO = "{ customer { id } }"
PANEL = "query Panel { customer { email } }"
CHECKOUT = "query Checkout { customer { email } }"
NAMED_SO = "query Checkout { customer { email firstName } }"
UPDATES = """
mutation { subscriptionUpdate(subscriptionId: "1", input: {quantity: 2}) { userErrors { code } } }"""
MIXED = f"{UPDATES.replace('mutation', 'mutation Update')} query Query {{ customer {{ email }} }}"


def gate() -> Gate:
    """One as the settings have it."""
    return Gate(lag_seconds=TARGET, interval_seconds=INTERVAL)


def beats(which: Gate, *lags: float, at: float = 100.0) -> float:
    """Let a gate hear beats that are so late, one after the other; the moment after them."""
    for lag in lags:
        at += BEAT_SECONDS + lag
        which.heard(lag, at)
    return at


def admitted(which: Gate, asked: int, *, lag: float = 0.0, at: float = 200.0) -> int:
    """How many of so many requests pass."""
    return sum(which.admits(lag, at) for _ in range(asked))


def test_an_idle_loop_and_a_busy_one_refuse_nothing() -> None:
    """Late now and then is no overload: one beat in time starts the count anew."""
    busy = gate()
    beats(busy, *[0.001] * 100, *[0.12, 0.03] * 100, *[0.06, 0.07, 0.01] * 100)
    assert (busy.share, admitted(busy, 1_000, lag=0.3)) == (1.0, 1_000)


@pytest.mark.parametrize("pause", [0.1, 0.25, 0.5])
def test_one_long_pause_refuses_nothing(pause: float) -> None:
    """The collector, or a machine that stood still: what has come meanwhile is worked off, each turn a shorter one."""
    paused = gate()
    at = beats(paused, 0.001, pause)
    lag = pause
    while (lag := lag / 2) > TARGET / 8:
        assert admitted(paused, 50, lag=lag, at=at) == 50
        at = beats(paused, lag, at=at)
    assert paused.is_calm


def test_a_lag_that_grows_is_answered_within_the_turn() -> None:
    """Requests at the end of a long turn do not wait for the beat after it to learn that there are too many."""
    growing = gate()
    at = beats(growing, 0.001, 0.135)
    assert (growing.share, growing.is_calm) == (1.0, False)
    assert admitted(growing, 10, lag=0.1, at=at + 0.1) == 10, "no worse than the turn before"
    assert admitted(growing, 100, lag=0.16, at=at + 0.16) == 25, "the target over the lag"


def test_a_lag_that_stays_is_too_much_after_a_second() -> None:
    """As clients make it that wait for each answer before they ask again."""
    steady = gate()
    at = beats(steady, 0.09, *[0.08] * 9)
    assert steady.share == 1.0
    beats(steady, 0.08, 0.08, at=at)
    assert steady.share == pytest.approx(0.5)


def test_the_share_falls_with_the_lag_and_rises_without_it() -> None:
    """It falls in proportion, not while it is getting better; from nearly nothing to everything takes a second."""
    closed = gate()
    at = beats(closed, 0.05, 0.06, 0.08)
    assert closed.share == pytest.approx(0.5)
    at = beats(closed, 0.05, at=at)
    assert closed.share == pytest.approx(0.5), "better than before"
    at = beats(closed, 0.05, at=at)
    assert closed.share == pytest.approx(0.4)
    at = beats(closed, 4.0, 40.0, 400.0, at=at)
    assert closed.share == pytest.approx(0.01)
    assert admitted(closed, 1_000) == 10
    at = beats(closed, *[0.0] * 25, at=at)
    assert closed.share == pytest.approx(0.51)
    beats(closed, *[0.0] * 25, at=at)
    assert (closed.share, closed.is_calm) == (1.0, True)


async def test_a_pulse_says_how_late_it_is() -> None:
    """Before its beat, and in it; then it goes on."""
    heard: list[float] = []
    pulse = Pulse()
    with pulse.heard_by(lambda late, _now: heard.append(late)):
        pulse.start()
        time.sleep(0.1)  # noqa: ASYNC251  # the loop is held up, as by a document that takes long
        assert pulse.late_seconds() >= 0.1 - BEAT_SECONDS
        while len(heard) < 2:  # noqa: ASYNC110  # a count, and no event
            await asyncio.sleep(0.005)
    pulse.close()
    assert heard[0] >= 0.1 - BEAT_SECONDS


@asynccontextmanager
async def holding_up(seconds: float) -> AsyncIterator[None]:
    """A loop each turn of which takes so long."""

    async def hold() -> None:
        while True:
            time.sleep(seconds)  # noqa: ASYNC251  # that is what it is for
            await asyncio.sleep(0)

    holding = asyncio.create_task(hold())
    try:
        yield
    finally:
        holding.cancel()


class ToldPulse(Pulse):
    """Beats that the test makes up, each as late as it says."""

    def __init__(self) -> None:
        super().__init__()
        self._late = 0.0
        self._at = 100.0

    def start(self) -> None:
        """There is no timer."""

    def late_seconds(self) -> float:
        """What was told last."""
        return self._late

    def tell(self, *lags: float) -> None:
        """One beat after the other."""
        for self._late in lags:
            self._at += BEAT_SECONDS + self._late
            for hears in self._hearing:
                hears(self._late, self._at)


OVERLOAD = {"important_operations": ["Checkout"]}


@asynccontextmanager
async def gateway_with(store: Store, folder: Path, pulse: Pulse, **overload: Any) -> AsyncIterator[Gateway]:
    """A gateway whose loop keeps up as well as a pulse says, and which knows two documents from a manifest."""
    (folder / "manifest.json").write_text(json.dumps({"panel": PANEL, "checkout": CHECKOUT}), encoding="utf-8")
    async with gateway_before(
        store,
        pulse=pulse,
        overload={**OVERLOAD, **overload},
        operations={"manifests": [folder / "manifest.json"]},
        cache={},
    ) as gateway:
        yield gateway


async def test_the_least_important_is_refused_first(store: Store, tmp_path: Path, shopper: int) -> None:
    """Queries are, at once and without a call; mutations, operations of the list and kept answers are not."""
    listed = await store.get("subscriptions", "/product_search?format_version=2022-06&limit=1", version="2021-01")
    product = {"id": str(listed["products"][0]["external_product_id"])}
    pulse = ToldPulse()
    async with gateway_with(store, tmp_path, pulse) as gateway:
        title = (await gateway.ask(PRODUCT, product)).data["product"]["title"]
        email = (await gateway.ask(CHECKOUT, customer=shopper)).data["customer"]["email"]
        assert (await gateway.ask(NAMED_SO, customer=shopper)).data["customer"]["email"] == email
        calls = gateway.calls

        pulse.tell(*[0.1] * 40)
        refused = await gateway.ask(PANEL, customer=shopper)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
        assert refused.errors == [
            {
                "message": "Too much is asked at the moment: ask again later.",
                "extensions": {"code": "OVERLOADED", "retryAfter": 2},
            }
        ]
        # A name that anybody may give to a document is no reason, and what nobody has read yet is not read now.
        assert (await gateway.ask(NAMED_SO, customer=shopper)).status == 503
        assert (await gateway.ask("query { nonsense", customer=shopper)).status == 503
        assert (await gateway.ask(PRODUCT, product)).data["product"]["title"] == title
        assert gateway.calls == calls

        assert (await gateway.ask(CHECKOUT, customer=shopper)).data["customer"]["email"] == email
        result = (await gateway.ask(UPDATES, customer=shopper)).data["subscriptionUpdate"]
        assert result == {"userErrors": [{"code": "NOT_FOUND"}]}
        # One that only begins like a mutation is read, and is what it is.
        headers = {"Authorization": f"Bearer {gateway.token(shopper)}"}
        sent = {"query": MIXED, "operationName": "Query"}
        async with gateway.client.post(f"{gateway.url}/graphql", json=sent, headers=headers) as response:
            assert response.status == 503

        pulse.tell(*[0.0] * 60)
        for _ in range(3):
            assert (await gateway.ask(PANEL, customer=shopper)).data["customer"]["email"] == email


async def test_where_the_important_alone_is_too_much(store: Store, tmp_path: Path, shopper: int) -> None:
    """It is refused as well, or everybody would wait for nothing; answers that are kept cost nothing."""
    listed = await store.get("subscriptions", "/product_search?format_version=2022-06&limit=1", version="2021-01")
    product = {"id": str(listed["products"][0]["external_product_id"])}
    pulse = ToldPulse()
    async with gateway_with(store, tmp_path, pulse) as gateway:
        title = (await gateway.ask(PRODUCT, product)).data["product"]["title"]
        calls = gateway.calls
        pulse.tell(*[0.5] * 40)
        for query in (PANEL, CHECKOUT, UPDATES):
            assert (await gateway.ask(query, customer=shopper)).status == 503
        assert (await gateway.ask(PRODUCT, product)).data["product"]["title"] == title
        assert gateway.calls == calls


async def test_a_loop_that_is_held_up(store: Store, tmp_path: Path, shopper: int) -> None:
    """The same with beats of a real loop; without what held it up, all is well again."""
    async with gateway_with(store, tmp_path, Pulse(), lag_seconds=0.01, interval_seconds=0.02) as gateway:
        async with holding_up(0.04), asyncio.timeout(20):
            while (await gateway.ask(WHO, customer=shopper)).status != HTTPStatus.SERVICE_UNAVAILABLE:
                pass
        async with asyncio.timeout(20):
            while (await gateway.ask(WHO, customer=shopper)).status != HTTPStatus.OK:
                pass


async def test_nothing_is_refused_where_it_is_turned_off() -> None:
    """`overload.lag_seconds = 0`."""
    for lag_seconds, is_calm in ((0.04, False), (0.0, True)):
        pulse = ToldPulse()
        with shedding_of(OverloadSettings(lag_seconds=lag_seconds), pulse) as shedding:
            pulse.tell(*[0.5] * 40)
            assert shedding.is_calm == is_calm


async def test_one_line_tells_of_it(caplog: pytest.LogCaptureFixture) -> None:
    """How much was refused since the line before, and no line for each request."""
    pulse = ToldPulse()
    with shedding_of(OverloadSettings(), pulse) as shedding, caplog.at_level(logging.WARNING):
        pulse.tell(*[0.1] * 40)
        for _ in range(20):
            shedding.admits(is_important=False)
        pulse.tell(*[0.1] * 40)
    (line,) = caplog.messages
    assert "load is shed" in line
    assert "'refused': 20" in line
