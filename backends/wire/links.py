"""What `include` puts beside an object."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from backends.wire.calls import Call

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Rows of another table, or what a function makes of the owners' rows."""

    table: Table | None = None
    at: str = "id"
    """The other table's column that is compared …"""
    by: str = "id"
    """… with this column of the object."""
    many: bool = False
    where: Any = None
    show: Callable[[Row], Row] | None = None
    """How one of the other rows looks; None shows all columns that are not private."""
    make: Callable[[Call, Row], Awaitable[Any]] | None = None
    """In place of a table: an object's row to the value."""


async def linked(call: Call, rows: list[Row], sent: list[Row], links: dict[str, Link]) -> list[Row]:
    """`sent` with an `include` that has the links' values; one query a link, however many rows."""
    found = {name: await _values(call, link, rows) for name, link in links.items()}
    return [
        {**each, "include": {**each.get("include", {}), **{name: values[n] for name, values in found.items()}}}
        for n, each in enumerate(sent)
    ]


async def _values(call: Call, link: Link, rows: list[Row]) -> list[Any]:
    if link.make is not None:
        return [await link.make(call, row) for row in rows]
    table = link.table
    if table is None:
        return [[] if link.many else None for _ in rows]
    keys = sorted({row[link.by] for row in rows if row[link.by] is not None})
    conditions = [table.c.shop_id == call.shop.id, table.c[link.at].in_(keys)]
    if link.where is not None:
        conditions.append(link.where)
    statement = select(table).where(*conditions).order_by(table.c.id.desc())
    by_key: dict[Any, list[Row]] = defaultdict(list)
    for row in (await call.connection.execute(statement)).mappings():
        shown = link.show(dict(row)) if link.show else _public(table, dict(row))
        by_key[row[link.at]].append(shown)
    if link.many:
        return [by_key[row[link.by]] for row in rows]
    return [next(iter(by_key[row[link.by]]), None) for row in rows]


def _public(table: Table, row: Row) -> Row:
    return {column.name: row[column.name] for column in table.columns if not column.info.get("private")}
