"""The stub as a process of its own: `python -m benchmarks.stub`; prints its port as JSON when it listens.

One port is all three backends, since their paths differ. `GET /_stub/counts` tells how many calls came on each path,
`POST /_stub/reset?latency_ms=20` counts anew and answers that much later from now on. It misbehaves for promises/:
`&hang=1` answers nothing, `&status=503&share=0.5` answers half of the calls so.
"""

import asyncio
import json
import socket
import sys
from collections import Counter
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote

import httptools
import uvloop

from benchmarks.stub import people
from benchmarks.stub.answers import NotFoundError, Question, body_of

KEYS = frozenset(
    {
        "ids",
        "emails",
        "email",
        "customer_id",
        "customer_ids",
        "purchase_item_id",
        "purchase_item_ids",
        "external_product_id",
        "external_product_ids",
    }
)
_SHOPS = {people.token_of(shop).encode(): shop for shop in range(people.SHOPS)}
_DOMAINS = {people.domain_of(shop): shop for shop in range(people.SHOPS)}


class Stub:
    """What all connections share."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.latency_seconds = 0.0
        self.is_hanging = False
        self.status = 0
        """What is answered instead of the truth; 0: the truth is."""
        self.share = 1.0
        """Of the calls that are answered so, evenly spread."""
        self._owed = 0.0

    def answer(self, target: str, token: bytes, body: bytes) -> tuple[int, bytes]:
        """Status and body."""
        path, _, query = target.partition("?")
        if path.startswith("/_stub/"):
            return self._control(path, dict(parse_qsl(query)))
        self.calls[_name(path)] += 1
        if self._fails():
            return self.status, b"{}"
        try:
            if body:
                return 200, _fleet_body(path, token, body)
            shop = _SHOPS.get(token)
            if shop is None:
                return 401, b'{"errors":"Unauthorized"}'
            return 200, body_of(path, _question(query, shop))
        except (NotFoundError, ValueError, KeyError, IndexError) as error:
            return 404, json.dumps({"errors": f"{type(error).__name__}: {error}"}).encode()

    def _control(self, path: str, params: dict[str, str]) -> tuple[int, bytes]:
        if path == "/_stub/reset":
            self.calls.clear()
            self.latency_seconds = float(params["latency_ms"]) / 1_000
            self.is_hanging = "hang" in params
            self.status = int(params.get("status", 0))
            self.share = float(params.get("share", 1))
        return 200, json.dumps(self.calls).encode()

    def _fails(self) -> bool:
        if not self.status:
            return False
        self._owed += self.share
        is_due = self._owed >= 1
        self._owed -= is_due
        return is_due


class Connection(asyncio.Protocol):
    """One client; requests may be pipelined, answers keep their order since all are as late."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._begin()

    def _begin(self) -> None:
        self._target = b""
        self._token = b""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")  # noqa: S101  # for mypy
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports are no subclass

    def connection_lost(self, _exc: Exception | None) -> None:
        """Asyncio's."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Asyncio's."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """The parser's."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser's: both families of credentials are read."""
        lower = name.lower()
        if lower == b"x-recharge-access-token":
            self._token = value
        elif lower == b"authorization":
            self._token = value.removeprefix(b"Bearer ")

    def on_body(self, body: bytes) -> None:
        """The parser's."""
        self._body += body

    def on_message_complete(self) -> None:
        """The parser's."""
        body = self._body if self._parser.get_method() == b"POST" else b""
        target = self._target.decode("ascii")
        status, answer = self._stub.answer(target, self._token, body)
        head = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(answer))
        self._begin()
        if self._stub.is_hanging and not target.startswith("/_stub/"):
            return
        if self._stub.latency_seconds:
            self._loop.call_later(self._stub.latency_seconds, self._write, head + answer)
        else:
            self._write(head + answer)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _name(path: str) -> str:
    if path.startswith("/customers/"):
        return "/customers/N/credit_summary" if path.endswith("/credit_summary") else "/customers/N"
    return path


def _question(query: str, shop: int) -> Question:
    keys: dict[str, tuple[str, ...]] = {}
    params: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if name in KEYS:
            keys[name] = tuple(unquote(value).split(","))
        else:
            params[name] = unquote(value)
    return Question(keys, params, shop)


def _fleet_body(path: str, token: bytes, body: bytes) -> bytes:
    """`{"shops": {domain: {key: [ids]}}, "params": {…}}`, whichever the key and the resource."""
    if token != people.FLEET.encode():
        raise ValueError("calls over several shops need the fleet's credential")
    asked: dict[str, Any] = json.loads(body)
    params = {name: str(value) for name, value in asked.get("params", {}).items()}
    found = [
        b'"%b":%b' % (domain.encode(), body_of(path, _fleet_question(keys, params, _DOMAINS[domain])))
        for domain, keys in asked["shops"].items()
    ]
    return b'{"shops":{%b}}' % b",".join(found)


def _fleet_question(keys: dict[str, list[Any]], params: dict[str, str], shop: int) -> Question:
    return Question({name: tuple(map(str, values)) for name, values in keys.items()}, params, shop)


async def main() -> None:
    """Serve until stdin ends, so that the stub never outlives who started it."""
    loop = asyncio.get_running_loop()
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    server = await loop.create_server(partial(Connection, Stub()), sock=sock, backlog=1_024)
    print(json.dumps({"port": sock.getsockname()[1]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(main())
