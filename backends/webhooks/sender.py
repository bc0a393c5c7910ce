"""Sends what stands in the outbox until it arrives, or for 48 hours."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from sqlalchemy import MetaData, Table, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import State

from backends.store.shops import SHOPS
from backends.webhooks.outbox import Outbox
from backends.webhooks.signatures import signed
from backends.webhooks.tables import OUTBOX, WEBHOOKS
from backends.wire.errors import RefusedError
from backends.wire.writes import transaction

MOST_TRIES = 20
LONGEST_PAUSE_SECONDS = 36_000
"""With pauses that double from one second, twenty tries take 48 hours."""
ANSWER_SECONDS = 5
LEASE_SECONDS = 10
"""For how long a row is its sender's: when that process dies, another one sends it then."""
AT_ONCE = 16
LOOK_SECONDS = 0.5
"""How often rows of other processes, and those that are due again, are looked for."""
DOMAINS = {shop.id: shop.domain for shop in SHOPS}

logger = logging.getLogger(__name__)


@asynccontextmanager
async def sending(state: State, tables: MetaData) -> AsyncIterator[None]:
    """Sends for as long as the block runs; what is on its way at the end is sent again at the next start."""
    if OUTBOX not in tables.tables:
        yield
        return
    async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS), cookie_jar=DummyCookieJar()) as session:
        sender = Sender(state, tables, session)
        task = asyncio.create_task(sender.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await sender.give_back()


class Sender:
    """The sender of one process; several may share a database."""

    def __init__(self, state: State, tables: MetaData, session: ClientSession) -> None:
        self._state = state
        self._outbox: Table = tables.tables[OUTBOX]
        self._webhooks: Table = tables.tables[WEBHOOKS]
        self._session = session
        self._taken: set[int] = set()
        """What is on its way."""

    async def run(self) -> None:
        """Sends what is due, at most sixteen at once."""
        news: Outbox = self._state.outbox
        async with asyncio.TaskGroup() as deliveries:
            while True:
                news.news.clear()
                try:
                    rows = await self._claim(AT_ONCE - len(self._taken))
                except (SQLAlchemyError, RefusedError):
                    logger.exception("the outbox cannot be read")
                    rows = []
                for row in rows:
                    deliveries.create_task(self._deliver(row))
                if not rows:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(news.news.wait(), LOOK_SECONDS)

    async def give_back(self) -> None:
        """What was on its way is due at once, for whoever starts next."""
        if self._taken:
            with suppress(SQLAlchemyError, RefusedError):
                await self._change(self._taken, due_ms=_now_ms())

    async def _claim(self, most: int) -> Sequence[Any]:
        """Rows that are due, now this process's for a while; each with where it goes."""
        outbox, webhooks = self._outbox, self._webhooks
        due = select(outbox.c.id).where(outbox.c.due_ms <= _now_ms()).order_by(outbox.c.due_ms).limit(most)
        if most <= 0:
            return []
        async with self._state.engine.connect() as connection:
            # Nothing is locked only to find that there is nothing.
            if (await connection.execute(due.limit(1))).first() is None:
                return []
        async with transaction(self._state.engine) as connection:
            ids = (await connection.execute(due.with_for_update(skip_locked=True))).scalars().all()
            lease = _now_ms() + LEASE_SECONDS * 1_000
            await connection.execute(outbox.update().where(outbox.c.id.in_(ids)).values(due_ms=lease))
            statement = (
                select(outbox, webhooks.c.address, webhooks.c.topic)
                .join(webhooks, webhooks.c.id == outbox.c.webhook_id)
                .where(outbox.c.id.in_(ids))
                .order_by(outbox.c.id)
            )
            rows = (await connection.execute(statement)).all()
        self._taken.update(row.id for row in rows)
        return rows

    async def _deliver(self, row: Any) -> None:
        try:
            failure = await self._send(row)
            if failure is None:
                await self._forget(self._outbox, row.id)
            elif row.tries + 1 >= MOST_TRIES:
                logger.error("a webhook is given up and deleted: topic %s, %s", row.topic, failure)
                await self._forget(self._webhooks, row.webhook_id)
            else:
                pause_seconds = self._pause_seconds(row.tries)
                due_ms = _now_ms() + round(pause_seconds * 1_000)
                await self._change([row.id], due_ms=due_ms, tries=row.tries + 1)
                if pause_seconds < LOOK_SECONDS:
                    asyncio.get_running_loop().call_later(pause_seconds, self._state.outbox.news.set)
        except (SQLAlchemyError, RefusedError):
            # It stays this process's until its lease is over, and is sent once more then.
            logger.exception("the outbox cannot be written")
        self._taken.discard(row.id)
        self._state.outbox.news.set()

    async def _send(self, row: Any) -> str | None:
        """None where the receiver took it, or refused it for good; else what is wrong with the receiver."""
        body = bytes(row.body) if isinstance(row.body, msgspec.Raw) else msgspec.json.encode(row.body)
        secret = self._state.settings.client_secrets.get(DOMAINS[row.shop_id])
        if secret is None:
            return "no client secret"
        headers = {"Content-Type": "application/json", **signed(secret.get_secret_value(), body, int(time.time()))}
        try:
            async with self._session.post(row.address, data=body, headers=headers, allow_redirects=False) as response:
                status = response.status
        except (ClientError, OSError, ValueError) as error:
            # A timeout is an OSError.
            return type(error).__name__
        if status in {408, 429} or status >= 500:
            return f"status {status}"
        if status >= 300:
            logger.warning("a webhook is refused: topic %s, status %s", row.topic, status)
        return None

    def _pause_seconds(self, tries: int) -> float:
        most = min(self._state.settings.webhook_pause_seconds * 2**tries, LONGEST_PAUSE_SECONDS)
        return float(most * random.uniform(0.75, 1.0))  # noqa: S311  # jitter

    async def _change(self, ids: Any, **values: int) -> None:
        async with transaction(self._state.engine) as connection:
            await connection.execute(self._outbox.update().where(self._outbox.c.id.in_(ids)).values(values))

    async def _forget(self, table: Table, key: int) -> None:
        async with transaction(self._state.engine) as connection:
            await connection.execute(table.delete().where(table.c.id == key))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
