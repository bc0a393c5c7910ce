"""What caches on the way may keep, what the gateway keeps as bytes, and what is shown where a backend fails."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.upstream import tag
from tests.conftest import SHOP, Answer, Gateway, Store, gateway_before
from tests.documents import document
from tests.fronts import answering

SEARCH = "format_version=2022-06"


@pytest.fixture
async def gateway(store: Store) -> AsyncIterator[Gateway]:
    """A gateway that keeps answers."""
    async with gateway_before(store, cache={"keep": "all"}) as fresh:
        yield fresh


async def product_id(store: Store) -> str:
    """A product of the shop."""
    found = await store.get("subscriptions", f"/product_search?{SEARCH}&limit=1", version="2021-01")
    number: str = found["products"][0]["external_product_id"]
    return number


async def get(gateway: Gateway, query: str, headers: dict[str, str] | None = None) -> tuple[int, bytes, Any]:
    """GET a visitor's query, as a cache would."""
    url = f"{gateway.url}/graphql"
    async with gateway.client.get(url, params={"shop": SHOP, "query": query}, headers=headers) as response:
        return response.status, await response.read(), response.headers


async def test_a_visitors_product_may_be_kept_by_all(gateway: Gateway, store: Store) -> None:
    """For as long as the soonest of what was read is fresh; the second one is the same bytes, without a call."""
    number = await product_id(store)
    query = f'{{ shop {{ currencyCode }} product(id: "{number}") {{ title plans {{ title }} }} }}'
    status, body, headers = await get(gateway, query)
    assert status == 200
    assert headers["Cache-Control"] in {"public, max-age=29", "public, max-age=30"}
    assert headers["Age"] == "0"
    assert headers["Surrogate-Key"].split() == [tag(SHOP, "product", number), tag(SHOP, "shop")]
    assert "Authorization" in headers["Vary"]
    calls = list(gateway.calls)
    assert len(calls) == 1

    again = await get(gateway, query)
    assert again[:2] == (200, body)
    assert again[2]["ETag"] == headers["ETag"]
    assert (await gateway.ask(query)).body == (await gateway.ask(query)).body
    unchanged = await get(gateway, query, {"If-None-Match": f'"x", W/{headers["ETag"]}'})
    assert unchanged[:2] == (304, b"")
    assert unchanged[2]["ETag"] == headers["ETag"]
    assert unchanged[2]["Cache-Control"].startswith("public, max-age=")
    assert gateway.calls == calls


@pytest.mark.parametrize(
    "query",
    [
        "{ customer { id } }",
        "{ shop { currencyCode } customer { email } }",
        '{ shop { currencyCode } node(id: "gid://recharge/Address/1") { id } }',
        "{ __schema { queryType { name } } }",
    ],
)
async def test_what_depends_on_who_asks_is_nobody_elses(gateway: Gateway, query: str) -> None:
    """Even where the answer is that nobody in particular does; and what the schema alone answers has no tag."""
    _, _, headers = await get(gateway, query)
    assert headers["Cache-Control"] == "private, no-store"
    assert "Surrogate-Key" not in headers
    assert "ETag" not in headers


async def test_an_answer_to_a_shopper_is_the_shoppers(gateway: Gateway, store: Store, shopper: int) -> None:
    """Also where it holds nothing of his, and though a visitor's is kept."""
    query = f'{{ product(id: "{await product_id(store)}") {{ title }} }}'
    await get(gateway, query)
    answer = await gateway.ask(query, customer=shopper)
    assert answer.headers["Cache-Control"] == "private, no-store"


async def test_errors_and_other_variables_are_other_answers(gateway: Gateway, store: Store) -> None:
    """An answer with an error is not kept; equal variables in another order are equal."""
    number = await product_id(store)
    query = "query ($id: ID!, $with: Boolean!) { product(id: $id) { title handle @include(if: $with) } }"
    full = await gateway.ask(query, {"id": number, "with": True})
    assert (await gateway.ask(query, {"id": number, "with": False})).data != full.data
    assert (await gateway.ask(query, {"with": True, "id": number})).body == full.body
    gateway.fronts["loyalty"].fault = answering("{}", 500)
    failed = await gateway.ask("{ loyaltyProgram { pointsLabel { one } } }")
    assert failed.headers["Cache-Control"] == "private, no-store"
    gateway.fronts["loyalty"].fault = None
    assert (await gateway.ask("{ loyaltyProgram { pointsLabel { one } } }")).data["loyaltyProgram"]["pointsLabel"]


async def test_a_dead_backend_goes_on_from_the_last_good_answer(gateway: Gateway, shopper: int) -> None:
    """What is fresh needs no backend; the portal shows all that it showed, and asks nobody for it again."""
    healthy = await gateway.ask(document("CustomerPortal"), customer=shopper)
    for front in gateway.fronts.values():
        front.fault = answering("{}", 503)
    calls = list(gateway.calls)
    again: Answer = await gateway.ask(document("CustomerPortal"), customer=shopper)
    assert again.data == healthy.data
    assert gateway.calls == calls


async def test_a_client_may_shorten_the_deadline(gateway: Gateway, shopper: int) -> None:
    """Backends are told what remains; what is no number of milliseconds is refused."""
    await gateway.ask("{ customer { email } }", customer=shopper, headers={"X-Timeout-Ms": "700"})
    told = [int(headers["x-timeout-ms"]) for headers in gateway.fronts["subscriptions"].headers]
    assert all(0 < each <= 680 for each in told)
    assert told
    await gateway.ask("{ customer { firstName } }", customer=shopper, headers={"X-Timeout-Ms": "9999999"})
    for wrong in ("soon", "0", "-5", "1.5", "99999999", "٣"):
        refused = await gateway.ask("{ shop { domain } }", headers={"X-Timeout-Ms": wrong.encode().decode("latin-1")})
        assert (refused.status, refused.errors[0]["message"]) == (
            400,
            "X-Timeout-Ms is a whole number of milliseconds, from 1.",
        )
