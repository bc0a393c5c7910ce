"""Backends that tests may write to, each with a database of its own that tests may read."""

import secrets
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from backends import BACKENDS, SHOPS, BackendSettings, create_backend
from tests.conftest import FLEET_TOKEN, SHOP, Gateway, Store, gateway_before, secret
from tests.running import running

CUSTOMERS = 60


@dataclass(frozen=True)
class Written:
    """The three services, asked directly and never from memory, and what their databases hold."""

    store: Store
    paths: Mapping[str, Path]

    async def get(self, service: str, path: str, *, shop: str = SHOP, version: str = "2021-11") -> Any:
        """The JSON of a path, as it is now."""
        self.store._answers.clear()  # noqa: SLF001  # the fixture's own memory
        return await self.store.get(service, path, shop=shop, version=version)

    async def post(self, service: str, path: str, body: Any, *, shop: str = SHOP) -> Any:
        """What the shop itself does."""
        token = self.store.tokens[service][shop]
        headers = {"X-Recharge-Access-Token": token, "X-Recharge-Version": "2021-11"}
        url = f"{self.store.urls[service]}{path}"
        async with self.store.client.post(url, headers=headers, json=body) as response:
            assert response.status in {200, 201}, await response.text()
            return await response.json()

    async def subscription(self, number: int, *, shop: str = SHOP) -> dict[str, Any]:
        """A subscription as it is now."""
        found: dict[str, Any] = (await self.get("subscriptions", f"/subscriptions/{number}", shop=shop))["subscription"]
        return found

    async def rows(self, service: str, path: str, *, shop: str = SHOP) -> list[dict[str, Any]]:
        """The rows of a list, at most 250."""
        body = await self.get(service, f"{path}{'&' if '?' in path else '?'}limit=250", shop=shop)
        (found,) = (value for value in body.values() if isinstance(value, list))
        return list(found)

    def select(self, service: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a service's database."""
        with closing(sqlite3.connect(self.paths[service])) as database:
            return database.execute(sql, values).fetchall()


@asynccontextmanager
async def written(folder: Path, customers: int = CUSTOMERS, **changes: Any) -> AsyncIterator[Written]:
    """The three services on new databases, for as long as the block runs."""
    tokens = {name: {shop.domain: f"sk_{secrets.token_hex(8)}" for shop in SHOPS} for name in BACKENDS}
    async with AsyncExitStack() as stack:
        urls: dict[str, str] = {}
        paths: dict[str, Path] = {}
        for name in BACKENDS:
            paths[name] = folder / f"{name}.db"
            app = create_backend(
                name,
                BackendSettings(
                    database_url=f"sqlite+aiosqlite:///{paths[name]}",
                    customers=customers,
                    tokens=secret(tokens[name]),
                    fleet_token=SecretStr(FLEET_TOKEN),
                    subscriptions_url=urls.get("subscriptions"),
                    subscriptions_tokens=secret(tokens["subscriptions"]),
                    **changes,
                ),
            )
            urls[name] = await stack.enter_async_context(running(app))
        client = await stack.enter_async_context(aiohttp.ClientSession())
        yield Written(Store(urls, tokens, client), paths)


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Written]:
    """One store for the module; each test takes other objects."""
    async with written(tmp_path_factory.mktemp("backends")) as found:
        yield found


@pytest.fixture
async def gateway(shop: Written) -> AsyncIterator[Gateway]:
    """A fresh gateway in front of the store."""
    async with gateway_before(shop.store) as fresh:
        yield fresh
