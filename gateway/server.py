"""One ASGI application on one listening socket, until SIGTERM or SIGINT."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

PORTS_TRIED = 100


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
    """uvicorn, which ends with status 0 after a clean shutdown instead of raising the signal again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; a second SIGINT stops at once."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)


def serve(
    app: ASGIApp,
    sock: socket.socket,
    *,
    keep_alive_seconds: int = 75,
    shutdown_seconds: int = 10,
    until: Callable[[uvicorn.Server], None] | None = None,
) -> None:
    """Serve until a signal comes; requests in flight are answered first.

    Args:
        app: What is served.
        sock: Where; closed at the end.
        keep_alive_seconds: How long an idle connection stays open.
        shutdown_seconds: How long requests in flight may go on after the signal.
        until: Called once inside the loop with the server, to listen for whatever else stops or changes it.
    """
    config = uvicorn.Config(
        app,
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
    server = Server(config)

    async def main() -> None:
        if until is not None:
            until(server)
        await server.serve(sockets=[sock])

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(main())
