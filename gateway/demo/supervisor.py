"""The demo's process tree: the gateway here, the three backends as children."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn

from backends import BACKENDS, SHOPS, demo_customer_id
from gateway.app import create_app
from gateway.demo.pages import demo_pages
from gateway.identity import signed_tokens
from gateway.registration import register_webhooks
from gateway.server import address_of, listen, listen_from, serve
from gateway.settings import Settings
from gateway.telemetry import configure_logging
from gateway.viewer import EXPLAIN
from resolvers import RECHARGE_TOPICS

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 5
LIFETIME_SECONDS = 86_400

ByShop = Mapping[str, Mapping[str, str]]
"""Credentials by backend and shop."""


@dataclass(frozen=True, slots=True)
class Running:
    """A backend's child process and where it answers."""

    url: str
    process: subprocess.Popen[bytes]


def run_demo(*, port: int | None, default_port: int, ready_file: Path | None) -> int:
    """Run the demo until SIGTERM or Ctrl-C.

    Args:
        port: The gateway's port; None takes the default one, or the next free one.
        default_port: That default.
        ready_file: Where addresses and tokens are written as JSON, once everything answers.

    Returns:
        The exit status: 0 after a clean stop, 1 when a backend did not come up.
    """
    configure_logging("WARNING")
    _say("Starting three backends and the gateway …")
    sock = listen(HOST, port) if port is not None else listen_from(HOST, default_port)
    url = address_of(sock)
    tokens = {name: {shop.domain: f"demo_{secrets.token_urlsafe(24)}" for shop in SHOPS} for name in BACKENDS}
    client_secrets = {name: {shop.domain: secrets.token_hex(32) for shop in SHOPS} for name in RECHARGE_TOPICS}
    failures: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="storefront-gateway-") as folder,
        _backends(tokens, client_secrets, Path(folder)) as running,
    ):
        settings = _settings(running, tokens, client_secrets)
        urls = {name: backend.url for name, backend in running.items()}
        app = create_app(settings, pages=demo_pages(signed_tokens(settings), urls, tokens, LIFETIME_SECONDS))

        def announce(server: uvicorn.Server) -> None:
            announced = asyncio.get_running_loop().create_task(_announce(settings, url, running, tokens, ready_file))

            def finished(task: asyncio.Task[None]) -> None:
                if not task.cancelled() and (error := task.exception()) is not None:
                    failures.append(str(error))
                    server.should_exit = True

            announced.add_done_callback(finished)

        serve(app, sock, shutdown_seconds=STOP_SECONDS, until=announce)
        _say("Stopping …")
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    for failure in failures:
        _say(failure)
    return 1 if failures else 0


@contextmanager
def _backends(tokens: ByShop, client_secrets: ByShop, folder: Path) -> Iterator[dict[str, Running]]:
    """The three services, each a process with a database of its own, for as long as the block runs."""
    running: dict[str, Running] = {}
    try:
        for name in BACKENDS:
            environment = {
                "BACKEND_DATABASE_URL": f"sqlite+aiosqlite:///{folder / name}.sqlite",
                "BACKEND_TOKENS": json.dumps(dict(tokens[name])),
                # The store's strip makes a backend misbehave; it listens on loopback only.
                "BACKEND_FAULTS": "1",
                "BACKEND_CLIENT_SECRETS": json.dumps(dict(client_secrets.get(name, {}))),
            }
            if name == "bundles":
                environment["BACKEND_SUBSCRIPTIONS_URL"] = running["subscriptions"].url
                environment["BACKEND_SUBSCRIPTIONS_TOKENS"] = json.dumps(dict(tokens["subscriptions"]))
            running[name] = _start(name, environment)
        yield running
    finally:
        for backend in running.values():
            backend.process.terminate()
            if backend.process.stdin is not None:
                backend.process.stdin.close()
        for backend in running.values():
            try:
                backend.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                backend.process.kill()
                backend.process.wait()


def _start(name: str, environment: Mapping[str, str]) -> Running:
    # The socket is made here, so that the port is known and nobody else can take it before the child listens.
    with listen(HOST, 0) as sock:
        process = subprocess.Popen(  # noqa: S603  # our own command with our own arguments
            [sys.executable, "-m", "gateway", "backend", name, "--inherited-socket", str(sock.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[sock.fileno()],
            env={**os.environ, **environment},
            # Ctrl-C reaches the whole foreground group; only this process acts on it, and stops its children in order.
            start_new_session=True,
        )
        return Running(address_of(sock), process)


def _settings(running: Mapping[str, Running], tokens: ByShop, client_secrets: ByShop) -> Settings:
    """Settings as a shop's operator would write them, with a session secret that lives as long as the demo."""
    return Settings.model_validate(
        {
            "sessions": {"secret": secrets.token_hex(32), "lifetime_seconds": LIFETIME_SECONDS},
            # The strip shows what a failing backend costs, and the calls behind each answer: both need them to be made.
            "cache": {"keep": "nothing"},
            # A laptop that is busy with something else is no overload.
            "overload": {"lag_seconds": 0},
            "backends": {name: {"url": backend.url} for name, backend in running.items()},
            "shops": {
                shop.domain: {
                    "id": shop.id,
                    "currency_code": shop.currency,
                    "backends": {
                        name: {
                            "token": tokens[name][shop.domain],
                            "webhook_secrets": [client_secrets[name][shop.domain]] if name in client_secrets else [],
                        }
                        for name in BACKENDS
                    },
                }
                for shop in SHOPS
            },
        },
    )


async def _announce(
    settings: Settings,
    url: str,
    running: Mapping[str, Running],
    tokens: ByShop,
    ready_file: Path | None,
) -> None:
    """Wait until everything answers, then say where, and write the ready file."""
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as client:
        for name, backend in running.items():
            await _healthy(client, name, backend)
    await register_webhooks(settings, url)
    shop, customer_id = SHOPS[0].domain, demo_customer_id()
    token = signed_tokens(settings).mint(shop, customer_id, scopes=[EXPLAIN], lifetime_seconds=LIFETIME_SECONDS)
    ready: dict[str, Any] = {
        "gateway": url,
        "backends": {name: backend.url for name, backend in running.items()},
        "shop": shop,
        "customer_id": customer_id,
        "token": token,
        "backend_tokens": {name: tokens[name][shop] for name in BACKENDS},
    }
    if ready_file is not None:
        # Whoever waits for the file must never read half of it.
        part = ready_file.with_name(f"{ready_file.name}.part")
        part.write_text(json.dumps(ready, indent=2), encoding="utf-8")
        part.replace(ready_file)
    for name, backend in running.items():
        _say(
            f"  {name:<14}{backend.url}  (process {backend.process.pid}: stop it to see what the gateway still answers)"
        )
    _say(f"  {'gateway':<14}{url}/graphql")
    _say(f"\nOpen {url}/ for the store with its widgets, {url}/explorer for their queries, or paste this:\n")
    query = json.dumps({"query": "{ customer { firstName subscriptions(first: 3) { nodes { productTitle } } } }"})
    _say(
        f"curl -s {url}/graphql -H 'Content-Type: application/json' \\\n"
        f"  -H 'Authorization: Bearer {token}' \\\n"
        f"  -d '{query}'\n"
    )
    _say("Ctrl-C stops all of it.")


async def _healthy(client: aiohttp.ClientSession, name: str, backend: Running) -> None:
    while backend.process.poll() is None:
        try:
            async with client.get(f"{backend.url}/health") as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.05)
    raise RuntimeError(f"The {name} backend ended with status {backend.process.returncode} before it answered.")


def _say(line: str) -> None:
    print(line, flush=True)
