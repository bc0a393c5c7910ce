"""R17: a key is done once, across retries, processes, crashes, and a Redis that is gone."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.conftest import Gateway, gateway_before, shops_for
from tests.fronts import Reset
from tests.mutations.conftest import Written
from tests.mutations.picking import subscriptions
from tests.mutations.test_failures import SOON, reschedule
from tests.mutations.test_redeeming import Wallet, redeem, rewards
from tests.processes import command, line_with
from tests.redis_server import running_redis

KEYS = int(os.environ.get("TEST_MUTATION_KEYS", "24"))
"""How many keys the test of a thousand keys takes; 1000 is the promise."""


@pytest.fixture(params=["memory", "redis"])
async def gateway(request: pytest.FixtureRequest, shop: Written, redis_url: str) -> AsyncIterator[Gateway]:
    """A gateway with each kind of ledger."""
    # The machine may be busy, and a ledger that cannot be asked in time is another test.
    patient = {"url": redis_url, "ledger_timeout_seconds": 10}
    redis: dict[str, Any] = {"redis": patient} if request.param == "redis" else {}
    async with gateway_before(shop.store, idempotency={"settle_seconds": 0.5}, **redis) as fresh:
        yield fresh


def lossy(gateway: Gateway, share: int, *, service: str = "loyalty") -> None:
    """Of `share` answers of writes one comes through; the others are lost, half before and half after the write."""
    turn = iter(range(10**9))

    async def before(request: Request) -> Response | None:
        if request.method == "GET":
            return None
        request.state.turn = next(turn) % (2 * share)
        return Reset() if request.state.turn < share - 1 else None

    async def after(request: Request, _true: bytes) -> Response | None:
        return Reset() if request.method != "GET" and request.state.turn < 2 * share - 2 else None

    gateway.fronts[service].before, gateway.fronts[service].fault = before, after


async def until_known(gateway: Gateway, wallet: Wallet, reward: int, key: str) -> Any:
    """What a widget does: send it again with its key for as long as the outcome is unknown."""
    async with asyncio.timeout(60):
        while True:
            answer = await redeem(gateway, wallet, reward, key=key)
            codes = [error["extensions"]["code"] for error in answer.body.get("errors", ())]
            if not codes:
                return answer.data["result"]
            assert codes == ["OUTCOME_UNKNOWN"], answer.body
            await asyncio.sleep(0.2)


async def redeemed(gateway: Gateway, shop: Written, shopper: int, count: int) -> None:
    """So many keys, each sent three times at once, are as many redemptions in the database."""
    fixed, _ = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=count * fixed["points_price"] + 5)
    before = set(wallet.codes)
    lossy(gateway, 3)
    keys = [str(uuid4()) for _ in range(count)]
    at_once = asyncio.Semaphore(6)

    async def press(key: str) -> set[str]:
        async with at_once:
            found = await asyncio.gather(*(until_known(gateway, wallet, fixed["id"], key) for _ in range(3)))
            return {payload["redemption"]["code"] for payload in found}

    codes = await asyncio.gather(*(press(key) for key in keys))
    assert Counter(len(each) for each in codes) == {1: count}
    assert {code for each in codes for code in each} == set(wallet.codes) - before
    assert len(wallet.codes) - len(before) == count
    assert wallet.points == 5
    again = await until_known(gateway, wallet, fixed["id"], keys[0])
    assert again["redemption"]["code"] in codes[0]


async def test_each_of_many_keys_is_one_redemption(gateway: Gateway, shop: Written, shopper: int) -> None:
    """Connections are reset before and after the write, every key is sent three times at once, and again."""
    await redeemed(gateway, shop, shopper, KEYS)


async def test_what_was_not_done_is_unknown_until_it_cannot_arrive(
    gateway: Gateway, shop: Written, shopper: int
) -> None:
    """A lost write is not repeated while it may still arrive; then it is, once."""
    fixed, _ = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=5_000)

    async def lost(request: Request) -> Response | None:
        return Reset() if request.method == "POST" else None

    front = gateway.fronts["loyalty"]
    front.before = lost
    for _ in range(3):
        answer = await redeem(gateway, wallet, fixed["id"], key="lost")
        assert [error["extensions"]["code"] for error in answer.errors] == ["OUTCOME_UNKNOWN"]
    assert (len(front.writes), wallet.points) == (1, 5_000)
    front.before = None
    await asyncio.sleep(0.6)
    assert (await redeem(gateway, wallet, fixed["id"], key="lost")).data["result"]["redemption"]
    assert (len(front.writes), wallet.points) == (2, 5_000 - fixed["points_price"])


async def test_a_refusal_is_answered_alike(gateway: Gateway, shop: Written, shopper: int) -> None:
    """The first answer again, though by now it could be done; and a key of one shopper's is nobody else's."""
    fixed, _ = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=0)
    first = await redeem(gateway, wallet, fixed["id"], key="poor")
    wallet.write(5_000)
    again = await redeem(gateway, wallet, fixed["id"], key="poor")
    assert again.data["result"]["userErrors"] == first.data["result"]["userErrors"]
    assert wallet.points == 5_000
    by_customer = {row["customer_id"]: row for row in await subscriptions(shop, is_skippable=True)}
    one, other = list(by_customer.values())[:2]
    for row in (one, other):
        assert (await reschedule(gateway, row, "shared")).data["result"]["subscription"] == {"nextChargeDate": SOON}


async def test_the_first_answer_again(gateway: Gateway, shop: Written) -> None:
    """Whatever is selected of it, and though the object has changed since."""
    row = list(await subscriptions(shop, is_skippable=True))[2]
    first = await reschedule(gateway, row, "again")
    assert (await reschedule(gateway, row, "other", on="2030-01-01")).data["result"]["userErrors"] == []
    assert (await reschedule(gateway, row, "again")).data == first.data
    query = """mutation ($id: ID!, $date: Date!) {
        result: subscriptionReschedule(subscriptionId: $id, date: $date, idempotencyKey: "again") {
            subscription { id status price { amount } createdAt address { id } } } }"""
    answer = await gateway.ask(query, {"id": str(row["id"]), "date": SOON}, customer=row["customer_id"])
    assert answer.data["result"]["subscription"]["price"] == {"amount": row["price"]}
    assert len(gateway.fronts["subscriptions"].writes) == 2
    mismatch = await reschedule(gateway, row, "again", on="2031-01-01")
    assert [error["extensions"]["code"] for error in mismatch.errors] == ["IDEMPOTENCY_MISMATCH"]


async def test_two_processes_share_a_key(shop: Written, shopper: int, redis_url: str) -> None:
    """Twenty at once at two gateways: one redemption, one voucher."""
    fixed, _ = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=5_000)
    async with AsyncExitStack() as stack:
        pair = [await stack.enter_async_context(gateway_before(shop.store, redis={"url": redis_url})) for _ in range(2)]
        answers = await asyncio.gather(
            *(redeem(each, wallet, fixed["id"], key="pair") for _ in range(10) for each in pair)
        )
        assert len({answer.data["result"]["redemption"]["code"] for answer in answers}) == 1
        assert sum(len(each.fronts["loyalty"].writes) for each in pair) == 1
    assert wallet.points == 5_000 - fixed["points_price"]


async def test_without_its_redis_points_stay(shop: Written, shopper: int) -> None:
    """Redeeming is refused, to be tried later; what may be repeated goes on; and afterwards all is as before."""
    fixed, _ = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=5_000)
    row = list(await subscriptions(shop, is_skippable=True))[3]
    async with running_redis() as server, gateway_before(shop.store, redis={"url": server.url}) as gateway:

        async def refused() -> None:
            answer = await redeem(gateway, wallet, fixed["id"], key="down")
            assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
            assert [error["extensions"] for error in answer.errors] == [
                {"code": "BACKEND_UNAVAILABLE", "service": "loyalty", "retryAfter": 2.0}
            ]
            assert (await reschedule(gateway, row, "down")).data["result"]["subscription"] == {"nextChargeDate": SOON}

        server.freeze()
        await refused()
        server.thaw()
        await server.kill()
        await refused()
        assert (wallet.points, gateway.fronts["loyalty"].writes) == (5_000, [])
        await server.start()
        assert (await redeem(gateway, wallet, fixed["id"], key="down")).data["result"]["redemption"]
    assert wallet.points == 5_000 - fixed["points_price"]


@asynccontextmanager
async def process(
    shop: Written, redis_url: str, loyalty_url: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A gateway that is a process of its own, and its address."""
    environment = {
        "GATEWAY_SERVER__PORT": "0",
        "GATEWAY_SESSIONS__SECRET": "s" * 40,
        "GATEWAY_SHOPS": json.dumps(shops_for(shop.store.tokens)),
        "GATEWAY_REDIS__URL": redis_url,
        "GATEWAY_OPERATIONS__DEADLINE_SECONDS": "3",
        "GATEWAY_IDEMPOTENCY__LEASE_SECONDS": "4",
        "GATEWAY_IDEMPOTENCY__SETTLE_SECONDS": "1",
        **{f"GATEWAY_BACKENDS__{name.upper()}__URL": url for name, url in shop.store.urls.items()},
        "GATEWAY_BACKENDS__LOYALTY__URL": loyalty_url,
    }
    async with command("serve", environment=environment) as running:
        yield running, (await line_with(running.stderr, "listens on")).rpartition(" ")[2].removesuffix("/graphql")


async def test_a_killed_process_leaves_nothing_twice(shop: Written, shopper: int, redis_url: str) -> None:
    """The backend has done it, the process is killed before it knows; another takes the key up when its lease ends."""
    async with gateway_before(shop.store) as gateway:
        await _killed(gateway, shop, shopper, redis_url)


async def _killed(gateway: Gateway, shop: Written, shopper: int, redis_url: str) -> None:
    fixed, _ = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=5_000)
    before = wallet.codes
    front, done = gateway.fronts["loyalty"], asyncio.Event()

    async def held(request: Request, _true: bytes) -> Response | None:
        if request.method == "POST":
            done.set()
            await asyncio.sleep(30)
        return None

    front.fault = held
    async with process(shop, redis_url, front.url) as (first, address):
        asking = asyncio.ensure_future(redeem(replace(gateway, url=address), wallet, fixed["id"], key="killed"))
        await asyncio.wait({asking, asyncio.ensure_future(done.wait())}, timeout=20, return_when="FIRST_COMPLETED")
        assert done.is_set(), asking.result().body
        first.kill()
        with pytest.raises(aiohttp.ClientError):
            await asking
    front.fault = None
    async with process(shop, redis_url, front.url) as (_, address):
        found = await until_known(replace(gateway, url=address), wallet, fixed["id"], "killed")
    assert [code for code in wallet.codes if code not in before] == [found["redemption"]["code"]]
    assert (len(front.writes), wallet.points) == (1, 5_000 - fixed["points_price"])
