"""Varnish plays the CDN: what it keeps, and what a change in a backend does to it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.upstream import tag
from tests.conftest import SHOP, Gateway, Store
from tests.running import free_port
from tests.telling import Wire, listening, plan_of, telling, telling_store, until, write
from tests.varnish_server import running_varnish


@pytest.fixture(scope="module")
async def store() -> AsyncIterator[Store]:
    """A store that these tests change."""
    async with telling_store() as opened:
        yield opened


@dataclass(frozen=True)
class Page:
    """What a browser gets."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def plans(self) -> list[str]:
        """What the product's plans are called."""
        return [plan["title"] for plan in self.body["data"]["product"]["plans"]]


@dataclass(frozen=True)
class Site:
    """A gateway behind a Varnish that it purges."""

    gateway: Gateway
    wire: Wire
    url: str
    client: aiohttp.ClientSession

    async def view(self, product: str, **headers: str) -> Page:
        """What a visitor's page about a product asks for."""
        query = f'{{ product(id: "{product}") {{ plans {{ title }} }} }}'
        params = {"shop": SHOP, "query": query}
        async with self.client.get(f"{self.url}/graphql", params=params, headers=headers) as response:
            return Page(response.status, await response.json() if response.status == 200 else None, response.headers)

    async def purge(self, **headers: str) -> int:
        """What somebody gets who wants to purge."""
        async with self.client.request("PURGE", f"{self.url}/", headers=headers) as response:
            return response.status


@asynccontextmanager
async def site_before(store: Store, *, again_after_seconds: float) -> AsyncIterator[Site]:
    """A site for as long as the block runs."""
    # Each has to know the other's address: so Varnish is before a port that the gateway's proxy does not have yet.
    cdn_port = free_port()
    cdn = {
        "url": f"http://127.0.0.1:{cdn_port}/",
        "method": "PURGE",
        "tags_header": "xkey-purge",
        "again_after_seconds": again_after_seconds,
    }
    async with (
        listening(store, cdn=cdn) as gateway,
        running_varnish(gateway.url, port=cdn_port) as url,
        telling(store, gateway.url) as wire,
        aiohttp.ClientSession(cookies={"cart": "c1"}) as client,
    ):
        yield Site(gateway, wire, url, client)


@pytest.fixture(scope="module")
async def site(store: Store) -> AsyncIterator[Site]:
    """A site whose CDN is purged once for each event, so that nothing is owed to the second purge."""
    async with site_before(store, again_after_seconds=0) as opened:
        yield opened


async def test_a_change_shows_at_the_next_page_view(site: Site, store: Store) -> None:
    """Page views cost the gateway nothing until a backend's event purges what they are made of."""
    (product, plan), (other, _) = await plan_of(store, 0), await plan_of(store, 1)
    first, again = await site.view(product), await site.view(product)
    assert (first.headers["X-Cache"], again.headers["X-Cache"]) == ("miss", "hit")
    assert again.body == first.body
    await site.view(other)
    calls = site.gateway.calls

    await write(store, "subscriptions", "PUT", f"/plans/{plan}", {"title": "Every blue moon"})

    async def is_there() -> bool:
        return "Every blue moon" in (await site.view(product)).plans

    await until(True, is_there)
    assert (await site.view(product)).headers["X-Cache"] == "hit"
    # Other products stay.
    assert (await site.view(other)).headers["X-Cache"] == "hit"
    assert len(site.gateway.calls) == len(calls) + 1


async def test_browsers_ask_each_time_and_hear_no_names_of_keys(site: Site, store: Store) -> None:
    """No purge reaches them; what has not changed costs them a 304."""
    product, _ = await plan_of(store, 2)
    page = await site.view(product)
    assert page.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert not {"Surrogate-Key", "xkey", "Age"} & set(page.headers)
    unchanged = await site.view(product, **{"If-None-Match": page.headers["ETag"]})
    assert (unchanged.status, unchanged.headers["X-Cache"]) == (304, "hit")


async def test_what_is_a_shoppers_is_kept_by_nobody(site: Site, store: Store, shopper: int) -> None:
    """Nor is what a visitor's page asks for about who is there."""
    product, _ = await plan_of(store, 3)
    for _ in range(2):
        page = await site.view(product, Authorization=f"Bearer {site.gateway.token(shopper)}")
        assert (page.headers["X-Cache"], page.headers["Cache-Control"]) == ("miss", "private, no-store")
    assert (await site.view(product)).headers["X-Cache"] == "miss"


async def test_who_may_purge(site: Site, store: Store) -> None:
    """Only those beside it, and not by way of a proxy; a purge names keys."""
    product, _ = await plan_of(store, 4)
    await site.view(product)
    keys = {"xkey-purge": tag(SHOP, "product", product)}
    assert await site.purge(**keys, **{"X-Forwarded-For": "203.0.113.9"}) == 403
    assert await site.purge() == 400
    assert (await site.view(product)).headers["X-Cache"] == "hit"
    assert await site.purge(**keys) == 200
    assert (await site.view(product)).headers["X-Cache"] == "miss"


async def test_an_answer_from_before_the_change_is_not_kept(site: Site, store: Store) -> None:
    """It was on its way when the purge passed, so no later purge would find it."""
    product, plan = await plan_of(store, 5)
    read, go_on = asyncio.Event(), asyncio.Event()

    async def held(_request: Request, true: bytes) -> Response:
        read.set()
        await go_on.wait()
        return Response(true, media_type="application/json")

    front = site.gateway.fronts["subscriptions"]
    front.fault = held
    viewing = asyncio.create_task(site.view(product))
    await read.wait()
    told = len(site.wire.told)
    await write(store, "subscriptions", "PUT", f"/plans/{plan}", {"title": "Every dark moon"})

    async def is_told() -> bool:
        return len(site.wire.told) > told

    await until(True, is_told)
    front.fault = None
    go_on.set()
    assert "Every dark moon" not in (await viewing).plans
    assert "Every dark moon" in (await site.view(product)).plans


async def test_what_reached_the_cdn_late_goes_with_the_second_purge(store: Store) -> None:
    """Such as an answer that the gateway gave before it was told, and the network kept for a while."""
    product, plan = await plan_of(store, 6)
    async with site_before(store, again_after_seconds=1) as site:
        old = await site.view(product)
        told = len(site.wire.told)
        await write(store, "subscriptions", "PUT", f"/plans/{plan}", {"title": "Every red moon"})

        async def is_told() -> bool:
            return len(site.wire.told) > told

        await until(True, is_told)

        async def is_new() -> bool:
            page = await site.view(product)
            return page.body != old.body and page.headers["X-Cache"] == "miss"

        # Asked for by nobody in particular: the first miss is the first purge, the second one the second.
        await until(True, is_new)
        await until(True, is_new)
