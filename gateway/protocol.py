"""HTTP/1.1 as uvicorn speaks it, for clients that send slowly, too much, or not at all."""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.cycle import WholeCycle
from gateway.errors import BadUserInput, GatewayError, LimitExceeded, Overloaded
from gateway.presence import Presence

PRESENCE = "presence"
"""The name in `request.state` of the client's `Presence`."""
LAST_REQUEST_SECONDS = 1.0
"""How long a connection that was just taken may wait with its request when the process stops."""


@dataclass(slots=True)
class Connections:
    """What the connections of one server have in common: their limits, and which of them are idle."""

    receive_seconds: float = 5.0
    """Longest time for a request's head and body together, and for the first byte on a new connection."""
    header_bytes: int = 16_384
    """Largest request line and headers."""
    most: int = 10_000
    """Most open connections; the one that has been idle for longest makes room."""
    draining: bool = False
    """Whether each answer asks its client to leave."""
    idle: dict["GuardedProtocol", None] = field(default_factory=dict)
    """Those without a request, the longest idle first."""

    def protocol(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop
    ) -> "GuardedProtocol":
        """What uvicorn calls for each new connection."""
        return GuardedProtocol(config, server_state, app_state, _loop, self)


def _refusal(status: HTTPStatus, error: GatewayError, *headers: str) -> bytes:
    body = msgspec.json.encode({"errors": [{"message": error.message, "extensions": error.extensions}]})
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: application/json; charset=utf-8",
        f"content-length: {len(body)}",
        "cache-control: no-store",
        "connection: close",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


MALFORMED = _refusal(HTTPStatus.BAD_REQUEST, BadUserInput("This is not a request of HTTP/1.1."))
ONE_HOST = _refusal(HTTPStatus.BAD_REQUEST, BadUserInput("A request has exactly one Host header."))
ONE_CONTENT_TYPE = _refusal(HTTPStatus.BAD_REQUEST, BadUserInput("A request has at most one Content-Type header."))
TOO_SLOW = _refusal(
    HTTPStatus.REQUEST_TIMEOUT, LimitExceeded("The request did not arrive in time.", limit="receive_seconds")
)
TOO_LARGE = _refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    LimitExceeded("The request line and headers are too large.", limit="header_bytes"),
)
TOO_MANY = _refusal(HTTPStatus.SERVICE_UNAVAILABLE, Overloaded(retry_after_seconds=1), "retry-after: 1")


class _Refused(Exception):
    """Ends the parsing of a request that has its answer."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection.

    uvicorn's own waits for ever for the rest of a request, takes headers of any size and any number of Hosts, and keeps
    a connection that was reset for as long as it would have been kept alive.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
        shared: Connections,
    ) -> None:
        super().__init__(config, server_state, app_state, loop)
        self._shared = shared
        self._presence = Presence()
        self._timer: asyncio.TimerHandle | None = None
        self._is_receiving = False
        self._was_held_up = False
        """Whether reading was paused since the timer was set: the client's time begins when it goes on."""
        self._is_in_head = False
        self._has_cycle = False
        """Whether the request that is being received is the one that `cycle` answers."""
        self._unparsed_bytes = 0
        """Bytes of the message since the parser last had something to say: an unfinished header, or a trailer."""
        self._received_bytes = 0
        """No fewer than there are of the message so far."""
        self._refused: bytes | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Wait for the first request, if there is room."""
        super().connection_made(transport)
        if len(self.connections) > self._shared.most:
            longest = next(iter(self._shared.idle), None)
            if longest is None:
                self._refuse(TOO_MANY)
                return
            del self._shared.idle[longest]
            longest.transport.close()
        self._shared.idle[self] = None
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep nothing of it."""
        self._shared.idle.pop(self, None)
        self._disarm()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        self._presence.left()

    def data_received(self, data: bytes) -> None:
        """Parse what came, within the limits."""
        self._shared.idle.pop(self, None)
        if not self._is_receiving:
            self._received_bytes = len(data)
        else:
            self._received_bytes += len(data)
            self._unparsed_bytes += len(data)
            if self._is_in_head and self._unparsed_bytes > self._shared.header_bytes:
                self._refuse(TOO_LARGE)
                return
        super().data_received(data)
        self._was_held_up = self._was_held_up or self.flow.read_paused
        if self.transport.is_closing():
            self._disarm()
        elif self._is_receiving:
            if self._unparsed_bytes > self._shared.header_bytes:
                self._refuse(TOO_LARGE)
            else:
                self._arm()
        elif self._is_answering():
            self._disarm()
        elif self.timeout_keep_alive_task is None:
            # Blank lines are no request, and end no waiting.
            self._arm()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_receiving = self._is_in_head = True
        self._has_cycle = False
        self._unparsed_bytes = 0
        super().on_message_begin()
        self.scope["state"][PRESENCE] = self._presence

    def on_headers_complete(self) -> None:
        """Start the application, unless the head is one that nobody should read."""
        self._is_in_head = False
        self._unparsed_bytes = 0
        self._refused = self._fault_of_head()
        if self._refused is not None:
            raise _Refused
        super().on_headers_complete()
        # Trailers are for nobody here: they come to a list that is not the request's.
        self.headers = []
        self._has_cycle = True
        if self._shared.draining:
            self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # uvicorn has no other place to say which cycles there are.
        cycle.__class__ = WholeCycle
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._unparsed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        self._is_receiving = False
        super().on_message_complete()
        self._has_cycle = False

    def on_response_complete(self) -> None:
        """The answer is written."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._close()
        elif self.timeout_keep_alive_task is not None and not self._is_receiving:
            self._shared.idle[self] = None

    def pause_writing(self) -> None:
        """The client does not read; it has as long for that as for a request."""
        super().pause_writing()
        self._unread = self.loop.call_later(self._shared.receive_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more came."""
        self._close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words are for nobody's client
        """What uvicorn calls when the parser gives up."""
        self._refuse(self._refused or MALFORMED)

    def leave(self) -> None:
        """Ask the client to leave with the answer that is being made."""
        if self._is_answering():
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """End with the request that is at work or on its way; uvicorn's own cuts the latter."""
        if self._is_answering():
            self.leave()
        elif self.cycle is None or self._is_receiving:  # type: ignore[redundant-expr]  # as above
            self._disarm()
            self._timer = self.loop.call_later(min(LAST_REQUEST_SECONDS, self._shared.receive_seconds), self._is_late)
        else:
            self._close()

    def _fault_of_head(self) -> bytes | None:
        if self._received_bytes > self._shared.header_bytes:
            size = sum([len(name) + len(value) + 4 for name, value in self.headers])
            if len(self.url) + size > self._shared.header_bytes:
                return TOO_LARGE
        names = [name for name, _ in self.headers]
        hosts = names.count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            return ONE_HOST
        return ONE_CONTENT_TYPE if names.count(b"content-type") > 1 else None

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]  # it begins as None

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self._shared.receive_seconds, self._is_late)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._was_held_up or (self._is_in_head and self._is_answering()):
            # The client waits for us, or did.
            self._was_held_up = self.flow.read_paused
            self._arm()
        elif self._is_receiving:
            self._refuse(TOO_SLOW)
        else:
            self._close()

    def _refuse(self, answer: bytes) -> None:
        """Send an answer of our own, unless another one would be before it, and close."""
        if self._has_cycle:
            is_first = not self.cycle.response_started and not self.pipeline
        else:
            is_first = not self._is_answering()
        if is_first:
            self.transport.write(answer)
        if self._is_answering():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self._presence.left()
        self._disarm()
        self._close()

    def _close(self) -> None:
        """Close once all is sent; not for ever where the client does not read it."""
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(self._shared.receive_seconds, self.transport.abort)
