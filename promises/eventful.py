"""The processes of the runs about events: a backend that tells gateways what changes, and the network between them."""

import asyncio
import hashlib
import hmac
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backends import BACKENDS, SHOPS
from benchmarks.processes import Started, server
from gateway.registration import register_webhooks
from gateway.settings import Settings
from promises.stage import BACKEND_CORE, GATEWAY_CORE
from tests.redis_server import running_redis
from tests.running import free_port, running
from tests.varnish_server import running_varnish

SHOP = SHOPS[0].domain
TOKEN, SECRET = "sk_events", "client-secret-of-events"
POISON = "2099-01-01T00:00:00+00:00"
"""What forged events say that their object was changed at: taken once, they would make all that follows stale."""


@dataclass
class Network:
    """Between a backend and gateways: loses, repeats, delays and forges, each with a chance of its own."""

    chances: Mapping[str, float] = field(default_factory=dict)
    gateways: list[str] = field(default_factory=list)
    outcomes: dict[tuple[str, bytes], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Of each event, by path and body, what came of its deliveries."""
    forged: Counter[int] = field(default_factory=Counter)
    """Statuses that forged events got."""
    acks_seconds: list[float] = field(default_factory=list)
    """How long genuine events took to be acknowledged."""
    lost: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(19))  # noqa: S311  # the same each run
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    async def carry(self, request: Request) -> Response:
        """Carry an event to one of the gateways."""
        path, body, headers = request.url.path, await request.body(), dict(request.headers)
        if self._happens("forge"):
            await self._forge(path, body, headers)
        if self._happens("lose"):
            self.lost += 1
            return Response(status_code=503)
        await asyncio.sleep(self.chance.uniform(1.2, 2.0) if self._happens("delay") else self.chance.uniform(0, 0.05))
        status = await self._deliver(path, body, headers)
        if self._happens("repeat"):
            later = asyncio.create_task(self._repeat(path, body, headers))
            self._later.add(later)
            later.add_done_callback(self._later.discard)
        if self._happens("lose the answer"):
            self.lost += 1
            return Response(status_code=503)
        return Response(status_code=status)

    async def quiet(self, events: int) -> None:
        """Wait until so many events have arrived, and nothing is on its way."""
        async with asyncio.timeout(45):
            while len(self.outcomes) < events or self._later:  # noqa: ASYNC110  # many things have to be over
                await asyncio.sleep(0.02)

    def _happens(self, what: str) -> bool:
        return self.chance.random() < self.chances.get(what, 0.0)

    async def _repeat(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        await asyncio.sleep(self.chance.uniform(0, 2.0))
        await self._deliver(path, body, headers)

    async def _deliver(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        began = time.perf_counter()
        status, answer = await self._post(path, body, headers)
        self.acks_seconds.append(time.perf_counter() - began)
        self.outcomes[path, body][answer.get("outcome", f"status {status}")] += 1
        return status

    async def _forge(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        value = json.loads(body)
        next(iter(value.values()))["updated_at"] = POISON
        poisoned = json.dumps(value).encode()
        old = int(time.time()) - 49 * 3_600
        signature = headers["x-recharge-webhook-signature"]
        forgeries = [
            # The words are changed, the signatures are those of the true ones.
            (poisoned, headers),
            # Signed by somebody who does not know the secret.
            (poisoned, _headers(poisoned, secret=f"not {SECRET}")),
            # The older signature is right, the newer one is not: the older does not count.
            (poisoned, {**_headers(poisoned), "X-Recharge-Webhook-Signature": signature}),
            # All is right, and it is from before the last 48 hours.
            (poisoned, _headers(poisoned, at=old)),
        ]
        sent, pretended = self.chance.choice(forgeries)
        status, _ = await self._post(path, sent, pretended)
        self.forged[status] += 1

    async def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        kept = {name: value for name, value in headers.items() if name.lower().startswith("x-recharge")}
        gateway = self.chance.choice(self.gateways)
        async with self.client.post(f"{gateway}{path}", data=body, headers=kept) as response:
            return response.status, await response.json()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Its address, for as long as the block runs."""
        app = Starlette(routes=[Route("/{path:path}", self.carry, methods=["POST"])])
        async with aiohttp.ClientSession() as self.client, running(app) as url:
            yield url


def _headers(body: bytes, *, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
    seconds = int(time.time()) if at is None else at
    digest = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256").hex()
    return {
        "X-Recharge-Webhook-Signature": f"t={seconds},v1={digest}",
        "X-Recharge-Hmac-Sha256": hashlib.sha256(secret.encode() + body).hexdigest(),
    }


@dataclass(frozen=True)
class Eventful:
    """A backend, gateways that share a Redis, a Varnish before the first of them, and the network between."""

    backend: str
    gateways: list[str]
    varnish: str
    redis: Redis
    network: Network
    client: aiohttp.ClientSession

    async def plans(self) -> dict[str, dict[int, str]]:
        """What the backend says that each product's plans are called."""
        found: dict[str, dict[int, str]] = defaultdict(dict)
        for plan in (await ask(self.client, "GET", f"{self.backend}/plans?limit=250"))["plans"]:
            found[plan["external_product_id"]["ecommerce"]][plan["id"]] = plan["title"]
        return dict(found)

    async def rename(self, plan: int, title: str) -> None:
        """Change a plan at the backend."""
        await ask(self.client, "PUT", f"{self.backend}/plans/{plan}", {"title": title})

    async def shown(self, url: str, product: str) -> dict[int, str]:
        """What a visitor's page says there that the product's plans are called."""
        params = {"shop": SHOP, "query": f'{{ product(id: "{product}") {{ plans {{ id title }} }} }}'}
        async with self.client.get(f"{url}/graphql", params=params) as response:
            plans = (await response.json())["data"]["product"]["plans"]
            return {int(plan["id"].rpartition("/")[2]): plan["title"] for plan in plans}


async def ask(client: aiohttp.ClientSession, method: str, url: str, body: Any = None) -> Any:
    """What a backend answers to the shop itself, once it has done it."""
    headers = {"X-Recharge-Access-Token": TOKEN, "X-Recharge-Version": "2021-11"}
    async with client.request(method, url, json=body, headers=headers) as response:
        assert response.status == 200, await response.text()
        return await response.json()


def telling_backend(folder: Path) -> AbstractAsyncContextManager[Started]:
    """The subscriptions backend as a process, with its database in a folder, for as long as the block runs."""
    return server(
        (sys.executable, "-m", "gateway", "backend", "subscriptions", "--port", "{port}"),
        {
            "BACKEND_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'subscriptions.sqlite'}",
            "BACKEND_TOKENS": json.dumps({SHOP: TOKEN}),
            "BACKEND_CLIENT_SECRETS": json.dumps({SHOP: SECRET}),
            "BACKEND_CUSTOMERS": "20",
            "BACKEND_WEBHOOK_PAUSE_SECONDS": "0.2",
        },
        core=BACKEND_CORE,
        log=folder / "backend.log",
    )


@asynccontextmanager
async def eventful(folder: Path, chances: Mapping[str, float]) -> AsyncIterator[Eventful]:
    """All of it, for as long as the block runs."""
    network = Network(chances)
    cdn_port = free_port()
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(running_redis())
        backend = await stack.enter_async_context(telling_backend(folder))
        backend_url = f"http://127.0.0.1:{backend.port}"
        own = {name: {"token": TOKEN, "webhook_secrets": [SECRET] * (name == "subscriptions")} for name in BACKENDS}
        given: dict[str, Any] = {
            "sessions": {"secret": "s" * 40},
            "backends": {name: {"url": backend_url} for name in BACKENDS},
            "shops": {SHOP: {"id": SHOPS[0].id, "currency_code": SHOPS[0].currency, "backends": own}},
        }
        environment = {
            "GATEWAY_SERVER__PORT": "{port}",
            "GATEWAY_SERVER__DRAIN_SECONDS": "0",
            "GATEWAY_LOG__LEVEL": "WARNING",
            "GATEWAY_REDIS__URL": redis.url,
            "GATEWAY_CDN__URL": f"http://127.0.0.1:{cdn_port}/",
            "GATEWAY_CDN__METHOD": "PURGE",
            "GATEWAY_CDN__TAGS_HEADER": "xkey-purge",
            **{f"GATEWAY_{name.upper()}": json.dumps(value) for name, value in given.items()},
        }
        for n in range(2):
            started = await stack.enter_async_context(
                server(
                    (sys.executable, "-m", "gateway", "serve"),
                    environment,
                    core=GATEWAY_CORE,
                    log=folder / f"gateway{n}.log",
                )
            )
            network.gateways.append(f"http://127.0.0.1:{started.port}")
        varnish = await stack.enter_async_context(running_varnish(network.gateways[0], port=cdn_port))
        address = await stack.enter_async_context(network.open())
        (registered,) = await register_webhooks(Settings.model_validate(given), address)
        assert registered.made > 0
        yield Eventful(
            backend_url,
            network.gateways,
            varnish,
            await stack.enter_async_context(Redis.from_url(redis.url)),
            network,
            await stack.enter_async_context(aiohttp.ClientSession()),
        )
