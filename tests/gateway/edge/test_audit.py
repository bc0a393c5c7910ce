"""The record of what tools do: what is in it, where it is kept, and that nothing is done without it."""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import Response

from gateway.edge.audit_sinks import STREAM
from tests.conftest import SHOP, Gateway, Store, gateway_before, settings_for
from tests.fronts import answering
from tests.redis_server import RedisServer, running_redis

KEY = "sgk_" + "a" * 64
TOOLS = {
    "support-desk": {
        "key_sha256": [hashlib.sha256(KEY.encode()).hexdigest()],
        "scopes": ["customers:act", "subscriptions:write"],
        "shops": [SHOP],
    }
}
LOOK = "query Look { customer { id } }"
POINTS = "query Points { customer { loyalty { status } } }"
PAUSE = """mutation Pause($skipped: Boolean!) {
  a: subscriptionPause(subscriptionId: "999999999", until: "2031-01-01") { userErrors { message } }
  ...More
  c: subscriptionPause(subscriptionId: "1", until: "2031-01-01") @skip(if: $skipped) { userErrors { message } }
}
fragment More on Mutation {
  b: subscriptionPause(subscriptionId: "not one", until: "2031-01-01") { userErrors { message } }
}"""


@pytest.fixture(scope="module")
async def redis() -> AsyncIterator[RedisServer]:
    """A Redis that a test may break."""
    async with running_redis() as server:
        yield server


@asynccontextmanager
async def audited(store: Store, redis: RedisServer, **audit: Any) -> AsyncIterator[Gateway]:
    """A gateway whose record is in Redis, and perhaps in a file too."""
    async with gateway_before(store, tools=TOOLS, redis={"url": redis.url}, audit={"redis": True, **audit}) as gateway:
        yield gateway


async def act(
    gateway: Gateway, query: str, customer: int, variables: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """One operation on behalf of a customer."""
    async with gateway.client.post(
        f"{gateway.url}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {KEY}", "X-On-Behalf-Of": str(customer), "X-Reason": "ticket 4711"},
    ) as response:
        return response.status, await response.json()


async def streamed(redis: RedisServer) -> list[bytes]:
    """The record in Redis, which is empty afterwards."""
    async with Redis.from_url(redis.url) as client:
        found: Any = await client.xrange(STREAM)
        await client.delete(STREAM)
    return [fields[b"entry"] for _, fields in found]


async def entries(redis: RedisServer) -> list[dict[str, Any]]:
    """The same without moments and ids; each beginning has its end."""
    found = [json.loads(entry) for entry in await streamed(redis)]
    pairs = [entry["id"] for entry in found]
    assert pairs == [each for each in dict.fromkeys(pairs) for _ in range(2)]
    return [{name: value for name, value in entry.items() if name not in {"at", "id", "request_id"}} for entry in found]


async def test_the_stream_has_who_what_when_why_and_what_became_of_it(
    store: Store, shopper: int, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Each field by its name in the schema, whatever the tool calls it; the log has neither for whom nor why."""
    async with audited(store, redis) as gateway:
        with caplog.at_level(logging.INFO):
            assert (await act(gateway, LOOK, shopper))[0] == 200
            gateway.fronts["loyalty"].fault = answering("{}", 500)
            assert (await act(gateway, POINTS, shopper))[0] == 200
            assert (await act(gateway, PAUSE, shopper, {"skipped": True}))[0] == 200
    common = {"event": "begun", "tool": "support-desk", "shop": SHOP, "customer_id": shopper, "reason": "ticket 4711"}
    customer = {"customer": "customer"}
    assert await entries(redis) == [
        {**common, "operation": "Look", "kind": "query", "fields": customer},
        {"event": "ended", "outcome": "OK", "fields": {}},
        {**common, "operation": "Points", "kind": "query", "fields": customer},
        {"event": "ended", "outcome": "BACKEND_UNAVAILABLE", "fields": {}},
        {**common, "operation": "Pause", "kind": "mutation", "fields": dict.fromkeys("abc", "subscriptionPause")},
        {"event": "ended", "outcome": "BAD_USER_INPUT", "fields": {"a": "USER_ERRORS", "b": "BAD_USER_INPUT"}},
    ]
    lines = [record.getMessage() for record in caplog.records]
    assert sum("acted on behalf of a customer" in line for line in lines) == 3
    assert not [line for line in lines if "4711" in line or str(shopper) in line]


async def test_what_nobody_waits_for_any_more_is_recorded_to_its_end(
    store: Store, shopper: int, redis: RedisServer
) -> None:
    """The tool leaves while the backend is slow."""
    asked = asyncio.Event()

    async def slowly(_request: Request) -> Response | None:
        asked.set()
        await asyncio.sleep(0.3)
        return None

    async with audited(store, redis) as gateway:
        gateway.fronts["loyalty"].before = slowly
        acting = asyncio.get_running_loop().create_task(act(gateway, POINTS, shopper))
        await asked.wait()
        acting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await acting
    assert [entry.get("outcome") for entry in await entries(redis)] == [None, "OK"]


@pytest.mark.parametrize("way", ["killed", "frozen"])
async def test_without_redis_nothing_is_done(store: Store, shopper: int, way: str) -> None:
    """Nothing on behalf; nothing else is refused."""
    async with running_redis() as broken, audited(store, broken) as gateway:
        await broken.kill() if way == "killed" else broken.freeze()
        status, body = await act(gateway, LOOK, shopper)
        assert (status, body["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
        assert gateway.calls == []
        assert (await gateway.ask(LOOK, customer=shopper)).status == 200
        if way == "frozen":
            broken.thaw()
            assert (await act(gateway, LOOK, shopper))[0] == 200


async def test_what_one_of_two_records_refuses_is_not_done(store: Store, shopper: int, redis: RedisServer) -> None:
    """The stream took the beginning, and is told how it ended."""
    async with audited(store, redis, file="/proc/no-such-folder/audit.jsonl") as gateway:
        assert (await act(gateway, LOOK, shopper))[0] == 403
        assert gateway.calls == []
    assert [entry.get("outcome") for entry in await entries(redis)] == [None, "FORBIDDEN"]


async def test_both_records_have_the_same(store: Store, shopper: int, redis: RedisServer, tmp_path: Path) -> None:
    """Line for entry."""
    file = tmp_path / "audit.jsonl"
    async with audited(store, redis, file=str(file)) as gateway:
        assert (await act(gateway, LOOK, shopper))[0] == 200
    assert file.read_bytes().splitlines() == await streamed(redis)


async def test_an_outcome_that_cannot_be_written_changes_no_answer(
    store: Store, shopper: int, caplog: pytest.LogCaptureFixture
) -> None:
    """What is done is done: its beginning stands alone, and the log names it."""
    async with running_redis() as broken, audited(store, broken) as gateway:
        begun: list[dict[str, Any]] = []

        async def after(_request: Request, _true: bytes) -> None:
            begun.extend(json.loads(entry) for entry in await streamed(broken))
            await broken.kill()

        gateway.fronts["loyalty"].fault = after
        status, body = await act(gateway, POINTS, shopper)
        assert (status, "errors" in body) == (200, False)
    lines = [record.getMessage() for record in caplog.records]
    assert [begun[0]["id"] in line for line in lines if "audit outcome not written" in line] == [True]


async def test_the_stream_needs_a_redis(store: Store) -> None:
    """Said when the settings are read."""
    with pytest.raises(ValidationError, match=r"audit\.redis needs a Redis: set redis\.url"):
        settings_for(store.urls, store.tokens, 5, audit={"redis": True})
