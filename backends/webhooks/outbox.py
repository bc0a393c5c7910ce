"""What has changed, noted for whoever is to be told in the transaction of the change itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import MetaData, select

from backends.webhooks.changes import Changes, Row, watching
from backends.webhooks.tables import OUTBOX, WEBHOOKS
from backends.wire.callers import Caller
from backends.wire.calls import Call
from backends.wire.resources import Resource, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A resource whose changes are told."""

    resource: Resource
    verbs: Callable[[Row | None, Row | None], Iterable[str]]
    """From a row before and after to what has become of it, such as `updated`. The row of nothing is None."""
    of: Callable[[Row], int] | None = None
    """Where another table's row changes: the id of the one that is told, such as a customer's of a payment method."""
    table: str = ""
    """That other table."""


class Outbox:
    """The webhooks of one service that are still to be sent."""

    def __init__(self, tables: MetaData, subjects: Iterable[Subject]) -> None:
        self._tables = tables
        self._subjects: Mapping[Any, Subject] = {
            tables.tables[each.table] if each.table else each.resource.table: each for each in subjects
        }
        self.news = asyncio.Event()
        """Set when there is something to send."""

    @asynccontextmanager
    async def noting(self, call: Call) -> AsyncIterator[None]:
        """Note what the block changes on the call's connection; what nobody has registered for costs nothing more."""
        if not self._subjects:
            yield
            return
        listening = await self._listening(call)
        if not listening:
            yield
            return
        with watching(call.connection, self._subjects.keys()) as changes:
            yield
        await self._note(call, changes, listening)

    async def _listening(self, call: Call) -> list[Row]:
        table = self._tables.tables[WEBHOOKS]
        statement = select(table).where(table.c.shop_id == call.shop.id).order_by(table.c.id)
        return [dict(row) for row in (await call.connection.execute(statement)).mappings()]

    async def _note(self, call: Call, changes: Changes, listening: list[Row]) -> None:
        # The shop is told all of it, whoever made the change and whatever that one asked to see.
        told = replace(call, caller=Caller(call.shop), query={}, body=None)
        rows: list[Row] = []
        for (table, key), before in changes.items():
            after = await _row(told, table, key)
            if before and after and shown(table, before) == shown(table, after):
                continue
            subject = self._subjects[table]
            for verb in subject.verbs(before, after):
                topic = f"{subject.resource.one}/{verb}"
                for each in listening:
                    if each["topic"] == topic:
                        rows.append(_note(told, each, await _body(told, subject, before, after, each)))  # noqa: PERF401  # awaits
        for topic, resource, key in call.telling:
            for each in listening:
                if each["topic"] == topic:
                    stored = await resource.stored(told, key)
                    rows.append(_note(told, each, await _shown(told, resource, stored, each)))
        if rows:
            await call.connection.execute(self._tables.tables[OUTBOX].insert(), rows)


async def _row(call: Call, table: Any, key: int) -> Row | None:
    found = (await call.connection.execute(select(table).where(table.c.id == key))).mappings().one_or_none()
    return dict(found) if found is not None else None


async def _body(call: Call, subject: Subject, before: Row | None, after: Row | None, webhook: Row) -> Row:
    row: Row = after or before or {}
    if subject.of is not None:
        row = await subject.resource.stored(call, subject.of(row))
    return await _shown(call, subject.resource, row, webhook)


async def _shown(call: Call, resource: Resource, row: Row, webhook: Row) -> Row:
    including = replace(call, query={"include": ",".join(webhook["included_objects"])})
    return {str(resource.one): (await resource.presented(including, [row]))[0]}


def _note(call: Call, webhook: Row, body: Row) -> Row:
    return {
        "id": next(call.state.ids),
        "shop_id": call.shop.id,
        "webhook_id": webhook["id"],
        "body": body,
        "tries": 0,
        "due_ms": time.time_ns() // 1_000_000,
    }
