"""SIGTERM: every request is answered, each client is asked to leave, and `/readyz` says so."""

import asyncio
import json
import signal

import aiohttp

from tests.conftest import SHOP, Store, shops_for
from tests.processes import START_SECONDS, command, line_with

VISITORS = 6
QUERY = "{ shop { domain } }"
ANSWER = {"data": {"shop": {"domain": SHOP}}}


def variables(store: Store, *, drain_seconds: int) -> dict[str, str]:
    """Settings of a gateway in front of the store."""
    return {
        "GATEWAY_SERVER__PORT": "0",
        "GATEWAY_SERVER__DRAIN_SECONDS": str(drain_seconds),
        "GATEWAY_SESSIONS__SECRET": "s" * 40,
        "GATEWAY_SHOPS": json.dumps(shops_for(store.tokens)),
        **{f"GATEWAY_BACKENDS__{name.upper()}__URL": url for name, url in store.urls.items()},
    }


async def test_nothing_is_dropped_while_clients_are_asked_to_leave(store: Store) -> None:
    """Visitors without a pause, on connections that are kept; the last of them finds the door closed, not slammed."""
    environment = variables(store, drain_seconds=1)
    before, after = 0, 0
    async with command("serve", environment=environment) as process:
        url = (await line_with(process.stderr, "listens on")).rpartition(" ")[2]

        async def visitor() -> None:
            nonlocal before, after
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as client:
                while True:
                    try:
                        async with client.post(url, params={"shop": SHOP}, json={"query": QUERY}) as response:
                            assert (response.status, await response.json()) == (200, ANSWER)
                            if response.headers.get("Connection") == "close":
                                after += 1
                            else:
                                before += 1
                    except aiohttp.ClientConnectorError:
                        # Refused before anything was sent: the process has stopped listening.
                        return

        async def readiness() -> tuple[int, str]:
            async with aiohttp.ClientSession() as client, client.get(url.replace("graphql", "readyz")) as response:
                return response.status, (await response.json())["status"]

        async with asyncio.timeout(START_SECONDS), asyncio.TaskGroup() as visitors:
            for _ in range(VISITORS):
                visitors.create_task(visitor())
            assert await readiness() == (200, "ok")
            while before < VISITORS * 10:  # noqa: ASYNC110  # a count, and no event
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            while await readiness() != (503, "draining"):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.01)
        _, log = await process.communicate()
    assert after > VISITORS
    assert (process.returncode, b"Traceback" in log) == (0, False)


async def test_a_second_signal_ends_the_waiting(store: Store) -> None:
    """Nobody has to wait for a minute who does not want to."""
    environment = variables(store, drain_seconds=60)
    async with command("serve", environment=environment) as process:
        await line_with(process.stderr, "listens on")
        await line_with(process.stderr, "startup complete")
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert process.returncode is None
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 0
