"""Pages of other origins read nothing, and change nothing, whatever they send."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, gateway_before, shops_for

OWN, OTHERS, EVIL = "https://aurora.example", "https://glow.example", "https://aurora.example.evil.example"
QUERY = "{ shop { domain } }"


@pytest.fixture
async def gateway(store: Store) -> AsyncIterator[Gateway]:
    """A gateway whose two shops have an origin each."""
    shops: dict[str, Any] = shops_for(store.tokens)
    shops[SHOP]["origins"] = [OWN]
    shops[OTHER_SHOP]["origins"] = [OTHERS]
    async with gateway_before(store, shops=shops) as fresh:
        yield fresh


async def allowed(
    gateway: Gateway, method: str, origin: str | None, *, headers: dict[str, str] | None = None, **sent: Any
) -> tuple[int, str | None]:
    """The status of a request from a page, and which origin may read the answer."""
    sent.setdefault("params", {"shop": SHOP})
    all_headers = ({"Origin": origin} if origin else {}) | (headers or {})
    async with gateway.client.request(method, f"{gateway.url}/graphql", headers=all_headers, **sent) as response:
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Origin" in response.headers["Vary"]
        return response.status, response.headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("origin", [OWN, OTHERS, EVIL, "null", "http://aurora.example", "https://AURORA.example", None])
async def test_an_answer_is_for_its_shops_own_origin(gateway: Gateway, origin: str | None) -> None:
    """By GET and by POST, for visitors and for sessions, errors included."""
    wanted = OWN if origin == OWN else None
    session = {"Authorization": f"Bearer {gateway.token(7)}"}
    assert await allowed(gateway, "GET", origin, params={"shop": SHOP, "query": QUERY}) == (200, wanted)
    assert await allowed(gateway, "POST", origin, json={"query": QUERY}) == (200, wanted)
    assert await allowed(gateway, "POST", origin, json={"query": QUERY}, headers=session, params={}) == (200, wanted)
    assert await allowed(gateway, "POST", origin, data=b"x", headers={"Content-Type": "text/plain"}) == (415, wanted)
    assert await allowed(gateway, "POST", origin, json={}) == (400, wanted)


@pytest.mark.parametrize("origin", [OWN, OTHERS, EVIL, "null"])
async def test_preflight(gateway: Gateway, origin: str) -> None:
    """It has no session; with `?shop=` it is that shop's, without any shop's."""
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert await allowed(gateway, "OPTIONS", origin, headers=asks) == (204, OWN if origin == OWN else None)
    wanted = origin if origin in {OWN, OTHERS} else None
    assert await allowed(gateway, "OPTIONS", origin, headers=asks, params={}) == (204, wanted)
    async with gateway.client.options(
        f"{gateway.url}/graphql", params={"shop": SHOP}, headers=asks | {"Origin": OWN}
    ) as response:
        assert response.headers["Access-Control-Allow-Methods"] == "GET, POST"
        assert "Authorization" in response.headers["Access-Control-Allow-Headers"]


TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; application/json",
    "text/plain; x=application/json",
    "application/jsonp",
    "",
]


@pytest.mark.parametrize("content_type", TYPES)
async def test_what_a_page_may_send_unasked_changes_nothing(gateway: Gateway, content_type: str) -> None:
    """A browser sends these, and any GET, across origins without a preflight; none reaches a backend as a change."""
    mutation = 'mutation { subscriptionPause(subscriptionId: "1", until: "2030-01-01") { userErrors { code } } }'
    session = {"Authorization": f"Bearer {gateway.token(7)}"}
    body = json.dumps({"query": mutation}).encode()
    for origin in (OWN, OTHERS, EVIL, "null"):
        status, _ = await allowed(
            gateway,
            "POST",
            origin,
            data=body,
            headers=session | {"Content-Type": content_type},
            skip_auto_headers=["Content-Type"],
        )
        assert status == 415
        assert (await allowed(gateway, "GET", origin, headers=session, params={"query": mutation}))[0] == 405
    assert gateway.calls == []


async def test_without_origins_no_page_is_told_anything(store: Store) -> None:
    """And answers do not vary by what has no effect."""
    async with gateway_before(store) as gateway:
        answer = await gateway.ask(QUERY, headers={"Origin": OWN})
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Vary"] == "Accept, Authorization"


async def test_introspection_by_scope(store: Store, shopper: int) -> None:
    """However it is written."""
    async with gateway_before(store, operations={"introspection": "scope"}) as gateway:
        for query in (
            "{ __schema { queryType { name } } }",
            '{ x: __type(name: "Query") { name } }',
            "{ ...A } fragment A on Query { ... { __schema { queryType { name } } } }",
        ):
            (error,) = (await gateway.ask(query)).body["errors"]
            assert error["extensions"]["code"] == "FORBIDDEN"
            scoped = {"Authorization": f"Bearer {gateway.token(shopper, SHOP, 'introspection')}"}
            assert "data" in (await gateway.ask(query, customer=shopper, headers=scoped)).body
        assert (await gateway.ask("{ __typename }")).data == {"__typename": "Query"}
