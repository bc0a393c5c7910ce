"""Backends that misbehave on demand: the demo's way to `/faults` of the reference services."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MODES: dict[str, list[dict[str, Any]]] = {
    "well": [],
    "slow": [{"latency_ms": 1_500, "jitter_ms": 500}],
    "failing": [{"error_rate": 1.0, "status": 503}],
    "hanging": [{"hang": True}],
}
"""What a backend can be told to do, as its faults."""

GONE = "gone"
"""What a backend does whose process has ended."""

_PATIENCE = aiohttp.ClientTimeout(total=5)


def fault_pages(backend_urls: Mapping[str, str]) -> list[Route]:
    """`GET /demo/faults`: how each backend does. `PUT /demo/faults/{service}` with `{"mode": …}`: how it shall."""

    async def states(_request: Request) -> Response:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as client:
            found = await asyncio.gather(*(_state(client, url) for url in backend_urls.values()))
        return _json(dict(zip(backend_urls, found, strict=True)))

    async def tell(request: Request) -> Response:
        url = backend_urls.get(request.path_params["service"])
        mode = await _mode(request)
        if url is None or mode not in MODES:
            return _json({"message": f'Send {{"mode": …}}, one of {", ".join(MODES)}, to one of the backends.'}, 400)
        async with aiohttp.ClientSession(timeout=_PATIENCE) as client:
            try:
                async with client.put(f"{url}/faults", json=MODES[mode], raise_for_status=True):
                    return _json({"mode": mode})
            except (aiohttp.ClientError, TimeoutError):
                return _json({"message": "The backend's process has ended: start the demo anew.", "mode": GONE}, 502)

    return [
        Route("/demo/faults", states),
        Route("/demo/faults/{service}", tell, methods=["PUT"]),
    ]


async def _state(client: aiohttp.ClientSession, url: str) -> str:
    try:
        async with client.get(f"{url}/faults") as response:
            faults = (await response.json())["faults"]
    except (aiohttp.ClientError, TimeoutError):
        return GONE
    if not faults:
        return "well"
    if faults[0]["hang"]:
        return "hanging"
    return "failing" if faults[0]["error_rate"] else "slow"


async def _mode(request: Request) -> str:
    try:
        sent = await request.json()
    except ValueError:
        return ""
    return str(sent.get("mode", "")) if isinstance(sent, dict) else ""


def _json(body: object, status: int = 200) -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
