"""`backend`: one of the three reference services alone."""

import argparse
import asyncio
import os
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn
from pydantic import ValidationError

from backends import BACKENDS, BackendSettings, create_backend
from gateway.server import address_of, listen, serve
from gateway.settings import SettingsError
from gateway.telemetry import configure_logging

if TYPE_CHECKING:
    from gateway.commands import Subparsers


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("backend", help="run one reference backend alone; BACKEND_… variables set it up")
    parser.add_argument("name", choices=BACKENDS)
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to bind (default: a free one)")
    parser.add_argument("--database-url", help="SQLAlchemy URL, such as mysql+aiomysql://user@host/name")
    parser.add_argument("--inherited-socket", type=int, metavar="FD", help="a listening socket from the parent process")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C, or, with a parent's socket, until the parent is gone."""
    configure_logging("WARNING")
    given = {"database_url": options.database_url} if options.database_url else {}
    try:
        settings = BackendSettings(**given)
    except ValidationError as error:
        raise SettingsError(str(error)) from None
    app = create_backend(options.name, settings)
    if options.inherited_socket is not None:
        serve(app, socket.socket(fileno=options.inherited_socket), shutdown_seconds=2, until=_parent_is_gone)
        return 0
    sock = listen(options.host, options.port)
    print(f"The {options.name} backend listens on {address_of(sock)}", file=sys.stderr)
    if not os.environ.get("BACKEND_TOKENS"):
        for shop, token in settings.tokens.items():
            print(f"  token for {shop}: {token.get_secret_value()}", file=sys.stderr)
    serve(app, sock, shutdown_seconds=2)
    return 0


def _parent_is_gone(server: uvicorn.Server) -> None:
    """Stop when the pipe from the parent closes, so that nothing outlives a demo that was killed."""

    def look() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            server.should_exit = True
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), look)
