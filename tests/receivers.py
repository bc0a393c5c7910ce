"""A receiver of webhooks that remembers them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.running import running


@dataclass(frozen=True)
class Delivery:
    """One webhook as it came."""

    topic: str
    body: bytes
    headers: Headers

    @property
    def value(self) -> Any:
        """What it says."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers 200, or with the next of the statuses that it is given."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    pause_seconds: float = 0.0
    """How long it takes to answer."""
    came: list[Delivery] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response:
        """Take a webhook."""
        self.came.append(Delivery(request.path_params["topic"], await request.body(), request.headers))
        self._news.set()
        await asyncio.sleep(self.pause_seconds)
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    @property
    def topics(self) -> list[str]:
        """What was told so far, in alphabetical order: senders promise no other."""
        return sorted(each.topic for each in self.came)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what came."""
        async with asyncio.timeout(20):
            while not holds():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """A receiver for as long as the block runs; each topic has its own path."""
    receiver = Receiver()
    async with running(Starlette(routes=[Route("/{topic:path}", receiver.answer, methods=["POST"])]), port=port) as url:
        receiver.url = url
        yield receiver
