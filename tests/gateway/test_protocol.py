"""Bytes on the wire: senders that are slow, too much, or unclear, and clients that do not read."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.protocol import Connections
from tests.running import running

RECEIVE_SECONDS = 0.4
HEAD = b"POST /echo HTTP/1.1\r\nHost: a.example\r\n"


async def _echo(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(f"{len(body)} {request.headers.get('x-trailer', '')}")


async def _slow(_request: Request) -> Response:
    await asyncio.sleep(1.0)
    return PlainTextResponse("slow")


async def _large(_request: Request) -> Response:
    return PlainTextResponse("x" * 20_000_000)


APP = Starlette(
    routes=[
        Route("/echo", _echo, methods=["GET", "POST"]),
        Route("/slow", _slow),
        Route("/large", _large),
    ]
)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of its own."""
    limits = Connections(receive_seconds=RECEIVE_SECONDS, header_bytes=2_048)
    async with running(APP, connections=limits) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        try:
            yield reader, writer
        finally:
            writer.close()


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    async with asyncio.timeout(10):
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        return int(lines[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server closes."""
    async with asyncio.timeout(10):
        return await reader.read()


REFUSED = {
    "no Host": (b"GET /echo HTTP/1.1\r\n\r\n", 400, "A request has exactly one Host header."),
    "two Hosts": (b"GET /echo HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "A request has exactly one Host header."),
    "two Content-Types": (
        HEAD + b"Content-Type: application/json\r\ncontent-type: text/plain\r\nContent-Length: 0\r\n\r\n",
        400,
        "A request has at most one Content-Type header.",
    ),
    "no HTTP": (b"hello\r\n\r\n", 400, "This is not a request of HTTP/1.1."),
    "two lengths": (
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        400,
        "This is not a request of HTTP/1.1.",
    ),
    "large headers": (
        HEAD + b"X: " + b"x" * 2_100 + b"\r\n\r\n",
        431,
        "The request line and headers are too large.",
    ),
    "a header without end": (HEAD + b"X: " + b"x" * 3_400, 431, "The request line and headers are too large."),
    "a trailer without end": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: " + b"x" * 3_400,
        431,
        "The request line and headers are too large.",
    ),
    "half a head": (b"POST /echo HT", 408, "The request did not arrive in time."),
    "half a body": (HEAD + b"Content-Length: 9\r\n\r\nhalf", 408, "The request did not arrive in time."),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_refused_and_closed(case: str) -> None:
    """With an answer that says why."""
    sent, status, message = REFUSED[case]
    async with connected() as (reader, writer):
        for at in range(0, len(sent), 1_000):
            writer.write(sent[at : at + 1_000])
            await asyncio.sleep(0.01)
        code, headers, body = await answer_of(reader)
        error = json.loads(body)["errors"][0]
        assert (code, error["message"], headers["connection"]) == (status, message, "close")
        assert await ended(reader) == b""


async def test_a_body_that_drips_is_refused_however_often_it_drips() -> None:
    """The time counts from the first byte."""
    async with connected() as (reader, writer):
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")

        async def drip() -> None:
            while not writer.is_closing():
                writer.write(b"x")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        status, _, _ = await answer_of(reader)
        dripping.cancel()
        assert status == 408


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n"])
async def test_a_connection_without_a_request_ends(sent: bytes) -> None:
    """Blank lines are none."""
    async with connected() as (reader, writer):
        writer.write(sent)
        assert await ended(reader) == b""


async def test_a_slow_answer_is_not_a_slow_request() -> None:
    """Nor is the client late whose next request we have not read yet; trailers are not for the application."""
    async with connected() as (reader, writer):
        writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /ec")
        status, _, body = await answer_of(reader)
        assert (status, body) == (200, b"slow")
        writer.write(b"ho HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await answer_of(reader))[2] == b"0 "
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Trailer: x\r\n\r\n")
        assert (await answer_of(reader))[2] == b"1 "


async def test_a_request_that_the_server_held_up_has_its_time_all_the_same() -> None:
    """Nothing is read of the second while the first is answered; from then on its client has as long as any."""
    async with connected() as (reader, writer):
        first = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
        writer.write(first + HEAD + b"Content-Length: 3\r\n\r\na")
        assert (await answer_of(reader))[2] == b"slow"
        await asyncio.sleep(RECEIVE_SECONDS * 0.75)
        writer.write(b"bc")
        assert (await answer_of(reader))[2] == b"3 "


async def test_a_wrong_request_behind_a_right_one_is_never_its_answer() -> None:
    """The connection ends without one."""
    async with connected() as (reader, writer):
        writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\n\r\n")
        assert await ended(reader) == b""


async def test_the_longest_idle_connection_makes_room() -> None:
    """A flood of sockets takes no place from those in use."""
    ask = b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"
    ask_slowly = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
    async with running(APP, connections=Connections(receive_seconds=5, most=2)) as url:
        port = int(url.rpartition(":")[2])
        first = await asyncio.open_connection("127.0.0.1", port)
        second = await asyncio.open_connection("127.0.0.1", port)
        for reader, writer in (second, first):
            writer.write(ask)
            assert (await answer_of(reader))[0] == 200
        third = await asyncio.open_connection("127.0.0.1", port)
        assert await ended(second[0]) == b""
        for _, writer in (first, third):
            writer.write(ask_slowly)
        await asyncio.sleep(0.1)
        fourth = await asyncio.open_connection("127.0.0.1", port)
        status, headers, body = await answer_of(fourth[0])
        assert (status, headers["retry-after"]) == (503, "1")
        assert json.loads(body)["errors"][0]["extensions"] == {"code": "OVERLOADED", "retryAfter": 1}
        for reader, _ in (first, third):
            assert (await answer_of(reader))[2] == b"slow"
        for _, writer in (first, second, third, fourth):
            writer.close()


async def test_who_does_not_read_is_let_go() -> None:
    """The answer's bytes are not kept for ever."""
    async with running(APP, connections=Connections(receive_seconds=RECEIVE_SECONDS)) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]), limit=1_024)
        writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(1.5)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(20_000_000)
        writer.close()
