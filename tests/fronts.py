"""A recording proxy in front of a backend, which can be told to misbehave."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.running import running

QUIET_SECONDS = 0.25
"""How long nothing new must come in until a round of calls counts as complete."""

Before = Callable[[Request], Awaitable[Response | None]]
"""Gets the request; returns an answer, or None to let the backend answer."""
Fault = Callable[[Request, bytes], Awaitable[Response | None]]
"""Gets the request and the backend's true answer; returns another answer, or None for the true one."""


@dataclass
class Rounds:
    """Holds calls back until no more come, then lets them go together: what is held together starts together."""

    finished: list[list[str]] = field(default_factory=list)
    _held: list[tuple[str, asyncio.Event]] = field(default_factory=list)
    _timer: asyncio.TimerHandle | None = None
    _answering: int = 0

    @asynccontextmanager
    async def held(self, call: str) -> AsyncIterator[None]:
        """Wait for the end of the round; the block answers the call."""
        released = asyncio.Event()
        self._held.append((call, released))
        self._wait_for_quiet()
        await released.wait()
        try:
            yield
        finally:
            self._answering -= 1
            self._wait_for_quiet()

    def _wait_for_quiet(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(QUIET_SECONDS, self._release)

    def _release(self) -> None:
        if self._answering or not self._held:
            return  # what is still to be answered may lead to more calls of this round
        self._answering = len(self._held)
        held, self._held = self._held, []
        self.finished.append(sorted(call for call, _ in held))
        for _, released in held:
            released.set()


@dataclass
class Front:
    """One backend's proxy."""

    service: str
    backend_url: str
    url: str = ""
    calls: list[str] = field(default_factory=list)
    """Path and query of every call, percent-decoded, without the tenant."""
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    """The JSON of every call that had some."""
    rounds: Rounds | None = None
    fault: Fault | None = None
    before: Before | None = None
    """Answers instead of the backend, which then hears nothing of the request."""
    writes: list[str] = field(default_factory=list)
    """Method and path of every call that may change something; session openings and look-ups by POST are not."""

    async def answer(self, request: Request) -> Response:
        """Ask the backend, unless told otherwise."""
        query = "&".join(part for part in request.url.query.split("&") if part and not part.startswith("shop_url="))
        call = unquote(request.url.path + (f"?{query}" if query else ""))
        self.calls.append(call)
        if request.method != "GET" and not request.url.path.endswith("/sessions") and "/bulk/" not in request.url.path:
            self.writes.append(f"{request.method} {call}")
        self.headers.append(dict(request.headers))
        sent = await request.body()
        if sent:
            self.bodies.append(json.loads(sent))
        if self.rounds:
            async with self.rounds.held(f"{self.service} {call}"):
                return await self._answer(request, sent)
        return await self._answer(request, sent)

    async def _answer(self, request: Request, sent: bytes) -> Response:
        if self.before and (instead := await self.before(request)) is not None:
            return instead
        async with self.session.request(
            request.method,
            f"{self.backend_url}{request.url.path}?{request.url.query}",
            data=sent or None,
            headers={
                name: value
                for name, value in request.headers.items()
                if name not in {"host", "accept-encoding", "content-length"}
            },
        ) as true:
            body = await true.read()
        if self.fault and (other := await self.fault(request, body)) is not None:
            return other
        return Response(body, true.status, media_type=true.content_type if body else None)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Front"]:
        """Listen for as long as the block runs, or until `stop`."""
        app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST", "PUT", "DELETE"])])
        async with AsyncExitStack() as self._listening:
            self.session = await self._listening.enter_async_context(aiohttp.ClientSession())
            self.url = await self._listening.enter_async_context(running(_resettable(app)))
            yield self

    async def stop(self) -> None:
        """Be gone: connections are refused from now on."""
        await self._listening.aclose()


class Reset(Response):
    """No answer: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's signature
        """Cut it."""
        scope["state"]["transport"].abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def _resettable(app: ASGIApp) -> ASGIApp:
    """Lets answers reach the connection that they are for."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            cycle: Any = send.__self__  # type: ignore[attr-defined]  # uvicorn's own
            scope.setdefault("state", {})["transport"] = cycle.transport
        await app(scope, receive, send)

    return answering


async def resetting(_request: Request, _true: bytes = b"") -> Response:
    """The connection is reset: as a fault when the backend has done its work, as `before` without it."""
    return Reset()


def answering(body: bytes | str, status: int = 200, media_type: str = "application/json") -> Fault:
    """The same answer to everything."""

    async def fault(_request: Request, _true: bytes) -> Response:
        return Response(body, status, media_type=media_type)

    return fault


def only(path: str, fault: Fault) -> Fault:
    """A fault of one path."""

    async def narrowed(request: Request, true: bytes) -> Response | None:
        return await fault(request, true) if request.url.path == path else None

    return narrowed


def throttling(retry_after: str) -> Fault:
    """429, with a Retry-After."""

    async def fault(_request: Request, _true: bytes) -> Response:
        return Response("{}", 429, {"Retry-After": retry_after}, media_type="application/json")

    return fault


async def hanging(_request: Request, _true: bytes) -> Response | None:
    """No answer for a minute."""
    await asyncio.sleep(60)
    return None


async def truncated(_request: Request, true: bytes) -> Response:
    """Half of the true answer."""
    return Response(true[: len(true) // 2], media_type="application/json")


def changing(change: Callable[[Any], object]) -> Fault:
    """The true answer with a change made to its JSON."""

    async def fault(_request: Request, true: bytes) -> Response:
        body = json.loads(true)
        change(body)
        return Response(json.dumps(body), media_type="application/json")

    return fault
