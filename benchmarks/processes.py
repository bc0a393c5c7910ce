"""Processes of a run: started on a core of their own, watched, and stopped at the end."""

import asyncio
import ctypes
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parent.parent
START_SECONDS = 60
_PR_SET_PDEATHSIG = 1
_TICKS = os.sysconf("SC_CLK_TCK")
_CORES = sorted(os.sched_getaffinity(0))
"""Those of the run as a whole: a process that was pinned, and what it starts, see one of them."""


class DidNotStart(Exception):  # the run goes on without it
    """A server that cannot be measured."""


@dataclass(frozen=True, slots=True)
class Started:
    """A server that answers."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """CPU time of the process and its children so far."""
        return sum(_cpu_seconds(pid) for pid in _tree(self.pid))

    def resident_mib(self) -> float:
        """Memory of the process and its children now."""
        return sum(_resident_bytes(pid) for pid in _tree(self.pid)) / 2**20


@asynccontextmanager
async def server(
    command: Sequence[str], environment: Mapping[str, str], *, core: int, log: Path
) -> AsyncIterator[Started]:
    """A server on a free port, which it is told as PORT, for as long as the block runs.

    Raises:
        DidNotStart: It ended, or nobody listens after a minute.
    """
    port = _free_port()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(part.replace("{port}", str(port)) for part in command),
            cwd=ROOT,
            env={**os.environ, **_with_port(environment, port), "PORT": str(port), "NODE_ENV": "production"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=partial(_begin, core),
        )
        try:
            await _listening(process, port, log)
            yield Started(port, process.pid)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                try:
                    await asyncio.wait_for(process.wait(), 10)
                except TimeoutError:
                    process.kill()
                    await process.wait()


@asynccontextmanager
async def stub(*, core: int) -> AsyncIterator["Stub"]:
    """The backends of the benchmarks, for as long as the block runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.stub"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=partial(_begin, core),
    )
    assert process.stdin is not None  # noqa: S101  # for mypy: it is a pipe
    assert process.stdout is not None  # noqa: S101  # as above
    try:
        ready = json.loads(await process.stdout.readline())
        yield Stub(Started(ready["port"], process.pid))
    finally:
        process.stdin.close()
        await process.wait()


@dataclass(frozen=True, slots=True)
class Stub:
    """The backends, as the run talks to them."""

    started: Started

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self.started.port}"

    async def reset(self, *, latency_ms: float, **faults: float) -> None:
        """Count anew, and answer that much later from now on, or with faults: `hang=1`, `status=503, share=0.5`."""
        more = "".join(f"&{name}={value}" for name, value in faults.items())
        await asyncio.to_thread(_get, f"{self.url}/_stub/reset?latency_ms={latency_ms}{more}")

    async def counts(self) -> dict[str, int]:
        """How many calls came on each path since."""
        return await asyncio.to_thread(_get, f"{self.url}/_stub/counts")


def _begin(core: int) -> None:
    """In the new process: its core, and its end when the run ends, however that goes."""
    pin(core)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def pin(core: int) -> None:
    """Keep this process on a core, where there are several."""
    os.sched_setaffinity(0, {_CORES[core % len(_CORES)]})


def _get(url: str) -> dict[str, int]:
    with urlopen(Request(url), timeout=10) as response:  # noqa: S310  # the address is ours
        found: dict[str, int] = json.loads(response.read())
        return found


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def _listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.returncode is not None:
            raise DidNotStart(f"it ended with {process.returncode}: {_end_of(log)}")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise DidNotStart(f"nobody listens after {START_SECONDS} s: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-500:]


def _tree(pid: int) -> list[int]:
    """A process and all of its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _cpu_seconds(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return 0.0
    fields: list[Any] = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return 0


def _with_port(environment: Mapping[str, str], port: int) -> dict[str, str]:
    return {name: value.replace("{port}", str(port)) for name, value in environment.items()}
