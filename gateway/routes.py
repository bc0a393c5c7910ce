"""What is reached by which path, by the settings of now."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TypedDict

from prometheus_client import Metric
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.edge.endpoint import GraphQLEndpoint
from gateway.edge.events import WebhookEndpoint
from gateway.edge.health import livez, readiness
from gateway.edge.messages import HttpRequest, HttpResponse
from gateway.edge.request_id import REQUEST_ID, id_for
from gateway.edge.session_endpoint import SessionEndpoint
from gateway.edge.sessions import PROXIED
from gateway.graph import Executing
from gateway.metrics import observed, worst_states
from gateway.replaceable import Replaceable
from gateway.upstream import Backend


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What answers, by one composition of the settings."""

    graphql: GraphQLEndpoint
    session: SessionEndpoint
    webhooks: WebhookEndpoint
    backends: Collection[Backend]
    executing: Executing


class State(TypedDict):
    """What lives as long as the process, from startup to shutdown."""

    endpoints: Replaceable[Endpoints]
    """The endpoints of the settings of now; a request in flight keeps those that it began with."""


async def _recharge_webhook(request: Request) -> HttpResponse:
    endpoints: Replaceable[Endpoints] = request.state.endpoints
    with endpoints.current() as current:
        return await current.webhooks.recharge(request)


async def _shopify_webhook(request: Request) -> HttpResponse:
    endpoints: Replaceable[Endpoints] = request.state.endpoints
    with endpoints.current() as current:
        return await current.webhooks.shopify(request)


SHOPPERS: Mapping[str, Callable[[Endpoints], Callable[[HttpRequest], Awaitable[HttpResponse]]]] = {
    "/graphql": attrgetter("graphql"),
    "/session": attrgetter("session"),
    f"{PROXIED}graphql": attrgetter("graphql"),
    f"{PROXIED}session": attrgetter("session"),
}
"""What shoppers ask, by path. Each answers every method, so that a wrong one is answered in JSON too."""


class Application(Starlette):
    """Starlette, but for what shoppers ask: that is found by a look into a dict, and passes none of its layers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live from startup to shutdown."""
        endpoint_of = SHOPPERS.get(scope["path"]) if scope["type"] == "http" else None
        if endpoint_of is None:
            await super().__call__(scope, receive, send)
            return
        request = HttpRequest(scope, receive)
        request.state["request_id"] = request_id = id_for(request.headers.get(REQUEST_ID))
        endpoints: Replaceable[Endpoints] = request.state["endpoints"]
        with endpoints.current() as current:
            response = await endpoint_of(current)(request)
        response.headers[REQUEST_ID] = request_id.encode()
        await response.send(send)


async def _readyz(request: Request) -> JSONResponse:
    endpoints: Replaceable[Endpoints] = request.state.endpoints
    with endpoints.current() as current:
        return readiness(request, worst_states(current.backends))


def observed_of(endpoints: Replaceable[Endpoints]) -> list[Metric]:
    """What is looked at when metrics are collected."""
    with endpoints.current() as current:
        shedding = current.graphql.shedding
        admitted = {"important": shedding.important_gate.share, "other": shedding.gate.share}
        return list(observed(current.backends, current.executing.fallbacks, admitted))


async def http_error(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's own refusals (404, 405) in the shape of all errors."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = "There is nothing here: the endpoint is /graphql." if status == 404 else "The method is not allowed here."
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]}, status)


ROUTES = (
    Route("/webhooks/recharge/{shop}/{topic:path}", _recharge_webhook, methods=["POST"]),
    Route("/webhooks/shopify", _shopify_webhook, methods=["POST"]),
    Route("/livez", livez),
    Route("/readyz", _readyz),
)
