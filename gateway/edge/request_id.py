"""A name for each request, in its answer and in every log line about it."""

import os
import re

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = b"x-request-id"

_ACCEPTABLE = re.compile(rb"[A-Za-z0-9_.-]{1,64}")


def named(scope: Scope) -> str:
    """Name a request, from now on in every log line: the caller's id where it is a plain one, else a new one."""
    sent = next((value for name, value in scope["headers"] if name == REQUEST_ID), None)
    request_id: str = sent.decode() if sent is not None and _ACCEPTABLE.fullmatch(sent) else os.urandom(16).hex()
    scope.setdefault("state", {})["request_id"] = request_id
    # Nothing else is ever bound: what a request before may have left in the same context is overwritten.
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


class RequestIds:
    """Names requests, and tells their names in the answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = named(scope).encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, request_id)]
            await send(message)

        await self._app(scope, receive, send_with_id)
