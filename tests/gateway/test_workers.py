"""Several workers on one socket: they come back, they hear of new settings, and they never outlive their supervisor."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from gateway.workers import cores
from tests.processes import children_of, command, finished, gone, is_running, line_with

BACKENDS = ("subscriptions", "bundles", "loyalty")
SHOP = "first.myshopify.com"
LATER = "later.myshopify.com"


@dataclass
class Supervised:
    """`serve --workers` in a process tree; no backend is ever asked."""

    process: asyncio.subprocess.Process
    endpoint: str
    file: Path

    def workers(self) -> set[int]:
        """The processes that serve."""
        return children_of(self.process.pid)

    async def all_there(self, count: int, without: int = 0) -> None:
        """Wait until there are so many, and that one is not among them."""
        async with asyncio.timeout(30):
            while len(self.workers()) != count or without in self.workers():  # noqa: ASYNC110  # a process tells nobody
                await asyncio.sleep(0.02)

    async def ask(self, shop: str) -> tuple[int, Any]:
        """One question on a connection of its own."""
        query = {"query": "{ shop { domain } }"}
        async with (
            aiohttp.ClientSession() as client,
            client.post(self.endpoint, params={"shop": shop}, json=query) as response,
        ):
            return response.status, await response.json()

    async def stopped(self, number: signal.Signals = signal.SIGTERM) -> int | None:
        """The exit status after a signal."""
        self.process.send_signal(number)
        await asyncio.wait_for(self.process.communicate(), 20)
        return self.process.returncode


def write(file: Path, *shops: str) -> None:
    """A settings file; nothing listens at its backends."""
    lines = ["[sessions]", f'secret = "{"s" * 40}"']
    for name in BACKENDS:
        lines += [f"[backends.{name}]", 'url = "http://127.0.0.1:9"']
    for number, domain in enumerate(shops, 1):
        lines += [f'[shops."{domain}"]', f"id = {number}", 'currency_code = "USD"']
        for name in BACKENDS:
            lines += [f'[shops."{domain}".backends.{name}]', 'token = "t"']
    file.write_text("\n".join(lines), encoding="utf-8")


@asynccontextmanager
async def supervised(file: Path, workers: int) -> AsyncIterator[Supervised]:
    """`serve` with so many workers."""
    write(file, SHOP)
    arguments = ("serve", "--settings", str(file), "--workers", str(workers))
    async with command(*arguments, environment={"GATEWAY_SERVER__PORT": "0"}) as process:
        endpoint = (await line_with(process.stderr, "listens on")).rpartition(" ")[2]
        tree = Supervised(process, endpoint, file)
        await tree.all_there(workers)
        yield tree


def domain(name: str) -> tuple[int, Any]:
    """The answer to whoever asks for a shop's domain."""
    return 200, {"data": {"shop": {"domain": name}}}


async def test_a_worker_that_dies_is_replaced_and_the_others_answer(tmp_path: Path) -> None:
    """Killed without notice, one after the other, none of the questions in between fails."""
    async with supervised(tmp_path / "gateway.toml", 3) as tree:
        assert await tree.ask(SHOP) == domain(SHOP)
        first = tree.workers()
        pauses = []
        for pid in first:
            os.kill(pid, signal.SIGKILL)
            assert await tree.ask(SHOP) == domain(SHOP)
            await tree.all_there(3, without=pid)
            line = json.loads(await line_with(tree.process.stderr, "worker ended"))
            assert (line["pid"], line["status"]) == (pid, -signal.SIGKILL)
            pauses.append(line["pause_seconds"])
        assert not first & tree.workers()
        # None of them lived long: each is waited for longer, or one that cannot start would keep a core busy.
        assert pauses == [0.25, 0.5, 1.0]
        last = tree.workers()
        assert await tree.stopped() == 0
        await gone(last)


async def test_workers_that_are_restarted_one_by_one_are_replaced_at_once(tmp_path: Path) -> None:
    """Those that end because they were asked to are no reason to wait, however young they were."""
    async with supervised(tmp_path / "gateway.toml", 2) as tree:
        for _ in range(2):
            await line_with(tree.process.stderr, "startup complete")
        for _ in range(4):
            one = min(tree.workers())
            os.kill(one, signal.SIGTERM)
            line = json.loads(await line_with(tree.process.stderr, "worker ended"))
            assert (line["pid"], line["status"], line["pause_seconds"]) == (one, 0, 0)
            await line_with(tree.process.stderr, "startup complete")
            assert await tree.ask(SHOP) == domain(SHOP)
        assert await tree.stopped() == 0


async def test_a_worker_that_is_stuck_is_killed_and_replaced(tmp_path: Path) -> None:
    """Its loop says nothing any more, and no signal but the last would reach it; the other one answers meanwhile."""
    async with supervised(tmp_path / "gateway.toml", 2) as tree:
        for _ in range(2):
            await line_with(tree.process.stderr, "startup complete")
        # On a busy machine a worker may take its time from there to its first beat; until then it is only starting.
        await asyncio.sleep(1.25)
        stuck = min(tree.workers())
        os.kill(stuck, signal.SIGSTOP)
        line = json.loads(await line_with(tree.process.stderr, "worker is stuck"))
        assert line["pid"] == stuck
        await tree.all_there(2, without=stuck)
        assert await tree.ask(SHOP) == domain(SHOP)
        assert await tree.stopped() == 0


async def test_new_settings_reach_every_worker_and_those_that_come_later(tmp_path: Path) -> None:
    """Wrong ones reach none, not even a worker that starts after them."""
    async with supervised(tmp_path / "gateway.toml", 2) as tree:
        write(tree.file, SHOP, LATER)
        tree.process.send_signal(signal.SIGHUP)
        for _ in range(2):
            await line_with(tree.process.stderr, "settings reloaded")
        assert {str(await tree.ask(LATER)) for _ in range(20)} == {str(domain(LATER))}

        tree.file.write_text("nonsense", encoding="utf-8")
        tree.process.send_signal(signal.SIGHUP)
        await line_with(tree.process.stderr, "settings refused, the old ones stay")
        victim = next(iter(tree.workers()))
        os.kill(victim, signal.SIGKILL)
        await tree.all_there(2, without=victim)
        assert {str(await tree.ask(LATER)) for _ in range(20)} == {str(domain(LATER))}
        assert await tree.stopped(signal.SIGINT) == 0


async def test_workers_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    """Nobody is left on the port."""
    async with supervised(tmp_path / "gateway.toml", 2) as tree:
        workers = tree.workers()
        assert await tree.ask(SHOP) == domain(SHOP)
        tree.process.kill()
        await tree.process.wait()
        await gone(workers, seconds=20)
        assert not any(is_running(pid) for pid in workers)


async def test_sharing_nothing_is_said_once(tmp_path: Path) -> None:
    """Without Redis a session that ends in one worker goes on in the others; a single process has no such others."""
    write(tmp_path / "gateway.toml", SHOP)
    arguments = ("serve", "--settings", str(tmp_path / "gateway.toml"), "--workers", "2")
    async with command(*arguments, environment={"GATEWAY_SERVER__PORT": "0"}) as process:
        assert "without redis.url" in json.loads(await line_with(process.stderr, "workers share nothing"))["event"]


async def test_a_wrong_number_is_refused(tmp_path: Path) -> None:
    """Zero is each core, less is nothing."""
    write(tmp_path / "gateway.toml", SHOP)
    status, _, error = await finished("serve", "--settings", str(tmp_path / "gateway.toml"), "--workers", "-1")
    message = "storefront-gateway: --workers is a number from 0, which takes one for each core.\n"
    assert (status, error) == (2, message)
    assert cores() >= 1
