"""A visitor's question that is asked again in the same words is not read again: nothing else about it is different."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from gateway.app import create_app
from gateway.identity import signed_tokens
from tests.conftest import OTHER_SHOP, SHOP, Answer, Gateway, Store, gateway_before, shops_for
from tests.gateway.edge.events.test_endpoint import outcome, send
from tests.gateway.test_reloading import Reloads, fronts_of, settings_before
from tests.running import running
from tests.signing import SHOPIFY_SECRET, encoded, shopify
from tests.test_http_caching import product_id

QUERY = "query Shop { shop { domain currencyCode } }"
KEPT: Mapping[str, Any] = {"cache": {"keep": "all"}}
JSON = {"Content-Type": "application/json"}
OWN = "https://aurora.example"


@pytest.fixture
async def gateway(store: Store) -> AsyncIterator[Gateway]:
    """A gateway that keeps answers, whose first shop has pages of its own, and whose Shopify tells of changes."""
    shops: dict[str, Any] = shops_for(store.tokens)
    shops[SHOP] |= {"origins": [OWN], "shopify_webhook_secrets": [SHOPIFY_SECRET]}
    async with gateway_before(store, shops=shops, **KEPT) as fresh:
        yield fresh


async def asked(gateway: Gateway, *, shop: str = SHOP, query: str = QUERY, **headers: str) -> tuple[int, Any, Any]:
    """Status, headers and body of an answer; the request's bytes are the same each time."""
    sent = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
    async with gateway.client.post(
        f"{gateway.url}/graphql", params={"shop": shop}, data=json.dumps({"query": query}), headers=sent
    ) as response:
        return response.status, response.headers, await response.read()


async def test_each_answer_has_an_id_of_its_own(gateway: Gateway) -> None:
    """All else is the same, and nobody else's page may read it."""
    first, again, named = await asked(gateway), await asked(gateway), await asked(gateway, X_Request_Id="mine")
    assert first[2] == again[2] == named[2]
    ids = [headers["X-Request-Id"] for _, headers, _ in (first, again, named)]
    assert (len({*ids}), ids[2]) == (3, "mine")
    varying = {"X-Request-Id", "Date", "Cache-Control", "Age"}
    same = [{name: value for name, value in each[1].items() if name.title() not in varying} for each in (first, again)]
    assert same[0] == same[1]
    for origin, allowed in ((OWN, OWN), ("https://evil.example", None)):
        answer = await asked(gateway, Origin=origin)
        assert answer[1].get("Access-Control-Allow-Origin") == allowed
        assert answer[1]["Vary"] == "Accept, Authorization, Origin"
    assert (await asked(gateway, If_None_Match=first[1]["ETag"]))[0] == 304
    assert (await asked(gateway))[2] == first[2]


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Accept", "application/graphql-response+json", 200),
        ("Accept", "text/html", 406),
        ("Authorization", "Bearer forged", 401),
        ("Authorization", "", 401),
        ("Content-Type", "text/plain", 415),
        ("Content-Type", "application/json; charset=utf-16", 415),
        ("Content-Encoding", "gzip", 415),
        ("X-Cost", "1", 200),
        ("X-Explain", "1", 200),
        ("X-Timeout-Ms", "soon", 400),
        ("X-Timeout-Ms", "700", 200),
    ],
)
async def test_what_makes_another_answer_still_does(gateway: Gateway, header: str, value: str, status: int) -> None:
    """As the first time, so after the same words without the header."""
    unasked = await asked(gateway, **{header: value})
    for _ in range(2):
        await asked(gateway)
    again = await asked(gateway, **{header: value})
    assert unasked[0] == again[0] == status
    assert unasked[2] == again[2]
    assert unasked[1]["Content-Type"] == again[1]["Content-Type"]
    assert (b'"cost"' in again[2]) == (header == "X-Cost")
    if value == "application/graphql-response+json":
        assert again[1]["Content-Type"] == "application/graphql-response+json; charset=utf-8"


async def test_shops_methods_and_bodies_are_told_apart(gateway: Gateway) -> None:
    """The shop is in the query string; a body says nothing by GET, and a mutation is not asked like that."""
    for _ in range(2):
        assert json.loads((await asked(gateway))[2])["data"]["shop"]["domain"] == SHOP
        assert json.loads((await asked(gateway, shop=OTHER_SHOP))[2])["data"]["shop"]["domain"] == OTHER_SHOP
        assert (await asked(gateway, shop="nobody.example"))[0] == 401
        for method, status in (("GET", 400), ("PUT", 405), ("DELETE", 405)):
            async with gateway.client.request(
                method, f"{gateway.url}/graphql", params={"shop": SHOP}, data=json.dumps({"query": QUERY}), headers=JSON
            ) as response:
                assert response.status == status
        async with gateway.client.get(f"{gateway.url}/graphql", params={"shop": SHOP, "query": QUERY}) as response:
            assert (await response.json())["data"]["shop"]["domain"] == SHOP
        async with gateway.client.post(f"{gateway.url}/proxy/graphql?shop={SHOP}", json={"query": QUERY}) as response:
            assert response.status == 401


async def test_an_event_is_in_the_next_answer(gateway: Gateway, store: Store) -> None:
    """The question is the same, the backend is asked again, and what comes is kept again."""
    number = await product_id(store)
    query = f'{{ product(id: "{number}") {{ title }} }}'
    answers = [await asked(gateway, query=query) for _ in range(3)]
    assert len({each[2] for each in answers}) == 1
    assert len(gateway.calls) == 1
    body = encoded({"id": int(number), "updated_at": "2026-03-09T10:00:00+00:00"})
    told = await send(gateway, "shopify", body, shopify(body, shop=SHOP, topic="products/update"))
    assert told == outcome("taken")
    again = [await asked(gateway, query=query) for _ in range(3)]
    assert {each[2] for each in again} == {answers[0][2]}
    assert len(gateway.calls) == 2


async def test_it_is_paid_for_each_time(store: Store) -> None:
    """By the visitor's address, as any other question, and counted with its code."""
    slow = {"address_capacity": 3, "address_per_second": 0.01}
    async with gateway_before(store, throttle=slow, **KEPT) as gateway:
        found = [await asked(gateway) for _ in range(5)]
        assert [each[0] for each in found] == [200, 200, 200, 429, 429]
        assert 90 <= int(found[4][1]["Retry-After"]) <= 100
        assert found[4][1]["Cache-Control"] == "private, no-store"
        assert await gateway.metrics("gateway_answers_total") == {
            'gateway_answers_total{code="OK",operation="other"}': 3,
            'gateway_answers_total{code="THROTTLED",operation="other"}': 2,
        }


async def test_a_text_that_comes_with_its_digest_is_registered_each_time(store: Store) -> None:
    """It may have been forgotten since."""
    digests = {text: hashlib.sha256(text.encode()).hexdigest() for text in (QUERY, "{ shop { domain } }")}

    async def by_digest(gateway: Gateway, text: str, *, with_text: bool) -> Answer:
        persisted = {"persistedQuery": {"version": 1, "sha256Hash": digests[text]}}
        body: dict[str, Any] = {"extensions": persisted} | ({"query": text} if with_text else {})
        async with gateway.client.post(f"{gateway.url}/graphql", params={"shop": SHOP}, json=body) as response:
            return Answer(response.status, await response.json(), response.headers)

    async with gateway_before(store, operations={"persisted_queries_kept": 1}, **KEPT) as gateway:
        for _ in range(3):
            for text in digests:
                assert "data" in (await by_digest(gateway, text, with_text=True)).body
                assert "data" in (await by_digest(gateway, text, with_text=False)).body


async def test_newer_settings_are_asked_first(store: Store) -> None:
    """What they refuse is refused, however often it was answered before."""
    reloads = Reloads()
    async with fronts_of(store) as fronts:
        before = settings_before(fronts, store, **KEPT)
        async with running(create_app(before, reloads=reloads.settings())) as url:
            gateway = Gateway(url, store.client, signed_tokens(before), fronts)
            for _ in range(3):
                assert (await asked(gateway))[0] == 200
            await reloads.give(settings_before(fronts, store, operations={"safelist": "enforce"}, **KEPT))
            assert b"PERSISTED_DOCUMENT_ID_REQUIRED" in (await asked(gateway))[2]
            others = {OTHER_SHOP: shops_for(store.tokens)[OTHER_SHOP]}
            await reloads.give(settings_before(fronts, store, shops=others, **KEPT))
            assert (await asked(gateway))[0] == 401
