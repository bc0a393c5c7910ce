"""`serve`: a metrics port for each worker, and none where nobody asked for one."""

import asyncio
import os
import re
import signal
from pathlib import Path

import aiohttp

from tests.gateway.test_workers import SHOP, write
from tests.processes import command, finished, gone, line_with


async def process_at(client: aiohttp.ClientSession, url: str) -> float:
    """When the process began whose metrics these are."""
    async with client.get(url) as response:
        assert response.status == 200
        (began,) = re.findall(r"^process_start_time_seconds (\S+)$", await response.text(), re.MULTILINE)
        return float(began)


async def test_a_worker_that_is_replaced_is_found_under_its_port(tmp_path: Path) -> None:
    """The others keep theirs; nobody else answers meanwhile."""
    file = tmp_path / "gateway.toml"
    write(file, SHOP)
    environment = {"GATEWAY_SERVER__PORT": "0", "GATEWAY_METRICS__PORT": "0"}
    async with (
        command("serve", "--settings", str(file), "--workers", "2", environment=environment) as process,
        aiohttp.ClientSession() as client,
    ):
        urls = [(await line_with(process.stderr, "Metrics are at")).rpartition(" ")[2] for _ in range(2)]
        endpoint = (await line_with(process.stderr, "listens on")).rpartition(" ")[2]
        pids = [
            int(re.findall(r"\[(\d+)\]", await line_with(process.stderr, "Started server process"))[0]) for _ in urls
        ]
        before = [await process_at(client, url) for url in urls]
        async with client.get(endpoint.replace("graphql", "metrics")) as response:
            assert response.status == 404
        os.kill(pids[0], signal.SIGKILL)
        await gone(pids[:1])
        # A connection that comes before the new worker does waits for it.
        async with asyncio.timeout(30):
            after = [await process_at(client, url) for url in urls]
        assert sum(now != then for now, then in zip(after, before, strict=True)) == 1


async def test_a_port_that_is_taken_is_said_at_start(tmp_path: Path) -> None:
    """Rather than found out by whoever misses the metrics."""
    file = tmp_path / "gateway.toml"
    write(file, SHOP)
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as taken:
        port = str(taken.sockets[0].getsockname()[1])
        environment = {"GATEWAY_SERVER__PORT": "0", "GATEWAY_METRICS__PORT": port}
        status, _, said = await finished("serve", "--settings", str(file), environment=environment)
    assert status != 0
    assert "in use" in said.splitlines()[-1]
