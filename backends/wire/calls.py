"""From a request to a call: who asks, for which shop, in which version."""

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backends.store.shops import SHOPS, Shop
from backends.wire.dialects import Dialect
from backends.wire.errors import RefusedError

VERSIONS = frozenset({"2021-01", "2021-11"})
"""Versions that the subscriptions and bundles APIs know; each path answers to one of them."""

REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request: parameters by name, repeated ones joined by commas."""

    shop: Shop
    query: Mapping[str, str]
    path: Mapping[str, Any]
    connection: AsyncConnection
    dialect: Dialect


Handler = Callable[[Call], Awaitable[Any]]
"""A call to the JSON value that answers it; raises RefusedError."""


def endpoint(handler: Handler, version: str = "2021-11") -> Callable[[Request], Awaitable[Response]]:
    """A Starlette endpoint that lets in only callers with a shop's token."""

    async def answer(request: Request) -> Response:
        state = request.app.state
        dialect: Dialect = state.dialect
        query = {name: ",".join(request.query_params.getlist(name)) for name in request.query_params}
        shop = _shop(dialect, request, query, state.tokens)
        _check_version(dialect, request, version)
        async with state.engine.connect() as connection:
            call = Call(shop, query, request.path_params, connection, dialect)
            return json_response(await handler(call))

    return answer


def json_response(body: Any, status: int = 200) -> Response:
    """A JSON answer; key order is the order of `body`."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def _shop(dialect: Dialect, request: Request, query: Mapping[str, str], tokens: Mapping[str, SecretStr]) -> Shop:
    """The shop that the token belongs to; raises 401 without one, or when another shop is named."""
    sent = (dialect.token(request.headers) or "").encode()
    owner = ""
    for domain, token in tokens.items():
        if hmac.compare_digest(sent, token.get_secret_value().encode()):
            owner = domain
    named = query.get(dialect.shop_parameter, owner) if dialect.shop_parameter else owner
    if not owner or named != owner:
        raise RefusedError(401, "Unauthorized")
    return next(shop for shop in SHOPS if shop.domain == owner)


def _check_version(dialect: Dialect, request: Request, version: str) -> None:
    sent = request.headers.get(dialect.version_header, version) if dialect.version_header else version
    if sent not in VERSIONS:
        raise RefusedError(426, f"Unknown API version: {sent[:32]}")
    if sent != version:
        raise RefusedError(426, f"This endpoint needs API version {version}")


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
