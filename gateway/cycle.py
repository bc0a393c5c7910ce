"""An answer that is there as a whole, sent with one write."""

from uvicorn._types import ASGISendEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_PLAIN = bytes([0x09, *range(0x20, 0x7F), *range(0x80, 0x100)])
"""All that may stand in a header: anything else would end it, or confuse whoever reads it."""
_UNUSUAL = frozenset({b"connection", b"transfer-encoding"})
"""Headers by which uvicorn's own way of sending changes."""


class WholeCycle(RequestResponseCycle):
    """uvicorn's own writes head and body one after the other: two calls of the system, and two packets.

    Nothing of a response is sent before its body begins, as ASGI has it. What is unusual is sent as uvicorn does.
    """

    _start: HTTPResponseStartEvent | None = None

    async def send(self, message: ASGISendEvent) -> None:
        """What an application calls."""
        if message["type"] == "http.response.start" and not self.response_started:
            # One that comes in place of another, since an error happened in between, is the one.
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                body = message.get("body", b"")
                if (head := self._head(start, body)) is not None:
                    self._send_whole(head + body)
                    return
            await super().send(start)
        await super().send(message)

    def _head(self, start: HTTPResponseStartEvent, body: bytes) -> bytes | None:
        """The head of a usual response."""
        headers = [*self.default_headers, *start.get("headers", ())]
        by_name = dict(headers)
        has_body = start["status"] not in {204, 304}
        if (
            not self.keep_alive
            or self.disconnected
            or self.flow.write_paused
            or self.access_log
            or self.scope["method"] == "HEAD"
            or not _UNUSUAL.isdisjoint(by_name)
            or (by_name.get(b"content-length") != b"%d" % len(body) if has_body else body)
        ):
            return None
        lines = b"\r\n".join([b": ".join(header) for header in headers])
        if lines.translate(None, _PLAIN) != b"\r\n" * (len(headers) - 1):
            return None
        return b"%b%b\r\n\r\n" % (STATUS_LINE[start["status"]], lines)

    def _send_whole(self, answer: bytes) -> None:
        self.response_started = True
        self.waiting_for_100_continue = False
        self.transport.write(answer)
        self.response_complete = True
        self.message_event.set()
        self.on_response()
