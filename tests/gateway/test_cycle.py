"""Responses on the wire, whether they are sent as a whole or as uvicorn sends them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from tests.running import running


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, object]:
    """The beginning of a response."""
    return {"type": "http.response.start", "status": status, "headers": [*headers]}


def part(body: bytes, *, more: bool = False) -> dict[str, object]:
    """The body of a response, or a part of it."""
    return {"type": "http.response.body", "body": body, "more_body": more}


LENGTH = (b"content-length", b"2")
MESSAGES = {
    "/whole": [start(LENGTH), part(b"ok")],
    "/unknown-length": [start(), part(b"ok")],
    "/parts": [start(LENGTH), part(b"o", more=True), part(b"k")],
    "/close": [start(LENGTH, (b"connection", b"close")), part(b"ok")],
    "/unchanged": [start((b"etag", b'"x"'), status=304), part(b"")],
    "/injected": [start(LENGTH, (b"x-name", b"a\r\nx-other: b")), part(b"ok")],
    "/control": [start(LENGTH, (b"x-name", b"a\x01")), part(b"ok")],
    "/short": [start(LENGTH), part(b"o")],
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Send what the path says."""
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{event}"
            await send({"type": f"lifespan.{event}.complete"})
        return
    if scope["path"] == "/failing":
        await send(start(LENGTH))
        raise RuntimeError("nothing was sent yet")
    if scope["path"] == "/held":
        await send(start(LENGTH))
        await send(part(b"o", more=True))
        await asyncio.sleep(3_600)
    for message in MESSAGES[scope["path"]]:
        await send(message)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of its own."""
    async with running(app) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        try:
            async with asyncio.timeout(10):
                yield reader, writer
        finally:
            writer.close()


async def answer_to(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str, method: str = "GET"
) -> tuple[str, list[str]]:
    """The status line and the headers but for the date, in order."""
    reader, writer = connection
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: a.example\r\n\r\n".encode())
    status, *headers = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    return status, [each for each in headers if not each.startswith("date: ")]


async def test_one_after_the_other_on_a_connection() -> None:
    """Whichever way each is sent."""
    async with connected() as connection:
        reader = connection[0]
        for _ in range(2):
            for path in ("/whole", "/parts"):
                assert await answer_to(connection, path) == ("HTTP/1.1 200 OK", ["content-length: 2"])
                assert await reader.readexactly(2) == b"ok"
            assert await answer_to(connection, "/whole", "HEAD") == ("HTTP/1.1 200 OK", ["content-length: 2"])
            assert await answer_to(connection, "/unchanged") == ("HTTP/1.1 304 Not Modified", ['etag: "x"'])
            chunked = ("HTTP/1.1 200 OK", ["transfer-encoding: chunked"])
            assert await answer_to(connection, "/unknown-length") == chunked
            assert await reader.readexactly(12) == b"2\r\nok\r\n0\r\n\r\n"
        closing = ("HTTP/1.1 200 OK", ["content-length: 2", "connection: close"])
        assert await answer_to(connection, "/close") == closing
        assert await reader.read() == b"ok"


async def test_a_part_does_not_wait_for_the_rest() -> None:
    """A stream's client reads what is there."""
    async with connected() as connection:
        assert (await answer_to(connection, "/held"))[0] == "HTTP/1.1 200 OK"
        assert await connection[0].readexactly(1) == b"o"


@pytest.mark.parametrize("path", ["/injected", "/control"])
async def test_no_header_becomes_two(path: str) -> None:
    """Nothing of such a response is sent."""
    async with connected() as (reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: a.example\r\n\r\n".encode())
        assert await reader.read() == b""


async def test_of_a_response_that_fails_before_its_body_nothing_is_seen() -> None:
    """There is an error in its place."""
    async with connected() as connection:
        status, headers = await answer_to(connection, "/failing")
        assert status == "HTTP/1.1 500 Internal Server Error"
        assert headers == ["content-type: text/plain; charset=utf-8", "content-length: 21", "connection: close"]
        assert await connection[0].read() == b"Internal Server Error"


async def test_a_body_that_is_too_short_is_cut_visibly() -> None:
    """The client was promised more than comes, and the connection ends."""
    async with connected() as connection:
        assert await answer_to(connection, "/short") == ("HTTP/1.1 200 OK", ["content-length: 2"])
        with pytest.raises(asyncio.IncompleteReadError):
            await connection[0].readexactly(2)
