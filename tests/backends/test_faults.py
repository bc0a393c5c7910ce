"""Misbehaviour that was asked for, over real sockets; and the bucket that leaks."""

# ruff: noqa: D103 - a test's name is its promise

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientTimeout, ServerDisconnectedError

from backends import demo_customer_id
from backends.wire.limits import Bucket, Limits
from tests.backends.services import Asked, asking, settings

DEMO = demo_customer_id()
CUSTOMER = f"/customers/{DEMO}"


@pytest_asyncio.fixture(scope="module")
async def service() -> AsyncIterator[Asked]:
    """A service that takes orders to misbehave."""
    async with asking("subscriptions", settings(customers=20, faults=True)) as ask:
        yield ask


@pytest_asyncio.fixture
async def ask(service: Asked) -> AsyncIterator[Asked]:
    """The same, behaving again afterwards."""
    yield service
    await service.delete("/faults")


async def test_faults_are_set_read_and_taken_back(ask: Asked) -> None:
    put = await ask.put("/faults", [{"path": "^/charges", "error_rate": 1, "status": 500}])
    assert put.status == 200
    assert (put.body["faults"][0]["path"], put.body["faults"][0]["status"]) == ("^/charges", 500)
    assert (await ask("/faults")).body == put.body
    answer = await ask("/charges")
    assert (answer.status, answer.body) == (500, {"errors": "This failure was asked for"})
    assert (await ask("/customers")).status == 200
    assert (await ask("/health")).status == 200
    assert (await ask.delete("/faults")).body == {"faults": []}
    assert (await ask("/charges")).status == 200


@pytest.mark.parametrize(
    "wrong", [{"error_rate": 2}, {"latency": 1}, {"path": "("}, {"status": 200}, [1], None, {"latency_ms": -1}]
)
async def test_an_order_that_makes_no_sense_is_refused(ask: Asked, wrong: Any) -> None:
    assert (await ask.put("/faults", wrong)).status == 422
    assert (await ask("/faults")).body == {"faults": []}


async def test_without_the_setting_there_are_no_faults() -> None:
    async with asking("loyalty", settings(customers=2)) as ask:
        assert (await ask("/faults")).status == 404


async def test_latency_is_added(ask: Asked) -> None:
    await ask.put("/faults", {"latency_ms": 150, "jitter_ms": 50})
    before = time.monotonic()
    assert (await ask(CUSTOMER)).status == 200
    assert time.monotonic() - before >= 0.15


async def test_a_share_of_requests_fails(ask: Asked) -> None:
    await ask.put("/faults", {"error_rate": 0.5})
    found = [(await ask(CUSTOMER)).status for _ in range(60)]
    assert set(found) == {200, 503}


async def test_a_fault_is_over_after_its_times(ask: Asked) -> None:
    await ask.put("/faults", {"error_rate": 1, "times": 2, "method": "get"})
    assert [(await ask(CUSTOMER)).status for _ in range(3)] == [503, 503, 200]


async def test_hanging_lasts_until_the_caller_has_enough(ask: Asked) -> None:
    await ask.put("/faults", {"hang": True, "path": "/customers"})
    url = f"http://127.0.0.1:{ask.port}{CUSTOMER}"
    with pytest.raises(TimeoutError):
        await ask.session.get(url, timeout=ClientTimeout(total=0.2))
    assert (await ask("/plans")).status == 200


@pytest.mark.parametrize(("order", "name"), [("drop_before_write", "Before"), ("drop_after_write", "After")])
async def test_a_dropped_connection_has_no_answer_and_happened_or_not(ask: Asked, order: str, name: str) -> None:
    await ask.put("/faults", {order: True, "method": "PUT"})
    with pytest.raises(ServerDisconnectedError):
        await ask.put(CUSTOMER, {"last_name": name})
    await ask.delete("/faults")
    now = (await ask(CUSTOMER)).body["customer"]["last_name"]
    assert (now == name) is (order == "drop_after_write")


async def test_a_dropped_connection_is_closed_on_the_wire(ask: Asked) -> None:
    await ask.put("/faults", {"drop_before_write": True})
    reader, writer = await asyncio.open_connection("127.0.0.1", ask.port)
    writer.write(b"GET /customers HTTP/1.1\r\nHost: x\r\nX-Recharge-Access-Token: sk_aurora\r\n\r\n")
    try:
        assert await reader.read() == b""
    except ConnectionResetError:
        pass
    finally:
        writer.close()


async def test_a_malformed_body_has_the_length_that_it_says(ask: Asked) -> None:
    good = await ask(CUSTOMER)
    await ask.put("/faults", {"malformed": True})
    url = f"http://127.0.0.1:{ask.port}{CUSTOMER}"
    async with ask.session.get(url, headers={"X-Recharge-Access-Token": "sk_aurora"}) as answer:
        text = await answer.text()
    assert (answer.status, text) == (200, good.text[: len(good.text.encode()) // 2])
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


async def test_wrong_rows_have_values_of_other_types(ask: Asked) -> None:
    path = f"/subscriptions?customer_id={DEMO}&limit=3"
    good = (await ask(path)).body["subscriptions"]
    await ask.put("/faults", {"wrong_rows": 1})
    bad = (await ask(path)).body["subscriptions"]
    assert bad[1:] == good[1:]
    assert (bad[0]["id"], bad[0]["quantity"], bad[0]["price"]) == (
        good[0]["id"],
        [good[0]["quantity"]],
        len(good[0]["price"]),
    )


async def test_foreign_rows_are_of_other_customers_and_shops(ask: Asked) -> None:
    path = f"/subscriptions?customer_id={DEMO}&limit=50"
    good = (await ask(path)).body["subscriptions"]
    await ask.put("/faults", {"foreign_rows": 4})
    bad = (await ask(path)).body["subscriptions"]
    assert bad[: len(good)] == good
    strange = bad[len(good) :]
    assert len(strange) == 4
    assert all(row["customer_id"] != DEMO for row in strange)
    await ask.delete("/faults")
    ours = {row["id"] for row in await ask.rows("/subscriptions")}
    assert {row["id"] in ours for row in strange} == {True, False}


async def test_a_bucket_overflows_and_leaks() -> None:
    async with asking("subscriptions", settings(customers=2, rate_limit=True)) as ask:
        found = [await ask("/plans?limit=1") for _ in range(42)]
        assert [each.status for each in found[:40]] == [200] * 40
        assert (found[41].status, found[41].body) == (429, {"errors": "Too many requests"})
        assert found[41].headers["retry-after"] == "2"
        assert (await ask("/plans?limit=1", shop="nordlys-skin.myshopify.com")).status == 200
    async with asking("loyalty", settings(customers=2, rate_limit=True, retry_after=False)) as ask:
        found = [await ask("/v1/vip_tiers", x_request_id="q") for _ in range(30)]
        refused = next(each for each in found if each.status == 429)
        assert refused.body == {"error": {"message": "Too many requests", "request_id": "q"}}
        assert "retry-after" not in refused.headers


def test_a_token_of_a_larger_plan_leaks_faster_into_a_larger_bucket() -> None:
    limits = Limits(Bucket(size=40, leak=2))
    for token, size, leak in (("sk_a", 40, 2), ("sk_2x1_a", 40, 4), ("sk_2x3_a", 120, 4)):
        assert sum(limits.admits(token, 100.0) for _ in range(500)) == size
        assert sum(limits.admits(token, 101.0) for _ in range(500)) == leak
        assert sum(limits.admits(token, 10_000.0) for _ in range(500)) == size
