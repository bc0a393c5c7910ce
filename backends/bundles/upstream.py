"""What the bundles service asks the subscriptions service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import SecretStr
from starlette.datastructures import State

from backends.store.shops import Shop
from backends.wire.errors import RefusedError

TIMEOUT_SECONDS = 5
SEARCH = {"format_version": "2022-06", "limit": "250"}


class Subscriptions:
    """The other service over REST; raises its refusals as they are, and 503 when it does not answer."""

    def __init__(self, session: ClientSession, url: str, tokens: dict[str, SecretStr]) -> None:
        self.session = session
        self.url = url.rstrip("/")
        self.tokens = tokens

    async def subscription(self, shop: Shop, key: int) -> dict[str, Any]:
        """A subscription; raises 404."""
        body = await self._ask("GET", f"/subscriptions/{key}", shop)
        found: dict[str, Any] = body["subscription"]
        return found

    async def update(self, shop: Shop, key: int, body: dict[str, Any], *, commit: bool) -> dict[str, Any]:
        """Changes a subscription as the shop itself; returns it."""
        answer = await self._ask("PUT", f"/subscriptions/{key}", shop, query={"commit": str(commit).lower()}, sent=body)
        found: dict[str, Any] = answer["subscription"]
        return found

    async def portal(self, shop: Shop) -> dict[str, Any]:
        """What the shop's portal lets customers do with their subscriptions."""
        body = await self._ask("GET", "/shop/settings", shop, version="2021-01")
        found: dict[str, Any] = body["settings"]["customer_portal"]["subscription"]
        return found

    async def product(self, shop: Shop, key: int | str) -> dict[str, Any]:
        """A product with its bundle; raises 404."""
        found = await self._search(shop, external_product_ids=str(key))
        if not found:
            raise RefusedError(404, "Not Found")
        return found[0]

    async def products_of(self, shop: Shop, collections: list[str]) -> list[dict[str, Any]]:
        """Every product of these collections."""
        return await self._search(shop, collection_ids=",".join(collections)) if collections else []

    async def collections(self, shop: Shop, keys: list[str]) -> list[dict[str, Any]]:
        """Collections by id."""
        body = await self._ask("GET", "/collections", shop, query={"ids": ",".join(keys), "limit": "250"})
        found: list[dict[str, Any]] = body["collections"]
        return found

    async def _search(self, shop: Shop, **narrowed: str) -> list[dict[str, Any]]:
        body = await self._ask("GET", "/product_search", shop, query={**SEARCH, **narrowed}, version="2021-01")
        found: list[dict[str, Any]] = body["products"]
        return found

    async def _ask(
        self,
        method: str,
        path: str,
        shop: Shop,
        *,
        query: dict[str, str] | None = None,
        sent: dict[str, Any] | None = None,
        version: str = "2021-11",
    ) -> dict[str, Any]:
        token = self.tokens.get(shop.domain)
        if token is None:
            raise RefusedError(503, "The subscriptions service cannot be asked for this shop")
        headers = {"X-Recharge-Access-Token": token.get_secret_value(), "X-Recharge-Version": version}
        try:
            async with self.session.request(
                method, f"{self.url}{path}", params=query, json=sent, headers=headers
            ) as response:
                body: dict[str, Any] = await response.json()
        except (ClientError, TimeoutError, ValueError) as error:
            raise RefusedError(503, "The subscriptions service does not answer") from error
        if response.status in {404, 409, 422}:
            raise RefusedError(response.status, body.get("errors", body.get("error")))  # type: ignore[arg-type]
        if response.status != 200:
            raise RefusedError(503, "The subscriptions service does not answer")
        return body


@asynccontextmanager
async def asking_subscriptions(state: State) -> AsyncIterator[None]:
    """Puts the other service into the state, or None when the settings name none."""
    settings = state.settings
    if settings.subscriptions_url is None:
        state.subscriptions = None
        yield
        return
    async with ClientSession(timeout=ClientTimeout(total=TIMEOUT_SECONDS)) as session:
        state.subscriptions = Subscriptions(session, settings.subscriptions_url, settings.subscriptions_tokens)
        yield


def subscriptions_of(state: State) -> Subscriptions:
    """The other service; raises 503 when the settings name none."""
    found: Subscriptions | None = state.subscriptions
    if found is None:
        raise RefusedError(503, "BACKEND_SUBSCRIPTIONS_URL is not set")
    return found
