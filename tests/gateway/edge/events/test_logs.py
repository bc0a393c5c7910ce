"""Events reach whoever keeps answers, in every process; who may have missed some keeps nothing."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.edge.events import Cdn, LocalCdnQueue, LocalEventLog, RedisEventLog, SharedCdnQueue
from gateway.edge.events.log import Event
from gateway.edge.events.redis_log import STREAM
from gateway.shared_store import connected_store
from gateway.upstream import tag
from tests.conftest import SHOP
from tests.gates import gate_to
from tests.redis_server import running_redis
from tests.running import running

CLEARED = "everything"


@dataclass
class Recorder:
    """Remembers what it is told."""

    told: list[str] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def purge(self, tags: Collection[str]) -> None:
        """Some tags."""
        self.told += tags
        self._news.set()

    def wrote(self, shop: str, customer_id: int | None, tags: Collection[str]) -> None:
        """A shopper's write at another process."""
        self.told += [f"{shop} {customer_id}", *tags]
        self._news.set()

    async def clear(self) -> None:
        """All."""
        self.told.append(CLEARED)
        self._news.set()

    async def hears(self, count: int) -> list[str]:
        """What it was told, once that is so many."""
        async with asyncio.timeout(10):
            while len(self.told) < count:
                self._news.clear()
                await self._news.wait()
        return self.told


def event(number: int, *, version: int | None = None, subject: str = "s") -> Event:
    """An event of its own."""
    return Event(key=f"k{number}", subject=subject, version=version, tags=(f"t{number}", f"u{number}"))


@asynccontextmanager
async def stored(url: str) -> AsyncIterator[Redis]:
    """A client as the gateway has it."""
    async with connected_store(url, timeout_seconds=1, connections=8) as redis:
        yield redis


async def test_one_process_without_redis() -> None:
    """Every composition that follows is told; duplicates and older ones go nowhere."""
    log, first, second = LocalEventLog(), Recorder(), Recorder()
    async with log.following([first]):
        async with log.following([second]):
            assert await log.take(event(1, version=5)) == "taken"
            assert await log.take(event(1, version=5)) == "duplicate"
            assert await log.take(event(2, version=4)) == "stale"
            assert await log.take(event(2, version=4)) == "duplicate"
            assert await log.take(event(3)) == "taken"
            assert await second.hears(4) == ["t1", "u1", "t3", "u3"]
        await log.take(event(4, version=5))
        assert await first.hears(6) == ["t1", "u1", "t3", "u3", "t4", "u4"]
    assert second.told == ["t1", "u1", "t3", "u3"]


async def test_all_processes_with_redis(redis_url: str) -> None:
    """Each is told of what comes after its start, whoever took it."""
    one, other, late = Recorder(), Recorder(), Recorder()
    async with stored(redis_url) as a, stored(redis_url) as b:
        log = RedisEventLog(a)
        async with log.following([one]), RedisEventLog(b).following([other]):
            for number in range(50):
                assert await log.take(event(number, version=number)) == "taken"
            assert await log.take(event(99, version=7)) == "stale"
            expected = [f"{letter}{number}" for number in range(50) for letter in "tu"]
            assert await one.hears(100) == expected
            assert await other.hears(100) == expected
            async with RedisEventLog(b).following([late]):
                await RedisEventLog(b).take(event(100))
                assert await late.hears(2) == ["t100", "u100"]


async def test_a_process_that_was_away_reads_on_unless_something_was_trimmed() -> None:
    """Or lost with the store; then nothing that it keeps can be trusted."""
    recorder = Recorder()
    async with (
        running_redis() as server,
        gate_to(server.port) as gate,
        stored(server.url) as redis,
        stored(f"redis://127.0.0.1:{gate.port}/0") as through_gate,
        RedisEventLog(through_gate).following([recorder]),
    ):
        log = RedisEventLog(redis)
        await log.take(event(1))
        await recorder.hears(2)

        await gate.shut()
        await log.take(event(2))
        await log.take(event(3))
        await gate.open()
        assert (await recorder.hears(6))[2:] == ["t2", "u2", "t3", "u3"]

        await gate.shut()
        await log.take(event(4))
        await redis.xtrim(STREAM, maxlen=1, approximate=False)
        await gate.open()
        assert (await recorder.hears(7))[6:] == [CLEARED]
        await log.take(event(5))
        assert (await recorder.hears(9))[7:] == ["t5", "u5"]

        # A store that comes back empty has forgotten what nobody has read yet.
        await server.kill()
        await server.start()
        assert (await recorder.hears(10))[9:] == [CLEARED]
        await log.take(event(5))
        assert (await recorder.hears(12))[10:] == ["t5", "u5"]


async def test_a_process_that_starts_without_redis_trusts_nothing_until_it_is_there() -> None:
    """What it kept until then may have changed."""
    recorder = Recorder()
    async with running_redis() as server, gate_to(server.port) as gate, stored(server.url) as redis:
        await gate.shut()
        async with (
            stored(f"redis://127.0.0.1:{gate.port}/0") as through_gate,
            RedisEventLog(through_gate).following([recorder]),
        ):
            await RedisEventLog(redis).take(event(1))
            await gate.open()
            assert await recorder.hears(1) == [CLEARED]
            await RedisEventLog(redis).take(event(2))
            assert await recorder.hears(3) == [CLEARED, "t2", "u2"]


@dataclass
class PurgedCdn:
    """A CDN that remembers what it was asked to purge."""

    statuses: list[int] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response:
        """Take a purge."""
        self.asked.append((request.method, request.headers["surrogate-key"], request.headers["x-key"]))
        self.news.set()
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def purges(self, count: int) -> list[tuple[str, str, str]]:
        """What it was asked, once that is so often."""
        async with asyncio.timeout(10):
            while len(self.asked) < count:
                self.news.clear()
                await self.news.wait()
        return self.asked


@asynccontextmanager
async def purged_cdn(again_after_seconds: float = 0.0) -> AsyncIterator[tuple[PurgedCdn, Cdn]]:
    """A CDN, and the way to it."""
    seen = PurgedCdn()
    app = Starlette(routes=[Route("/purge", seen.answer, methods=["POST"])])
    async with running(app) as url, aiohttp.ClientSession() as session:
        cdn = Cdn(
            session=session,
            url=f"{url}/purge",
            method="POST",
            tags_header="Surrogate-Key",
            headers={"X-Key": "secret"},
            timeout_seconds=1,
            attempts=3,
            again_after_seconds=again_after_seconds,
        )
        yield seen, cdn


async def test_the_cdn_is_purged_by_one_process(redis_url: str) -> None:
    """A hundred keys a request; by another one when that has died with it."""
    async with purged_cdn() as (seen, cdn), stored(redis_url) as redis:
        log = RedisEventLog(redis)
        async with SharedCdnQueue(cdn, redis).working(), SharedCdnQueue(cdn, redis).working():
            await log.take(event(1))
            assert await seen.purges(1) == [("POST", "t1 u1", "secret")]
            await log.take(Event(key="many", subject="s", version=None, tags=tuple(f"t{n}" for n in range(150))))
            assert [len(keys.split()) for _, keys, _ in (await seen.purges(3))[1:]] == [100, 50]
        # What comes while nobody works is not lost.
        await log.take(event(2))
        async with SharedCdnQueue(cdn, redis).working():
            assert (await seen.purges(4))[3] == ("POST", "t2 u2", "secret")


async def test_a_purge_is_tried_again_and_not_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    """What fails each time is in the log."""
    async with purged_cdn() as (seen, cdn):
        seen.statuses = [503, 500]
        queue = LocalCdnQueue(cdn)
        async with queue.working():
            await queue.purge(["a"])
            assert len(await seen.purges(3)) == 3
            seen.statuses = [503, 503, 503]
            await queue.purge(["b"])
            await seen.purges(6)
            await queue.purge(["c"])
            assert (await seen.purges(7))[6][1] == "c"
    assert [record.message for record in caplog.records if "was not purged" in record.message]
    assert all("secret" not in record.getMessage() for record in caplog.records)


async def test_a_purge_is_asked_for_once_more(redis_url: str) -> None:
    """For what was on its way to the CDN; until then the event is not settled, so that another process would do it."""
    async with purged_cdn(again_after_seconds=0.2) as (seen, cdn):
        queue = LocalCdnQueue(cdn)
        async with queue.working():
            await queue.purge(["a"])
            assert [keys for _, keys, _ in await seen.purges(2)] == ["a", "a"]
        seen.asked.clear()
        async with stored(redis_url) as redis, SharedCdnQueue(cdn, redis).working():
            await RedisEventLog(redis).take(event(1))
            await seen.purges(1)
            assert (await redis.xpending(STREAM, "cdn"))["pending"] == 1
            assert [keys for _, keys, _ in await seen.purges(2)] == ["t1 u1"] * 2
            async with asyncio.timeout(5):
                while (await redis.xpending(STREAM, "cdn"))["pending"]:  # noqa: ASYNC110  # nothing tells of it
                    await asyncio.sleep(0.01)
        assert len(seen.asked) == 2


async def test_what_is_a_shoppers_is_in_no_cdn(redis_url: str) -> None:
    """So nobody is asked to purge it: most events are about shoppers, and CDNs count purges."""
    own = tag(SHOP, "customer", 7), tag(SHOP, "subscription", 8)
    public = tag(SHOP, "product", 9), tag(SHOP, "shop"), tag(SHOP, "program")
    async with purged_cdn() as (seen, cdn):
        queue = LocalCdnQueue(cdn)
        async with queue.working():
            await queue.purge(own)
            await queue.purge([*own, *public])
            assert await seen.purges(1) == [("POST", " ".join(public), "secret")]
        seen.asked.clear()
        async with stored(redis_url) as redis, SharedCdnQueue(cdn, redis).working():
            log = RedisEventLog(redis)
            await log.take(Event(key="own", subject="o", version=None, tags=own))
            await log.take(Event(key="all", subject="a", version=None, tags=(*own, *public)))
            assert await seen.purges(1) == [("POST", " ".join(public), "secret")]


async def test_a_write_is_told_to_the_others(redis_url: str) -> None:
    """Not to the process where it was, nor to the CDN, which keeps nothing of a shopper's."""
    here, there = Recorder(), Recorder()
    async with stored(redis_url) as a, stored(redis_url) as b, purged_cdn() as (purged, cdn):
        log = RedisEventLog(a)
        async with log.following([here]), RedisEventLog(b).following([there]), SharedCdnQueue(cdn, b).working():
            await log.announce("a.example", 7, ("a.example/customer/7",))
            assert await there.hears(2) == ["a.example 7", "a.example/customer/7"]
            await log.take(event(1))
            assert (await there.hears(4))[2:] == ["t1", "u1"]
            assert await here.hears(2) == ["t1", "u1"]
            assert await purged.purges(1) == [("POST", "t1 u1", "secret")]


async def test_a_write_waits_for_no_redis_that_is_frozen() -> None:
    """What others keep of the shopper is old in seconds by itself."""
    async with running_redis() as server, stored(server.url) as redis:
        log = RedisEventLog(redis)
        server.freeze()
        try:
            async with asyncio.timeout(0.9):  # a command on its own would take a second
                for _ in range(20):
                    await log.announce("a.example", 7, ("a.example/customer/7",))
        finally:
            server.thaw()
