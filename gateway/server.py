"""One ASGI application on one listening socket, until SIGTERM or SIGINT."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from gateway.garbage import Garbage
from gateway.protocol import Connections, GuardedProtocol

PORTS_TRIED = 100
READ_SECONDS = 0.02
DRAINING = "draining"
"""The name in `request.state` that is true once the process is about to stop."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        OSError: The port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named asyncio turns Nagle's algorithm off; without, each answer may wait 40 ms for an ACK.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(2_048)
    except OSError:
        sock.close()
        raise
    sock.set_inheritable(True)
    return sock


def listen_from(host: str, port: int) -> socket.socket:
    """A listening socket on the port, or on the next free one above it."""
    for candidate in range(port, port + PORTS_TRIED):
        with suppress(OSError):
            return listen(host, candidate)
    return listen(host, 0)


def address_of(sock: socket.socket) -> str:
    """The URL of what listens on a socket."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """uvicorn, which drops nothing when it stops, and ends with status 0 instead of raising the signal again."""

    def __init__(self, config: uvicorn.Config, connections: Connections, *, drain_seconds: float) -> None:
        super().__init__(config)
        self._connections = connections
        self.drain_seconds = drain_seconds
        """How long SIGTERM leaves clients to go elsewhere. Ctrl-C leaves none."""
        self._hurry = asyncio.Event()
        self._garbage = Garbage()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin; what is there when it has begun stays."""
        await super().startup(sockets)
        self._garbage.settle()

    async def on_tick(self, counter: int) -> bool:
        """Do what is due ten times a second; whether to stop."""
        self._garbage.look()
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; a second signal ends the draining, a second SIGINT stops at once."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self.should_exit or sig != signal.SIGTERM:
            self._hurry.set()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer as before for some seconds, `/readyz` with 503, and ask each client to leave; then stop.

        New connections are taken all the while: whatever is in front needs the time to see that this process goes.
        """
        self._connections.draining = True
        self.lifespan.state[DRAINING] = True
        for connection in self.server_state.connections:
            if isinstance(connection, GuardedProtocol):
                connection.leave()
        if signal.SIGTERM in self._captured_signals:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self.drain_seconds)
        await self._stop_listening(sockets or [])
        await super().shutdown(sockets)

    async def _stop_listening(self, sockets: Iterable[socket.socket]) -> None:
        """Take what has come; the kernel resets connections that nobody has taken when their listener closes."""
        loop = asyncio.get_running_loop()
        taken = []
        for sock in sockets:
            with suppress(BlockingIOError):
                while True:
                    taken.append(sock.accept()[0])
        for server in self.servers:
            server.close()
        for sock in sockets:
            sock.close()
        for connection in taken:
            connection.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, connection)
        # Requests that are there already are read before idle connections are closed.
        await asyncio.sleep(READ_SECONDS)

    def _protocol(self) -> GuardedProtocol:
        loop = asyncio.get_running_loop()
        return self._connections.protocol(self.config, self.server_state, self.lifespan.state, loop)


def http_config(
    app: ASGIApp, connections: Connections, *, keep_alive_seconds: int = 75, shutdown_seconds: int = 10
) -> uvicorn.Config:
    """How the gateway speaks HTTP."""
    return uvicorn.Config(
        app,
        # uvicorn's type says class; it only ever calls it.
        http=cast("type[asyncio.Protocol]", connections.protocol),
        loop="uvloop",
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=keep_alive_seconds,
        timeout_graceful_shutdown=shutdown_seconds,
        # Without it uvicorn runs the next request of a connection in the context of the one before.
        reset_contextvars=True,
    )


def serve(
    app: ASGIApp,
    sock: socket.socket,
    *,
    connections: Connections | None = None,
    keep_alive_seconds: int = 75,
    drain_seconds: float = 0,
    shutdown_seconds: int = 10,
    until: Callable[[Server], None] | None = None,
) -> None:
    """Serve until a signal comes; requests in flight are answered first.

    Args:
        app: What is served.
        sock: Where; closed at the end.
        connections: The limits of connections.
        keep_alive_seconds: How long an idle connection stays open.
        drain_seconds: How long SIGTERM leaves clients to go elsewhere.
        shutdown_seconds: How long requests in flight may go on after that.
        until: Called once inside the loop with the server, to listen for whatever else stops or changes it.
    """
    connections = connections or Connections()
    config = http_config(app, connections, keep_alive_seconds=keep_alive_seconds, shutdown_seconds=shutdown_seconds)

    async def main() -> None:
        server = Server(config, connections, drain_seconds=drain_seconds)
        if until is not None:
            until(server)
        await server.serve(sockets=[sock])

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(main())
