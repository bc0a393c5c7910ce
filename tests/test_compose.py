"""docker-compose.yml: the same commands with the same environment, as processes, since no engine runs here."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import yaml

from backends import SHOPS, demo_customer_id
from gateway.demo.compose_env import lines
from tests.backends.services import mysql_database
from tests.conftest import SHOP
from tests.documents import document
from tests.processes import ROOT, START_SECONDS, command, finished

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}


@dataclass(frozen=True)
class Places:
    """Where each service listens here, and what stands for Compose's MySQL and Redis."""

    ports: dict[str, int]
    databases: dict[str, str]
    redis: str


def environment_of(name: str, variables: dict[str, str], places: Places) -> dict[str, str]:
    """A service's environment with `.env` filled in, and its neighbours' addresses those of this machine."""
    environment = {}
    for key, value in OURS[name]["environment"].items():
        filled = re.sub(r"\$\{(\w+)(?::\?[^}]*)?\}", lambda match: variables[match[1]], str(value))
        filled = filled.replace("redis://redis:6379/0", places.redis)
        filled = re.sub(r"http://(\w+):9000", lambda match: f"http://127.0.0.1:{places.ports[match[1]]}", filled)
        environment[key] = places.databases[name] if key == "BACKEND_DATABASE_URL" else filled
    if "GATEWAY_SERVER__HOST" in environment:
        environment |= {"GATEWAY_SERVER__HOST": "127.0.0.1", "GATEWAY_SERVER__PORT": str(places.ports["gateway"])}
    return environment


def arguments_of(name: str, places: Places) -> list[str]:
    """A service's command, on this machine's address and port."""
    replaced = {
        "0.0.0.0": "127.0.0.1",  # noqa: S104  # what Compose binds, replaced
        "9000": str(places.ports[name]),
        "http://gateway:8000": f"http://127.0.0.1:{places.ports['gateway']}",
    }
    return [replaced.get(word, word) for word in OURS[name]["command"]]


def free_ports(names: Iterator[str]) -> dict[str, int]:
    """A port for each, free a moment ago."""
    found = {}
    for name in names:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            found[name] = sock.getsockname()[1]
    return found


DATABASES = re.findall(
    r"CREATE DATABASE IF NOT EXISTS (\w+);", (ROOT / "deploy" / "mysql" / "databases.sql").read_text(encoding="utf-8")
)
"""What Compose's own MySQL makes at its first start."""


async def test_the_services_come_up_together(redis_url: str) -> None:
    """The gateway starts first, with every backend down, and answers as soon as they are there."""
    variables = dict(line.split("=", 1) for line in lines())
    async with AsyncExitStack() as running, aiohttp.ClientSession() as client:
        urls = {name: await running.enter_async_context(mysql_database()) for name in DATABASES}
        places = Places(free_ports(iter(OURS)), urls, redis_url)
        for name in ("gateway", "subscriptions", "bundles", "loyalty"):
            environment = environment_of(name, variables, places)
            await running.enter_async_context(command(*arguments_of(name, places), environment=environment))
        for name, path in {
            "gateway": "/readyz",
            "subscriptions": "/health",
            "bundles": "/health",
            "loyalty": "/health",
        }.items():
            await healthy(client, f"http://127.0.0.1:{places.ports[name]}{path}")

        token_environment = environment_of("gateway", variables, places)
        customer = str(demo_customer_id())
        _, token, _ = await finished("session", "--shop", SHOP, "--customer", customer, environment=token_environment)
        async with client.post(
            f"http://127.0.0.1:{places.ports['gateway']}/graphql",
            json={"query": document("CustomerPortal")},
            headers={"Authorization": f"Bearer {token.strip()}"},
        ) as response:
            answer = await response.json()
        registered = await finished(
            *arguments_of("webhooks", places), environment=environment_of("webhooks", variables, places)
        )
        await _change_shows(client, places, json.loads(variables["SUBSCRIPTIONS_TOKENS"])[SHOP])
    assert registered == (0, REGISTERED, "")
    assert "errors" not in answer
    assert len(answer["data"]["customer"]["subscriptions"]["nodes"]) == 20


REGISTERED = "".join(
    f"{shop.domain}, {name}: {topics} registered, 0 there already\n"
    for shop in SHOPS
    for name, topics in {"subscriptions": 38, "bundles": 3}.items()
)


async def _change_shows(client: aiohttp.ClientSession, places: Places, token: str) -> None:
    """The backend's webhook reaches the gateway, which drops what it kept for half a minute more."""
    backend, gateway = (f"http://127.0.0.1:{places.ports[name]}" for name in ("subscriptions", "gateway"))
    headers = {"X-Recharge-Access-Token": token, "X-Recharge-Version": "2021-11"}
    async with client.get(f"{backend}/plans?limit=1", headers=headers) as response:
        (plan,) = (await response.json())["plans"]
    query = f'{{ product(id: "{plan["external_product_id"]["ecommerce"]}") {{ plans {{ title }} }} }}'

    async def titles() -> list[str]:
        params = {"shop": SHOP, "query": query}
        async with client.get(f"{gateway}/graphql", params=params) as response:
            return [each["title"] for each in (await response.json())["data"]["product"]["plans"]]

    assert plan["title"] in await titles()
    async with client.put(f"{backend}/plans/{plan['id']}", json={"title": "New words"}, headers=headers) as response:
        assert response.status == 200
    async with asyncio.timeout(10):
        while "New words" not in await titles():  # noqa: ASYNC110  # only asking again tells
            await asyncio.sleep(0.05)


async def healthy(client: aiohttp.ClientSession, url: str) -> None:
    """Wait for a health check's 200."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                async with client.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


def test_the_file_fits_the_compose_specification() -> None:
    """So that an engine reads it, although none runs here."""
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  # a library's own command
    assert done.returncode == 0, done.stdout


def test_every_service_is_watched() -> None:
    """Each has a health check, ours by the image, and what others wait for is waited for."""
    for name, service in COMPOSE["services"].items():
        assert "healthcheck" in service or "build" in service, name
        for needed, condition in service.get("depends_on", {}).items():
            assert {"healthcheck", "build"} & set(COMPOSE["services"][needed])
            assert condition == {"condition": "service_healthy"}


def test_nothing_secret_is_written_down() -> None:
    """Passwords and tokens come from `.env`, which is made fresh and never checked in."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name, service in COMPOSE["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search("TOKEN|SECRET|PASSWORD|SHOPS", key):
                assert "${" in str(value), f"{name}: {key}"
    assert set(re.findall(r"\$\{(\w+)", text)) == {line.partition("=")[0] for line in lines()}
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert next(iter(lines())) != next(iter(lines()))


def test_the_image_runs_without_root_and_has_what_it_needs() -> None:
    """The Dockerfile copies the packages that the wheel has, and what it copies is let through."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "\nUSER gateway\n" in dockerfile
    assert "HEALTHCHECK" in dockerfile
    let_through = [
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"
    ]
    copied = re.findall(r"^COPY (?!--from)(\S+)", dockerfile, re.MULTILINE)
    assert sorted(copied) == sorted(let_through)
    assert all((ROOT / name).exists() for name in copied)


def test_secrets_are_json_where_json_is_meant() -> None:
    """So that the services read them as they are."""
    variables = dict(line.split("=", 1) for line in lines())
    for name in ("SUBSCRIPTIONS_TOKENS", "BUNDLES_TOKENS", "LOYALTY_TOKENS", "SUBSCRIPTIONS_CLIENT_SECRETS", "SHOPS"):
        assert SHOP in json.loads(variables[name])


def test_health_checks_are_on_the_ports_that_are_listened_on() -> None:
    """A check of another port would call a healthy service dead."""
    for name in ("subscriptions", "bundles", "loyalty"):
        service = COMPOSE["services"][name]
        assert service["command"][-1] == "9000"
        assert ":9000/health" in service["healthcheck"]["test"][-1]
    assert ":8000/readyz" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
