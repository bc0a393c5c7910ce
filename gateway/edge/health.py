"""/livez and /readyz."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.metrics import CLOSED


async def livez(_request: Request) -> JSONResponse:
    """200 as long as the process answers. Nothing it depends on is asked: a restart would not mend that."""
    return JSONResponse({"status": "ok"})


def readiness(request: Request, backends: Mapping[str, str]) -> JSONResponse:
    """200 once the process takes requests, which is when this route exists; 503 once it is about to stop.

    Backends that are down do not count: the gateway goes on answering with what is left, and says `degraded`.

    Args:
        request: Of a probe.
        backends: The state of each backend's breaker.
    """
    body = {"status": "ok" if all(state == CLOSED for state in backends.values()) else "degraded", "backends": backends}
    if getattr(request.state, "draining", False):
        return JSONResponse({**body, "status": "draining"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse(body)
