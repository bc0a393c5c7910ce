"""HTTP requests and responses as ASGI carries them, with next to nothing in between."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send


class HttpRequest:
    """A request.

    Starlette's own walks through all headers whenever it is asked for one, and is made anew on each of its layers.
    """

    __slots__ = ("_query", "headers", "method", "path", "peer", "query_string", "receive", "state")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        """From what ASGI passes to an application."""
        self.receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query_string: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        """By name in lower case; of one that is there twice, the first."""
        client = scope.get("client")
        self.peer: str | None = client[0] if client else None
        """The address of who is connected."""
        self.state: dict[str, Any] = scope["state"]
        """What the server and the layers before know of it."""
        self._query: list[tuple[str, str]] | None = None

    def header(self, name: bytes) -> str | None:
        """A header by its name in lower case."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query string, in its order."""
        if self._query is None:
            text = self.query_string.decode("latin-1")
            self._query = parse_qsl(text, keep_blank_values=True) if text else []
        return self._query

    def parameter(self, name: str) -> str | None:
        """A parameter of the query string; of one that is there twice, the last."""
        return next((value for key, value in reversed(self.query) if key == name), None)


_BODILESS = frozenset({int(HTTPStatus.NO_CONTENT), int(HTTPStatus.NOT_MODIFIED)})


class HttpResponse:
    """A response that is there as a whole."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: dict[bytes, bytes], body: bytes = b"") -> None:
        """Headers by their names in lower case. The length of the body is added to them, where there may be one."""
        self.status = status
        self.headers = headers
        self.body = body
        if status not in _BODILESS:
            headers[b"content-length"] = b"%d" % len(body)

    def vary_by(self, name: bytes) -> None:
        """Tell caches that another value of a request's header makes another response."""
        vary = self.headers.get(b"vary")
        self.headers[b"vary"] = name if vary is None else b"%b, %b" % (vary, name)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Be sent, as Starlette's routes send what they return."""
        await self.send(send)

    async def send(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers.items()]})
        await send({"type": "http.response.body", "body": self.body})
