"""A backend whose answers are not what they should be, written to the socket without keeping them in memory."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal

Lie = Literal["long", "endless", "bomb", "html", "cut off", "other type"]
MIB = 2**20
HUNDRED_MIB = 100 * MIB


@dataclass
class Liar:
    """Answers every request with the lie of the moment."""

    lie: Lie = "html"
    url: str = ""
    asked: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.asked += 1
                await _LIES[self.lie](writer)
                await writer.drain()
        writer.close()


async def _long(writer: asyncio.StreamWriter) -> None:
    """A hundred MiB, announced as such."""
    await _write(writer, f"content-length: {HUNDRED_MIB}", (b"[" * MIB for _ in range(100)))


async def _endless(writer: asyncio.StreamWriter) -> None:
    """A hundred MiB, of which the head says nothing."""
    chunk = b"%x\r\n%b\r\n" % (MIB, b"[" * MIB)
    await _write(writer, "transfer-encoding: chunked", [chunk] * 100)
    writer.write(b"0\r\n\r\n")


async def _bomb(writer: asyncio.StreamWriter) -> None:
    """A hundred MiB in a hundred kB."""
    await _write(writer, f"content-encoding: gzip\r\ncontent-length: {len(_BOMB)}", [_BOMB])


async def _html(writer: asyncio.StreamWriter) -> None:
    """A page, with 200."""
    body = b"<h1>Hello</h1>"
    await _write(writer, f"content-length: {len(body)}", [body], kind="text/html")


async def _cut_off(writer: asyncio.StreamWriter) -> None:
    """Half of what was announced."""
    await _write(writer, "content-length: 1000", [b'{"customers":[' + b"{" * 486])
    writer.transport.abort()


async def _other_type(writer: asyncio.StreamWriter) -> None:
    """JSON, of something else."""
    body = json.dumps({"customers": {"id": [], "points_balance": "many"}}).encode()
    await _write(writer, f"content-length: {len(body)}", [body])


async def _write(
    writer: asyncio.StreamWriter, headers: str, body: Iterable[bytes], *, kind: str = "application/json"
) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{headers}\r\n\r\n".encode())
    for part in body:
        writer.write(part)
        await writer.drain()


_BOMB = gzip.compress(b"[" * HUNDRED_MIB)
_LIES: dict[Lie, Callable[[asyncio.StreamWriter], Awaitable[None]]] = {
    "long": _long,
    "endless": _endless,
    "bomb": _bomb,
    "html": _html,
    "cut off": _cut_off,
    "other type": _other_type,
}
LIES: tuple[Lie, ...] = tuple(_LIES)


@asynccontextmanager
async def lying() -> AsyncIterator[Liar]:
    """A liar for as long as the block runs."""
    liar = Liar()
    server = await asyncio.start_server(liar.answer, "127.0.0.1", 0)
    liar.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield liar
