"""`serve`: the gateway alone, against the addresses in its settings."""

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from gateway.app import create_app
from gateway.commands import add_settings_option
from gateway.graph import check_manifests
from gateway.identity import check_tools, signed_tokens
from gateway.loading import load_settings
from gateway.metrics import MetricsAt
from gateway.protocol import Connections
from gateway.pulse import Pulse
from gateway.reloading import Reloads
from gateway.server import Server, address_of, listen, serve
from gateway.settings import Settings, SettingsError
from gateway.telemetry import configure_logging
from gateway.telemetry_settings import MetricsSettings
from gateway.workers import Heartbeat, Workers, cores

if TYPE_CHECKING:
    from gateway.commands import Subparsers

logger = structlog.get_logger(__name__)


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("serve", help="run the gateway against the backends in its settings")
    add_settings_option(parser)
    parser.add_argument(
        "--workers", type=int, metavar="N", help="worker processes; 0 takes one for each core (default: server.workers)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; read the settings anew on SIGHUP."""
    load = partial(_load, options.settings)
    reloads = Reloads(load)
    settings = load()
    count = _workers(settings.server.workers if options.workers is None else options.workers)
    configure_logging(settings.log.level)
    if count > 1 and settings.redis.url is None:
        logger.warning("workers share nothing without redis.url: a session that ends in one goes on in the others")
    with ExitStack() as open_sockets:
        sock = open_sockets.enter_context(listen(settings.server.host, settings.server.port))
        metrics_at = _metrics_at(settings.metrics, count, open_sockets)
        print(f"The gateway listens on {address_of(sock)}/graphql", file=sys.stderr)
        if count == 1:
            _serve(settings, sock, reloads, metrics_at[0] if metrics_at else None, until=reloads.listen)
            return 0
        return _Supervised(load, settings, sock, reloads, metrics_at).run(count)


class _Supervised:
    """Workers with the newest settings that were right, so that one which is replaced never starts with wrong ones."""

    def __init__(
        self,
        load: Callable[[], Settings],
        settings: Settings,
        sock: socket.socket,
        reloads: Reloads,
        metrics_at: Sequence[MetricsAt],
    ) -> None:
        self._load = load
        self._settings = settings
        self._sock = sock
        self._reloads = reloads
        self._metrics_at = metrics_at
        """One for each worker's place. The supervisor holds them open, so that a worker which is replaced is found
        again under the same port; until then Prometheus waits, or marks it as down."""

    def run(self, count: int) -> int:
        return Workers(count, self._work, reread=self._reread).run()

    def _work(self, place: int, lifeline: int, heartbeat: Heartbeat) -> None:
        def until(server: Server) -> None:
            self._reloads.listen(server)
            _stop_at_the_end_of(lifeline, server)

        metrics_at = self._metrics_at[place] if self._metrics_at else None
        pulse = Pulse()
        with pulse.heard_by(lambda _late, _now: heartbeat.beat()):
            _serve(self._settings, self._sock, self._reloads, metrics_at, until=until, pulse=pulse)

    def _reread(self) -> bool:
        try:
            self._settings = self._load()
        except (SettingsError, OSError) as error:
            logger.error("settings refused, the old ones stay", reason=str(error))  # noqa: TRY400  # the reason says it all
            return False
        configure_logging(self._settings.log.level)
        return True


def _stop_at_the_end_of(lifeline: int, server: Server) -> None:
    """Stop in order when the supervisor is gone, however it went."""
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(lifeline)
        server.handle_exit(signal.SIGTERM, None)

    loop.add_reader(lifeline, ended)


def _metrics_at(settings: MetricsSettings, workers: int, open_sockets: ExitStack) -> list[MetricsAt]:
    """Where each worker's metrics are collected; none where the settings say so."""
    if settings.port is None:
        return []
    token = settings.token.get_secret_value() if settings.token else None
    ports = [settings.port + place if settings.port else 0 for place in range(workers)]
    places = [MetricsAt(open_sockets.enter_context(listen(settings.host, port)), token) for port in ports]
    for place in places:
        print(f"Metrics are at {address_of(place.sock)}/metrics", file=sys.stderr)
    return places


def _serve(
    settings: Settings,
    sock: socket.socket,
    reloads: Reloads,
    metrics_at: MetricsAt | None,
    *,
    until: Callable[[Server], None],
    pulse: Pulse | None = None,
) -> None:
    serve(
        create_app(settings, reloads=reloads.settings(), metrics_at=metrics_at, pulse=pulse),
        sock,
        connections=Connections(
            receive_seconds=settings.server.receive_seconds,
            header_bytes=settings.limits.header_bytes,
            most=settings.server.connections,
        ),
        keep_alive_seconds=settings.server.keep_alive_seconds,
        drain_seconds=settings.server.drain_seconds,
        shutdown_seconds=settings.server.shutdown_seconds,
        until=until,
    )


def _workers(wanted: int) -> int:
    if wanted < 0:
        raise SettingsError("--workers is a number from 0, which takes one for each core.")
    return wanted or cores()


def _load(file: Path | None) -> Settings:
    settings = load_settings(file)
    signed_tokens(settings)  # refuses a secret that is no key, which only the maker of tokens knows
    check_tools(settings)
    check_manifests(settings)
    return settings
