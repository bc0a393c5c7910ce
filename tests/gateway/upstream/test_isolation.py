"""Thousands of shoppers of many shops at once, with faults of every kind: nobody ever sees what is another's."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.upstream import (
    Access,
    Backend,
    Bulk,
    BulkForm,
    Cache,
    Coalescer,
    Deadline,
    Journal,
    Listing,
    Lookup,
    Memory,
    PageKey,
    Policy,
    Record,
    Tenant,
    Upstream,
)
from tests.running import running

REQUESTS = int(os.environ.get("ISOLATION_REQUESTS", "1500"))
"""How many requests there are for each kind of backend; `ISOLATION_REQUESTS=100000` for a long run."""
AT_ONCE = 64
SHOPS, CUSTOMERS, ROWS = 50, 200, 3


class Row(msgspec.Struct, frozen=True):
    """A row that says whose it is."""

    id: int
    owner: int
    shop: str


SHORT = Policy("short", fresh_seconds=0.05, revalidating_seconds=0.2, on_error_seconds=5)
FORM = BulkForm(path="/rows", key="ids", rows="rows", fleet="/bulk/rows")
OWNED: Lookup[int, Row] = Lookup(
    path="/rows",
    one="ids",
    many="ids",
    rows="rows",
    into=Row,
    asked_by=lambda row: (row.id,),
    customer=lambda row: row.owner,
    bulk=FORM,
    policy=SHORT,
)
RECORD: Record[Row] = Record(path="/rows/{key}", rows="row", into=Row, customer=lambda row: row.owner, bulk=FORM)
PAGES: Listing[Row] = Listing(
    path="/pages",
    rows="rows",
    into=Row,
    owned_by="owner",
    owner=lambda row: row.owner,
    customer=lambda row: row.owner,
    bulk=BulkForm(path="/pages", key="owners", rows="rows", fleet="/bulk/pages", limits_each=True),
    policy=SHORT,
)


def name_of(shop: int) -> str:
    """A shop's domain."""
    return f"shop{shop}.example"


def number_of(shop: int, customer: int, row: int) -> int:
    """A row's id, which says whose it is."""
    return shop * 1_000_000 + customer * 10 + row


def row_of(number: int) -> dict[str, Any]:
    """The row of an id."""
    return {"id": number, "owner": number // 10, "shop": name_of(number // 1_000_000)}


@dataclass
class World:
    """A backend that fails, dawdles and lies at random."""

    chance: random.Random
    misrouted: list[str] = field(default_factory=list)
    """Keys that were asked for by another shop than theirs."""

    async def handle(self, request: Request) -> Response:
        """Answer, mostly."""
        body = msgspec.json.decode(await request.body() or b"null")
        shops: Mapping[str, Mapping[str, list[int]]] = (
            body["shops"] if body else {request.headers["x-shop"]: self._asked(request)}
        )
        rows = {shop: self._rows(shop, asked) for shop, asked in shops.items()}
        draw = self.chance.random()
        if draw < 0.03:
            return JSONResponse({"errors": "broken"}, self.chance.choice([500, 503, 422]))
        if draw < 0.08:
            await asyncio.sleep(self.chance.uniform(0, 0.1))
        elif draw < 0.12:
            # Rows of others among one's own, and two shops' parts exchanged.
            for own in rows.values():
                own += [row_of(number_of(self.chance.randrange(SHOPS), self.chance.randrange(CUSTOMERS), 1))]
            names = list(rows)
            rows = dict(zip(names, [rows[name] for name in reversed(names)], strict=True))
        if body:
            return JSONResponse({"shops": {shop: {"rows": own} for shop, own in rows.items()}})
        (own,) = rows.values()
        if request.url.path.startswith("/rows/"):
            return JSONResponse({"row": own[0]})
        return JSONResponse({"rows": own})

    @staticmethod
    def _asked(request: Request) -> dict[str, list[int]]:
        if request.url.path.startswith("/rows/"):
            return {"ids": [int(request.url.path.rpartition("/")[2])]}
        query = request.query_params
        if (owners := query.get("owners") or query.get("owner")) is not None:
            return {"owners": [int(each) for each in owners.split(",")]}
        return {"ids": [int(each) for each in query["ids"].split(",")]}

    def _rows(self, shop: str, asked: Mapping[str, list[int]]) -> list[dict[str, Any]]:
        keys = [*asked.get("ids", ()), *(10 * owner for owner in asked.get("owners", ()))]
        self.misrouted += [f"{key} by {shop}" for key in keys if name_of(key // 1_000_000) != shop]
        found = [row_of(number) for number in asked.get("ids", ())]
        return found + [row_of(10 * owner + row) for owner in asked.get("owners", ()) for row in range(ROWS)]


@pytest.mark.parametrize("bulk", ["none", "shop", "fleet"])
async def test_nobody_sees_what_is_anothers(bulk: Bulk) -> None:
    """Whatever is merged, kept, cancelled, late, broken or wrong: a row goes to its shop and its shopper only."""
    chance = random.Random(20_261_124)  # noqa: S311  # draws the same requests each time
    here = World(chance)
    seen: Counter[str] = Counter()
    routes = [Route("/{path:path}", here.handle, methods=["GET", "POST"])]
    memory = Memory(public_entries=100, private_entries=500)
    async with (
        running(Starlette(routes=routes)) as url,
        Backend.connected("rows", url, timeout_seconds=2, connections=50, answer_bytes=1_000_000) as backend,
        Coalescer(calls_at_once=2) as coalescer,
        Cache(coalescer, memory) as cache,
    ):
        fleet = Access({"X-Shop": "fleet"})
        tenants = [
            Tenant(backend, name_of(shop), Access({"X-Shop": name_of(shop)}), bulk, fleet) for shop in range(SHOPS)
        ]

        async def ask(shop: int, customer: int) -> None:
            owner = number_of(shop, customer, 0) // 10
            other = number_of(shop, chance.randrange(CUSTOMERS), chance.randrange(ROWS))
            # Not more often: on a busy machine most of these fail, and a breaker that is open shows nothing.
            seconds = 0.05 if chance.random() < 0.1 else 30.0
            upstream = Upstream(
                tenants[shop], owner, Deadline.after(seconds), Journal(), cache, is_fresh=chance.random() < 0.2
            )
            numbers = [number_of(shop, customer, row) for row in range(ROWS)]
            draw = chance.randrange(3)
            if draw == 0:
                found: Mapping[Any, Any] = await upstream.looking_up(OWNED)([*numbers, other])
                rows = [row for value in found.values() if isinstance(value, tuple) for row in value]
            elif draw == 1:
                found = await upstream.looking_up(RECORD)([numbers[0], other])
                rows = [value for value in found.values() if isinstance(value, Row)]
            else:
                found = await upstream.looking_up(PAGES)([PageKey(owner=owner, size=ROWS)])
                rows = [row for page in found.values() if not isinstance(page, Exception) for row in page.rows]
            seen["failed"] += any(isinstance(value, Exception) for value in found.values())
            seen["rows"] += len(rows)
            seen["foreign"] += sum(row.owner != owner or row.shop != name_of(shop) for row in rows)

        async def shoppers() -> None:
            while seen["asked"] < REQUESTS:
                seen["asked"] += 1
                asking = asyncio.create_task(ask(chance.randrange(SHOPS), chance.randrange(CUSTOMERS)))
                if chance.random() < 0.05:
                    await asyncio.sleep(chance.uniform(0, 0.02))
                    asking.cancel()
                    seen["cancelled"] += 1
                await asyncio.wait([asking])
                if not asking.cancelled():
                    asking.result()
                if chance.random() < 0.05:
                    shop = chance.randrange(SHOPS)
                    cache.wrote(name_of(shop), number_of(shop, chance.randrange(CUSTOMERS), 0) // 10, ())

        await asyncio.gather(*(shoppers() for _ in range(AT_ONCE)))
        assert coalescer.flying == 0
    print(bulk, dict(seen))  # noqa: T201  # the figures of a long run
    assert seen["foreign"] == 0
    assert here.misrouted == []
    assert seen["rows"] > REQUESTS
    assert seen["failed"] > 0
