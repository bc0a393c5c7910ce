"""A backend that answers what it is told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.upstream import Access, Backend, Bulk, Cache, Coalescer, Deadline, Journal, Memory, Tenant, Upstream
from tests.running import running

VIEWER = 7
SHOP = "a.example"


@dataclass
class Scripted:
    """Answers in their order, the last one again when there are no more; remembers what it was asked."""

    answers: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    journal: Journal = field(default_factory=Journal)
    upstream: Upstream = field(init=False)

    async def answer(self, request: Request) -> Response:
        """The next answer."""
        self.asked.append(f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path)
        self.tokens.append(request.headers.get("x-token", ""))
        if body := await request.body():
            self.bodies.append(json.loads(body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, Response) else JSONResponse(answer)


@asynccontextmanager
async def scripted_backend(bulk: Bulk = "none") -> AsyncIterator[Scripted]:
    """A scripted backend, and the way to it as customer 7 of one shop."""
    script = Scripted()
    methods = ["GET", "POST"]
    async with (
        running(Starlette(routes=[Route("/{path:path}", script.answer, methods=methods)])) as url,
        Backend.connected("rows", url, timeout_seconds=2, connections=10, answer_bytes=1_000_000) as backend,
        Coalescer(calls_at_once=2) as coalescer,
        Cache(coalescer, Memory(public_entries=100, private_entries=100)) as cache,
    ):
        tenant = Tenant(
            backend,
            SHOP,
            Access(headers={"X-Token": "shop"}, params={"shop_url": SHOP}),
            bulk,
            Access(headers={"X-Token": "fleet"}),
        )
        script.upstream = Upstream(tenant, VIEWER, Deadline.after(30), script.journal, cache)
        yield script
