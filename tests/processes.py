"""The `storefront-gateway` command as a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_SECONDS = 60


@asynccontextmanager
async def command(
    *arguments: str, environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running command with its output in pipes; killed at the end when it still runs."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "BACKEND_"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error::ResourceWarning", "-m", "gateway", *arguments),
        cwd=folder,
        # Nothing in front of a test needs time to see that a process goes.
        env={**clean, "PYTHONUNBUFFERED": "1", "GATEWAY_SERVER__DRAIN_SECONDS": "0", **(environment or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def finished(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Exit status, output and error output of a command that ends by itself."""
    async with command(*arguments, environment=environment) as process:
        out, error = await asyncio.wait_for(process.communicate(), START_SECONDS)
        assert process.returncode is not None
        return process.returncode, out.decode(), error.decode()


async def terminated(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """The same of a command that is asked to stop by SIGTERM."""
    process.send_signal(signal.SIGTERM)
    out, error = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode is not None
    return process.returncode, out.decode(), error.decode()


async def line_with(stream: asyncio.StreamReader | None, text: str) -> str:
    """The next line that holds a text."""
    assert stream is not None
    async with asyncio.timeout(START_SECONDS):
        while line := (await stream.readline()).decode():
            if text in line:
                return line.strip()
    raise AssertionError(f"the output ended without {text!r}")


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pids: Iterable[int], seconds: float = 10) -> None:
    """Wait until none of these processes is there."""
    async with asyncio.timeout(seconds):
        for pid in pids:
            while is_running(pid):  # noqa: ASYNC110  # nothing tells a process that is not its parent
                await asyncio.sleep(0.05)


def children_of(pid: int) -> set[int]:
    """The direct children of a process."""
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()}
