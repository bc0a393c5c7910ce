"""`/metrics` on a socket of its own, where no shopper comes."""

import asyncio
import hmac
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder

Observe = Callable[[], Sequence[Metric]]
"""What is looked at when somebody asks, rather than counted all the while."""


@dataclass(frozen=True, slots=True)
class MetricsAt:
    """Where metrics are collected."""

    sock: socket.socket
    """Listens; not the one that shoppers reach."""
    token: str | None = field(default=None, repr=False)
    """What has to be sent as a bearer token; None where whoever reaches the socket may read."""


@dataclass(frozen=True, slots=True)
class _Both:
    """What was looked at in the loop and what is counted, as one page."""

    observed: Sequence[Metric]
    registry: CollectorRegistry

    def collect(self) -> list[Metric]:
        return [*self.observed, *self.registry.collect()]


@dataclass(frozen=True, slots=True)
class _Page:
    registry: CollectorRegistry
    observe: Observe
    authorization: bytes | None

    async def answer(self, request: web.Request) -> web.Response:
        sent = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if self.authorization is not None and not hmac.compare_digest(sent, self.authorization):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        encode, media_type = choose_encoder(request.headers.get("Accept", ""))
        both = _Both(self.observe(), self.registry)
        # In a thread: a page of two thousand lines takes 12 ms to write, and requests go on meanwhile.
        body = await asyncio.to_thread(lambda: encode(both))
        return web.Response(body=body, headers={"Content-Type": media_type, "Cache-Control": "no-store"})


@asynccontextmanager
async def listening(at: MetricsAt | None, registry: CollectorRegistry, observe: Observe) -> AsyncIterator[None]:
    """Answer `GET /metrics` for as long as the block runs; without a place nowhere.

    Args:
        at: Where; its socket is closed at the end.
        registry: What is counted.
        observe: What is looked at for each answer.
    """
    if at is None:
        yield
        return
    app = web.Application()
    page = _Page(registry, observe, f"Bearer {at.token}".encode() if at.token is not None else None)
    app.router.add_get("/metrics", page.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, at.sock).start()
        yield
    finally:
        await runner.cleanup()
