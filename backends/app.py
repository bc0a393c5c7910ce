"""From a name and settings to a running service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, cast

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from backends.bundles.app import SERVICE as BUNDLES
from backends.database import answers, open_engine, prepare
from backends.loyalty.app import SERVICE as LOYALTY
from backends.service import Service
from backends.settings import BackendSettings
from backends.subscriptions.app import SERVICE as SUBSCRIPTIONS
from backends.wire.calls import RequestIds, json_response
from backends.wire.errors import RefusedError

_SERVICES = {"subscriptions": SUBSCRIPTIONS, "bundles": BUNDLES, "loyalty": LOYALTY}
BACKENDS: tuple[str, ...] = tuple(_SERVICES)
"""Names that `create_backend` knows."""


def create_backend(name: str, settings: BackendSettings) -> Starlette:
    """One service with its own database, which its lifespan creates, fills when empty, and closes.

    `app.state.tokens` are the service tokens by shop domain. Raises KeyError for a name that is not in `BACKENDS`.
    """
    service = _SERVICES[name]
    engine = open_engine(settings.database_url)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            world = settings.world
            await prepare(engine, service.tables, service.seed(world), world)
            yield
        finally:
            await engine.dispose()

    async def health(_: Request) -> Response:
        try:
            await answers(engine, service.tables)
        except SQLAlchemyError:
            return json_response({"status": "unavailable", "service": name}, 503)
        return json_response({"status": "ok", "service": name})

    app = Starlette(
        routes=[Route("/health", health, methods=["GET"]), *service.routes],
        middleware=[Middleware(RequestIds)],
        exception_handlers=_handlers(service),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.dialect = service.dialect
    app.state.engine = engine
    app.state.tokens = settings.tokens
    return app


def _handlers(service: Service) -> dict[Any, ExceptionHandler]:
    """Every failure as JSON in the service's own words; a crash keeps its traceback for the log."""

    def refuse(request: Request, refusal: RefusedError) -> Response:
        return json_response(service.dialect.refusal(refusal, request.state.request_id), refusal.status)

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
