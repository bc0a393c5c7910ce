"""Services of the tests: how they are started, and how they are asked."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from aiohttp import ClientSession
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from backends import SHOPS, BackendSettings, create_backend

AURORA, NORDLYS = SHOPS
TOKENS = {AURORA.domain: SecretStr("sk_aurora"), NORDLYS.domain: SecretStr("sk_nordlys")}
TODAY = date(2026, 11, 24)
CUSTOMERS = 120
LOCAL_MYSQL = "mysql+aiomysql://root@127.0.0.1:3306"


@dataclass(frozen=True)
class Answer:
    """What came back over the socket."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str


@dataclass(frozen=True)
class Asked:
    """A running service; asks as the first shop unless told otherwise."""

    name: str
    port: int
    session: ClientSession

    async def __call__(
        self, path: str, body: Any = None, *, method: str = "GET", shop: str = AURORA.domain, **headers: str
    ) -> Answer:
        """Sends the shop's token in both spellings; a header given as `x_request_id=…` wins."""
        token = TOKENS[shop].get_secret_value()
        sent = {"X-Recharge-Access-Token": token, "Authorization": f"Bearer {token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.session.request(method, url, headers=sent, json=body) as response:
            text = await response.text()
            body = await response.json() if response.content_type == "application/json" and text else None
            return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body, text)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        """`POST`, with JSON or an empty body."""
        return await self(path, body, method="POST", **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        """`PUT`."""
        return await self(path, body, method="PUT", **options)

    async def delete(self, path: str, body: Any = None, **options: Any) -> Answer:
        """`DELETE`."""
        return await self(path, body, method="DELETE", **options)

    async def pages(self, path: str, *, shop: str = AURORA.domain) -> AsyncIterator[Any]:
        """The bodies of a list, page after page, each reached by the cursor of the one before."""
        bare, _, query = path.partition("?")
        limit = next((part for part in query.split("&") if part.startswith("limit=")), "limit=250")
        kept = "&format_version=2022-06" if bare == "/product_search" else ""
        following: str | None = f"{bare}?{query}{kept}"
        while following:
            answer = await self(following, shop=shop)
            assert answer.status == 200, answer.text
            yield answer.body
            cursor = answer.body.get("metadata", answer.body).get("next_cursor")
            following = f"{bare}?cursor={cursor}&{limit}{kept}" if cursor else None

    async def rows(self, path: str, *, shop: str = AURORA.domain) -> list[dict[str, Any]]:
        """Every row of a list."""
        return [row for body in [page async for page in self.pages(path, shop=shop)] for row in rows_of(body)]


def rows_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of one page: the only list in it."""
    (rows,) = (value for value in body.values() if isinstance(value, list))
    return rows


Backends = Mapping[str, Asked]


def settings(database_url: str = "sqlite+aiosqlite://", customers: int = CUSTOMERS, **changes: Any) -> BackendSettings:
    """What all services of these tests have in common."""
    return BackendSettings(database_url=database_url, tokens=TOKENS, customers=customers, today=TODAY, **changes)


class Stoppable(uvicorn.Server):
    """Stops at once, where uvicorn looks ten times a second whether it should."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(uvicorn.Config(app, port=0, log_level="critical", lifespan="on"))
        self.stopped = asyncio.Event()

    async def main_loop(self) -> None:
        """Until it is told to stop; the tick sets the date in the headers."""
        await self.on_tick(0)
        await self.stopped.wait()


@asynccontextmanager
async def running(app: Starlette) -> AsyncIterator[int]:
    """The port that an application answers on, in this process."""
    server = Stoppable(app)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            serving.result()
            pytest.fail("the service did not start")
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.stopped.set()
        await serving


@asynccontextmanager
async def asking(name: str, given: BackendSettings) -> AsyncIterator[Asked]:
    """A service started for one test."""
    async with running(create_backend(name, given)) as port, ClientSession() as session:
        yield Asked(name, port, session)


@asynccontextmanager
async def mysql_database() -> AsyncIterator[str]:
    """The URL of a new database; skipped without a server, except in CI, where that is a failure."""
    base = os.environ.get("TEST_MYSQL_URL", LOCAL_MYSQL)
    name = f"backends_test_{uuid4().hex[:12]}"
    admin = create_async_engine(make_url(base).set(database=""), isolation_level="AUTOCOMMIT")
    try:
        try:
            async with admin.connect() as connection:
                await connection.execute(text(f"CREATE DATABASE {name}"))
        except OperationalError as error:
            if os.environ.get("CI") or "TEST_MYSQL_URL" in os.environ:
                pytest.fail(f"no MySQL at {base}: {error}")
            pytest.skip(f"no MySQL at {base}, and TEST_MYSQL_URL names none")
        try:
            yield make_url(base).set(database=name).render_as_string(hide_password=False)
        finally:
            async with admin.connect() as connection:
                await connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
    finally:
        await admin.dispose()


@asynccontextmanager
async def memory_database() -> AsyncIterator[str]:
    """A database in memory."""
    yield "sqlite+aiosqlite://"
