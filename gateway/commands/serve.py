"""`serve`: the gateway alone, against the addresses in its settings."""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.app import create_app
from gateway.commands import add_settings_option
from gateway.graph import check_manifests
from gateway.identity import signed_tokens
from gateway.loading import load_settings
from gateway.protocol import Connections
from gateway.reloading import Reloads
from gateway.server import address_of, listen, serve
from gateway.settings import Settings
from gateway.telemetry import configure_logging

if TYPE_CHECKING:
    from gateway.commands import Subparsers


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("serve", help="run the gateway against the backends in its settings")
    add_settings_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; read the settings anew on SIGHUP."""
    load = partial(_load, options.settings)
    reloads = Reloads(load)
    settings = load()
    configure_logging(settings.log.level)
    sock = listen(settings.server.host, settings.server.port)
    print(f"The gateway listens on {address_of(sock)}/graphql", file=sys.stderr)
    serve(
        create_app(settings, reloads=reloads.settings()),
        sock,
        connections=Connections(
            receive_seconds=settings.server.receive_seconds,
            header_bytes=settings.limits.header_bytes,
            most=settings.server.connections,
        ),
        keep_alive_seconds=settings.server.keep_alive_seconds,
        drain_seconds=settings.server.drain_seconds,
        shutdown_seconds=settings.server.shutdown_seconds,
        until=reloads.listen,
    )
    return 0


def _load(file: Path | None) -> Settings:
    settings = load_settings(file)
    signed_tokens(settings)  # refuses a secret that is no key, which only the maker of tokens knows
    check_manifests(settings)
    return settings
