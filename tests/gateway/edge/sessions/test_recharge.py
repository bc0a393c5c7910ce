"""Recharge's storefront sessions: shown once, exchanged for one of the gateway's own."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from gateway.app import create_app
from gateway.edge.sessions.exchanged import Exchange, ExchangesInMemory, ExchangesInRedis
from gateway.identity import signed_tokens
from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, gateway_before, shops_for
from tests.fronts import answering, resetting, throttling
from tests.gateway.test_reloading import Reloads, fronts_of, settings_before
from tests.redis_server import running_redis
from tests.running import running

QUERY = "{ customer { id } }"
NOBODYS = "No valid session: send a token of this shop's, or `?shop=` alone for public data."


async def logged_in(store: Store, customer: int, shop: str = SHOP) -> str:
    """A session at Recharge, as its script has it in the shopper's browser."""
    headers = {"X-Recharge-Access-Token": store.tokens["subscriptions"][shop], "X-Recharge-Version": "2021-11"}
    url = f"{store.urls['subscriptions']}/customers/{customer}/sessions?shop_url={shop}"
    async with store.client.post(url, json={}, headers=headers) as response:
        assert response.status == 200, await response.text()
        token: str = (await response.json())["customer_session"]["apiToken"]
        return token


async def logged_in_anew(store: Store, customer: int, *before: str) -> str:
    """The same on another device; what the reference backend signs within a second is the same token."""
    token = await logged_in(store, customer)
    while token in before:
        await asyncio.sleep(0.1)
        token = await logged_in(store, customer)
    return token


async def exchanged(
    gateway: Gateway, token: str, customer: object, *, shop: str = SHOP, **headers: str
) -> tuple[int, Any]:
    """Show it to the gateway."""
    sent = {"X-Recharge-Access-Token": token, "X-Recharge-Customer-Id": str(customer), **headers}
    async with gateway.client.post(f"{gateway.url}/session", params={"shop": shop}, headers=sent) as response:
        assert response.headers["Cache-Control"] == "private, no-store"
        return response.status, await response.json()


async def asked(gateway: Gateway, token: str, **params: str) -> tuple[int, bytes]:
    """What the gateway's own token gets."""
    headers = {"Authorization": f"Bearer {token}"}
    async with gateway.client.post(
        f"{gateway.url}/graphql", params=params, json={"query": QUERY}, headers=headers
    ) as response:
        return response.status, await response.read()


async def ended(gateway: Gateway, token: str, **params: str) -> int:
    """Log out."""
    headers = {"Authorization": f"Bearer {token}"}
    async with gateway.client.delete(f"{gateway.url}/session", params=params, headers=headers) as response:
        return response.status


@pytest.fixture
async def two(store: Store, redis_url: str) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """Two gateways that share a Redis."""
    async with AsyncExitStack() as stack:
        gateways = [await stack.enter_async_context(gateway_before(store, redis={"url": redis_url})) for _ in range(2)]
        yield gateways[0], gateways[1]


def refused(answer: tuple[int, Any]) -> tuple[int, Any]:
    """Status and error of a refusal."""
    status, body = answer
    assert body["errors"][0]["message"]
    return status, body["errors"][0]["extensions"]


async def test_it_is_verified_at_the_backend_once(gateway: Gateway, store: Store, shopper: int) -> None:
    """With that token alone; shown again, and by several widgets at once, it stands for the same session."""
    theirs = await logged_in(store, shopper)
    answers = await asyncio.gather(*(exchanged(gateway, theirs, shopper) for _ in range(5)))
    assert [status for status, _ in answers] == [200] * 5
    assert gateway.calls == [f"subscriptions /customers/{shopper}"]
    assert gateway.fronts["subscriptions"].headers[0]["x-recharge-access-token"] == theirs
    own = answers[0][1]
    assert own["customerId"] == str(shopper)
    left = datetime.fromisoformat(own["expiresAt"]).timestamp() - time.time()
    assert 3_590 < left <= 3_600
    assert await asked(gateway, own["token"]) == (
        200,
        json.dumps(
            {"data": {"customer": {"id": f"gid://recharge/Customer/{shopper}"}}}, separators=(",", ":")
        ).encode(),
    )


async def test_its_session_ends_in_every_process_and_begins_in_none(
    two: tuple[Gateway, Gateway], store: Store, shopper: int
) -> None:
    """One exchange for all processes; after the log-out the token that it was made of opens nothing either."""
    here, there = two
    theirs = await logged_in(store, shopper)
    first, second = [(await exchanged(each, theirs, shopper))[1]["token"] for each in two]
    assert there.calls == []
    assert await ended(here, first) == 204
    for each in two:
        assert (await asked(each, first))[0] == 401
        assert (await asked(each, second))[0] == 401
        assert refused(await exchanged(each, theirs, shopper)) == (401, {"code": "UNAUTHENTICATED"})
    assert (await exchanged(there, await logged_in_anew(store, shopper, theirs), shopper))[0] == 200


async def test_logging_out_everywhere_covers_other_devices(
    two: tuple[Gateway, Gateway], store: Store, shopper: int
) -> None:
    """Those that have shown their token to any process; a login afterwards is good."""
    here, there = two
    phone = await logged_in(store, shopper)
    desk = await logged_in_anew(store, shopper, phone)
    own = (await exchanged(here, phone, shopper))[1]["token"]
    assert (await exchanged(there, desk, shopper))[0] == 200
    assert await ended(here, own, everywhere="true") == 204
    assert [(await exchanged(each, token, shopper))[0] for each in two for token in (phone, desk)] == [401] * 4
    assert (await exchanged(there, await logged_in_anew(store, shopper, phone, desk), shopper))[0] == 200


@pytest.mark.parametrize(
    "case", ["another customer", "another shop", "forged", "short", "no customer", "a gid", "zero"]
)
async def test_what_is_no_session_of_this_customer_here(
    gateway: Gateway, store: Store, shopper: int, case: str
) -> None:
    """The same 401 as without any session, byte for byte; what can be none never reaches the backend."""
    theirs = await logged_in(store, shopper)
    customers = (await store.get("subscriptions", "/customers?limit=2"))["customers"]
    other = next(row["id"] for row in customers if row["id"] != shopper)
    token, customer, shop = {
        "another customer": (theirs, other, SHOP),
        "another shop": (theirs, shopper, OTHER_SHOP),
        "forged": (theirs[:-2] + "AA", shopper, SHOP),
        "short": ("x", shopper, SHOP),
        "no customer": (theirs, "", SHOP),
        "a gid": (theirs, f"gid://recharge/Customer/{shopper}", SHOP),
        "zero": (theirs, "0", SHOP),
    }[case]
    answer = await exchanged(gateway, token, customer, shop=shop)
    assert answer == (401, {"errors": [{"message": NOBODYS, "extensions": {"code": "UNAUTHENTICATED"}}]})
    async with gateway.client.post(f"{gateway.url}/session") as response:
        assert (response.status, await response.json()) == answer
    is_asked = case in {"another customer", "another shop", "forged"}
    assert gateway.calls == ([f"subscriptions /customers/{customer}"] if is_asked else [])


async def test_a_session_of_one_shop_is_nobodys_in_another(gateway: Gateway, store: Store, shopper: int) -> None:
    """As if there were none, byte for byte."""
    own = (await exchanged(gateway, await logged_in(store, shopper), shopper))[1]["token"]
    async with gateway.client.post(f"{gateway.url}/graphql", json={"query": QUERY}) as response:
        nobodys = response.status, await response.read()
    assert nobodys[0] == 401
    assert await asked(gateway, own, shop=OTHER_SHOP) == nobodys
    assert (await asked(gateway, own, shop=SHOP))[0] == 200


async def test_both_at_once(gateway: Gateway, store: Store, shopper: int) -> None:
    """400: whoever looks at one of them only may think that it is somebody else."""
    theirs = await logged_in(store, shopper)
    session = {"Authorization": f"Bearer {gateway.token(shopper + 1)}"}
    assert refused(await exchanged(gateway, theirs, shopper, **session)) == (400, {"code": "BAD_USER_INPUT"})
    assert gateway.calls == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (423, (401, {"code": "TWO_FACTOR_REQUIRED"})),
        (403, (401, {"code": "UNAUTHENTICATED"})),
        (500, (503, {"code": "BACKEND_UNAVAILABLE", "service": "subscriptions"})),
        (429, (503, {"code": "THROTTLED", "service": "subscriptions", "retryAfter": 7.0})),
        (0, (503, {"code": "BACKEND_UNAVAILABLE", "service": "subscriptions"})),
    ],
)
async def test_what_the_backend_says(
    gateway: Gateway, store: Store, shopper: int, status: int, expected: tuple[int, Any]
) -> None:
    """A second factor that is missing is said; where the backend does not say, asking again may help."""
    theirs = await logged_in(store, shopper)
    front = gateway.fronts["subscriptions"]
    front.fault = resetting if status == 0 else throttling("7") if status == 429 else answering("{}", status)
    assert refused(await exchanged(gateway, theirs, shopper)) == expected
    front.fault = None
    assert (await exchanged(gateway, theirs, shopper))[0] == 200


async def test_another_customers_record_opens_nothing(gateway: Gateway, store: Store, shopper: int) -> None:
    """Whatever a broken backend answers to somebody's token."""
    front = gateway.fronts["subscriptions"]
    front.fault = answering(json.dumps({"customer": {"id": shopper + 1}}))
    assert (await exchanged(gateway, await logged_in(store, shopper), shopper))[0] == 401


async def test_guessing_is_paid_for(store: Store, shopper: int) -> None:
    """From the quota of the visitor's address, before the backend is asked."""
    throttle = {"address_capacity": 20, "address_per_second": 0.01}
    async with gateway_before(store, throttle=throttle) as gateway:
        guesses = [await exchanged(gateway, f"st_{'x' * 20}{number}", shopper) for number in range(4)]
        assert [status for status, _ in guesses] == [401, 401, 429, 429]
        assert len(gateway.calls) == 2


async def test_pages_of_the_shop_may_begin_and_end_sessions(store: Store) -> None:
    """By a preflight, and no page of another origin reads what comes of it."""
    shops: dict[str, Any] = shops_for(store.tokens)
    shops[SHOP]["origins"] = ["https://aurora.example"]
    async with gateway_before(store, shops=shops) as gateway:
        for origin, allowed in (("https://aurora.example", "https://aurora.example"), ("https://evil.example", None)):
            asks = {
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "x-recharge-access-token,x-recharge-customer-id",
            }
            async with gateway.client.options(
                f"{gateway.url}/session", params={"shop": SHOP}, headers=asks
            ) as response:
                assert (response.status, response.headers.get("Access-Control-Allow-Origin")) == (204, allowed)
                if allowed:
                    assert response.headers["Access-Control-Allow-Methods"] == "POST, DELETE"
                    assert "X-Recharge-Access-Token" in response.headers["Access-Control-Allow-Headers"]
            for method, status in (("POST", 401), ("DELETE", 401), ("PUT", 405)):
                async with gateway.client.request(
                    method, f"{gateway.url}/session", params={"shop": SHOP}, headers={"Origin": origin}
                ) as response:
                    assert response.status == status
                    assert response.headers.get("Access-Control-Allow-Origin") == allowed
                    assert "Access-Control-Allow-Credentials" not in response.headers


async def test_what_comes_of_a_session_is_for_its_shops_pages(store: Store, shopper: int) -> None:
    """Also where the request does not say which shop it is of."""
    shops: dict[str, Any] = shops_for(store.tokens)
    shops[SHOP]["origins"], shops[OTHER_SHOP]["origins"] = ["https://aurora.example"], ["https://glow.example"]
    async with gateway_before(store, shops=shops) as gateway:
        for origin, allowed in (("https://aurora.example", "https://aurora.example"), ("https://glow.example", None)):
            headers = {"Origin": origin, "Authorization": f"Bearer {gateway.token(shopper)}"}
            async with gateway.client.delete(f"{gateway.url}/session", headers=headers) as response:
                assert (response.status, response.headers.get("Access-Control-Allow-Origin")) == (204, allowed)


async def test_the_token_is_kept_nowhere(
    store: Store, shopper: int, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in Redis nor in a log, where it was good and where it was not."""
    caplog.set_level(logging.DEBUG)
    theirs = await logged_in(store, shopper)
    async with gateway_before(store, redis={"url": redis_url}) as gateway, Redis.from_url(redis_url) as redis:
        assert (await exchanged(gateway, theirs, shopper))[0] == 200
        assert (await exchanged(gateway, theirs[:-2] + "AA", shopper))[0] == 401
        (key,) = await redis.keys("gateway:exchanged:*")
        value = await redis.get(key)
        assert value is not None
        assert set(json.loads(value)) == {"customer_id", "at"}
        assert 3_590 <= await redis.ttl(key) <= 3_600
        assert theirs not in f"{key!r} {value!r}"
    records = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp"))
    assert "backend call failed" in records
    assert theirs[:-2] not in records


async def test_without_redis_the_backend_is_asked_again(store: Store, shopper: int) -> None:
    """The same token stands for the same session, so that one that was ended begins nowhere."""
    async with running_redis() as server, gateway_before(store, redis={"url": server.url}) as gateway:
        theirs = await logged_in(store, shopper)
        await server.kill()
        owns = [(await exchanged(gateway, theirs, shopper))[1]["token"] for _ in range(2)]
        assert gateway.calls == [f"subscriptions /customers/{shopper}"] * 2
        assert await ended(gateway, owns[0]) == 503
        assert [(await asked(gateway, own))[0] for own in owns] == [401, 401]
        assert (await exchanged(gateway, theirs, shopper))[0] == 401


async def test_exchanges_outlive_a_reload(store: Store, shopper: int) -> None:
    """Without Redis, too: who logged out everywhere before it is not let in by another device's token after it."""
    reloads = Reloads()
    async with fronts_of(store) as fronts:
        settings = settings_before(fronts, store)
        async with running(create_app(settings, reloads=reloads.settings())) as url:
            gateway = Gateway(url, store.client, signed_tokens(settings), fronts)
            phone = await logged_in(store, shopper)
            desk = await logged_in_anew(store, shopper, phone)
            own = (await exchanged(gateway, phone, shopper))[1]["token"]
            assert (await exchanged(gateway, desk, shopper))[0] == 200
            assert await ended(gateway, own, everywhere="true") == 204
            await reloads.give(settings)
            assert [(await exchanged(gateway, token, shopper))[0] for token in (phone, desk)] == [401, 401]
            assert len(gateway.calls) == 2


async def test_exchanges_are_bounded_and_end(redis_url: str) -> None:
    """The oldest goes first; what is known stands, in memory and in Redis alike; after an hour nothing is known."""
    now = time.time()
    memory = ExchangesInMemory(kept=2)
    for digest in "abc":
        await memory.put(digest, Exchange(1, now))
    assert [await memory.get(digest) for digest in "abc"] == [None, Exchange(1, now), Exchange(1, now)]
    await memory.put("d", Exchange(1, now - 3_601))
    assert await memory.get("d") is None
    async with Redis.from_url(redis_url) as redis:
        shared = ExchangesInRedis(redis)
        for store in (ExchangesInMemory(), shared):
            assert await store.put("a", Exchange(1, now)) == Exchange(1, now)
            assert await store.put("a", Exchange(1, now + 5)) == Exchange(1, now)
            assert await store.get("a") == Exchange(1, now)
        await redis.set("gateway:exchanged:1:b", b"{]")
        assert await shared.get("b") is None
