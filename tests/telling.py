"""A store whose backends tell gateways what changes, through a proxy that remembers what was told and answered."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from gateway.registration import register_webhooks
from resolvers import RECHARGE_TOPICS
from tests.conftest import SHOP, Gateway, Store, gateway_before, opened_store, settings_for, shops_for
from tests.fronts import Front

SECRET = "client-secret"

PATIENCE_SECONDS = 10
"""Far below the thirty seconds for which the catalogue is fresh: what shows within it was purged."""


@dataclass
class Wire:
    """What went from backends to a gateway."""

    url: str = ""
    told: list[tuple[str, bytes, dict[str, str], Any]] = field(default_factory=list)
    """Of each webhook its path, body, headers, and what was answered."""

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """Topic and outcome of each, in the order of topics."""
        return sorted((path.partition(f"{SHOP}/")[2], answer["outcome"]) for path, _, _, answer in self.told)

    async def note(self, request: Request, answer: bytes) -> Response | None:
        """Remember, and let pass."""
        self.told.append((request.url.path, await request.body(), dict(request.headers), json.loads(answer)))
        return None


@asynccontextmanager
async def telling_store(**changes: Any) -> AsyncIterator[Store]:
    """A store of one's own, which may be changed; both backends that send webhooks sign with one secret a shop."""
    async with opened_store(customers=20, client_secrets={SHOP: SecretStr(SECRET)}, **changes) as store:
        yield store


def shops_that_listen(tokens: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The seeded shops; the first knows what its backends sign with."""
    shops = shops_for(tokens)
    for name in RECHARGE_TOPICS:
        shops[SHOP]["backends"][name]["webhook_secrets"] = [SECRET]
    return shops


@asynccontextmanager
async def told(store: Store, **changes: Any) -> AsyncIterator[tuple[Gateway, Wire]]:
    """A gateway that keeps answers, told by the store's backends of what changes."""
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(listening(store, **changes))
        wire = await stack.enter_async_context(telling(store, gateway.url))
        yield gateway, wire


@asynccontextmanager
async def listening(store: Store, **changes: Any) -> AsyncIterator[Gateway]:
    """A gateway that keeps answers and knows the store's secrets; nobody tells it anything."""
    given = {"cache": {"keep": "all"}, "shops": shops_that_listen(store.tokens), **changes}
    async with gateway_before(store, **given) as gateway:
        yield gateway


@asynccontextmanager
async def telling(store: Store, url: str) -> AsyncIterator[Wire]:
    """The store's backends registered for a gateway at an address."""
    wire = Wire()
    async with Front("gateway", url, fault=wire.note).open() as front:
        wire.url = front.url
        settings = settings_for(store.urls, store.tokens, 5.0, shops=shops_that_listen(store.tokens))
        registered = await register_webhooks(settings, front.url)
        assert {each.backend: each.made for each in registered} == {
            name: len(topics) for name, topics in RECHARGE_TOPICS.items()
        }
        yield wire


async def write(store: Store, service: str, method: str, path: str, body: Any = None) -> Any:
    """Change something at a backend, as the shop's own back office would."""
    headers = {"X-Recharge-Access-Token": store.tokens[service][SHOP], "X-Recharge-Version": "2021-11"}
    async with store.client.request(method, f"{store.urls[service]}{path}", json=body, headers=headers) as response:
        assert response.status in {200, 204}, await response.text()
        return await response.json() if response.status == 200 else None


async def plan_of(store: Store, number: int) -> tuple[str, int]:
    """A product with plans, and one of those."""
    plans = (await store.get("subscriptions", "/plans?limit=250&type=subscription"))["plans"]
    products = sorted({plan["external_product_id"]["ecommerce"] for plan in plans})
    return products[number], next(
        plan["id"] for plan in plans if plan["external_product_id"]["ecommerce"] == products[number]
    )


async def until(expected: Any, ask: Callable[[], Awaitable[Any]]) -> None:
    """Ask until that is the answer."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await ask() != expected:  # noqa: ASYNC110  # only asking again tells
            await asyncio.sleep(0.01)
