"""The composition root: middleware, routes and backends, in the order in which a request meets them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypedDict

from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.edge.endpoint import GraphQLEndpoint, OpenResolvers
from gateway.edge.health import livez, readyz
from gateway.edge.operations import Operations
from gateway.edge.request_id import RequestIds
from gateway.edge.sessions import Sessions
from gateway.execution import Executor
from gateway.settings import Backends, Settings
from gateway.upstream import Backend, Deadline, Journal, Loads, Upstream
from gateway.viewer import Market, Viewer
from resolvers import DIALECTS, Resolvers
from resolvers.shop import Shop
from schema import build_schema

METHODS = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All of them reach the endpoint, so that a wrong one is answered in JSON too."""


class State(TypedDict):
    """What lives as long as the process, from startup to shutdown."""

    endpoint: GraphQLEndpoint


def create_app(settings: Settings, *, pages: Sequence[BaseRoute] = ()) -> Starlette:
    """The gateway as an ASGI application.

    Args:
        settings: All of them.
        pages: Routes beside the gateway's own, such as the demo's start page.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        async with AsyncExitStack() as stack:
            backends = {
                name: await stack.enter_async_context(_connected(name, settings.backends))
                for name in Backends.model_fields
            }
            yield State(endpoint=_endpoint(settings, _opener(settings, backends)))

    app = Starlette(
        lifespan=lifespan,
        middleware=[Middleware(RequestIds)],
        routes=[
            Route("/graphql", _graphql, methods=METHODS),
            Route("/livez", livez),
            Route("/readyz", readyz),
            *pages,
        ],
        exception_handlers={HTTPException: _http_error},
    )
    # /graphql/ is another path: a redirect would make a cache keep an answer under a name that nobody guards.
    app.router.redirect_slashes = False
    return app


def sessions_of(settings: Settings) -> Sessions:
    """What checks, and for the command line makes, session tokens."""
    return Sessions(
        key=OctKey.import_key(settings.sessions.secret.get_secret_value()),
        shops=frozenset(settings.shops),
        leeway_seconds=settings.sessions.leeway_seconds,
    )


def _endpoint(settings: Settings, open_resolvers: OpenResolvers) -> GraphQLEndpoint:
    kept = settings.limits.documents_kept
    executor = Executor(build_schema(), plans=kept, passive_directives=("inContext",))
    return GraphQLEndpoint(
        sessions=sessions_of(settings),
        operations=Operations(
            executor.graphql_schema,
            kept=kept,
            tokens=settings.limits.document_tokens,
        ),
        execute=executor.execute,
        open_resolvers=open_resolvers,
        body_bytes=settings.limits.body_bytes,
    )


def _opener(settings: Settings, backends: Mapping[str, Backend]) -> OpenResolvers:
    """The function that binds the process's backends to one viewer."""
    access = {
        domain: {name: DIALECTS[name](domain, token.get_secret_value()) for name, token in shop.tokens.items()}
        for domain, shop in settings.shops.items()
    }
    shops = {
        domain: Shop(id=shop.id, domain=domain, currency_code=shop.currency_code)
        for domain, shop in settings.shops.items()
    }

    @asynccontextmanager
    async def open_resolvers(viewer: Viewer, market: Market, journal: Journal) -> AsyncIterator[Resolvers]:
        deadline = Deadline.after(settings.operations.deadline_seconds)
        async with Loads() as loads:
            yield Resolvers(
                viewer=viewer,
                market=market,
                shop=shops[viewer.shop],
                upstreams={
                    name: Upstream(backend, access[viewer.shop][name], viewer.customer_id, deadline, journal)
                    for name, backend in backends.items()
                },
                loads=loads,
            )

    return open_resolvers


def _connected(name: str, backends: Backends) -> AbstractAsyncContextManager[Backend]:
    settings = getattr(backends, name)
    return Backend.connected(
        name,
        str(settings.url),
        timeout_seconds=settings.timeout_seconds,
        connections=settings.connections,
        answer_bytes=settings.answer_bytes,
    )


async def _graphql(request: Request) -> Response:
    endpoint: GraphQLEndpoint = request.state.endpoint
    return await endpoint(request)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's own refusals (404, 405) in the shape of all errors."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = "There is nothing here: the endpoint is /graphql." if status == 404 else "The method is not allowed here."
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]}, status)
