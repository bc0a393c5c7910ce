"""What is reached by which path, by the settings of now."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypedDict

from prometheus_client import Metric
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.edge.endpoint import GraphQLEndpoint
from gateway.edge.events import WebhookEndpoint
from gateway.edge.health import livez, readiness
from gateway.edge.session_endpoint import SessionEndpoint
from gateway.edge.sessions import PROXIED
from gateway.graph import Executing
from gateway.metrics import Metrics, observed, worst_states
from gateway.replaceable import Replaceable
from gateway.upstream import Backend

METHODS = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All of them reach the endpoint, so that a wrong one is answered in JSON too."""


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


async def _graphql(request: Request) -> Response:
    endpoints: Replaceable[Endpoints] = request.state.endpoints
    with endpoints.current() as current:
        return await current.graphql(request)


async def _session(request: Request) -> Response:
    endpoints: Replaceable[Endpoints] = request.state.endpoints
    with endpoints.current() as current:
        return await current.session(request)


async def _recharge_webhook(request: Request) -> Response:
    endpoints: Replaceable[Endpoints] = request.state.endpoints
    with endpoints.current() as current:
        return await current.webhooks.recharge(request)


async def _shopify_webhook(request: Request) -> Response:
    endpoints: Replaceable[Endpoints] = request.state.endpoints
    with endpoints.current() as current:
        return await current.webhooks.shopify(request)


async def _readyz(request: Request) -> Response:
    endpoints: Replaceable[Endpoints] = request.state.endpoints
    with endpoints.current() as current:
        return readiness(request, worst_states(current.backends))


def observed_of(endpoints: Replaceable[Endpoints], metrics: Metrics) -> list[Metric]:
    """What is looked at when metrics are collected."""
    metrics.lookups.settle()
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
    Route("/graphql", _graphql, methods=METHODS),
    Route("/session", _session, methods=METHODS),
    Route(f"{PROXIED}graphql", _graphql, methods=METHODS),
    Route(f"{PROXIED}session", _session, methods=METHODS),
    Route("/webhooks/recharge/{shop}/{topic:path}", _recharge_webhook, methods=["POST"]),
    Route("/webhooks/shopify", _shopify_webhook, methods=["POST"]),
    Route("/livez", livez),
    Route("/readyz", _readyz),
)
