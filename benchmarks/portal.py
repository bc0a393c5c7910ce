"""`CustomerPortal` through the demo's process tree, each request another customer, nothing cached.

The reference backends run on SQLite and share the machine with the gateway and with this load, so the rate is a floor:
it is theirs as much as the gateway's. Answers are checked before anything is timed.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "gateway" / "demo" / "documents" / "CustomerPortal.graphql").read_text(encoding="utf-8")
START_SECONDS = 60
PACKAGES = ("strawberry-graphql", "starlette", "uvicorn", "aiohttp", "msgspec")


async def main() -> None:
    """Measure, and print one line of the table in benchmarks/README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=8, help="requests at once (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=600, help="at most (default: %(default)s), a customer each")
    options = parser.parse_args()
    async with _demo() as ready, aiohttp.ClientSession(base_url=ready["gateway"]) as client:
        customers = await _customers(ready)
        random.Random(1).shuffle(customers)  # noqa: S311  # an order, not a secret
        tokens = [await _token(client, customer) for customer in customers[: options.requests]]
        # Another set of customers warms up and tells the number of REST calls.
        others = [await _token(client, customer) for customer in customers[options.requests :][:50]] or tokens[:50]
        calls = [len((await _ask(client, token, explain=True))["extensions"]["explain"]["calls"]) for token in others]
        began = time.perf_counter()
        durations = await _load(client, tokens, options.connections)
        elapsed = time.perf_counter() - began
    cuts = statistics.quantiles(durations, n=100)
    print(f"Python {platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in PACKAGES)}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, shared with the three backends and the load")
    print("| connections | customers | requests/s | p50 ms | p99 ms | REST calls a request (median, most) |")
    print(
        f"| {options.connections} | {len(tokens)} | {len(tokens) / elapsed:.0f} | {cuts[49] * 1_000:.1f} "
        f"| {cuts[98] * 1_000:.1f} | {statistics.median(calls):.0f}, {max(calls)} |"
    )


@asynccontextmanager
async def _demo() -> AsyncIterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        ready_file = Path(folder) / "ready.json"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "demo", "--port", "0", "--ready-file", str(ready_file)),
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                while not ready_file.exists():  # noqa: ASYNC110  # the demo tells it by this file
                    await asyncio.sleep(0.1)
            ready: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
            yield ready
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _customers(ready: dict[str, Any]) -> list[int]:
    """Everyone in the shop with an active subscription."""
    found: list[int] = []
    headers = {"X-Recharge-Access-Token": ready["backend_tokens"]["subscriptions"]}
    async with aiohttp.ClientSession(ready["backends"]["subscriptions"], headers=headers) as client:
        cursor = ""
        while True:
            async with client.get(f"/customers?limit=250{cursor}") as response:
                page = await response.json()
            found += [row["id"] for row in page["customers"] if row["subscriptions_active_count"]]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"


async def _token(client: aiohttp.ClientSession, customer: int) -> str:
    async with client.get("/demo/session", params={"customer": str(customer)}) as response:
        token: str = (await response.json())["token"]
        return token


async def _ask(client: aiohttp.ClientSession, token: str, *, explain: bool = False) -> dict[str, Any]:
    """One request; a wrong answer ends the run."""
    headers = {"Authorization": f"Bearer {token}"} | ({"X-Explain": "1"} if explain else {})
    async with client.post("/graphql", json={"query": DOCUMENT}, headers=headers) as response:
        answer: dict[str, Any] = await response.json()
    if response.status != 200 or "errors" in answer or not answer["data"]["customer"]["subscriptions"]["nodes"]:
        raise SystemExit(f"A wrong answer, so nothing is measured: {json.dumps(answer)[:300]}")
    return answer


async def _load(client: aiohttp.ClientSession, tokens: list[str], connections: int) -> list[float]:
    """The duration of each request in seconds, with so many at once."""
    durations: list[float] = []
    waiting: Iterator[str] = iter(tokens)

    async def one_after_the_other() -> None:
        for token in waiting:
            began = time.perf_counter()
            await _ask(client, token)
            durations.append(time.perf_counter() - began)

    await asyncio.gather(*(one_after_the_other() for _ in range(connections)))
    return durations


if __name__ == "__main__":
    asyncio.run(main())
