"""The demo as a process of its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.processes import START_SECONDS, command


@dataclass
class Demo:
    """A running demo and what its ready file says."""

    process: asyncio.subprocess.Process
    ready_file: Path
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        """Where the store is."""
        return str(self.ready["gateway"])

    async def ask(self, query: str) -> Any:
        """A query with the demo's own token."""
        headers = {"Authorization": f"Bearer {self.ready['token']}"}
        async with (
            aiohttp.ClientSession(headers=headers) as client,
            client.post(f"{self.url}/graphql", json={"query": query}) as response,
        ):
            return await response.json()

    async def tell(self, service: str, mode: str) -> int:
        """Make a backend slow, failing, hanging or well; the status of the answer."""
        async with (
            aiohttp.ClientSession() as client,
            client.put(f"{self.url}/demo/faults/{service}", json={"mode": mode}) as response,
        ):
            return response.status


@asynccontextmanager
async def running_demo(folder: Path) -> AsyncIterator[Demo]:
    """The demo on a free port, once it says that everything answers."""
    ready_file = folder / "ready.json"
    async with command("demo", "--port", "0", "--ready-file", str(ready_file)) as process:
        async with asyncio.timeout(START_SECONDS):
            while not ready_file.exists():
                assert process.returncode is None, await process.communicate()
                await asyncio.sleep(0.05)
        yield Demo(process, ready_file, json.loads(ready_file.read_text(encoding="utf-8")))
