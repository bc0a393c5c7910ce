"""A backend that fails: when it is asked again, when it is left alone, and how it is found to be well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import BackendBroken, BackendError, BackendRejected, BackendThrottled, BackendTimeout
from gateway.upstream import Access, Backend, Deadline, Journal, State, Tenant
from gateway.upstream.calls import Calls
from gateway.upstream.resilience import CALLS_NEEDED, OPEN_SECONDS, PROBES, RETRIES_SAVED, WINDOWS_SECONDS
from tests.running import running


@dataclass
class World:
    """A backend that answers with a status, and what calls it."""

    tenant: Tenant = field(init=False)
    status: int = 200
    seconds: float = 0.0
    asked: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def handle(self, request: Request) -> Response:
        """Answer."""
        self.asked.append(dict(request.headers))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.at_once -= 1
        return Response("{}", self.status, {"Retry-After": "1"}, media_type="application/json")

    def state(self) -> State:
        """The breaker's."""
        return self.tenant.backend.breaker.state

    async def ask(self, *, seconds: float = 30) -> str:
        """Call it once; the outcome is a failure's name or `ok`."""
        try:
            await Calls(Deadline.after(seconds), Journal()).get(self.tenant, None, "/", {}, headers={})
        except BackendError as error:
            return type(error).__name__
        return "ok"


@asynccontextmanager
async def world(*, retries: int = 0, timeout_seconds: float = 5) -> AsyncIterator[World]:
    """A backend that behaves."""
    here = World()
    async with (
        running(Starlette(routes=[Route("/", here.handle)])) as url,
        Backend.connected(
            "rows", url, timeout_seconds=timeout_seconds, connections=100, answer_bytes=1_000, retries=retries
        ) as backend,
    ):
        here.tenant = Tenant(backend, "a", Access({}))
        yield here


@pytest.mark.parametrize(
    ("status", "outcome", "calls"),
    [
        (502, BackendBroken, 2),
        (503, BackendBroken, 2),
        (504, BackendBroken, 2),
        (500, BackendError, 1),
        (429, BackendThrottled, 1),
        (400, BackendRejected, 1),
        (401, BackendRejected, 1),
    ],
)
async def test_what_is_asked_again(status: int, outcome: type[BackendError], calls: int) -> None:
    """What broke off; what was answered, if only with a refusal, would be answered the same."""
    async with world(retries=1) as here:
        here.status = status
        assert await here.ask() == outcome.__name__
    assert len(here.asked) == calls


async def test_retries_have_a_budget() -> None:
    """What a quiet time has saved, then one for ten calls: a backend that is down gets no multiple of its load."""
    async with world(retries=3) as here:
        for _ in range(20):
            here.status = 503
            await here.ask()
            # As many that go well keep the breaker out of it.
            here.status = 200
            for _ in range(9):
                assert await here.ask() == "ok"
    assert len(here.asked) <= 200 * 1.1 + RETRIES_SAVED


async def test_a_breaker_opens_and_finds_out_by_few_calls_that_all_is_well() -> None:
    """Twenty failures are enough; then nothing is sent, then three at a time."""
    async with world() as here:
        here.status = 500
        assert {await here.ask() for _ in range(CALLS_NEEDED)} == {"BackendError"}
        assert here.state() is State.OPEN
        assert {await here.ask() for _ in range(50)} == {"BackendError"}
        assert len(here.asked) == CALLS_NEEDED

        here.status, here.seconds = 200, 0.1
        await asyncio.sleep(OPEN_SECONDS)
        assert here.state() is State.HALF_OPEN
        outcomes = await asyncio.gather(*(here.ask() for _ in range(50)))
        assert outcomes.count("ok") == PROBES
        assert here.most_at_once == PROBES
        assert here.state() is State.CLOSED
        here.seconds = 0
        assert {await here.ask() for _ in range(10)} == {"ok"}


async def test_a_probe_that_fails_leaves_it_open() -> None:
    """For as long again."""
    async with world() as here:
        here.status = 500
        for _ in range(CALLS_NEEDED):
            await here.ask()
        await asyncio.sleep(OPEN_SECONDS)
        assert await here.ask() == "BackendError"
        assert here.state() is State.OPEN
        assert len(here.asked) == CALLS_NEEDED + 1


async def test_what_says_nothing_about_a_backend_opens_no_breaker() -> None:
    """Refusals, calls that were cancelled, and those that were given no time to be answered in."""
    async with world() as here:
        here.status = 404
        for _ in range(CALLS_NEEDED):
            await here.ask()
        here.status = 429
        for _ in range(CALLS_NEEDED):
            await here.ask()
        here.seconds = 5
        calls = [asyncio.create_task(here.ask()) for _ in range(CALLS_NEEDED)]
        await asyncio.sleep(0.2)
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        late = await asyncio.gather(*(here.ask(seconds=0.1) for _ in range(CALLS_NEEDED)))
    assert set(late) == {BackendTimeout.__name__}
    assert here.state() is State.CLOSED


async def test_a_good_past_does_not_excuse_a_bad_second() -> None:
    """A busy backend that fails is left alone at once, and not only when it has failed as often as it was well."""
    async with world() as here:
        await asyncio.gather(*(here.ask() for _ in range(3 * CALLS_NEEDED)))
        await asyncio.sleep(min(WINDOWS_SECONDS) + 0.05)
        here.status = 500
        await asyncio.gather(*(here.ask() for _ in range(CALLS_NEEDED - 1)))
        assert here.state() is State.CLOSED
        await here.ask()
        assert here.state() is State.OPEN


async def test_a_backend_that_hangs_opens_it() -> None:
    """Timeouts count where it had all the time that it may take."""
    async with world(timeout_seconds=0.1) as here:
        here.seconds = 5
        outcomes = await asyncio.gather(*(here.ask() for _ in range(CALLS_NEEDED)))
    assert set(outcomes) == {BackendTimeout.__name__}
    assert here.state() is State.OPEN


async def test_backends_are_told_how_long_they_have() -> None:
    """The shorter of their own limit and what is left of the operation; after its end nothing is sent."""
    async with world(timeout_seconds=5) as here:
        await here.ask(seconds=30)
        await here.ask(seconds=0.5)
        assert await here.ask(seconds=0.01) == BackendTimeout.__name__
    own, shorter = (int(headers["x-timeout-ms"]) for headers in here.asked)
    assert own == 5_000
    assert 0 < shorter <= 480
