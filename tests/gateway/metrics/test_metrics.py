"""What is counted, under which labels, and who may read it."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain
from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import Response

from gateway.app import create_app
from gateway.identity import signed_tokens
from gateway.metrics import MetricsAt
from gateway.metrics.bounded import MOST, OTHER, Bound
from gateway.metrics.calls import endpoint_of
from gateway.server import address_of, listen
from gateway.upstream.resilience import CALLS_NEEDED
from resolvers.policies import BALANCE
from tests.conftest import Gateway, Store, gateway_before, settings_for
from tests.fronts import answering, resetting
from tests.running import running

KNOWN = "query Known { shop { domain } }"
POINTS = "query Points { customer { loyalty { status } } }"
SUBSCRIPTIONS = "query Portal { customer { subscriptions(first: 1) { nodes { id } } } }"


@asynccontextmanager
async def process_before(store: Store, **changes: Any) -> AsyncIterator[Gateway]:
    """One of several processes before the same backends, under the same addresses."""
    at = MetricsAt(listen("127.0.0.1", 0))
    settings = settings_for(store.urls, store.tokens, 5.0, **changes)
    async with running(create_app(settings, metrics_at=at)) as url, aiohttp.ClientSession() as client:
        yield Gateway(url, client, signed_tokens(settings), {}, f"{address_of(at.sock)}/metrics")


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    """A manifest of two operations, as graphql-codegen writes it."""
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps({"known": KNOWN, "points": POINTS}), encoding="utf-8")
    return str(file)


@pytest.fixture
async def gateway(store: Store, manifest: str) -> AsyncIterator[Gateway]:
    """A gateway with these trusted documents."""
    async with gateway_before(store, operations={"manifests": [manifest]}) as fresh:
        yield fresh


async def test_answers_are_counted_by_trusted_operation_and_code(gateway: Gateway, shopper: int) -> None:
    """Names that a client makes up are one label, however many there are; so is what names none."""
    for _ in range(3):
        assert (await gateway.ask(KNOWN)).status == 200
    for number in range(40):
        assert (await gateway.ask(f"query Mine{number} {{ shop {{ domain }} }}")).status == 200
    await gateway.ask("query Wrong { nothing }")
    await gateway.ask(KNOWN, headers={"Authorization": "Bearer forged"})
    gateway.fronts["loyalty"].fault = answering("{}", 500)
    await gateway.ask(POINTS, customer=shopper)
    async with gateway.client.post(f"{gateway.url}/graphql", data=b"{") as response:
        assert response.status == 401
    assert await gateway.metrics("gateway_answers_total") == {
        'gateway_answers_total{code="OK",operation="Known"}': 3,
        'gateway_answers_total{code="OK",operation="other"}': 40,
        'gateway_answers_total{code="BACKEND_UNAVAILABLE",operation="Points"}': 1,
        'gateway_answers_total{code="GRAPHQL_VALIDATION_FAILED",operation="other"}': 1,
        'gateway_answers_total{code="UNAUTHENTICATED",operation="other"}': 2,
    }
    assert await gateway.metrics("gateway_answer_seconds_count") == {
        'gateway_answer_seconds_count{operation="Known"}': 3,
        'gateway_answer_seconds_count{operation="Points"}': 1,
        'gateway_answer_seconds_count{operation="other"}': 43,
    }


async def test_who_is_over_the_quota_is_counted(store: Store, manifest: str) -> None:
    """Under the operation that was asked for."""
    quota = {"shop_capacity": 1, "shop_per_second": 0.001}
    async with gateway_before(store, operations={"manifests": [manifest]}, throttle=quota) as gateway:
        assert [(await gateway.ask(KNOWN)).status for _ in range(3)] == [200, 429, 429]
        assert await gateway.metrics("gateway_answers_total") == {
            'gateway_answers_total{code="OK",operation="Known"}': 1,
            'gateway_answers_total{code="THROTTLED",operation="Known"}': 2,
        }


async def test_calls_are_counted_by_endpoint_and_outcome(gateway: Gateway, shopper: int) -> None:
    """An id is no label, and neither is a query, which may hold an address."""
    query = "{ customer { email subscriptions(first: 1) { nodes { id } } loyalty { status } } }"
    await gateway.ask(query, customer=shopper)
    gateway.fronts["loyalty"].fault = answering("{}", 503)
    await gateway.ask(query, customer=shopper)
    gateway.fronts["loyalty"].fault = answering("<html>", media_type="text/html")
    await gateway.ask(query, customer=shopper)
    counted = Counter(await gateway.metrics("gateway_backend_calls_total"))
    made = Counter(await gateway.metrics("gateway_backend_call_seconds_count"))
    assert sum(counted.values()) == sum(made.values()) == len(gateway.calls)
    name = "gateway_backend_calls_total"
    customers = 'endpoint="GET /v1/customers"'
    assert {each: value for each, value in counted.items() if 'service="loyalty"' in each} == {
        f'{name}{{{customers},outcome="ok",service="loyalty"}}': 1,
        f'{name}{{{customers},outcome="broken",service="loyalty"}}': 1,
        f'{name}{{{customers},outcome="malformed",service="loyalty"}}': 1,
    }
    assert counted[f'{name}{{endpoint="GET /customers/{{id}}",outcome="ok",service="subscriptions"}}'] == 3
    assert str(shopper) not in str(counted)
    assert "@" not in str(counted)


async def test_a_write_is_counted_as_it_ended(gateway: Gateway, store: Store, shopper: int) -> None:
    """Here one of which nobody knows."""
    rows = await store.get("subscriptions", f"/subscriptions?customer_id={shopper}&status=active")
    subscription = rows["subscriptions"][0]["id"]

    async def reset_writes(request: Request) -> Response | None:
        return await resetting(request) if request.method != "GET" else None

    gateway.fronts["subscriptions"].before = reset_writes
    change = (
        'mutation ($id: ID!) { subscriptionCancel(subscriptionId: $id, input: {reason: "x"}) { userErrors { code } } }'
    )
    answer = await gateway.ask(change, {"id": subscription}, customer=shopper)
    assert answer.errors[0]["extensions"]["code"] == "OUTCOME_UNKNOWN"
    found = await gateway.metrics("gateway_backend_calls_total")
    endpoint = "POST /subscriptions/{id}/cancel"
    assert found[f'gateway_backend_calls_total{{endpoint="{endpoint}",outcome="unknown",service="subscriptions"}}'] == 1
    assert str(subscription) not in str(found)


async def test_keys_of_many_requests_in_one_call_are_counted(store: Store, shopper: int) -> None:
    """Ten shoppers ask at once, and one call carries them."""
    async with gateway_before(store, bulk="shop") as gateway:
        await asyncio.gather(
            *(gateway.ask("{ customer { email } }", customer=shopper + number) for number in range(10))
        )
        calls = len(gateway.calls)
        merged = await gateway.metrics("gateway_merged_keys_")
        assert merged['gateway_merged_keys_sum{service="subscriptions"}'] == 10
        assert merged['gateway_merged_keys_count{service="subscriptions"}'] == calls < 10


async def test_keys_are_counted_by_what_answered_them(store: Store, redis_url: str) -> None:
    """The backend first, then memory; another process has another's answers from Redis."""
    cached = {
        "cache": {"keep": "all"},
        "redis": {"url": redis_url, "cache_timeout_seconds": 1},
        "operations": {"persisted_queries": False},
    }
    lookup = 'lookup="/shop/settings",service="subscriptions"'
    async with process_before(store, **cached) as first, process_before(store, **cached) as second:
        await first.ask("{ shop { customerPortal { canSkip } } }")
        await first.ask("{ again: shop { customerPortal { canSkip } } }")
        async with asyncio.timeout(5), Redis.from_url(redis_url) as redis:
            while not await redis.exists("storefront:cache:tag:aurora-coffee.myshopify.com/shop"):  # noqa: ASYNC110  # it is kept while nobody waits
                await asyncio.sleep(0.01)
        await second.ask("{ shop { customerPortal { canSkip } } }")
        assert await first.metrics("gateway_lookup_keys_total") == {
            f'gateway_lookup_keys_total{{{lookup},source="backend"}}': 1,
            f'gateway_lookup_keys_total{{{lookup},source="memory"}}': 1,
        }
        assert await second.metrics("gateway_lookup_keys_total", "gateway_backend_calls_total") == {
            f'gateway_lookup_keys_total{{{lookup},source="redis"}}': 1
        }


async def test_a_backend_that_fails_is_seen(store: Store, shopper: int) -> None:
    """Its breaker in `/readyz` and in the metrics; calls that were not made, and retries within the budget."""
    async with gateway_before(store, cache={"keep": "nothing"}) as gateway:
        gateway.fronts["loyalty"].fault = answering("{}", 500)
        for _ in range(CALLS_NEEDED + 5):
            await gateway.ask(POINTS, customer=shopper)
        async with gateway.client.get(f"{gateway.url}/readyz") as response:
            states = {"bundles": "closed", "loyalty": "open", "subscriptions": "closed"}
            assert (response.status, await response.json()) == (200, {"status": "degraded", "backends": states})
        assert await gateway.metrics("gateway_breakers", "gateway_breaker_opened", "gateway_breaker_refusals") == {
            'gateway_breakers{service="bundles",state="closed"}': 1,
            'gateway_breakers{service="loyalty",state="open"}': 1,
            'gateway_breakers{service="subscriptions",state="closed"}': 1,
            'gateway_breaker_opened_total{service="loyalty"}': 1,
            'gateway_breaker_refusals_total{service="loyalty"}': 5,
        }
        assert len(gateway.fronts["loyalty"].calls) == CALLS_NEEDED


async def test_what_is_left_to_graphql_core_is_counted(gateway: Gateway) -> None:
    """By its reason."""
    await gateway.ask("{ __schema { queryType { name } } }")
    await gateway.ask(KNOWN)
    assert await gateway.metrics("gateway_execution_fallbacks_total") == {
        'gateway_execution_fallbacks_total{reason="introspection"}': 1
    }


async def test_the_loop_is_seen_to_keep_up(gateway: Gateway) -> None:
    """Beats are counted as they come, and a loop that is held up shows in them; nothing is shed here."""
    await asyncio.sleep(0.1)
    before = await gateway.metrics("gateway_loop_lag_seconds", "gateway_admitted_share")
    time.sleep(0.3)  # noqa: ASYNC251  # that is what is to be seen; the gateway runs in this loop
    await asyncio.sleep(0.1)
    after = await gateway.metrics("gateway_loop_lag_seconds")
    assert after["gateway_loop_lag_seconds_count"] > before["gateway_loop_lag_seconds_count"] > 0
    assert after["gateway_loop_lag_seconds_sum"] - before["gateway_loop_lag_seconds_sum"] > 0.2
    shares = {name: share for name, share in before.items() if "share" in name}
    assert shares == {
        'gateway_admitted_share{priority="important"}': 1,
        'gateway_admitted_share{priority="other"}': 1,
    }


async def test_stale_objects_are_counted(store: Store, shopper: int) -> None:
    """By the service that failed, and how; here what a shopper sees while his own answers cannot be refreshed."""
    async with gateway_before(store, cache={"keep": "all"}) as gateway:
        await gateway.ask(POINTS, customer=shopper)
        await asyncio.sleep(BALANCE.fresh_seconds)
        gateway.fronts["loyalty"].fault = answering("{}", 500)
        answer = await gateway.ask(POINTS, customer=shopper)
        assert len(answer.body["extensions"]["freshness"]) == 1
        assert await gateway.metrics("gateway_stale_objects_total") == {
            'gateway_stale_objects_total{reason="BACKEND_UNAVAILABLE",service="loyalty"}': 1
        }


async def test_shoppers_do_not_reach_them(gateway: Gateway) -> None:
    """They are on a socket of their own, of which the public one knows nothing."""
    async with gateway.client.get(f"{gateway.url}/metrics") as response:
        assert response.status == 404
    async with gateway.client.get(gateway.metrics_url.replace("/metrics", "/graphql")) as response:
        assert response.status == 404


async def test_a_token_keeps_others_out(store: Store) -> None:
    """Where one is set."""
    at = MetricsAt(listen("127.0.0.1", 0), token="m" * 32)
    url = f"{address_of(at.sock)}/metrics"
    settings = settings_for(store.urls, store.tokens, 5.0)
    async with running(create_app(settings, metrics_at=at)), aiohttp.ClientSession() as client:
        for sent, expected in {
            "": 401,
            "Bearer ": 401,
            "Bearer wrong": 401,
            "m" * 32: 401,
            f"Bearer {'m' * 32}": 200,
        }.items():
            async with client.get(url, headers={"Authorization": sent} if sent else {}) as response:
                assert response.status == expected
    assert "m" * 32 not in repr(at)


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0", "text/plain; version=0.0.4"])
async def test_prometheus_can_read_them(gateway: Gateway, accept: str) -> None:
    """In both of its formats, each name once, with process metrics beside ours."""
    await gateway.ask(KNOWN)
    headers = {"Accept": accept} if accept else {}
    async with gateway.client.get(gateway.metrics_url, headers=headers) as response:
        text = await response.text()
        assert response.content_type == (accept.partition(";")[0] or "text/plain")
    read = openmetrics if "openmetrics" in accept else plain
    families = [family.name for family in read(text)]
    assert "process_resident_memory_bytes" in families
    assert len(families) == len(set(families))


def test_labels_are_bounded() -> None:
    """Beyond the most, all further ones share a child."""
    bound = Bound[str, list[str]](lambda key: [key], OTHER)
    children = [bound[str(number)] for number in range(MOST + 100)]
    assert len({id(child) for child in children}) == MOST + 1
    assert children[-1] == [OTHER]
    assert children[-1] is bound["whatever"]
    assert bound["0"] is children[0]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/customers/123/credit_summary", "GET /customers/{id}/credit_summary"),
        ("/v1/points_products/abc-77/purchase", "GET /v1/points_products/{id}/purchase"),
        ("/customers/jane@example.com", "GET /customers/{id}"),
        ("/customers/%6aane", "GET /customers/{id}"),
        ("/v1", "GET /v1"),
    ],
)
def test_endpoints_have_no_ids(target: str, expected: str) -> None:
    """Nor anything else that says whose they are."""
    assert endpoint_of("GET", target) == expected


async def test_metrics_outlive_a_reload(store: Store) -> None:
    """What was counted before goes on being counted."""
    first = settings_for(store.urls, store.tokens, 5.0)
    come: asyncio.Queue[Any] = asyncio.Queue()

    async def reloads() -> AsyncIterator[Any]:
        while True:
            yield await come.get()

    at = MetricsAt(listen("127.0.0.1", 0))
    url = f"{address_of(at.sock)}/metrics"
    async with (
        running(create_app(first, reloads=reloads(), metrics_at=at)) as gateway,
        aiohttp.ClientSession() as client,
    ):

        async def ask() -> str:
            async with client.post(f"{gateway}/graphql", params={"shop": "x"}, json={"query": "{ a }"}) as response:
                assert response.status == 401
            async with client.get(url) as response:
                return await response.text()

        assert 'gateway_answers_total{code="UNAUTHENTICATED",operation="other"} 1.0' in await ask()
        await come.put(settings_for(store.urls, store.tokens, 4.0))
        assert 'gateway_answers_total{code="UNAUTHENTICATED",operation="other"} 2.0' in await ask()
