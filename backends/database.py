"""One service's database: opened, given tables, filled when it is empty."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import MetaData, Table, event, exc, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

from backends.store.chance import Tables, World, batches
from backends.wire.columns import day, key, whole

DRIVERS = ("sqlite+aiosqlite", "mysql+aiomysql")
ROWS_AT_ONCE = 500
LOCK_SECONDS = 60
PAUSE_SECONDS = 0.02
SEEDING = "seeding"
"""Table with one row once a database has been filled; which world it holds."""


def open_engine(url: str) -> AsyncEngine:
    """An engine for SQLite or MySQL; raises ValueError for others.

    A database in memory lives on the pool's single connection, which callers use one after the other.
    """
    parsed = make_url(url)
    if parsed.drivername not in DRIVERS:
        raise ValueError(f"not one of {', '.join(DRIVERS)}: {parsed.render_as_string()}")
    if parsed.get_backend_name() == "mysql":
        return create_async_engine(parsed.update_query_dict({"charset": "utf8mb4"}), pool_pre_ping=True)
    if parsed.database in {None, "", ":memory:"}:
        engine = create_async_engine(parsed, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)
    else:
        engine = create_async_engine(parsed, connect_args={"timeout": LOCK_SECONDS})
        event.listen(engine.sync_engine, "connect", _write_ahead)
    event.listen(engine.sync_engine, "connect", _enforce_foreign_keys)
    return engine


def _write_ahead(connection: Any, _record: object) -> None:
    """SQLite does not wait for others while it changes the mode, whatever its timeout: so this does."""
    for _ in range(round(LOCK_SECONDS / PAUSE_SECONDS)):
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
            break
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            await_only(asyncio.sleep(PAUSE_SECONDS))
    connection.execute("PRAGMA synchronous = NORMAL").close()


def _enforce_foreign_keys(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON").close()


def define_seeding(tables: MetaData) -> None:
    """Adds the table that says which world a database was filled with."""
    Table(SEEDING, tables, key(), whole("seed"), whole("customers"), day("today"))


async def prepare(engine: AsyncEngine, tables: MetaData, rows: Tables, world: World) -> None:
    """Creates what is missing and fills an empty database; several processes may do so at once."""
    seeding = tables.tables[SEEDING]
    async with engine.connect() as connection, _alone(connection):
        await connection.run_sync(tables.create_all)
        if (await connection.execute(select(seeding.c.id))).first() is None:
            await _fill(connection, tables, rows)
            row = {"id": 1, "seed": world.seed, "customers": world.customers, "today": world.today}
            await connection.execute(seeding.insert(), row)
        await connection.commit()


async def answers(engine: AsyncEngine, tables: MetaData) -> None:
    """Reads the smallest table; raises what the database raises."""
    async with engine.connect() as connection:
        await connection.execute(select(tables.tables[SEEDING].c.id))


@asynccontextmanager
async def _alone(connection: AsyncConnection) -> AsyncIterator[None]:
    """Holds the lock under which one process creates and fills."""
    if connection.dialect.name != "mysql":
        await _begin(connection)
        yield
        return
    lock = {"name": SEEDING, "seconds": LOCK_SECONDS}
    if not (
        await connection.execute(text("SELECT GET_LOCK(SHA1(CONCAT(DATABASE(), :name)), :seconds)"), lock)
    ).scalar():
        raise TimeoutError(f"another process has been filling this database for {LOCK_SECONDS} seconds")
    try:
        yield
    finally:
        await connection.execute(text("DO RELEASE_LOCK(SHA1(CONCAT(DATABASE(), :name)))"), lock)


async def _begin(connection: AsyncConnection) -> None:
    """While another process makes a new database SQLite refuses at once, whatever its timeout."""
    for _ in range(round(LOCK_SECONDS / PAUSE_SECONDS)):
        try:
            await connection.execute(text("BEGIN IMMEDIATE"))
        except exc.OperationalError as error:
            if "locked" not in str(error.orig):
                raise
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return
    raise TimeoutError(f"another process has been filling this database for {LOCK_SECONDS} seconds")


async def _fill(connection: AsyncConnection, tables: MetaData, rows: Tables) -> None:
    for name, found in rows:
        for chunk in batches(found, ROWS_AT_ONCE):
            await connection.execute(tables.tables[name].insert(), chunk)
