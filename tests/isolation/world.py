"""Backends that fail, dawdle and lie at random, and look at whose data they are asked for by whom."""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from functools import partial
from random import Random
from typing import Any
from urllib.parse import unquote

from benchmarks.stub import people
from benchmarks.stub.__main__ import Connection, Stub
from tests.isolation.people import customers_in

_SHOPS = {people.token_of(shop).encode(): shop for shop in range(people.SHOPS)}


class World(Stub):
    """All three backends on one port, in the tests' own loop."""

    def __init__(self, chance: Random, named: AbstractSet[tuple[int, int]]) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.misrouted: list[str] = []
        """Calls for what is not the caller's, in short."""
        self._chance = chance
        self._named = named
        self._before: dict[str, Any] = {}
        """By path: what was answered before, to another one."""

    def answer(self, target: str, token: bytes, body: bytes) -> tuple[int, bytes]:
        """The truth, mostly."""
        self._look(unquote(target), token, body)
        draw = self._chance.random()
        self.latency_seconds = 0.0
        if draw < 0.03:
            self.seen["broken"] += 1
            return self._chance.choice([500, 503, 422, 429]), b'{"errors":"broken"}'
        if draw < 0.08:
            self.seen["slow"] += 1
            self.latency_seconds = self._chance.choice([0.01, 0.05, 0.1, 0.3])
        status, true = super().answer(target, token, body)
        if status == 200 and 0.08 <= draw < 0.14:
            return status, self._lie(target.partition("?")[0], true)
        return status, true

    def _look(self, target: str, token: bytes, body: bytes) -> None:
        if body:
            asked = {people_of(domain): json.dumps(keys) for domain, keys in json.loads(body)["shops"].items()}
        else:
            asked = {_SHOPS.get(token, -1): target}
        for shop, keys in asked.items():
            customers = customers_in(keys.encode())
            foreign = {each for each in customers if people.shop_of(each) != shop and (shop, each) not in self._named}
            if foreign:
                self.misrouted.append(f"shop {shop}: {target} {keys}")

    def _lie(self, path: str, true: bytes) -> bytes:
        """The shops' parts exchanged, another one's rows among one's own, or another one's record instead."""
        self.seen["lies"] += 1
        name = "record" if path.startswith("/customers/") else ""
        key = f"{name}{path.count('/')}" if name else path
        answer = json.loads(true)
        before = self._before.get(key)
        self._before[key] = json.loads(true)
        if "shops" in answer:
            parts = answer["shops"]
            shops = dict(zip(parts, reversed(list(parts.values())), strict=True))
            if before is not None and len(parts) == 1:
                shops = {shop: next(iter(before["shops"].values())) for shop in parts}
            return json.dumps({"shops": shops}).encode()
        if before is None:
            return true
        if name:
            return json.dumps(before).encode()
        for rows, values in answer.items():
            if isinstance(values, list):
                answer[rows] = [*before.get(rows, []), *values]
        return json.dumps(answer).encode()


def people_of(domain: str) -> int:
    """The shop of a domain."""
    return int(domain.removeprefix("shop-").partition(".")[0])


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[str]:
    """Its address, for as long as the block runs."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(partial(Connection, world), sock=sock, backlog=1_024)
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.close()
