"""Logging out: a session ends at once, in every process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from redis.asyncio import Redis

from gateway.edge.sessions.revocation_log import STREAM
from tests.conftest import Gateway, Store, gateway_before, shops_for
from tests.processes import command, line_with
from tests.redis_server import running_redis

QUERY = "{ customer { id } }"


async def ended(gateway: Gateway, token: str, **params: str) -> tuple[int, bytes]:
    """Log out."""
    headers = {"Authorization": f"Bearer {token}"}
    async with gateway.client.delete(f"{gateway.url}/session", params=params, headers=headers) as response:
        return response.status, await response.read()


async def status(gateway: Gateway, token: str) -> int:
    """What a token gets."""
    return (await gateway.ask(QUERY, headers={"Authorization": f"Bearer {token}"})).status


@pytest.fixture
async def two(store: Store, redis_url: str) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """Two gateways that share a Redis."""
    async with AsyncExitStack() as stack:
        gateways = [await stack.enter_async_context(gateway_before(store, redis={"url": redis_url})) for _ in range(2)]
        yield gateways[0], gateways[1]


async def test_one_session_ends_and_no_other(gateway: Gateway, shopper: int) -> None:
    """Without any store, and though the token was verified and kept a moment ago."""
    mine, other_device = gateway.token(shopper), gateway.token(shopper)
    assert await status(gateway, mine) == 200
    assert await ended(gateway, mine) == (204, b"")
    assert await status(gateway, mine) == 401
    again, body = await ended(gateway, mine)
    assert (again, json.loads(body)["errors"][0]["extensions"]) == (401, {"code": "UNAUTHENTICATED"})
    assert await status(gateway, other_device) == 200


async def test_all_sessions_of_a_customer_end_and_no_other(gateway: Gateway, shopper: int) -> None:
    """Those that there are; one that begins afterwards is good."""
    devices = [gateway.token(shopper) for _ in range(3)]
    someone_else = gateway.token(shopper + 1)
    assert await ended(gateway, devices[0], everywhere="true") == (204, b"")
    assert [await status(gateway, token) for token in devices] == [401] * 3
    assert await status(gateway, someone_else) == 200
    await asyncio.sleep(0.002)
    assert await status(gateway, gateway.token(shopper)) == 200


async def test_a_session_ends_in_every_process_at_once(two: tuple[Gateway, Gateway], shopper: int) -> None:
    """Logged out here, it is over there in the very next request, fifty times out of fifty."""
    here, there = two
    for number in range(50):
        token = here.token(shopper)
        assert await status(there, token) == 200
        assert (await ended(here, token, everywhere="true" if number % 2 else "false"))[0] == 204
        assert await status(there, token) == 401
        await asyncio.sleep(0.002)


async def test_a_process_that_starts_later_knows(
    two: tuple[Gateway, Gateway], store: Store, shopper: int, redis_url: str
) -> None:
    """In a process of its own, through `serve`."""
    here, _ = two
    over, good = here.token(shopper), here.token(shopper)
    assert (await ended(here, over))[0] == 204
    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(STREAM) == 1
    environment = {
        "GATEWAY_SERVER__PORT": "0",
        "GATEWAY_SESSIONS__SECRET": "s" * 40,
        "GATEWAY_REDIS__URL": redis_url,
        "GATEWAY_SHOPS": json.dumps(shops_for(store.tokens)),
        **{f"GATEWAY_BACKENDS__{name.upper()}__URL": url for name, url in store.urls.items()},
    }
    async with command("serve", environment=environment) as process, aiohttp.ClientSession() as client:
        url = (await line_with(process.stderr, "listens on")).rpartition(" ")[2]

        async def asked(token: str) -> int:
            async with client.post(
                url, json={"query": QUERY}, headers={"Authorization": f"Bearer {token}"}
            ) as response:
                return response.status

        assert (await asked(over), await asked(good)) == (401, 200)
        assert (await ended(here, good))[0] == 204
        assert await asked(good) == 401


async def test_what_redis_missed_is_said(store: Store, shopper: int) -> None:
    """Redis is gone: 503, since other processes do not know; here the session is over. It starts without Redis, too."""
    async with running_redis() as server, gateway_before(store, redis={"url": server.url}) as gateway:
        await server.kill()
        token = gateway.token(shopper)
        assert await status(gateway, token) == 200
        answered, body = await ended(gateway, token)
        assert answered == 503
        assert json.loads(body)["errors"][0]["extensions"] == {"code": "BACKEND_UNAVAILABLE", "service": "sessions"}
        assert await status(gateway, token) == 401
        async with gateway_before(store, redis={"url": server.url}) as late:
            assert await status(late, late.token(shopper)) == 200
            await server.start()
            token = late.token(shopper)
            assert (await ended(late, token))[0] == 204
            async with asyncio.timeout(5):
                while await status(gateway, token) != 401:
                    pass


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
async def test_another_method(gateway: Gateway, shopper: int, method: str) -> None:
    """405, and the session goes on."""
    token = gateway.token(shopper)
    headers = {"Authorization": f"Bearer {token}"}
    async with gateway.client.request(method, f"{gateway.url}/session", headers=headers) as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST, DELETE")
    assert await status(gateway, token) == 200


async def test_a_flag_that_is_none(gateway: Gateway, shopper: int) -> None:
    """400: whoever means all sessions must not end one only."""
    token = gateway.token(shopper)
    assert (await ended(gateway, token, everywhere="yes"))[0] == 400
    assert await status(gateway, token) == 200
