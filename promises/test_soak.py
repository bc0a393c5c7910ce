"""Hours of shoppers, some of whom leave without a word: nothing piles up. `PROMISES_SOAK_SECONDS=3600` is an hour."""

import asyncio
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import operations
from benchmarks.load import closed_loop
from benchmarks.operations import Request
from benchmarks.processes import Started
from promises.conftest import Measured
from promises.stage import staged

SECONDS = float(os.environ.get("PROMISES_SOAK_SECONDS", "45"))
PARTS = 3
"""How often it is looked, so that growth which goes on is told from growth which ends."""
LEAVING_EACH_SECOND = 3
SMALL = {
    "CACHE__PUBLIC_ENTRIES": "200",
    "CACHE__PRIVATE_ENTRIES": "200",
    "CACHE__ANSWERS": "50",
    "LIMITS__DOCUMENTS_KEPT": "50",
}
"""What is kept on purpose is soon as much as it may be, so that what grows after that is lost."""


def mixed(beginning: int) -> Iterator[Request]:
    """Pages and panels as over a day, and now and then a document that nobody has sent before."""
    usual = operations.day(beginning=beginning)
    never_seen = operations.distinct_documents(beginning=beginning)
    while True:
        for _ in range(9):
            yield next(usual)
        yield next(never_seen)


async def leave(gateway: Started, beginning: int, seconds: float) -> int:
    """Shoppers who ask and are gone: half of them close, half of them reset the connection; how many they were."""
    requests = operations.portals(5, beginning=beginning)
    count = 0
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(next(requests).data)
        await writer.drain()
        if count % 2:
            linger: socket.socket = writer.get_extra_info("socket")
            linger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        count += 1
        await asyncio.sleep(1 / LEAVING_EACH_SECOND)
    return count


def open_files(pid: int) -> int:
    """How many files and sockets a process holds."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


async def soaked(gateway: Started, beginning: int, seconds: float) -> tuple[int, int, list[str]]:
    """Both kinds of shoppers for a while, as fast as they are answered; how many were, how many left, and errors."""
    leaving = asyncio.create_task(leave(gateway, beginning + 5_000_000, seconds))
    outcome = await closed_loop(gateway.port, mixed(beginning), connections=8, seconds=seconds)
    left = await leaving
    await asyncio.sleep(1)
    return len(outcome.durations_seconds), left, outcome.first_errors


@pytest.mark.promise("R27")
async def test_nothing_piles_up(tmp_path: Path, measured: Measured) -> None:
    """Memory and sockets after the first half, which fills what is kept on purpose, and at the end."""
    async with staged(tmp_path) as stage, stage.gateway(environment=SMALL) as gateway:
        warmed_up, _, errors = await soaked(gateway, 1, SECONDS / 2)
        mib = [gateway.resident_mib()]
        files = [open_files(gateway.pid)]
        count = left = 0
        for part in range(PARTS):
            answered, gone, more = await soaked(gateway, (part + 1) * 20_000_000, SECONDS / 2 / PARTS)
            count, left, errors = count + answered, left + gone, [*errors, *more]
            mib.append(gateway.resident_mib())
            files.append(open_files(gateway.pid))
        measured(
            "R27",
            f"{mib[-1] - mib[0]:+.1f} MiB ({', '.join(f'{each:.1f}' for each in mib)}) and {files[-1] - files[0]:+d} "
            f"sockets over {count} operations and {left} clients that left, after {warmed_up} that warmed up",
        )
        assert errors == []
        assert abs(files[-1] - files[0]) <= 8
        # What a run of a minute can see: growth that goes on, of more than a kB an operation.
        assert mib[-1] - mib[0] <= max(2.0, count / 1_024)
