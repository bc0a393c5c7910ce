"""Redis frozen or gone ends within the timeout, and comes back by itself."""

import time

import pytest
from redis.exceptions import RedisError

from gateway.shared_store import connected_store
from tests.redis_server import running_redis


async def test_a_frozen_or_dead_redis_fails_fast_and_a_new_one_is_found() -> None:
    """The library's own defaults wait for half a minute."""
    async with (
        running_redis() as server,
        connected_store(server.url, timeout_seconds=0.2, connections=4) as store,
    ):
        await store.set("greeting", "hello")
        assert await store.get("greeting") == b"hello"

        server.freeze()
        began = time.monotonic()
        with pytest.raises(RedisError):
            await store.get("greeting")
        assert time.monotonic() - began < 5
        server.thaw()
        assert await store.get("greeting") == b"hello"

        await server.kill()
        with pytest.raises(RedisError):
            await store.get("greeting")
        await server.start()
        assert await store.get("greeting") is None


async def test_nothing_is_sent_before_the_store_is_used() -> None:
    """So that the gateway starts while Redis is down."""
    async with connected_store("redis://127.0.0.1:1/0", timeout_seconds=0.2, connections=4) as store:
        with pytest.raises(RedisError):
            await store.get("greeting")


async def test_tests_have_an_empty_redis(redis_url: str) -> None:
    """Each of them."""
    async with connected_store(redis_url, timeout_seconds=1, connections=4) as store:
        assert await store.dbsize() == 0
        await store.set("left", "behind")
