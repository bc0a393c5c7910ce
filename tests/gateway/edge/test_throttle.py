"""Who asks for too much waits, and nobody else does."""

import asyncio
from typing import Any

import pytest

from tests.conftest import OTHER_SHOP, SHOP, Answer, Gateway, Store, gateway_before
from tests.gateway.edge.sessions.test_shopify import proxied, signed, through
from tests.gateway.edge.sessions.test_tools import READER, SUPPORT, tool
from tests.redis_server import running_redis

COSTS_TEN = "query { products(ids: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) { id } }"
COSTS_ONE = "{ shop { domain } }"
SLOW = {"session_per_second": 0.01, "shop_per_second": 0.01, "address_per_second": 0.01}


def statuses(answers: list[Answer]) -> dict[int, int]:
    """How often each status came."""
    return {status: sum(answer.status == status for answer in answers) for status in {a.status for a in answers}}


async def test_a_session_that_asks_for_too_much_waits(store: Store, shopper: int) -> None:
    """429 says for how long, in the header for proxies and in the body for widgets; other sessions go on."""
    async with gateway_before(store, throttle=SLOW | {"session_capacity": 3}) as gateway:
        headers = {"Authorization": f"Bearer {gateway.token(shopper)}"}
        for _ in range(3):
            assert (await gateway.ask(COSTS_ONE, customer=shopper, headers=headers)).status == 200
        refused = await gateway.ask(COSTS_ONE, customer=shopper, headers=headers)
        assert refused.status == 429
        (error,) = refused.body["errors"]
        seconds = int(refused.headers["Retry-After"])
        assert 90 <= seconds <= 100
        assert error == {
            "message": f"Too much at once: ask again in {seconds} s.",
            "extensions": {"code": "THROTTLED", "retryAfter": seconds},
        }
        assert (await gateway.ask(COSTS_ONE, customer=shopper)).status == 200


async def test_one_tenant_at_ten_times_its_quota_costs_the_others_nothing(store: Store) -> None:
    """It is refused nine times in ten, the other one never."""
    async with gateway_before(store, throttle=SLOW | {"shop_capacity": 20}) as gateway:
        noisy = [gateway.ask(COSTS_ONE, shop=SHOP) for _ in range(200)]
        quiet = [gateway.ask(COSTS_ONE, shop=OTHER_SHOP) for _ in range(20)]
        answers = await asyncio.gather(*noisy, *quiet)
        assert statuses(answers[:200]) == {200: 20, 429: 180}
        assert statuses(answers[200:]) == {200: 20}


async def test_the_cost_is_told_before_and_after(store: Store, shopper: int) -> None:
    """As Shopify's clients know it; what the answer did not need is given back."""
    async with gateway_before(store, throttle=SLOW | {"session_capacity": 100}) as gateway:
        answer = await gateway.ask(COSTS_TEN, customer=shopper, headers={"X-Cost": "1"})
        assert answer.data == {"products": [None] * 10}
        assert answer.body["extensions"]["cost"] == {
            "requestedQueryCost": 10,
            "actualQueryCost": 0,
            "throttleStatus": {"maximumAvailable": 100.0, "currentlyAvailable": 99.0, "restoreRate": 0.01},
        }
        query = "{ customer { subscriptions(first: 2) { nodes { price { amount } } } } }"
        answer = await gateway.ask(query, customer=shopper, headers={"X-Cost": "1"})
        cost = answer.body["extensions"]["cost"]
        assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (4, 4)
        assert "extensions" not in (await gateway.ask(query, customer=shopper)).body


async def test_processes_share_the_quotas(store: Store, redis_url: str) -> None:
    """Through Redis."""
    changes: dict[str, Any] = {"redis": {"url": redis_url}, "throttle": SLOW | {"shop_capacity": 4}}
    async with gateway_before(store, **changes) as one, gateway_before(store, **changes) as other:
        answers = [await gateway.ask(COSTS_ONE) for gateway in (one, other) * 3]
        assert [answer.status for answer in answers] == [200] * 4 + [429] * 2


async def test_without_redis_each_process_has_its_part(store: Store) -> None:
    """A Redis that dies refuses nobody by itself; reads go on within each process's part of the quota."""
    async with running_redis() as server:
        throttle = SLOW | {"shop_capacity": 8, "processes": 2}
        redis = {"url": server.url, "cache_timeout_seconds": 1.0}
        async with gateway_before(store, redis=redis, throttle=throttle) as gateway:
            assert (await gateway.ask(COSTS_ONE)).status == 200
            await server.kill()
            answers = [await gateway.ask(COSTS_ONE) for _ in range(6)]
            assert [answer.status for answer in answers] == [200] * 4 + [429] * 2


async def from_address(gateway: Gateway, **headers: str) -> int:
    """The status of a visitor's request."""
    return (
        await gateway.ask(COSTS_ONE, headers={name.replace("_", "-"): value for name, value in headers.items()})
    ).status


@pytest.mark.parametrize("proxies", [["127.0.0.0/8"], ["10.0.0.0/8"]])
async def test_a_buyers_address_is_believed_from_trusted_proxies_alone(store: Store, proxies: list[str]) -> None:
    """Else whoever wrote another one into the header each time would have no quota."""
    throttle = SLOW | {"address_capacity": 1, "trusted_proxies": proxies}
    async with gateway_before(store, throttle=throttle) as gateway:
        found = [
            await from_address(gateway, shopify_storefront_buyer_ip="203.0.113.1"),
            await from_address(gateway, shopify_storefront_buyer_ip="203.0.113.1"),
            await from_address(gateway, shopify_storefront_buyer_ip="203.0.113.2"),
            await from_address(gateway, x_forwarded_for="198.51.100.7, 203.0.113.3"),
            await from_address(gateway, x_forwarded_for="198.51.100.8, 203.0.113.3"),
        ]
        is_trusted = proxies == ["127.0.0.0/8"]
        assert found == ([200, 429, 200, 200, 429] if is_trusted else [200, 429, 429, 429, 429])


async def by_tool(gateway: Gateway, key: str, shop: str = SHOP, query: str = COSTS_ONE, **headers: str) -> int:
    """The status of a tool's request."""
    sent = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with gateway.client.post(
        f"{gateway.url}/graphql", params={"shop": shop}, json={"query": query}, headers=sent
    ) as response:
        return response.status


async def test_a_tool_has_a_quota_of_its_own(store: Store) -> None:
    """Over all shops, and by whichever key; it takes nothing from a shop's shoppers, nor they from it."""
    tools = {"reports": tool(READER), "support": tool(SUPPORT)}
    throttle = SLOW | {
        "tool_capacity": 3,
        "tool_per_second": 0.01,
        "shop_capacity": 2,
        "session_capacity": 50,
        "address_capacity": 50,
    }
    async with gateway_before(store, tools=tools, throttle=throttle) as gateway:
        asked = [await by_tool(gateway, READER, shop) for shop in (SHOP, OTHER_SHOP, SHOP, OTHER_SHOP)]
        assert asked == [200, 200, 200, 429]
        assert [(await gateway.ask(COSTS_ONE)).status for _ in range(3)] == [200, 200, 429]
        assert [await by_tool(gateway, SUPPORT) for _ in range(4)] == [200, 200, 200, 429]


async def test_a_tool_without_a_quota_is_its_shops(store: Store) -> None:
    """So that no tool is without any, where there is one at all; its address is nobody's visitor."""
    tools = {"reports": tool(READER)}
    throttle = SLOW | {"shop_capacity": 2, "address_capacity": 1}
    async with gateway_before(store, tools=tools, throttle=throttle) as gateway:
        assert [await by_tool(gateway, READER) for _ in range(3)] == [200, 200, 429]
        assert (await gateway.ask(COSTS_ONE)).status == 429
        assert (await gateway.ask(COSTS_ONE, shop=OTHER_SHOP)).status == 200


async def test_shoppers_through_the_app_proxy_have_a_quota_each(store: Store) -> None:
    """They come from the same addresses, those of Shopify, and carry no session. Each asks for two objects."""
    secret = "shpss_" + "a" * 32
    records = [
        row["external_customer_id"]["ecommerce"]
        for row in (await store.get("subscriptions", "/customers?limit=2"))["customers"]
    ]
    app = {"app": {"api_key": "f" * 32, "secret": secret}}
    throttle = SLOW | {"session_capacity": 4, "address_capacity": 1}
    async with gateway_before(store, shopify=app, throttle=throttle) as gateway:
        statuses = [
            (await through(gateway, signed(proxied(record), secret)))[0]
            for record in [records[0]] * 3 + [records[1]] * 2
        ]
        assert statuses == [200, 200, 429, 200, 200]


async def test_a_mutation_costs_more_than_it_shows(store: Store, shopper: int) -> None:
    """Ten, and what it returns, whatever comes of it: it writes."""
    async with gateway_before(store, throttle=SLOW | {"session_capacity": 100}) as gateway:
        mutation = 'mutation { subscriptionPause(subscriptionId: "1", until: "2031-01-01") { userErrors { code } } }'
        answer = await gateway.ask(mutation, customer=shopper, headers={"X-Cost": "1"})
        assert answer.body["data"]["subscriptionPause"]["userErrors"]
        cost = answer.body["extensions"]["cost"]
        assert cost["requestedQueryCost"] >= cost["actualQueryCost"] == 12
        assert cost["throttleStatus"]["currentlyAvailable"] == 88.0
