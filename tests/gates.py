"""A way to a server that can be shut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Gate:
    """Forwards connections to a port of this machine while it is open; shut, it cuts them and refuses new ones."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self) -> None:
        """Let through, on the same port each time."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Cut all."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        try:
            with suppress(asyncio.CancelledError, ConnectionError):
                await asyncio.gather(_pump(reader, back_writer), _pump(back_reader, writer))
        finally:
            for each in (writer, back_writer):
                each.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def gate_to(port: int) -> AsyncIterator[Gate]:
    """An open gate, for as long as the block runs."""
    gate = Gate(port)
    await gate.open()
    try:
        yield gate
    finally:
        await gate.shut()
