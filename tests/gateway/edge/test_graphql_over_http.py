"""GraphQL over HTTP as clients use it: methods, media types, ids, health."""

import json
import re
from typing import Any

import pytest

from tests.conftest import SHOP, Gateway

NEW = "application/graphql-response+json; charset=utf-8"
OLD = "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, OLD),
        ("*/*", OLD),
        ("application/*", OLD),
        ("application/json", OLD),
        ("application/graphql-response+json", NEW),
        ("application/graphql-response+json, application/json;q=0.9", NEW),
        ("application/json;q=0.9, application/graphql-response+json", NEW),
        ("application/json, application/graphql-response+json", OLD),
        ("application/graphql-response+json;q=0, application/json", OLD),
        ("application/graphql-response+json;q=x, */*;q=0.1", OLD),
        # urql names every type it can read on every request
        (
            "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
            NEW,
        ),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", OLD),
    ],
)
async def test_the_answer_has_the_type_that_the_client_wants(
    gateway: Gateway, accept: str | None, content_type: str
) -> None:
    """The client's weights decide, then its order; whoever names nothing gets the older type."""
    async with gateway.client.post(
        f"{gateway.url}/graphql?shop={SHOP}",
        json={"query": "{ shop { domain } }"},
        headers={"Accept": accept} if accept else {},
        skip_auto_headers=[] if accept else ["Accept"],
    ) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == content_type
        assert await response.json(content_type=None) == {"data": {"shop": {"domain": SHOP}}}


async def get(gateway: Gateway, **params: str) -> tuple[int, Any]:
    """A GET with these parameters."""
    async with gateway.client.get(f"{gateway.url}/graphql", params={"shop": SHOP} | params) as response:
        return response.status, await response.json()


async def test_queries_are_answered_by_get(gateway: Gateway) -> None:
    """With variables, with one of several operations, with empty parameters."""
    query = "query A($id: ID!) { product(id: $id) { id } } query B { shop { domain } }"
    assert await get(gateway, query=query, operationName="A", variables='{"id": "1"}') == (
        200,
        {"data": {"product": None}},
    )
    assert await get(gateway, query=query, operationName="B", variables="", extensions="null") == (
        200,
        {"data": {"shop": {"domain": SHOP}}},
    )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "There is no `query`: send a GraphQL document, or the `documentId` of a known one."),
        ({"query": ""}, "There is no `query`: send a GraphQL document, or the `documentId` of a known one."),
        ({"query": "{ shop { id } }", "variables": "{"}, "The parameter `variables` is not a JSON object."),
        ({"query": "{ shop { id } }", "variables": "[1]"}, "The parameter `variables` is not a JSON object."),
        ({"query": "{ shop { id } }", "extensions": "1"}, "The parameter `extensions` is not a JSON object."),
    ],
)
async def test_wrong_parameters(gateway: Gateway, params: dict[str, str], message: str) -> None:
    """400, with what to do."""
    status, body = await get(gateway, **params)
    assert status == 400
    assert [error["message"] for error in body["errors"]] == [message]


async def test_a_parameter_that_is_there_twice(gateway: Gateway) -> None:
    """Two readers may each take another one, so neither is taken."""
    url = f"{gateway.url}/graphql?shop={SHOP}&query=%7Bshop%7Bid%7D%7D&query=%7Bcustomer%7Bid%7D%7D"
    async with gateway.client.get(url) as response:
        assert response.status == 400
        assert (await response.json())["errors"][0]["message"] == "The parameter `query` is there twice."


async def test_answers_are_for_the_asker_alone(gateway: Gateway, shopper: int) -> None:
    """No cache on the way may keep a shopper's, whatever is in it, or a visitor's that depends on being one."""
    for query, customer in (("{ shop { id } }", shopper), ("{ shop { id } customer { id } }", None), ("{", None)):
        answer = await gateway.ask(query, customer=customer)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Vary"] == "Accept, Authorization"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in answer.headers


@pytest.mark.parametrize("own", ["abc-1.2_3", "A" * 64])
async def test_a_request_keeps_the_id_it_came_with(gateway: Gateway, own: str) -> None:
    """So that logs of several services can be joined."""
    answer = await gateway.ask("{ shop { id } }", headers={"X-Request-Id": own})
    assert answer.headers["X-Request-Id"] == own


@pytest.mark.parametrize("strange", ["", "A" * 65, "a b", "<script>", 'x"y'])
async def test_a_strange_request_id_is_replaced(gateway: Gateway, strange: str) -> None:
    """It would end in logs."""
    answer = await gateway.ask("{ shop { id } }", headers={"X-Request-Id": strange})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])


async def test_health(gateway: Gateway) -> None:
    """Answered without asking any backend."""
    for front in gateway.fronts.values():
        await front.stop()
    closed = dict.fromkeys(["bundles", "loyalty", "subscriptions"], "closed")
    for path, expected in {"/livez": {"status": "ok"}, "/readyz": {"status": "ok", "backends": closed}}.items():
        async with gateway.client.get(f"{gateway.url}{path}") as response:
            assert (response.status, await response.json()) == (200, expected)


async def test_explain_is_for_sessions_with_its_scope(gateway: Gateway, store: Any, shopper: int) -> None:
    """Who may sees each call, without hosts and personal data; who may not sees nothing."""
    query = "{ customer { email loyalty { status } } }"
    email = (await store.get("subscriptions", f"/customers/{shopper}"))["customer"]["email"]
    plain = await gateway.ask(query, customer=shopper, headers={"X-Explain": "1"})
    assert "extensions" not in plain.body

    scoped = {"Authorization": f"Bearer {gateway.token(shopper, SHOP, 'explain')}"}
    assert "extensions" not in (await gateway.ask(query, customer=shopper, headers=scoped)).body
    answer = await gateway.ask(query, customer=shopper, headers=scoped | {"X-Explain": "1"})

    explain = answer.body["extensions"]["explain"]
    assert [(call["service"], call["request"], call["status"]) for call in explain["calls"]] == [
        ("subscriptions", f"GET /customers/{shopper}?include=referral_info", 200),
        (
            "loyalty",
            "GET /v1/customers?email=…&include=vip_status.vip_tier,vip_status.next_vip_tier&limit=250",
            200,
        ),
    ]
    assert email not in json.dumps(explain)
    assert "127.0.0.1" not in json.dumps(explain)
    first, second = explain["calls"]
    assert 0 <= first["startedMs"] <= first["startedMs"] + first["durationMs"] <= second["startedMs"]
    assert second["startedMs"] + second["durationMs"] <= explain["durationMs"]


async def test_paging_walks_through_the_whole_list(gateway: Gateway, store: Any, shopper: int) -> None:
    """Whatever the page size, whichever cursor: every subscription once, in order; one call a page."""
    everything = await store.get("subscriptions", f"/subscriptions?customer_id={shopper}&sort_by=id-asc&limit=250")
    ids = [f"gid://recharge/SubscriptionContract/{row['id']}" for row in everything["subscriptions"]]
    query = """query ($first: Int, $after: String, $reverse: Boolean!) {
        customer { subscriptions(first: $first, after: $after, reverse: $reverse) {
            nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }
    }"""

    async def page(**variables: Any) -> Any:
        answer = await gateway.ask(query, {"reverse": False} | variables, customer=shopper)
        return answer.data["customer"]["subscriptions"]

    for first in (1, 7, 20, 100):
        gateway.fronts["subscriptions"].calls.clear()
        seen: list[str] = []
        after, pages = None, 0
        while True:
            found = await page(first=first, after=after)
            assert [edge["node"] for edge in found["edges"]] == found["nodes"]
            assert found["pageInfo"]["hasPreviousPage"] is (after is not None)
            assert found["pageInfo"]["startCursor"] == found["edges"][0]["cursor"]
            seen += [node["id"] for node in found["nodes"]]
            pages += 1
            if not found["pageInfo"]["hasNextPage"]:
                break
            after = found["pageInfo"]["endCursor"]
        assert seen == ids
        assert len(gateway.fronts["subscriptions"].calls) == pages == -(-len(ids) // first)

    backwards = await page(first=100, reverse=True)
    assert [node["id"] for node in backwards["nodes"]] == ids[::-1]

    # A cursor from the middle of a page goes on behind its row.
    middle = (await page(first=7))["edges"][3]["cursor"]
    assert [node["id"] for node in (await page(first=7, after=middle))["nodes"]] == ids[4:11]
