"""What is kept: whose it is, how long, what lets go of it, and what is given where a backend or Redis fails."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.errors import BackendError, BackendRejected
from gateway.shared_store import connected_store
from gateway.upstream import (
    Access,
    Ask,
    Backend,
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
    SharedCache,
    Tenant,
    Upstream,
    tag,
)
from gateway.upstream.cache import Keep
from gateway.upstream.memory import Entry
from gateway.upstream.shared import scope_of
from tests.redis_server import running_redis
from tests.running import running


class Row(msgspec.Struct, frozen=True):
    """A row of the backend; `version` counts its answers."""

    id: int
    version: int


def looked_up(policy: Policy) -> Lookup[int, Row]:
    """Rows by id, kept by a policy."""
    return Lookup(
        path="/rows",
        one="ids",
        many="ids",
        rows="rows",
        into=Row,
        asked_by=lambda row: (row.id,),
        policy=policy,
        tag="product",
        gid="gid://shopify/Product/{key}",
    )


PUBLIC = looked_up(Policy("public", fresh_seconds=60, on_error_seconds=600, is_public=True))
PRIVATE = looked_up(Policy("private", fresh_seconds=60, on_error_seconds=600))
NEVER_FRESH = looked_up(Policy("old", fresh_seconds=0, revalidating_seconds=60, on_error_seconds=600, is_public=True))
ON_ERROR = looked_up(Policy("on error", fresh_seconds=0, on_error_seconds=600, is_public=True))
NEVER_STALE = looked_up(Policy("never stale", fresh_seconds=0, is_public=True))
BY_NAME: Lookup[str, Row] = Lookup(path="/rows", one="name", rows="rows", into=Row, asked_by=lambda _: ("name",))
PAGES: Listing[Row] = Listing(path="/rows", rows="rows", into=Row, policy=PUBLIC.policy, params={"ids": "1,2"})


@dataclass
class World:
    """A backend that counts its answers, and any number of processes before it."""

    backend: Backend = field(init=False)
    calls: list[str] = field(default_factory=list)
    status: int = 200
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: Request) -> Response:
        """Rows with the number of this answer; 0 does not exist."""
        self.calls.append(request.query_params["ids"])
        version = len(self.calls)
        await self.gate.wait()
        ids = [int(each) for each in request.query_params["ids"].split(",")]
        return JSONResponse({"rows": [{"id": each, "version": version} for each in ids if each]}, self.status)


@dataclass
class Process:
    """A process of the gateway."""

    cache: Cache
    tenants: dict[str, Tenant]

    def upstream(self, customer: int | None = 7, shop: str = "a", *, is_fresh: bool = False) -> Upstream:
        """A request's."""
        return Upstream(self.tenants[shop], customer, Deadline.after(30), Journal(), self.cache, is_fresh=is_fresh)

    async def versions(self, kind: Lookup[int, Row], *keys: int, upstream: Upstream | None = None) -> list[Any]:
        """The version that is given of each key; a failure's class, or None for what does not exist."""
        found = await (upstream or self.upstream()).looking_up(kind)(keys)
        return [_version(found.get(key)) for key in keys]


def _version(value: Any) -> Any:
    if isinstance(value, Exception):
        return type(value)
    return value[0].version if value else None


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """A backend whose gate is open."""
    here = World()
    async with (
        running(Starlette(routes=[Route("/rows", here.handle)])) as url,
        Backend.connected("rows", url, timeout_seconds=5, connections=50, answer_bytes=1_000_000) as backend,
    ):
        here.backend = backend
        here.gate.set()
        yield here


@asynccontextmanager
async def process(
    here: World, shared: SharedCache | None = None, *, keep: Keep = "all", entries: int = 100
) -> AsyncIterator[Process]:
    """A process with a memory of its own."""
    memory = Memory(public_entries=entries, private_entries=entries)
    tenants = {shop: Tenant(here.backend, shop, Access(headers={"X-Shop": shop})) for shop in ("a", "b")}
    async with Coalescer(calls_at_once=2) as coalescer, Cache(coalescer, memory, shared, keep=keep) as cache:
        yield Process(cache, tenants)


async def test_what_is_fresh_is_not_asked_for_again() -> None:
    """Key by key: only what is missing is asked for."""
    async with world() as here, process(here) as one:
        assert await one.versions(PUBLIC, 1, 2) == [1, 1]
        assert await one.versions(PUBLIC, 1, 2, 3) == [1, 1, 2]
    assert here.calls == ["1,2", "3"]


async def test_whose_an_answer_is() -> None:
    """What is public is a shop's; what is private a shopper's."""
    async with world() as here, process(here) as one:
        for kind, versions in ((PUBLIC, [1, 1, 2]), (PRIVATE, [3, 4, 5])):
            asking = (one.upstream(7), one.upstream(8), one.upstream(7, "b"))
            assert [await one.versions(kind, 1, upstream=each) for each in asking] == [[each] for each in versions]
            again = (one.upstream(7), one.upstream(8), one.upstream(7, "b"))
            assert [await one.versions(kind, 1, upstream=each) for each in again] == [[each] for each in versions]
    assert len(here.calls) == 5


async def test_what_mutations_read_is_new() -> None:
    """Of a shopper's nothing that is kept; of what is public nothing stale."""
    async with world() as here, process(here) as one:
        for kind in (PRIVATE, PUBLIC, NEVER_FRESH):
            await one.versions(kind, 1)
        fresh = [await one.versions(kind, 1, upstream=one.upstream(is_fresh=True)) for kind in (PRIVATE, PUBLIC)]
        assert fresh == [[4], [2]]
        assert await one.versions(NEVER_FRESH, 1, upstream=one.upstream(is_fresh=True)) == [5]
        here.status = 500
        failed = await one.versions(ON_ERROR, 1, upstream=one.upstream(is_fresh=True))
    assert failed == [BackendError]


async def test_stale_while_one_refresh_is_under_way() -> None:
    """Everybody is answered at once, the backend is asked once, and the journal says how old it is and why."""
    async with world() as here, process(here) as one:
        assert await one.versions(NEVER_FRESH, 1) == [1]
        here.gate.clear()
        asking = [one.upstream() for _ in range(20)]
        assert await asyncio.gather(*(one.versions(NEVER_FRESH, 1, upstream=each) for each in asking)) == [[1]] * 20
        stale = [each.journal.stale[0] for each in asking]
        assert {(each.id, each.service, each.reason) for each in stale} == {
            ("gid://shopify/Product/1", "rows", "REVALIDATING")
        }
        here.gate.set()
        async with asyncio.timeout(5):
            while await one.versions(NEVER_FRESH, 1) == [1]:  # noqa: ASYNC110  # nothing tells that it is done
                await asyncio.sleep(0.01)
    assert len(here.calls) <= 4


async def test_stale_where_the_backend_fails() -> None:
    """And it is left alone for a while, whoever asks."""
    async with world() as here, process(here) as one:
        await one.versions(ON_ERROR, 1)
        here.status = 503
        first, second = one.upstream(), one.upstream()
        assert await one.versions(ON_ERROR, 1, upstream=first) == [1]
        assert await one.versions(ON_ERROR, 1, upstream=second) == [1]
    assert here.calls == ["1", "1"]
    for upstream in (first, second):
        assert [(each.id, each.reason) for each in upstream.journal.stale] == [
            ("gid://shopify/Product/1", "BACKEND_UNAVAILABLE")
        ]


async def test_failures_are_never_kept_nor_hidden() -> None:
    """What may not be stale fails, and so does what the backend refuses; the next one is asked again."""
    async with world() as here, process(here) as one:
        await one.versions(NEVER_STALE, 1)
        await one.versions(ON_ERROR, 1)
        here.status = 500
        assert await one.versions(NEVER_STALE, 1) == [BackendError]
        here.status = 403
        assert await one.versions(ON_ERROR, 1) == [BackendRejected]
        here.status = 200
        assert await one.versions(NEVER_STALE, 1) == [5]


async def test_what_does_not_exist_is_known_for_a_moment() -> None:
    """It has a room of its own, so that made-up ids push nothing out."""
    async with world() as here, process(here, entries=10) as one:
        await one.versions(PUBLIC, 1)
        assert await one.versions(PUBLIC, 0) == [None]
        assert await one.versions(PUBLIC, 0, 1) == [None, 1]
    assert here.calls == ["1", "0"]


async def test_memory_is_bounded() -> None:
    """The least recently used goes first; shoppers push out no products."""
    async with world() as here, process(here, entries=3) as one:
        await one.versions(PUBLIC, 1, 2, 3)
        await one.versions(PUBLIC, 1)
        await one.versions(PRIVATE, 11, 12, 13, 14, 15)
        await one.versions(PUBLIC, 4)
        assert await one.versions(PUBLIC, 1, 3, 4) == [1, 1, 3]
        assert await one.versions(PUBLIC, 2) == [4]


async def test_what_is_pushed_out_goes_at_once() -> None:
    """Where nobody collects garbage, since what is kept is old and left alone."""
    async with world() as here, process(here, entries=3) as one:
        await one.versions(PRIVATE, *range(1, 9))
        gc.collect()
        gc.disable()
        try:
            for beginning in range(10, 100, 10):
                await one.versions(PRIVATE, *range(beginning, beginning + 9))
            rows = sorted(each.id for each in _entries_rows())
        finally:
            gc.enable()
    assert rows == [96, 97, 98]


def _entries_rows() -> list[Row]:
    """The rows of all entries that there are in the process, of this module's look-ups."""
    values = [each.value for each in gc.get_objects() if isinstance(each, Entry)]
    return [value[0] for value in values if value and isinstance(value[0], Row)]


@pytest.mark.parametrize(
    ("keep", "calls"), [("all", ["1", "1"]), ("public", ["1", "1", "1"]), ("nothing", ["1", "1", "1", "1"])]
)
async def test_what_is_kept_can_be_set(keep: Keep, calls: list[str]) -> None:
    """All, what is public, or nothing."""
    async with world() as here, process(here, keep=keep) as one:
        for kind in (PUBLIC, PUBLIC, PRIVATE, PRIVATE):
            assert (await one.versions(kind, 1))[0]
    assert here.calls == calls


@pytest.mark.parametrize("with_redis", [False, True])
async def test_a_purge_lets_go_by_tag(redis_url: str, *, with_redis: bool) -> None:
    """Of that product, or that customer, and of nobody else."""
    async with (
        world() as here,
        connected_store(redis_url, timeout_seconds=1, connections=4) as redis,
        process(here, SharedCache(redis) if with_redis else None) as one,
    ):
        await one.versions(PUBLIC, 1, 2)
        await one.versions(PRIVATE, 1)
        await one.versions(PRIVATE, 1, upstream=one.upstream(8))
        await settled(one)
        await one.cache.purge([tag("a", "product", 1)])
        assert await one.versions(PUBLIC, 1, 2) == [4, 1]
        await one.cache.purge([tag("a", "customer", 8)])
        assert await one.versions(PRIVATE, 1, upstream=one.upstream(8)) == [5]
        await one.cache.clear()
        assert (await one.versions(PRIVATE, 1))[0] == 6


async def test_what_was_asked_for_before_a_purge_is_not_kept_after_it() -> None:
    """It may not know of the change; who waited for it has it all the same."""
    async with world() as here, process(here) as one:
        here.gate.clear()
        waiting = asyncio.create_task(one.versions(PUBLIC, 1))
        while not here.calls:  # noqa: ASYNC110  # the backend tells nobody
            await asyncio.sleep(0.005)
        await one.cache.purge([tag("a", "product", 1)])
        # Nor does anybody join it who asks after the purge.
        later = asyncio.create_task(one.versions(PUBLIC, 1))
        while len(here.calls) < 2:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.005)
        here.gate.set()
        assert await waiting == [1]
        assert await later == await one.versions(PUBLIC, 1) == [2]


async def test_a_write_is_seen_at_once() -> None:
    """What is kept of the shopper goes; of others it stays."""
    async with world() as here, process(here) as one:
        await one.versions(PRIVATE, 1)
        await one.versions(PRIVATE, 1, upstream=one.upstream(8))
        one.cache.wrote("a", 7, [tag("a", "customer", 7)])
        assert await one.versions(PRIVATE, 1) == [3]
        assert await one.versions(PRIVATE, 1, upstream=one.upstream(8)) == [2]


async def test_processes_share_what_is_public(redis_url: str) -> None:
    """Rows, pages and what does not exist; nothing of a shopper's leaves the process."""
    async with world() as here, connected_store(redis_url, timeout_seconds=1, connections=4) as redis:
        async with process(here, SharedCache(redis)) as one, process(here, SharedCache(redis)) as two:
            await one.versions(PUBLIC, 1, 0)
            pages = await one.upstream().looking_up(PAGES)([PageKey(owner=None, size=5)])
            await one.versions(PRIVATE, 1)
            await settled(one)
            asking = two.upstream()
            assert await two.versions(PUBLIC, 1, 0, upstream=asking) == [1, None]
            assert await two.upstream().looking_up(PAGES)([PageKey(owner=None, size=5)]) == pages
            assert pages == {PageKey(owner=None, size=5): Page((Row(1, 2), Row(2, 2)), None)}
            assert len(here.calls) == 3
            assert await two.versions(PRIVATE, 1) == [4]
            assert asking.journal.tags == {tag("a", "product", 1), tag("a", "product", 0)}
        keys = [bytes(key).decode() for key in await redis.keys() if isinstance(key, bytes)]
    assert all(key.startswith("storefront:cache:") for key in keys)
    assert not [key for key in keys if "customer" in key]


async def test_what_redis_holds_is_checked(redis_url: str) -> None:
    """Bytes that are no value, or another question's value, are as good as none."""
    async with world() as here, connected_store(redis_url, timeout_seconds=1, connections=4) as redis:
        async with process(here, SharedCache(redis)) as one:
            await one.versions(PUBLIC, 1, 2)
            await settled(one)
        first, second = sorted([key for key in await redis.keys() if b"tag:" not in key])
        await redis.set(first, await redis.get(second) or b"")
        await redis.set(second, b"[1]")
        async with process(here, SharedCache(redis)) as two:
            assert await two.versions(PUBLIC, 1, 2) == [2, 2]


@pytest.mark.parametrize(("ahead_seconds", "given"), [(1, 1), (3_600, 2)])
async def test_a_clock_that_jumped_back_keeps_nothing_fresh(redis_url: str, ahead_seconds: float, given: int) -> None:
    """An answer dated an hour ahead would be new for an hour; machines that are a second apart share answers."""
    async with world() as here, connected_store(redis_url, timeout_seconds=1, connections=4) as redis:
        async with process(here, SharedCache(redis)) as one:
            await one.versions(PUBLIC, 1)
            await settled(one)
        (key,) = [key for key in await redis.keys() if b"tag:" not in key]
        scope, at_seconds, value = json.loads(await redis.get(key) or b"")
        await redis.set(key, json.dumps([scope, at_seconds + ahead_seconds, value]))
        async with process(here, SharedCache(redis)) as two:
            assert await two.versions(PUBLIC, 1) == [given]


async def test_redis_killed_or_frozen_costs_no_look_up() -> None:
    """The backend is asked instead; Redis is left alone for a while, and used again when it is back."""
    async with (
        running_redis() as server,
        world() as here,
        connected_store(server.url, timeout_seconds=0.05, connections=8) as redis,
        process(here, SharedCache(redis)) as one,
    ):
        server.freeze()
        assert await asyncio.gather(*(one.versions(PUBLIC, key) for key in range(1, 40)))
        server.thaw()
        await server.kill()
        assert await one.versions(PUBLIC, 100, 101)
        await one.cache.purge([tag("a", "product", 100)])
        await server.start()
        key = 1_000
        async with asyncio.timeout(10), connected_store(server.url, timeout_seconds=1, connections=1) as looking:
            while await looking.dbsize() == 0:
                key += 1
                assert await one.versions(PUBLIC, key)
                await asyncio.sleep(0.05)


async def test_a_thousand_misses_are_one_call() -> None:
    """Whoever asks at the same time waits for the same answer."""
    async with world() as here, process(here) as one:
        found = await asyncio.gather(*(one.versions(PUBLIC, 1, upstream=one.upstream(each)) for each in range(1_000)))
    assert found == [[1]] * 1_000
    assert here.calls == ["1"]


async def test_refreshes_are_one_over_all_processes(redis_url: str) -> None:
    """The others wait for what it brings, and answer with what they have."""
    async with (
        world() as here,
        connected_store(redis_url, timeout_seconds=1, connections=8) as redis,
        process(here, SharedCache(redis)) as one,
        process(here, SharedCache(redis)) as two,
    ):
        await one.versions(NEVER_FRESH, 1)
        await settled(one)
        here.gate.clear()
        for _ in range(20):
            assert await one.versions(NEVER_FRESH, 1) == [1]
            assert await two.versions(NEVER_FRESH, 1) == [1]
            await asyncio.sleep(0.005)
        assert len(here.calls) == 2
        here.gate.set()


@settings(max_examples=60, deadline=None)
@given(
    parts=st.lists(
        st.tuples(
            st.sampled_from(["a", "a/", "a b", "b"]), st.one_of(st.none(), st.integers(1, 3)), st.text(max_size=4)
        ),
        min_size=2,
        max_size=8,
        unique=True,
    )
)
def test_different_questions_have_different_keys(parts: Sequence[tuple[str, int | None, str]]) -> None:
    """Whatever is in a shop's name or a key, no part runs into the next."""
    backend = Backend("rows", "http://127.0.0.1", None, timeout_seconds=1, answer_bytes=1)  # type: ignore[arg-type]  # nothing is sent
    asks = [Ask(Tenant(backend, shop, Access({})), customer, key) for shop, customer, key in parts]
    assert len({scope_of(BY_NAME, ask) for ask in asks}) == len(parts)


async def settled(one: Process) -> None:
    """Wait until what the process writes to Redis is written."""
    async with asyncio.timeout(5):
        while one.cache.working:  # noqa: ASYNC110  # nothing tells that it is done
            await asyncio.sleep(0.005)
