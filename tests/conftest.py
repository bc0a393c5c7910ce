"""A real gateway in front of the three real backends, with a recording proxy before each."""

import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from backends import BACKENDS, SHOPS, BackendSettings, create_backend, demo_customer_id
from gateway.app import create_app
from gateway.edge.sessions import SignedTokens
from gateway.identity import signed_tokens
from gateway.metrics import MetricsAt
from gateway.pulse import Pulse
from gateway.server import address_of, listen
from gateway.settings import Settings
from gateway.telemetry import log_to_standard_library
from gateway.upstream import Bulk
from tests.fronts import Front, Rounds
from tests.redis_server import running_redis
from tests.running import running

SLOWEST = (
    "tests/e2e",
    "tests/execution/test_property.py",
)
"""Files that take longest, which come first: begun at the end, one of them keeps all other workers waiting."""


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of what tests do is wait for processes, browsers and databases."""
    return 2 * min(os.cpu_count() or 1, 8)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first."""
    root = Path(__file__).parent.parent

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(root).as_posix()
        return next((at for at, slow in enumerate(SLOWEST) if path.startswith(slow)), len(SLOWEST))

    items.sort(key=place)


SHOP, OTHER_SHOP = (shop.domain for shop in SHOPS)

FLEET_TOKEN = f"fleet_{secrets.token_hex(8)}"


@dataclass(frozen=True)
class Answer:
    """A GraphQL answer over HTTP."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def data(self) -> Any:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors, without the places in the document that they point at."""
        return [{name: value for name, value in error.items() if name != "locations"} for error in self.body["errors"]]


@dataclass(frozen=True)
class Store:
    """The three services with their data, asked directly."""

    urls: Mapping[str, str]
    tokens: Mapping[str, Mapping[str, str]]
    client: aiohttp.ClientSession
    _answers: dict[tuple[str, ...], Any] = field(default_factory=dict)

    async def get(self, service: str, path: str, *, shop: str = SHOP, version: str = "2021-11") -> Any:
        """The JSON of a path; asked as the service's own client would, once, since nothing here changes it."""
        if (key := (service, path, shop, version)) not in self._answers:
            self._answers[key] = await self._get(service, path, shop=shop, version=version)
        return self._answers[key]

    async def _get(self, service: str, path: str, *, shop: str, version: str) -> Any:
        token = self.tokens[service][shop]
        headers = (
            {"Authorization": f"Bearer {token}"}
            if service == "loyalty"
            else {"X-Recharge-Access-Token": token, "X-Recharge-Version": version}
        )
        tenant = "" if service == "loyalty" else f"{'&' if '?' in path else '?'}shop_url={shop}"
        async with self.client.get(f"{self.urls[service]}{path}{tenant}", headers=headers) as response:
            assert response.status == 200, f"{path}: {response.status}"
            return await response.json()


@dataclass(frozen=True)
class Gateway:
    """The gateway under test, its proxies, and what makes its tokens."""

    url: str
    client: aiohttp.ClientSession
    sessions: SignedTokens
    fronts: Mapping[str, Front]
    metrics_url: str = ""

    async def metrics(self, *names: str) -> dict[str, float]:
        """The samples of some metrics that are not 0, as they are collected: `name{label="value"}` to value."""
        async with self.client.get(self.metrics_url) as response:
            assert response.status == 200
            lines = (await response.text()).splitlines()
        samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {each: float(value) for each, value in samples.items() if each.startswith(names) and float(value)}

    def token(self, customer_id: int, shop: str = SHOP, *scopes: str) -> str:
        """A shopper's session."""
        return self.sessions.mint(shop, customer_id, scopes=scopes, lifetime_seconds=600)

    async def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        customer: int | None = None,
        shop: str = SHOP,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST a document as a shopper, or as the shop's visitor without one."""
        sent = {"Authorization": f"Bearer {self.token(customer, shop)}"} if customer else {}
        async with self.client.post(
            f"{self.url}/graphql",
            params={} if customer else {"shop": shop},
            json={"query": query, "variables": variables},
            headers={**sent, **(headers or {})},
        ) as response:
            return Answer(response.status, await response.json(), response.headers)

    def in_rounds(self) -> Rounds:
        """From now on calls are held and released round by round."""
        rounds = Rounds()
        for front in self.fronts.values():
            front.rounds = rounds
        return rounds

    @property
    def calls(self) -> list[str]:
        """Every REST call so far."""
        return sorted(f"{front.service} {call}" for front in self.fronts.values() for call in front.calls)


def shops_for(tokens: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The seeded shops, as settings have them."""
    return {
        shop.domain: {
            "id": shop.id,
            "currency_code": shop.currency,
            "backends": {name: {"token": tokens[name][shop.domain]} for name in BACKENDS},
        }
        for shop in SHOPS
    }


def settings_for(
    urls: Mapping[str, str],
    tokens: Mapping[str, Mapping[str, str]],
    timeout_seconds: float,
    bulk: Bulk | Literal["session"] = "none",
    **changes: Any,
) -> Settings:
    """The settings of a gateway in front of backends; `session` lets shoppers' calls carry sessions of their own."""
    backends: dict[str, dict[str, Any]] = {
        name: {"url": url, "timeout_seconds": timeout_seconds, "fleet_token": FLEET_TOKEN, "retries": 0}
        for name, url in urls.items()
    }
    for name, backend in backends.items():
        if bulk != "session":
            backend["bulk"] = bulk
        elif name != "loyalty":
            backend["credential"] = "session"
    given = {
        "sessions": {"secret": "s" * 40},
        "backends": backends,
        "shops": shops_for(tokens),
        # Most tests are about what is asked; those about what is kept, or asked again, say so.
        "cache": {"keep": "nothing"},
        # A machine that is busy with other tests is no reason to refuse anything.
        "overload": {"lag_seconds": 0},
    }
    return Settings.model_validate(given | changes)


@pytest.fixture(scope="session", autouse=True)
def _logs_to_the_standard_library() -> None:
    """What the gateway logs reaches pytest's own handlers, as JSON."""
    log_to_standard_library("INFO")


def secret(tokens: Mapping[str, str]) -> dict[str, SecretStr]:
    """Tokens as settings take them."""
    return {shop: SecretStr(token) for shop, token in tokens.items()}


@asynccontextmanager
async def opened_store(**changes: Any) -> AsyncIterator[Store]:
    """The three services, with their settings changed, for as long as the block runs."""
    tokens = {name: {shop.domain: f"sk_{secrets.token_hex(8)}" for shop in SHOPS} for name in BACKENDS}
    async with AsyncExitStack() as stack:
        urls: dict[str, str] = {}
        for name in BACKENDS:
            app = create_backend(
                name,
                BackendSettings(
                    tokens=secret(tokens[name]),
                    fleet_token=SecretStr(FLEET_TOKEN),
                    subscriptions_url=urls.get("subscriptions"),
                    subscriptions_tokens=secret(tokens["subscriptions"]),
                    **changes,
                ),
            )
            urls[name] = await stack.enter_async_context(running(app))
        client = await stack.enter_async_context(aiohttp.ClientSession())
        yield Store(urls, tokens, client)


@pytest.fixture(scope="session")
async def store() -> AsyncIterator[Store]:
    """The three services with a thousand customers."""
    async with opened_store() as opened:
        yield opened


@asynccontextmanager
async def gateway_before(
    store: Store,
    *,
    timeout_seconds: float = 5.0,
    bulk: Bulk | Literal["session"] = "none",
    pulse: Pulse | None = None,
    **changes: Any,
) -> AsyncIterator[Gateway]:
    """A fresh gateway in front of the store, with settings changed; its proxies have seen no call and behave."""
    async with AsyncExitStack() as stack:
        fronts = {name: await stack.enter_async_context(Front(name, url).open()) for name, url in store.urls.items()}
        urls = {name: front.url for name, front in fronts.items()}
        settings = settings_for(urls, store.tokens, timeout_seconds, bulk, **changes)
        metrics_at = MetricsAt(listen("127.0.0.1", 0))
        metrics_url = f"{address_of(metrics_at.sock)}/metrics"
        url = await stack.enter_async_context(running(create_app(settings, metrics_at=metrics_at, pulse=pulse)))
        client = await stack.enter_async_context(aiohttp.ClientSession())
        yield Gateway(url, client, signed_tokens(settings), fronts, metrics_url)


@pytest.fixture
def bulk() -> Bulk:
    """Which look-ups by several customers the backends offer; modules whose tests hold for each kind override it."""
    return "none"


@pytest.fixture
async def gateway(store: Store, bulk: Bulk) -> AsyncIterator[Gateway]:
    """A fresh gateway in front of the store."""
    async with gateway_before(store, bulk=bulk) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def shopper() -> int:
    """A customer of the first shop with more than twenty subscriptions, bundles, points and credit."""
    return demo_customer_id()


@pytest.fixture(scope="session")
async def shared_redis_url() -> AsyncIterator[str]:
    """The Redis of `TEST_REDIS_URL`, else one of our own. A test takes `redis_url`, or a server that it may break."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    async with running_redis() as server:
        yield server.url


@pytest.fixture
async def redis_url(shared_redis_url: str) -> str:
    """An empty Redis."""
    async with Redis.from_url(shared_redis_url) as client:
        await client.flushdb()
    return shared_redis_url
