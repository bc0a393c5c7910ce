"""/livez and /readyz."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse


async def livez(_request: Request) -> JSONResponse:
    """200 as long as the process answers. Nothing it depends on is asked: a restart would not mend that."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> JSONResponse:
    """200 once the process takes requests, which is when this route exists; 503 once it is about to stop.

    Backends that are down do not count: the gateway goes on answering with what is left.
    """
    if getattr(request.state, "draining", False):
        return JSONResponse({"status": "draining"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse({"status": "ok"})
