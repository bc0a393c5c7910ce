"""SIGHUP in, new settings out."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable

import structlog

from gateway.server import Server
from gateway.settings import Settings, SettingsError
from gateway.telemetry import configure_logging

logger = structlog.get_logger(__name__)


class Reloads:
    """The settings of a running server, read anew on SIGHUP.

    `load` reads them; it raises SettingsError, or OSError for a file that cannot be read.
    """

    def __init__(self, load: Callable[[], Settings]) -> None:
        self._load = load
        self._asked = asyncio.Event()
        self._server: Server | None = None
        # Until `listen`, the signal is kept instead of ending a process that is only starting.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})

    def listen(self, server: Server) -> None:
        """Hear the signal from now on, inside the server's loop."""
        self._server = server
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._asked.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})

    async def settings(self) -> AsyncIterator[Settings]:
        """The settings after each signal; signals that come while one is at work are one.

        Wrong settings are a line in the log, with the message that they get at start, and the old ones stay.
        """
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                # In a thread: a disk that is slow today holds up no request.
                settings = await asyncio.to_thread(self._load)
            except (SettingsError, OSError) as error:
                logger.error("settings refused, the old ones stay", reason=str(error))  # noqa: TRY400  # the reason says it all
                continue
            yield settings
            # Whoever took them has them in use by now.
            configure_logging(settings.log.level)
            if self._server is not None:
                self._server.drain_seconds = settings.server.drain_seconds
                self._server.config.timeout_graceful_shutdown = settings.server.shutdown_seconds
            logger.info("settings reloaded", shops=len(settings.shops))
