"""Who is measured, and how each is started."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.operations import SECRET
from benchmarks.reference import CURRENCY
from benchmarks.stub import people

PEERS = Path(__file__).parent / "peers"
NODE_PEERS = (PEERS, PEERS / "hive", PEERS / "tailcall")
"""Folders with a package.json each: Hive's brings half a gigabyte, and Tailcall's a binary for one kind of machine."""
OURS = "storefront-gateway"
"""Our gateway where backends take look-ups of several shops (`fleet`); the other modes stand behind it in brackets."""
SHOP_MODE = f"{OURS} (shop)"
NONE_MODE = f"{OURS} (none)"
BARE = "bare uvicorn"
BFF = "hand-written Python BFF"
MERCURIUS = "Mercurius + JIT"
YOGA_JIT = "Yoga + JIT"
YOGA = "Yoga"
APOLLO = "Apollo Server + RESTDataSource"
HIVE = "Hive Gateway + Mesh"
STRAWBERRY = "stock Strawberry"
TAILCALL = "Tailcall"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server under measurement."""

    name: str
    command: tuple[str, ...]
    """`{port}` stands for its port."""
    environment: Mapping[str, str] = field(default_factory=dict)


def contestants(backend_url: str, folder: Path) -> Iterator[Contestant]:
    """All of them; what they are told is written to the folder."""
    shops = folder / "shops.json"
    shops.write_text(json.dumps(_shops()), encoding="utf-8")
    for name, bulk in ((OURS, "fleet"), (SHOP_MODE, "shop"), (NONE_MODE, "none")):
        settings = folder / f"gateway-{bulk}.toml"
        settings.write_text(gateway_settings(backend_url, bulk), encoding="utf-8")
        command = (sys.executable, "-m", "gateway", "serve", "--settings", str(settings))
        yield Contestant(name, command, {"GATEWAY_SERVER__PORT": "{port}"})
    told = {"BACKEND_URL": backend_url, "SESSION_SECRET": SECRET, "SHOPS_FILE": str(shops)}
    yield Contestant(BARE, _python("bare"), told)
    yield Contestant(BFF, _python("bff"), told)
    yield Contestant(STRAWBERRY, _python("stock_strawberry"), told)
    yield Contestant(TAILCALL, _python("tailcall"), told)
    for name, file in ((MERCURIUS, "mercurius"), (YOGA_JIT, "yoga-jit"), (YOGA, "yoga"), (APOLLO, "apollo")):
        yield Contestant(name, ("node", str(PEERS / f"{file}.mjs")), told)
    yield Contestant(HIVE, ("node", str(PEERS / "hive" / "hive.mjs")), told)


def _python(module: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benchmarks.peers.{module}")


def _shops() -> dict[str, Any]:
    return {
        people.domain_of(shop): {"id": 1_000 + shop, "currency": CURRENCY, "token": people.token_of(shop)}
        for shop in range(people.SHOPS)
    }


def gateway_settings(backend_url: str, bulk: str) -> str:
    """Our settings file. A page of 200 subscriptions costs more than the gateway allows by itself.

    It sheds no load: no peer does, and a closed loop at full speed is nothing else.
    """
    lines = [f"[sessions]\nsecret = {json.dumps(SECRET)}", "[log]\nlevel = 'WARNING'", "[limits]\ncost = 100_000"]
    lines.append("[overload]\nlag_seconds = 0")
    for name in ("subscriptions", "bundles", "loyalty"):
        fleet = f"\nfleet_token = '{people.FLEET}'" if bulk == "fleet" else ""
        lines.append(f"[backends.{name}]\nurl = '{backend_url}'\nbulk = '{bulk}'{fleet}")
    for domain, shop in _shops().items():
        lines.append(f"[shops.'{domain}']\nid = {shop['id']}\ncurrency_code = '{shop['currency']}'")
        lines.extend(
            f"[shops.'{domain}'.backends.{name}]\ntoken = '{shop['token']}'"
            for name in ("subscriptions", "bundles", "loyalty")
        )
    return "\n".join(lines) + "\n"
