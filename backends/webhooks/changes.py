"""Which rows a transaction changes, whoever changes them."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Table, Update, event, select
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]
Changes = dict[tuple[Table, int], Row | None]
"""By table and id the row as it was before; None where there was none."""


@contextmanager
def watching(connection: AsyncConnection, tables: Collection[Table]) -> Iterator[Changes]:
    """Notes what is inserted into these tables, changed or deleted for as long as the block runs.

    Statements are seen as they are executed, so that no handler has to say what it changes, and none can forget to.
    """
    found: Changes = {}

    def look(sync: Connection, statement: Any, many: Sequence[Row], params: Row, _options: object) -> None:
        if not isinstance(statement, Insert | Update | Delete) or statement.table not in tables:
            return
        table: Any = statement.table
        if isinstance(statement, Insert):
            rows = many or [params or statement.compile().params]
            for row in rows:
                found.setdefault((table, row["id"]), None)
            return
        condition = statement.whereclause
        reading = select(table) if condition is None else select(table).where(condition)
        for before in sync.execute(reading).mappings():
            found.setdefault((table, before["id"]), dict(before))

    event.listen(connection.sync_connection, "before_execute", look)
    try:
        yield found
    finally:
        event.remove(connection.sync_connection, "before_execute", look)
