"""From a name and settings to a running service."""

import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, cast

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ExceptionHandler, Receive, Scope, Send

from backends.bundles.app import SERVICE as BUNDLES
from backends.database import answers, open_engine, prepare
from backends.loyalty.app import SERVICE as LOYALTY
from backends.service import Service
from backends.settings import BackendSettings
from backends.subscriptions.app import SERVICE as SUBSCRIPTIONS
from backends.webhooks import Outbox
from backends.webhooks.sender import sending
from backends.wire.calls import RequestIds, json_response
from backends.wire.errors import RefusedError
from backends.wire.faults import Faults, Misbehaving, fault_routes
from backends.wire.fleet import fleet_route
from backends.wire.limits import Limits

_SERVICES = {"subscriptions": SUBSCRIPTIONS, "bundles": BUNDLES, "loyalty": LOYALTY}
BACKENDS: tuple[str, ...] = tuple(_SERVICES)
"""Names that `create_backend` knows."""

_NEW_IDS_SINCE = 1_577_836_800
"""New rows are numbered by the microseconds from 2020 on: later ones are larger, and JavaScript can count so far."""


class Backend(Starlette):
    """A service; faults stand in front of everything else, so that they have the server's own connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or fails to."""
        if not self.state.settings.faults:
            await super().__call__(scope, receive, send)
            return
        misbehaving = Misbehaving(super().__call__, self.state.faults, _other_tokens(self.state.tokens))
        await misbehaving(scope, receive, send)


def create_backend(name: str, settings: BackendSettings) -> Starlette:
    """One service with its own database, which its lifespan creates, fills when empty, and closes.

    `app.state.tokens` are the service tokens by shop domain. Raises KeyError for a name that is not in `BACKENDS`.
    """
    service = _SERVICES[name]
    engine = open_engine(settings.database_url)

    @asynccontextmanager
    async def lifespan(running: Starlette) -> AsyncIterator[None]:
        try:
            world = settings.world
            await prepare(engine, service.tables, service.seed(world), world)
            async with service.opening(running.state), sending(running.state, service.tables):
                yield
        finally:
            await engine.dispose()

    async def health(_: Request) -> Response:
        try:
            await answers(engine, service.tables)
        except SQLAlchemyError:
            return json_response({"status": "unavailable", "service": name}, 503)
        return json_response({"status": "ok", "service": name})

    faults = Faults()
    app = Backend(
        routes=[
            Route("/health", health, methods=["GET"]),
            *(fault_routes(faults) if settings.faults else []),
            fleet_route(service.dialect.prefix, service.fleet),
            *service.routes,
        ],
        middleware=[Middleware(RequestIds)],
        exception_handlers=_handlers(service),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.busy = set()
    app.state.dialect = service.dialect
    app.state.engine = engine
    app.state.faults = faults
    app.state.ids = itertools.count(time.time_ns() // 1_000 - _NEW_IDS_SINCE * 1_000_000)
    app.state.login_attempts = {}
    app.state.limits = Limits(service.bucket) if settings.rate_limit else None
    app.state.lock_table = service.lock_table
    app.state.outbox = Outbox(service.tables, service.subjects)
    app.state.session_keys = settings.tokens if name == "subscriptions" else settings.subscriptions_tokens
    app.state.settings = settings
    app.state.tokens = settings.tokens
    return app


def _other_tokens(tokens: dict[str, SecretStr]) -> dict[str, str]:
    """For each token, in both spellings, that of the next shop."""
    values = [token.get_secret_value() for token in tokens.values()]
    pairs = zip(values, [*values[1:], *values[:1]], strict=True)
    return {f"{form}{own}": f"{form}{other}" for own, other in pairs for form in ("", "Bearer ")}


def _handlers(service: Service) -> dict[Any, ExceptionHandler]:
    """Every failure as JSON in the service's own words; a crash keeps its traceback for the log."""

    def refuse(request: Request, refusal: RefusedError) -> Response:
        response = json_response(service.dialect.refusal(refusal, request.state.request_id), refusal.status)
        response.headers.update(refusal.headers)
        return response

    async def refused(request: Request, error: Exception) -> Response:
        return refuse(request, cast("RefusedError", error))

    async def unrouted(request: Request, raised: Exception) -> Response:
        error = cast("HTTPException", raised)
        words = {404: "endpoint not found", 405: "method not allowed"}
        told = words.get(error.status_code, HTTPStatus(error.status_code).phrase)
        response = refuse(request, RefusedError(error.status_code, told, singular=True))
        response.headers.update(error.headers or {})
        return response

    async def crashed(request: Request, _: Exception) -> Response:
        response = refuse(request, RefusedError(500, "Internal Server Error"))
        response.headers["x-request-id"] = request.state.request_id
        return response

    return {RefusedError: refused, HTTPException: unrouted, Exception: crashed}
