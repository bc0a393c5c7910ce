"""The demo as a newcomer meets it: one command, a page, a line to paste, and a clean end."""

import asyncio
import json
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.server import address_of, listen, listen_from
from tests.demos import Demo, running_demo
from tests.documents import FOLDER, document
from tests.processes import START_SECONDS, children_of, command, gone, is_running, terminated


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """A demo of the test's own."""
    async with running_demo(tmp_path) as fresh:
        yield fresh


async def test_the_demo_from_its_start_to_its_end(demo: Demo) -> None:
    """Everything the ready file and the output promise is true, and nothing is left behind."""
    ready = demo.ready
    assert set(ready) == {"gateway", "backends", "shop", "customer_id", "token", "backend_tokens"}
    assert set(ready["backends"]) == set(ready["backend_tokens"]) == {"subscriptions", "bundles", "loyalty"}
    answer = await demo.ask(document("CustomerPortal"))
    assert "errors" not in answer
    assert answer["data"]["customer"]["id"] == f"gid://recharge/Customer/{ready['customer_id']}"

    async with aiohttp.ClientSession() as client:
        for path in ("/", "/account", "/explorer"):
            async with client.get(f"{ready['gateway']}{path}") as page:
                assert page.status == 200
                assert "<title>" in await page.text()
                assert not re.findall(r"https?://(?!www\.w3\.org/)", await page.text())
        async with client.get(f"{ready['gateway']}/demo/config.json") as response:
            config = await response.json()
            assert config["shop"] == ready["shop"]
            assert set(config["documents"]) == {path.stem for path in FOLDER.glob("*.graphql")}
            assert config["customers"][0]["id"] == ready["customer_id"]
            assert len(config["products"]) > 10
        async with client.get(f"{ready['gateway']}/demo/session", params={"customer": "1"}) as response:
            assert set(await response.json()) == {"token"}
        async with client.get(f"{ready['gateway']}/demo/session", params={"customer": "x"}) as response:
            assert response.status == 400
        token = {"X-Recharge-Access-Token": ready["backend_tokens"]["subscriptions"]}
        url = f"{ready['backends']['subscriptions']}/customers/{ready['customer_id']}?shop_url={ready['shop']}"
        async with client.get(url, headers=token) as response:
            assert (await response.json())["customer"]["email"] == answer["data"]["customer"]["email"]
    await _registered(ready)
    assert demo.process.stdout is not None
    output = ""
    async with asyncio.timeout(10):
        while "Ctrl-C stops all of it." not in output:
            output += (await demo.process.stdout.readline()).decode()
    await _paste(output)

    # What the page invites its reader to do: stop a backend, and see what stays.
    children = {_name_of(pid): pid for pid in children_of(demo.process.pid)}
    assert set(children) == {"subscriptions", "bundles", "loyalty"}
    os.kill(children["bundles"], signal.SIGKILL)
    query = """{ customer {
        subscriptions(first: 1) { nodes { product { title } bundleSelection { id } } } loyalty { status }
    } }"""
    partial = await demo.ask(query)
    node = partial["data"]["customer"]["subscriptions"]["nodes"][0]
    assert (bool(node["product"]["title"]), node["bundleSelection"]) == (True, None)
    assert partial["data"]["customer"]["loyalty"] == {"status": "MEMBER"}
    assert [error["extensions"]["service"] for error in partial["errors"]] == ["bundles"]

    status, output, errors = await terminated(demo.process)
    assert (status, output) == (0, "Stopping …\n")
    # A line for the call, and one for its retry.
    assert [json.loads(line)["service"] for line in errors.splitlines()] == ["bundles", "bundles"]
    assert [child for child in children.values() if is_running(child)] == []
    assert not demo.ready_file.exists()


async def _paste(output: str) -> None:
    """The printed line is complete shell, and it answers."""
    line = re.search(r"curl -s (?:.+\\\n)+.+", output)
    assert line, output
    if not shutil.which("curl"):
        return
    pasted = await asyncio.create_subprocess_exec("bash", "-c", line[0], stdout=asyncio.subprocess.PIPE)
    answer, _ = await pasted.communicate()
    assert len(json.loads(answer)["data"]["customer"]["subscriptions"]["nodes"]) == 3


async def _registered(ready: dict[str, Any]) -> None:
    """The backends tell the gateway; that it refuses nothing of it shows in its output, which has no word of it."""
    shop = ready["shop"]
    tokens = {name: {"X-Recharge-Access-Token": token} for name, token in ready["backend_tokens"].items()}
    async with aiohttp.ClientSession() as client:
        url = f"{ready['backends']['bundles']}/webhooks?shop_url={shop}"
        async with client.get(url, headers=tokens["bundles"]) as response:
            webhooks = (await response.json())["webhooks"]
        assert {each["topic"]: each["address"] for each in webhooks} == {
            topic: f"{ready['gateway']}/webhooks/recharge/{shop}/{topic}"
            for topic in ("bundle_selection/created", "bundle_selection/updated", "bundle_selection/deleted")
        }
        url = f"{ready['backends']['subscriptions']}/customers/{ready['customer_id']}?shop_url={shop}"
        async with client.put(url, json={"phone": "+15550100"}, headers=tokens["subscriptions"]) as response:
            assert response.status == 200


async def test_backends_do_not_outlive_a_demo_that_is_killed(demo: Demo) -> None:
    """Not even SIGKILL leaves anything running."""
    children = children_of(demo.process.pid)
    demo.process.kill()
    await demo.process.wait()
    await gone(children)


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """With `--port` it is an error that says so; without, the next free one is taken."""
    with listen("127.0.0.1", 0) as taken:
        port = int(address_of(taken).rpartition(":")[2])
        async with command("demo", "--port", str(port), "--ready-file", str(tmp_path / "ready")) as process:
            _, errors = await asyncio.wait_for(process.communicate(), START_SECONDS)
            assert process.returncode == 2
            assert "Address already in use" in errors.decode()
        with listen_from("127.0.0.1", port) as other:
            assert port < int(address_of(other).rpartition(":")[2]) < port + 100


def _name_of(pid: int) -> str:
    arguments = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    return arguments[arguments.index("backend") + 1]
