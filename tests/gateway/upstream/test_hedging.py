"""A look-up that got stuck has a second one beside it; the sooner answer is taken, and the other one is over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import BackendBroken, BackendError
from gateway.upstream import Access, Backend, Deadline, Journal, State, Tenant
from gateway.upstream.calls import Calls
from gateway.upstream.hedging import CALLS_NEEDED, HEDGE_RATIO, HEDGES_SAVED
from gateway.upstream.resilience import RETRIES_SAVED
from tests.running import running

USUAL_SECONDS = 0.05
LATE_SECONDS = 0.6


@dataclass
class World:
    """A backend whose next answers may hang or fail, and what calls it."""

    tenant: Tenant = field(init=False)
    asked: int = 0
    under_way: int = 0
    hang_next: int = 0
    """So many answers never come."""
    fail_next: int = 0
    """So many answers after those are 503."""
    seconds: float = 0.0

    async def handle(self, request: Request) -> Response:
        """Answer, or not."""
        self.asked += 1
        self.under_way += 1
        try:
            if self.hang_next:
                self.hang_next -= 1
                while not await request.is_disconnected():  # noqa: ASYNC110  # starlette offers no event
                    await asyncio.sleep(0.005)
            await asyncio.sleep(self.seconds)
            if self.fail_next:
                self.fail_next -= 1
                return Response("{}", 503, media_type="application/json")
        finally:
            self.under_way -= 1
        return Response("{}", media_type="application/json")

    async def ask(self, journal: Journal | None = None) -> str:
        """Call it once; `ok`, or the failure's name."""
        try:
            await Calls(Deadline.after(10), journal or Journal()).get(self.tenant, None, "/", {}, headers={})
        except BackendError as error:
            return type(error).__name__
        return "ok"

    async def left(self) -> None:
        """Wait until the backend has seen that nobody waits for its answers."""
        async with asyncio.timeout(5):
            while self.under_way:  # noqa: ASYNC110  # a connection tells nobody
                await asyncio.sleep(0.005)


@asynccontextmanager
async def world(*, hedges: bool = True, well: int = CALLS_NEEDED) -> AsyncIterator[World]:
    """A backend that has answered so many calls well."""
    here = World()
    async with (
        running(Starlette(routes=[Route("/", here.handle)])) as url,
        Backend.connected(
            "rows", url, timeout_seconds=5, connections=100, answer_bytes=1_000, hedges=hedges
        ) as backend,
    ):
        here.tenant = Tenant(backend, "a", Access({}))
        # What comes after that is quick, so that nothing is late by chance.
        here.seconds = USUAL_SECONDS
        for done in range(0, well, 20):
            await asyncio.gather(*(here.ask() for _ in range(min(20, well - done))))
        here.seconds = here.asked = 0
        yield here


async def test_the_sooner_answer_is_taken() -> None:
    """The look-up has both calls in its journal; the one that hung is cut, and says nothing about the backend."""
    async with world() as here:
        here.hang_next = 1
        journal = Journal()
        assert await here.ask(journal) == "ok"
        await here.left()
        assert (here.asked, [call.status for call in journal.calls]) == (2, [None, 200])
        assert here.tenant.backend.breaker.state is State.CLOSED


async def test_without_the_setting_there_is_one_call() -> None:
    """Or before enough is known."""
    for hedges, well in ((False, CALLS_NEEDED), (True, CALLS_NEEDED - 1)):
        async with world(hedges=hedges, well=well) as here:
            here.seconds = LATE_SECONDS
            assert await here.ask() == "ok"
            assert here.asked == 1


async def test_a_backend_that_slows_down_gets_few_more_calls() -> None:
    """What a quiet time has saved, and five for a hundred."""
    async with world() as here:
        here.seconds = LATE_SECONDS
        assert set(await asyncio.gather(*(here.ask() for _ in range(60)))) == {"ok"}
        assert 1 <= here.asked - 60 <= HEDGES_SAVED + 60 * HEDGE_RATIO


async def test_second_calls_are_of_what_retries_may_be() -> None:
    """Nothing is left where retries have used it up."""
    async with world() as here:
        for _ in range(int(RETRIES_SAVED)):
            assert here.tenant.backend.budget.withdraw()
        here.seconds = LATE_SECONDS
        assert await here.ask() == "ok"
        assert here.asked == 1


@pytest.mark.parametrize("hangs", [0, 1])
async def test_a_failure_is_the_answer_where_there_is_no_other(hangs: int) -> None:
    """A second call that fails leaves the first one its time."""
    async with world() as here:
        here.hang_next, here.fail_next = hangs, 1
        if not hangs:
            assert await here.ask() == BackendBroken.__name__
            assert here.asked == 1
            return
        asking = asyncio.create_task(here.ask())
        async with asyncio.timeout(5):
            while here.asked < 2:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)
        assert not asking.done()
        asking.cancel()
        await asyncio.wait([asking])


async def test_who_leaves_takes_both_along() -> None:
    """Nothing goes on for nobody."""
    async with world() as here:
        here.hang_next = 2
        asking = asyncio.create_task(here.ask())
        async with asyncio.timeout(5):
            while here.asked < 2:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.005)
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled()
        await here.left()
        assert here.asked == 2
