"""The rate of a credential: kept to by all processes together, before the backend has to refuse."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backends.wire.limits import Bucket, Limits
from gateway.buckets import BucketsInRedis, Quota, SharedBuckets
from gateway.errors import BackendBroken, BackendError, BackendThrottled
from gateway.metrics import CallMetrics
from gateway.settings import Settings
from gateway.shared_store import connected_store
from gateway.tenants import tenants_of
from gateway.upstream import (
    Access,
    Backend,
    Cache,
    Coalescer,
    Deadline,
    Journal,
    Locks,
    Memory,
    RateLimit,
    Tenant,
    Writer,
    Writes,
)
from gateway.upstream.calls import Calls
from tests.conftest import SHOP, Store, settings_for
from tests.redis_server import running_redis
from tests.running import running

SLOW = 0.001
"""So little comes back each second that no test waits for it."""
TOKEN = "sk_of_a_shop"


@dataclass
class Limited:
    """A backend with the leaky bucket of the reference services."""

    bucket: Bucket
    url: str = ""
    statuses: list[int] = field(default_factory=list)
    status: int = 200

    def __post_init__(self) -> None:
        self._limits = Limits(self.bucket)

    async def handle(self, _request: Request) -> Response:
        """200, or 429 when the bucket is full."""
        status = self.status if self._limits.admits(TOKEN) else 429
        self.statuses.append(status)
        return Response("{}", status, {"Retry-After": "100"}, media_type="application/json")

    @asynccontextmanager
    async def process(
        self, quota: Quota, redis: Redis | None, *, processes: int = 1, retries: int = 0
    ) -> AsyncIterator["Process"]:
        """What one process has: its own connections, and the shared buckets."""
        buckets = SharedBuckets(BucketsInRedis(redis) if redis else None, processes=processes)
        limit = RateLimit(quota, buckets, service="rows", base_url=self.url, shop="a.example")
        async with Backend.connected(
            "rows", self.url, timeout_seconds=5, connections=100, answer_bytes=1_000, retries=retries
        ) as backend:
            yield Process(Tenant(backend, "a.example", Access({"X-Token": TOKEN}), rate_limit=limit))


@dataclass(frozen=True)
class Process:
    """Asks."""

    tenant: Tenant

    async def ask(self, *, seconds: float = 30) -> str:
        """Call the backend once; `ok`, or the failure's name."""
        try:
            await Calls(Deadline.after(seconds), Journal()).get(self.tenant, None, "/", {}, headers={})
        except BackendError as error:
            return type(error).__name__
        return "ok"


@asynccontextmanager
async def limited(size: int, leak: float) -> AsyncIterator[Limited]:
    """A backend for as long as the block runs."""
    backend = Limited(Bucket(size, leak))
    async with running(Starlette(routes=[Route("/", backend.handle, methods=["GET", "POST"])])) as url:
        backend.url = url
        yield backend


THROTTLED = BackendThrottled.__name__


async def test_calls_keep_to_the_rate() -> None:
    """So many at once, then one after the other; the backend's own bucket, larger by one, never overflows."""
    async with limited(4, 5) as backend, backend.process(Quota(3, 5), None) as process:
        began = asyncio.get_running_loop().time()
        assert set(await asyncio.gather(*(process.ask() for _ in range(7)))) == {"ok"}
        assert asyncio.get_running_loop().time() - began >= 4 / 5 - 0.01
        assert backend.statuses == [200] * 7


async def test_processes_keep_to_it_together(redis_url: str) -> None:
    """Through Redis: each alone would fill the bucket twice."""
    async with (
        limited(4, 5) as backend,
        connected_store(redis_url, timeout_seconds=2, connections=64) as redis,
        connected_store(redis_url, timeout_seconds=2, connections=64) as another,
        backend.process(Quota(3, 5), redis) as one,
        backend.process(Quota(3, 5), another) as other,
    ):
        outcomes = await asyncio.gather(*(process.ask() for _ in range(4) for process in (one, other)))
        assert outcomes == ["ok"] * 8
        assert backend.statuses == [200] * 8
        (key,) = await redis.keys("*")
        assert (b"a.example" in key, TOKEN.encode() in key, b"127.0.0.1" in key) == (False, False, False)


async def test_who_cannot_wait_so_long_is_not_sent() -> None:
    """And takes nothing from those who can."""
    async with limited(1, SLOW) as backend, backend.process(Quota(1, SLOW), None) as process:
        assert [await process.ask(), await process.ask(seconds=1)] == ["ok", THROTTLED]
        assert backend.statuses == [200]


async def test_a_retry_waits_for_its_turn_too() -> None:
    """It is a call like any other."""
    async with limited(9, SLOW) as backend, backend.process(Quota(1, SLOW), None, retries=1) as process:
        backend.status = 503
        assert await process.ask(seconds=1) == THROTTLED
        assert backend.statuses == [503]
    async with limited(9, SLOW) as backend, backend.process(Quota(2, SLOW), None, retries=1) as process:
        backend.status = 503
        assert await process.ask(seconds=1) == BackendBroken.__name__
        assert backend.statuses == [503, 503]


async def test_what_the_backend_says_holds_for_all_processes(redis_url: str) -> None:
    """A 429 of one, with a Retry-After, keeps the others from asking."""
    async with (
        limited(1, SLOW) as backend,
        connected_store(redis_url, timeout_seconds=2, connections=64) as redis,
        connected_store(redis_url, timeout_seconds=2, connections=64) as another,
        backend.process(Quota(9, 1), redis) as one,
        backend.process(Quota(9, 1), another) as other,
    ):
        assert [await one.ask(), await one.ask()] == ["ok", THROTTLED]
        assert backend.statuses == [200, 429]
        with pytest.raises(BackendThrottled) as refusal:
            await Calls(Deadline.after(5), Journal()).get(other.tenant, None, "/", {}, headers={})
        # It is there after the hundred seconds of the header.
        assert refusal.value.retry_after_seconds == pytest.approx(100, abs=2)
        assert backend.statuses == [200, 429]


@pytest.mark.parametrize("fault", ["kill", "freeze"])
async def test_while_redis_is_away_each_process_has_its_part(fault: str) -> None:
    """Nobody is refused for that, and all together stay within the rate."""
    async with (
        running_redis() as server,
        AsyncExitStack() as stack,
        limited(9, SLOW) as backend,
        connected_store(server.url, timeout_seconds=0.05, connections=8) as redis,
        backend.process(Quota(4, SLOW), redis, processes=2) as process,
    ):
        if fault == "kill":
            await server.kill()
        else:
            server.freeze()
            stack.callback(server.thaw)
        assert [await process.ask(seconds=1) for _ in range(3)] == ["ok", "ok", THROTTLED]
        assert backend.statuses == [200, 200]


async def test_writes_take_from_the_same_bucket() -> None:
    """One whose turn does not come is not sent, and a 429 holds the look-ups back too."""
    async with (
        limited(2, SLOW) as backend,
        backend.process(Quota(3, 0.5), None) as process,
        Writer.connected("rows", backend.url, timeout_seconds=5, connections=9, answer_bytes=1_000) as writer,
        Coalescer(calls_at_once=2) as coalescer,
        Cache(coalescer, Memory(public_entries=9, private_entries=9)) as cache,
    ):

        async def unheard(_shop: str, _customer_id: int, _tags: Collection[str]) -> None:
            """There is no other process."""

        async def write() -> str:
            calls = Calls(Deadline.after(1), Journal())
            writes = Writes(writer, process.tenant, 7, calls, Locks(), cache, unheard)
            try:
                return str((await writes.send("POST", "/", {}, b"{}", headers={})).status)
            except BackendError as error:
                return type(error).__name__

        assert [await process.ask(seconds=1), await write(), await write()] == ["ok", "200", THROTTLED]
        assert backend.statuses == [200, 200, 429]
        assert [await write(), await process.ask(seconds=1)] == [THROTTLED, THROTTLED]
        assert backend.statuses == [200, 200, 429]


async def test_one_token_at_one_address_is_one_bucket(store: Store) -> None:
    """Two of a shop's backends may be one service, as at Recharge; others have buckets of their own."""
    settings = settings_for(store.urls, store.tokens, 5)
    one = {name: {"token": "t"} for name in ("subscriptions", "bundles", "loyalty")}
    changed = settings.model_dump() | {"shops": {SHOP: {"id": 1, "currency_code": "USD", "backends": one}}}
    for backend in changed["backends"].values():
        backend |= {"rate_calls": 2, "rate_calls_a_second": SLOW}
    changed["backends"]["bundles"]["url"] = changed["backends"]["subscriptions"]["url"]
    async with tenants_of(Settings.model_validate(changed), None, CallMetrics()) as tenants:
        limits = {name: tenant.rate_limit for name, tenant in tenants[SHOP].items()}
        outcomes = {}
        for name, limit in limits.items():
            assert limit is not None
            try:
                await limit.turn(name, Deadline.after(1))
                outcomes[name] = "ok"
            except BackendThrottled:
                outcomes[name] = THROTTLED
    assert outcomes == {"subscriptions": "ok", "bundles": THROTTLED, "loyalty": "ok"}


@pytest.mark.parametrize(
    ("token", "calls", "wait_seconds"),
    [
        ("sk_abc", 3, 1_000),
        ("sk_2x1_abc", 3, 500),
        ("sk_1x2_abc", 7, 1_000),
        ("sk_4x2", 7, 250),
        ("sk_0x0", 3, 1_000),
    ],
)
async def test_a_token_of_a_larger_plan_has_a_larger_bucket(
    store: Store, token: str, calls: int, wait_seconds: float
) -> None:
    """As its prefix says: how much faster it leaks, how much larger it is. Smile's tokens say nothing."""
    settings = settings_for(store.urls, store.tokens, 5)
    shops = {SHOP: {"id": 1, "currency_code": "USD", "backends": {name: {"token": token} for name in store.urls}}}
    changed = settings.model_dump() | {"shops": shops}
    for backend in changed["backends"].values():
        backend |= {"rate_calls": 4, "rate_calls_a_second": SLOW}

    async def used_up(limit: RateLimit | None) -> tuple[int, float]:
        """How many turns there are, and how long the next takes."""
        assert limit is not None
        for count in range(100):
            try:
                await limit.turn("rows", Deadline.after(1))
            except BackendThrottled as throttled:
                return count, round(throttled.retry_after_seconds, -1)
        raise AssertionError("it is never used up")

    async with tenants_of(Settings.model_validate(changed), None, CallMetrics()) as tenants:
        given = {name: await used_up(tenant.rate_limit) for name, tenant in tenants[SHOP].items()}
    assert given == {"subscriptions": (calls, wait_seconds), "bundles": (calls, wait_seconds), "loyalty": (3, 1_000)}
