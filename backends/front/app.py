"""A proxy that sends each path to the service that owns it, and signs like Shopify's app proxy."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from backends.front.settings import FrontSettings
from backends.wire.calls import json_response
from backends.wire.proxied import signature

PROXY = "/tools/recurring"
OF_BUNDLES = ("/bundle_selections", "/bundles/", "/bundle-data/", "/bundling-storefront-manager/")
LOGINS = ("/shopify_storefront_access", "/shopify_customer_account_api_access", "/attempt_login", "/validate_login")
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
HOP_BY_HOP = frozenset(
    {
        "connection", "content-length", "host", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
CHUNK_BYTES = 65_536


def create_front(settings: FrontSettings) -> Starlette:
    """`/api/…` of both services, logins, `/tools/recurring/…` as a signed app proxy, `/cdn/…`; all origins may ask."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        timeout = ClientTimeout(total=settings.timeout_seconds)
        async with ClientSession(timeout=timeout, cookie_jar=DummyCookieJar(), auto_decompress=False) as session:
            app.state.session = session
            yield

    async def api(request: Request) -> Response:
        path = f"/{request.path_params['path']}"
        return await _forward(request, settings, path, request.url.query)

    async def proxied(request: Request) -> Response:
        path = f"/{request.path_params['path']}"
        return await _forward(request, settings, path, _signed(request, settings), prefix=PROXY)

    async def as_is(request: Request) -> Response:
        return await _forward(request, settings, request.url.path, request.url.query)

    async def health(_: Request) -> Response:
        return json_response({"status": "ok", "service": "front"})

    return Starlette(
        routes=[
            Route("/health", health, methods=["GET"]),
            Route("/api/{path:path}", api, methods=METHODS),
            Route(f"{PROXY}/{{path:path}}", proxied, methods=["GET", "POST"]),
            Route("/cdn/{path:path}", as_is, methods=["GET"]),
            Route("/customers/{hash}/access", as_is, methods=["POST"]),
            *(Route(path, as_is, methods=["POST"]) for path in LOGINS),
        ],
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], max_age=600)
        ],
        lifespan=lifespan,
    )


def _signed(request: Request, settings: FrontSettings) -> str:
    """The query as Shopify sends it on: the storefront's own parameters first, then who asks, then the signature."""
    reserved = {"shop", "logged_in_customer_id", "path_prefix", "timestamp", "signature"}
    sent = [pair for pair in request.query_params.multi_items() if pair[0] not in reserved]
    told = [
        *sent,
        ("shop", settings.shop),
        ("logged_in_customer_id", settings.logged_in_customer_id),
        ("path_prefix", PROXY),
        ("timestamp", str(int(time.time()))),
    ]
    return urlencode([*told, ("signature", signature(settings.app_secret.get_secret_value(), told))])


async def _forward(request: Request, settings: FrontSettings, path: str, query: str, *, prefix: str = "") -> Response:
    base = settings.bundles_url if path.startswith(OF_BUNDLES) else settings.subscriptions_url
    url = f"{base.rstrip('/')}{prefix}{path}{'?' if query else ''}{query}"
    headers = [(name, value) for name, value in request.headers.items() if name not in HOP_BY_HOP]
    body = request.stream() if request.method != "GET" else None
    session: ClientSession = request.app.state.session
    try:
        answer = await session.request(request.method, url, headers=headers, data=body, allow_redirects=False)
    except (ClientError, TimeoutError):
        return json_response({"error": "A gateway error occurred"}, 502)
    response = StreamingResponse(_chunks(answer), answer.status, background=BackgroundTask(answer.release))
    for name, value in answer.headers.items():
        if name.lower() not in HOP_BY_HOP - {"content-length"}:
            response.headers.append(name, value)
    return response


async def _chunks(answer: ClientResponse) -> AsyncIterator[bytes]:
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        yield chunk
