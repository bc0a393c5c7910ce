"""The demo's own routes: the start page, its data, and tokens for whoever is at this machine."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from backends import SHOPS, demo_customer_id
from gateway.edge.sessions import SignedTokens
from gateway.viewer import EXPLAIN

HERE = Path(__file__).parent
STATIC = HERE / "static"
DOCUMENTS = HERE / "documents"
CUSTOMERS_SHOWN = 12


def demo_pages(
    sessions: SignedTokens,
    backend_urls: Mapping[str, str],
    backend_tokens: Mapping[str, Mapping[str, str]],
    lifetime_seconds: int,
) -> list[BaseRoute]:
    """The routes. They hand out any seeded customer's token, which is why nothing but the demo has them."""
    shop = SHOPS[0].domain
    documents = {path.stem: path.read_text(encoding="utf-8") for path in sorted(DOCUMENTS.glob("*.graphql"))}

    async def index(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    choices: dict[str, Any] = {}

    async def config(_request: Request) -> Response:
        if not choices:
            # Read once: the page invites its reader to stop a backend, and must load all the same.
            try:
                choices.update(await _choices(shop, backend_urls, backend_tokens))
            except aiohttp.ClientError:
                message = "The subscriptions backend does not answer: start the demo anew."
                return JSONResponse({"message": message}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"shop": shop, **choices, "documents": documents})

    async def session(request: Request) -> Response:
        customer = request.query_params.get("customer", "")
        if not customer.isdigit():
            return JSONResponse({"message": "`customer` is a customer's id."}, HTTPStatus.BAD_REQUEST)
        token = sessions.mint(shop, int(customer), scopes=[EXPLAIN], lifetime_seconds=lifetime_seconds)
        return JSONResponse({"token": token}, headers={"Cache-Control": "no-store"})

    return [
        Route("/", index),
        Route("/demo/config.json", config),
        Route("/demo/session", session),
        Mount("/demo", StaticFiles(directory=STATIC)),
    ]


async def _choices(
    shop: str, backend_urls: Mapping[str, str], backend_tokens: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Customers and products to choose from, as the backends have them."""
    async with aiohttp.ClientSession(raise_for_status=True) as client:

        async def rows(service: str, path: str, wrapped_in: str, version: str) -> list[dict[str, Any]]:
            headers = {"X-Recharge-Access-Token": backend_tokens[service][shop], "X-Recharge-Version": version}
            async with client.get(f"{backend_urls[service]}{path}&shop_url={shop}", headers=headers) as response:
                found: list[dict[str, Any]] = (await response.json())[wrapped_in]
                return found

        star = await rows("subscriptions", f"/customers?ids={demo_customer_id()}", "customers", "2021-11")
        others = await rows("subscriptions", f"/customers?limit={CUSTOMERS_SHOWN}", "customers", "2021-11")
        products = await rows("subscriptions", "/product_search?format_version=2022-06&limit=50", "products", "2021-01")
    return {
        "customers": [{"id": row["id"], "name": f"{row['first_name']} {row['last_name']}"} for row in [*star, *others]],
        "products": [{"id": row["external_product_id"], "title": row["title"]} for row in products],
    }
