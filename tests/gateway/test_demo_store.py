"""The demo's store: its pages for shoppers and visitors, and backends that misbehave when told to."""

import html
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from gateway.demo.pictures import picture
from gateway.demo.words import BLURBS
from tests.demos import Demo, running_demo


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """One demo for all of these tests; each leaves its backends well."""
    async with running_demo(tmp_path_factory.mktemp("demo")) as fresh:
        yield fresh


@pytest.fixture(scope="module")
async def client(demo: Demo) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser without scripts."""
    async with aiohttp.ClientSession(demo.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


async def page(client: aiohttp.ClientSession, path: str, shopper: str | None = None) -> str:
    """A page as a shopper, or as a browser that was never here, sees it."""
    headers = {"Cookie": f"demo_shopper={shopper}"} if shopper else {}
    async with client.get(path, headers=headers) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")
        return await response.text()


def attributes(markup: str, element: str) -> dict[str, str]:
    """An element's attributes."""
    found = re.search(rf"<{element}([^>]*)>", markup)
    assert found
    return {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', found[1])}


async def test_every_product_has_a_page_with_its_picker(demo: Demo, client: aiohttp.ClientSession) -> None:
    """The element names shop and product as the graph does, and the links lead to all of the catalogue."""
    async with client.get("/demo/config.json") as response:
        products = (await response.json())["products"]
    ids = {}
    for handle in BLURBS:
        picker = attributes(await page(client, f"/products/{handle}"), "rc-subscription-picker")
        assert picker["shop"] == demo.ready["shop"]
        ids[picker["product-id"]] = handle
    assert set(ids) == {product["id"] for product in products}
    first = await page(client, "/")
    assert "<h1>Yirgacheffe Aricha</h1>" in first
    assert "/products/build-your-own-coffee-box" in first
    async with client.get("/products/tea", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/")


async def test_the_account_is_the_chosen_shoppers(demo: Demo, client: aiohttp.ClientSession) -> None:
    """A browser that was never here is the demo's own shopper; a guest gets no token, and a choice."""
    star = await page(client, "/account")
    token = attributes(star, "rc-loyalty-panel")["token"]
    assert await names(client, token) == {"id": f"gid://recharge/Customer/{demo.ready['customer_id']}"}
    async with client.get("/demo/config.json") as response:
        other = (await response.json())["customers"][3]
    markup = await page(client, "/account", str(other["id"]))
    assert f'<h1 class="account-title">Hello, {other["name"].split()[0]}</h1>' in markup
    token = attributes(markup, "rc-loyalty-panel")["token"]
    assert await names(client, token) == {"id": f"gid://recharge/Customer/{other['id']}"}
    for nobody in ("guest", "1", "x"):
        markup = await page(client, "/account", nobody)
        assert "token" not in attributes(markup, "rc-loyalty-panel")
        assert f'data-shopper="{other["id"]}"' in markup


async def names(client: aiohttp.ClientSession, token: str) -> Any:
    """Whose a token is."""
    headers = {"Authorization": f"Bearer {token}"}
    async with client.post("/graphql", json={"query": "{ customer { id } }"}, headers=headers) as response:
        return (await response.json())["data"]["customer"]


async def test_a_backend_misbehaves_when_told_and_recovers(demo: Demo, client: aiohttp.ClientSession) -> None:
    """What the strip shows is what the backend does."""

    async def states() -> Any:
        async with client.get("/demo/faults") as response:
            return await response.json()

    well = {"subscriptions": "well", "bundles": "well", "loyalty": "well"}
    assert await states() == well
    for mode in ("slow", "failing", "hanging", "well"):
        assert await demo.tell("loyalty", mode) == 200
        assert await states() == well | {"loyalty": mode}
    assert await demo.tell("loyalty", "failing") == 200
    answer = await demo.ask("{ customer { firstName loyalty { pointsBalance } } }")
    assert answer["data"] == {"customer": {"firstName": "Vera", "loyalty": None}}
    assert {error["extensions"]["service"] for error in answer["errors"]} == {"loyalty"}
    assert await demo.tell("loyalty", "well") == 200

    assert await demo.tell("loyalty", "angry") == 400
    assert await demo.tell("reviews", "slow") == 400
    async with client.put("/demo/faults/loyalty", data=b"[1") as response:
        assert response.status == 400
    assert await states() == well


@pytest.mark.parametrize("handle", ["yirgacheffe-aricha", "office-supply-bundle", "travel-mug-350-ml", "no-such"])
async def test_pictures_are_drawn_here(client: aiohttp.ClientSession, handle: str) -> None:
    """The same each time, complete, and nothing from outside."""
    async with client.get(f"/demo/pictures/{handle}.svg") as response:
        drawn = await response.text()
        assert (response.status, response.content_type) == (200, "image/svg+xml")
    assert drawn == picture(handle)
    assert "$" not in drawn
    assert re.findall(r"https?://[^\"]+", drawn) == ["http://www.w3.org/2000/svg"]


async def test_nobody_elses_host_is_named_by_what_a_page_loads(client: aiohttp.ClientSession) -> None:
    """Scripts, styles and fonts are this server's own."""
    for path in re.findall(r'(?:href|src)="(/demo/[^"]+)"', await page(client, "/account")):
        async with client.get(path) as response:
            assert response.status == 200, path
