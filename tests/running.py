"""Real servers on real sockets, in the test's own loop."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from gateway.protocol import Connections
from gateway.server import address_of, http_config, listen


class QuietServer(uvicorn.Server):
    """uvicorn for tests: leaves signals to pytest, and stops at once instead of looking ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def main_loop(self) -> None:
        """Serve until `stopping` is set."""
        await self.on_tick(0)
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle, cut what is not."""
        for server in self.servers:
            server.close()
        for sock in sockets or ():
            sock.close()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self.lifespan.shutdown()


@asynccontextmanager
async def running(app: ASGIApp, *, port: int = 0, connections: Connections | None = None) -> AsyncIterator[str]:
    """The URL of an application that is served for as long as the block runs, as the product serves it."""
    sock = listen("127.0.0.1", port)
    server = QuietServer(http_config(app, connections or Connections()))
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[sock]))
    try:
        while not server.started:
            await asyncio.wait([serving], timeout=0.005)
            if serving.done():
                serving.result()
        yield address_of(sock)
    finally:
        server.stopping.set()
        await serving


def free_port() -> int:
    """A port that nothing listens on, for whoever has to be told one before it is used.

    Below those that the system gives out by itself, so that it is still free some seconds later.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311  # not to meet others
        with socket.socket() as free, suppress(OSError):
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))
            return port
