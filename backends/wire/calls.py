"""From a request to a call: who asks, for which shop, with which parameters."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backends.store.shops import Shop
from backends.wire.callers import Caller, check_version, identify
from backends.wire.dialects import Dialect
from backends.wire.errors import RefusedError
from backends.wire.limits import WAIT_SECONDS

REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authenticated request: parameters by name, repeated ones joined by commas."""

    caller: Caller
    query: Mapping[str, str]
    path: Mapping[str, Any]
    connection: AsyncConnection
    state: State
    body: Any = None
    """What was sent as JSON; None without a body."""
    undoing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What puts other services back as they were, should this request not be committed; run last to first."""
    telling: list[tuple[str, Any, int]] = field(default_factory=list)
    """Topics that no changed row shows by itself, such as a pause: each with the resource and id that it is told of."""

    @property
    def shop(self) -> Shop:
        """Whose rows these are."""
        return self.caller.shop

    @property
    def customer_id(self) -> int | None:
        """Whose session it is; None for the shop itself."""
        return self.caller.customer_id

    @property
    def dialect(self) -> Dialect:
        """The words of the service."""
        dialect: Dialect = self.state.dialect
        return dialect

    @property
    def today(self) -> date:
        """The shop's calendar date, in UTC, or the one that the settings name."""
        return self.state.settings.today or datetime.now(UTC).date()

    @property
    def now(self) -> datetime:
        """Naive UTC, whole seconds."""
        return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


Handler = Callable[[Call], Awaitable[Any]]
"""A call to the JSON value that answers it, None for 204; raises RefusedError."""
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(handler: Handler, version: str = "2021-11", *, customers: bool = True) -> Endpoint:
    """A Starlette endpoint that reads; without `customers` it is for the shop alone."""

    async def answer(request: Request) -> Response:
        query = query_of(request)
        caller = admit(request, query, version, customers=customers)
        async with request.app.state.engine.connect() as connection:
            call = Call(
                caller=caller, query=query, path=request.path_params, connection=connection, state=request.app.state
            )
            return json_response(await handler(call))

    return answer


def query_of(request: Request) -> dict[str, str]:
    """Parameters by name, repeated ones joined by commas."""
    return {name: ",".join(request.query_params.getlist(name)) for name in request.query_params}


def admit(request: Request, query: Mapping[str, str], version: str, *, customers: bool) -> Caller:
    """Who asks; raises 401, 423, 426 and 429."""
    caller = identify(request, query)
    _limit(request)
    check_version(request, version)
    if caller.customer_id is not None and not customers:
        raise RefusedError(401, "Insufficient scope")
    return caller


def _limit(request: Request) -> None:
    state = request.app.state
    if state.limits is not None and not state.limits.admits(state.dialect.token(request.headers) or ""):
        headers = {"retry-after": str(WAIT_SECONDS)} if state.settings.retry_after else {}
        raise RefusedError(429, "Too many requests", headers=headers)


def json_response(body: Any, status: int = 200) -> Response:
    """A JSON answer; key order is the order of `body`."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


class RequestIds:
    """Middleware: each answer carries the caller's `X-Request-Id`, or a new one when none that is printable came."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sees to the answer's header; `request.state.request_id` is there for bodies."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        await self.app(scope, receive, send_with_id)
