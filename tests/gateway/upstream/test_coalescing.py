"""Look-ups of concurrent requests: which of them share a call, and that nobody gets, loses or waits for another's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.errors import BackendError, BackendMalformed, BackendRejected, BackendTimeout
from gateway.upstream import (
    Access,
    Ask,
    Backend,
    Bulk,
    BulkForm,
    Cache,
    Coalescer,
    Deadline,
    Journal,
    Listing,
    Lookup,
    Memory,
    Page,
    PageKey,
    Policy,
    Record,
    Tenant,
    Upstream,
)
from tests.running import running


class Row(msgspec.Struct, frozen=True):
    """A row of the backend."""

    id: int
    owner: int
    shop: str = ""


BULK = BulkForm(path="/rows", key="ids", rows="rows", fleet="/bulk/rows")
BY_ID: Lookup[int, Row] = Lookup(
    path="/rows",
    one="ids",
    many="ids",
    rows="rows",
    into=Row,
    asked_by=lambda row: (row.id,),
    customer=lambda row: row.owner,
    bulk=BULK,
)
EVERYBODY = Policy("everybody", fresh_seconds=0, is_public=True)
PUBLIC: Lookup[int, Row] = Lookup(
    path="/rows", one="ids", many="ids", rows="rows", into=Row, asked_by=lambda row: (row.id,), policy=EVERYBODY
)
UNOWNED: Lookup[int, Row] = Lookup(
    path="/rows", one="ids", many="ids", rows="rows", into=Row, asked_by=lambda row: (row.id,)
)
RECORD: Record[Row] = Record(path="/rows/{key}", rows="row", into=Row, customer=lambda row: row.owner)
PAGES: Listing[Row] = Listing(
    path="/pages",
    rows="rows",
    into=Row,
    owned_by="owner",
    owner=lambda row: row.owner,
    customer=lambda row: row.owner,
    bulk=BulkForm(path="/pages", key="owners", rows="rows", fleet="/bulk/pages"),
)

Answer = Callable[[Request, Any], Awaitable[Response]]


def owner_of(number: int) -> int:
    """Row 73 belongs to customer 7."""
    return number // 10


def rows_of(shop: str, numbers: list[int]) -> list[dict[str, Any]]:
    """The rows of these ids; 0 does not exist."""
    return [{"id": number, "owner": owner_of(number), "shop": shop} for number in numbers if number]


def numbers_in(request: Request, name: str) -> list[int]:
    """A list of ids in the query."""
    return [int(part) for part in request.query_params[name].split(",")]


async def honest(request: Request, body: Any) -> Response:
    """What every kind of look-up gets from a backend that behaves."""
    shop = request.headers.get("x-shop", "")
    if request.url.path == "/bulk/rows":
        shops = {name: {"rows": rows_of(name, asked["ids"])} for name, asked in body["shops"].items()}
        return JSONResponse({"shops": shops})
    if request.url.path == "/bulk/pages":
        shops = {
            name: {"rows": rows_of(name, [10 * each for each in a["owners"]])} for name, a in body["shops"].items()
        }
        return JSONResponse({"shops": shops})
    if request.url.path.startswith("/rows/"):
        return JSONResponse({"row": rows_of(shop, [int(request.url.path.rpartition("/")[2])])[0]})
    return JSONResponse({"rows": rows_of(shop, numbers_in(request, "ids"))})


@dataclass
class World:
    """A backend that holds its answers until it is told, shops before it, and any number of requests."""

    bulk: Bulk
    coalescer: Coalescer
    cache: Cache
    tenants: dict[str, Tenant] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    answer: Answer = honest
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0

    def upstream(self, customer: int | None, shop: str = "a", *, seconds: float = 30) -> Upstream:
        """A request's."""
        return Upstream(self.tenants[shop], customer, Deadline.after(seconds), Journal(), self.cache)

    async def handle(self, request: Request) -> Response:
        """Remember the call; answer when the gate is open."""
        body = msgspec.json.decode(await request.body() or b"null")
        query = f"?{request.url.query}" if request.url.query else ""
        shops = "".join(f" {shop}={asked}" for shop, asked in body["shops"].items()) if body else ""
        self.calls.append(f"{request.headers.get('x-shop', 'fleet')}: {request.url.path}{query}{shops}")
        await self.gate.wait()
        return await self.answer(request, body)

    async def until(self, calls: int) -> None:
        """Wait until so many calls have come in."""
        async with asyncio.timeout(10):
            while len(self.calls) < calls:  # noqa: ASYNC110  # the backend tells nobody
                await asyncio.sleep(0.005)


@asynccontextmanager
async def world(bulk: Bulk = "none", *, calls_at_once: int = 1, timeout_seconds: float = 5) -> AsyncIterator[World]:
    """Two shops, `a` and `b`, before one backend whose gate is open."""
    memory = Memory(public_entries=100, private_entries=100)
    async with Coalescer(calls_at_once=calls_at_once) as coalescer, Cache(coalescer, memory) as cache:
        fresh = World(bulk, coalescer, cache)
        fresh.gate.set()
        routes = [Route("/{path:path}", fresh.handle, methods=["GET", "POST"])]
        async with (
            running(Starlette(routes=routes)) as url,
            Backend.connected(
                "rows", url, timeout_seconds=timeout_seconds, connections=50, answer_bytes=1_000_000
            ) as backend,
        ):
            fleet = Access(headers={"X-Shop": "fleet"})
            fresh.tenants = {
                shop: Tenant(backend, shop, Access(headers={"X-Shop": shop}), bulk, fleet) for shop in ("a", "b")
            }
            yield fresh


def found(number: int, shop: str = "a") -> tuple[Row, ...]:
    """What a look-up by id finds."""
    return (Row(number, owner_of(number), shop),)


async def test_requests_of_one_turn_share_a_call() -> None:
    """Each shopper gets his own rows of it, and the call is in each one's journal."""
    async with world() as here:
        first, second = here.upstream(7), here.upstream(8)
        answers = await asyncio.gather(first.looking_up(BY_ID)([71, 72]), second.looking_up(BY_ID)([81]))
    assert list(answers) == [{71: found(71), 72: found(72)}, {81: found(81)}]
    assert here.calls == ["a: /rows?ids=71,72,81&limit=250"]
    assert [call.requests for call in first.journal.calls] == [2]
    assert [call.requests for call in second.journal.calls] == [2]


async def test_while_a_call_is_under_way_the_next_one_fills() -> None:
    """Nobody waits for an idle backend; a busy one is asked once for all that came meanwhile."""
    async with world() as here:
        here.gate.clear()
        waiting = [asyncio.create_task(here.upstream(7).looking_up(BY_ID)([71]))]
        await here.until(1)
        for customer in (8, 9, 10):
            waiting.append(asyncio.create_task(here.upstream(customer).looking_up(BY_ID)([customer * 10 + 1])))
            await asyncio.sleep(0.01)
        here.gate.set()
        answers = await asyncio.gather(*waiting)
    assert answers == [{number: found(number)} for number in (71, 81, 91, 101)]
    assert here.calls == ["a: /rows?ids=71&limit=250", "a: /rows?ids=81,91,101&limit=250"]


async def test_a_call_that_hangs_does_not_hold_up_the_next() -> None:
    """After a while it no longer counts as one that is waited for."""
    async with world() as here:
        here.gate.clear()
        hanging = asyncio.create_task(here.upstream(7).looking_up(BY_ID)([71]))
        await here.until(1)
        other = asyncio.create_task(here.upstream(8).looking_up(BY_ID)([81]))
        await here.until(2)
        here.gate.set()
        assert await hanging == {71: found(71)}
        assert await other == {81: found(81)}


@pytest.mark.parametrize("kind", [BY_ID, UNOWNED, RECORD])
async def test_equal_questions_of_one_shopper_are_one(kind: Any) -> None:
    """Asked while the first is under way; whoever else asks for the same key asks for himself."""
    async with world() as here:
        here.gate.clear()
        requests = [here.upstream(7), here.upstream(7), here.upstream(8)]
        waiting = [asyncio.create_task(request.looking_up(kind)([71])) for request in requests[:1]]
        await here.until(1)
        waiting += [asyncio.create_task(request.looking_up(kind)([71])) for request in requests[1:]]
        await asyncio.sleep(0.02)
        here.gate.set()
        answers = await asyncio.gather(*waiting)
    assert answers[0] == answers[1]
    assert set(answers[0]) == {71}
    if kind.customer is not None:
        assert answers[2] == {}
    assert len(here.calls) == 2
    assert [len(request.journal.calls) for request in requests] == [1, 1, 1]


async def test_what_is_public_is_one_question_for_all() -> None:
    """Of a shop: another shop's is another question."""
    async with world() as here:
        here.gate.clear()
        asking = [here.upstream(7), here.upstream(8), here.upstream(None), here.upstream(7, "b")]
        waiting = [asyncio.create_task(request.looking_up(PUBLIC)([71])) for request in asking]
        await here.until(2)
        here.gate.set()
        answers = await asyncio.gather(*waiting)
    assert answers == [{71: found(71)}] * 3 + [{71: found(71, "b")}]
    assert sorted(here.calls) == ["a: /rows?ids=71&limit=250", "b: /rows?ids=71&limit=250"]


@pytest.mark.parametrize(
    ("bulk", "calls"),
    [
        ("none", ["a: /rows?ids=71&limit=250", "b: /rows?ids=71&limit=250"]),
        ("shop", ["a: /rows?ids=71&limit=250", "b: /rows?ids=71&limit=250"]),
        ("fleet", ["fleet: /bulk/rows a={'ids': [71]} b={'ids': [71]}"]),
    ],
)
async def test_shops_share_calls_only_in_a_fleet(bulk: Bulk, calls: list[str]) -> None:
    """There each shop's part is its own."""
    async with world(bulk) as here:
        answers = await asyncio.gather(
            here.upstream(7, "b").looking_up(BY_ID)([71]), here.upstream(7, "a").looking_up(BY_ID)([71])
        )
    assert list(answers) == [{71: found(71, "b")}, {71: found(71, "a")}]
    assert sorted(here.calls) == calls


async def test_pages_of_a_fleet() -> None:
    """Where `limit` counts for a shop's owners together, a call has one owner of each shop."""
    async with world("fleet") as here:
        keys = {shop: PageKey(owner=7, size=2) for shop in ("a", "b")}
        answers = await asyncio.gather(
            *(here.upstream(7, shop).looking_up(PAGES)([key]) for shop, key in keys.items()),
            here.upstream(8, "a").looking_up(PAGES)([PageKey(owner=8, size=2)]),
        )
    assert answers[0] == {keys["a"]: Page((Row(70, 7, "a"),), None)}
    assert answers[1] == {keys["b"]: Page((Row(70, 7, "b"),), None)}
    assert answers[2] == {PageKey(owner=8, size=2): Page((Row(80, 8, "a"),), None)}
    assert sorted(here.calls) == [
        "fleet: /bulk/pages a={'owners': [7]} b={'owners': [7]}",
        "fleet: /bulk/pages a={'owners': [8]}",
    ]


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    """Nor does one whose time is up."""
    async with world() as here:
        here.gate.clear()
        leaving = asyncio.create_task(here.upstream(7).looking_up(BY_ID)([71]))
        late = asyncio.create_task(here.upstream(7, seconds=0.05).looking_up(BY_ID)([71]))
        staying = asyncio.create_task(here.upstream(8).looking_up(BY_ID)([81]))
        await here.until(1)
        leaving.cancel()
        assert isinstance((await late)[71], BackendTimeout)
        here.gate.set()
        assert await staying == {81: found(81)}
    assert here.calls == ["a: /rows?ids=71,81&limit=250"]
    assert leaving.cancelled()


async def test_a_look_up_that_nobody_waits_for_is_given_up() -> None:
    """Whoever asks next asks anew."""
    async with world() as here:
        here.gate.clear()
        leaving = asyncio.create_task(here.upstream(7).looking_up(BY_ID)([71]))
        await here.until(1)
        leaving.cancel()
        await asyncio.wait([leaving])
        assert here.coalescer.flying == 0
        again = asyncio.create_task(here.upstream(7).looking_up(BY_ID)([71]))
        await here.until(2)
        here.gate.set()
        assert await again == {71: found(71)}


async def test_what_a_request_makes_of_an_answer_costs_the_others_nothing() -> None:
    """It is told in a turn of its own and in its own context, also where it shares an answer and fails over it."""
    request_id = ContextVar[str]("request_id")
    told: list[tuple[str, Any]] = []
    failures: list[BaseException | None] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: failures.append(told.get("exception")))

    def fail(_found: object) -> None:
        told.append((request_id.get(), None))
        raise RuntimeError

    def keep(answers: Mapping[Ask[int], Any]) -> None:
        told.append((request_id.get(), list(answers.values())))

    async with world() as here:
        ask = Ask(here.tenants["a"], 7, 71)
        for name, tell in (("first", fail), ("second", keep)):
            request_id.set(name)
            here.coalescer.look_up(BY_ID, [ask], Deadline.after(30), Journal(), tell)
        request_id.set("neither")
        async with asyncio.timeout(10):
            while len(told) < 2:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.005)
    assert told == [("first", None), ("second", [found(71)])]
    assert [type(failure) for failure in failures] == [RuntimeError]
    assert len(here.calls) == 1


async def test_a_value_that_cannot_be_picked_is_that_keys_error() -> None:
    """Nobody is left waiting for it, and the other keys have theirs."""

    def pick(rows: tuple[Row, ...]) -> int:
        return {71: 1}[rows[0].id]

    async with world() as here, asyncio.timeout(10):
        answers = await here.upstream(7).picking(BY_ID, pick)([71, 72])
    assert answers[71] == 1
    assert isinstance(answers[72], KeyError)


async def test_one_bad_key_fails_alone() -> None:
    """A refusal is split in halves until it is found."""

    async def picky(request: Request, body: Any) -> Response:
        if 66 in numbers_in(request, "ids"):
            return JSONResponse({"errors": {"ids": ["is invalid"]}}, 422)
        return await honest(request, body)

    async with world() as here:
        here.answer = picky
        numbers = list(range(61, 69))
        answers = await here.upstream(6).looking_up(BY_ID)(numbers)
    assert {number for number, answer in answers.items() if isinstance(answer, BackendRejected)} == {66}
    assert {number: found(number) for number in numbers if number != 66}.items() <= answers.items()
    assert len(here.calls) == 7


async def test_a_refusal_of_everything_is_not_asked_for_ever() -> None:
    """A bounded number of further calls."""

    async def refusing(_request: Request, _body: Any) -> Response:
        return JSONResponse({"errors": "no"}, 422)

    async with world() as here:
        here.answer = refusing
        answers = await here.upstream(6).looking_up(BY_ID)(range(600, 700))
    assert len(answers) == 100
    assert all(isinstance(answer, BackendRejected) for answer in answers.values())
    assert len(here.calls) <= 17


async def test_a_failing_call_costs_those_in_it() -> None:
    """And nobody who asks after it."""
    answers = iter([500, 200])

    async def failing(request: Request, body: Any) -> Response:
        return await honest(request, body) if next(answers) == 200 else JSONResponse({}, 500)

    async with world() as here:
        here.answer = failing
        first = await asyncio.gather(*(here.upstream(each).looking_up(BY_ID)([each * 10]) for each in (7, 8)))
        second = await here.upstream(7).looking_up(BY_ID)([70])
    failures = [outcome for answer in first for outcome in answer.values()]
    assert [type(failure) for failure in failures] == [BackendError, BackendError]
    assert second == {70: found(70)}


@pytest.mark.parametrize(
    ("shops", "right"),
    [
        ({"a": {"rows": [{"id": 81, "owner": 8}]}, "b": {"rows": [{"id": 71, "owner": 7}]}}, {}),
        ({"a": {"errors": "Unauthorized"}}, {71: BackendMalformed, 81: BackendMalformed}),
        ({"a": {"rows": []}}, {81: BackendMalformed}),
    ],
)
async def test_a_fleet_that_mixes_shops_up(shops: Any, right: Mapping[int, Any]) -> None:
    """Nobody gets a row from another shop's part; a shop without a part has an error."""

    async def mixing(_request: Request, _body: Any) -> Response:
        return JSONResponse({"shops": shops})

    async with world("fleet") as here:
        here.answer = mixing
        of_a, of_b = await asyncio.gather(
            here.upstream(7, "a").looking_up(BY_ID)([71]), here.upstream(8, "b").looking_up(BY_ID)([81])
        )
    assert {key: type(value) for key, value in {**of_a, **of_b}.items()} == right


async def test_after_a_write_nobody_joins_what_began_before() -> None:
    """A look-up under way may have read the old state; others of the shopper's and of other shoppers go on."""
    async with world() as here:
        here.gate.clear()
        before = asyncio.create_task(here.upstream(7).looking_up(BY_ID)([71]))
        await here.until(1)
        here.coalescer.wrote("a", 7)
        after = asyncio.create_task(here.upstream(7).looking_up(BY_ID)([71]))
        await here.until(2)
        here.gate.set()
        assert await before == await after == {71: found(71)}


async def test_a_write_loses_nobody_who_still_waits_to_leave() -> None:
    """What has not left yet knows of the write: whoever asks after it joins, and both are answered."""
    async with world() as here:
        here.gate.clear()
        first = asyncio.create_task(here.upstream(9).looking_up(BY_ID)([91]))
        await here.until(1)
        before = asyncio.create_task(here.upstream(7, seconds=5).looking_up(BY_ID)([71]))
        await asyncio.sleep(0.01)
        here.coalescer.wrote("a", 7)
        after = asyncio.create_task(here.upstream(7, seconds=5).looking_up(BY_ID)([71]))
        await asyncio.sleep(0.01)
        here.gate.set()
        assert await before == await after == {71: found(71)}
        await first
    assert here.calls == ["a: /rows?ids=91&limit=250", "a: /rows?ids=71&limit=250"]


async def test_a_part_as_large_as_a_call_gives_is_read_by_pages() -> None:
    """It may have been cut, and such an answer has no cursor."""
    sizes = iter([250])

    async def large(request: Request, body: Any) -> Response:
        if (size := next(sizes, None)) is None:
            return await honest(request, body)
        return JSONResponse({"shops": {"a": {"rows": [{"id": 71, "owner": 7}] * size}}})

    async with world("fleet") as here:
        here.answer = large
        assert await here.upstream(7).looking_up(BY_ID)([71, 72]) == {71: found(71), 72: found(72)}
    assert here.calls == ["fleet: /bulk/rows a={'ids': [71, 72]}", "a: /rows?ids=71,72&limit=250"]


async def test_the_end_of_the_process_is_an_answer() -> None:
    """Whoever still waits is told, and nothing goes on."""
    async with world() as here:
        here.gate.clear()
        waiting = asyncio.create_task(here.upstream(7).looking_up(BY_ID)([71]))
        await here.until(1)
        await here.coalescer.__aexit__(None, None, None)
        assert type((await waiting)[71]) is BackendError
        here.gate.set()
