"""A resource as data: from its table, filters and sort keys to its two endpoints."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select
from starlette.routing import BaseRoute, Route

from backends.wire.calls import Call, endpoint
from backends.wire.columns import LARGEST_ID
from backends.wire.cursors import Cursor, Direction, bad_cursor, decode, fits
from backends.wire.errors import RefusedError, invalid, not_found
from backends.wire.filters import Filter

Row = dict[str, Any]
Present = Callable[[Call, list[Row]], Awaitable[list[Row]]]
"""Rows with all their columns to what is sent."""

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Everything that a list and a look-up by id need to know."""

    one: str | None
    """Key of a single object; None when there is no look-up by id."""
    many: str
    """Key of a list, and its path unless `path` is given."""
    table: Table
    """Has `id` and `shop_id`; columns marked private stay inside."""
    filters: Mapping[str, Filter] = field(default_factory=dict)
    """Other parameters are ignored."""
    sorts: Mapping[str, str] = field(default_factory=lambda: {"id": "id"})
    """Sort key to column; each goes both ways."""
    default_sort: str = "id-desc"
    present: Present | None = None
    path: str = ""
    version: str = "2021-11"
    views: frozenset[str] = frozenset()
    """Parameters that change how rows look; later pages keep them."""
    beside_cursor: frozenset[str] = frozenset()
    """What may be sent together with a cursor besides `limit`."""
    counted: bool = False
    """Whether a list says how many rows there are in `total`."""

    def routes(self, prefix: str) -> list[BaseRoute]:
        """The list, and the look-up when there is one."""
        path = f"{prefix}{self.path or '/' + self.many}"
        found: list[BaseRoute] = [Route(path, endpoint(self.page, self.version), methods=["GET"])]
        if self.one:
            found.append(Route(f"{path}/{{id:int}}", endpoint(self.single, self.version), methods=["GET"]))
        return found

    async def single(self, call: Call) -> Row:
        """`GET /resource/{id}`; raises 404 for ids of other shops, too."""
        return {str(self.one): await self.by_id(call, call.path["id"])}

    async def by_id(self, call: Call, key: int) -> Row:
        """One row as it is sent; raises 404."""
        if key > LARGEST_ID:
            raise not_found()
        query = select(self.table).where(self.table.c.shop_id == call.shop.id, self.table.c.id == key)
        found = (await call.connection.execute(query)).mappings().one_or_none()
        if found is None:
            raise not_found()
        return (await self._presented(call, [dict(found)]))[0]

    async def page(self, call: Call) -> Row:
        """`GET /resource`; raises 422 for parameters that cannot be read."""
        limit = _limit(call.query)
        cursor = self._cursor(call)
        query = {**cursor.filters, **call.query} if cursor else call.query
        sort_by = cursor.sort_by if cursor else query.get("sort_by", self.default_sort)
        name, _, order = sort_by.rpartition("-")
        if name not in self.sorts or order not in {"asc", "desc"}:
            raise bad_cursor() if cursor else invalid(sort_by="Invalid value")
        column = self.table.c[self.sorts[name]]
        if cursor and not fits(cursor.last_value, column):
            raise bad_cursor()

        backwards = cursor is not None and cursor.cursor_dir == "prev"
        descending = (order == "desc") is not backwards
        conditions = [self.table.c.shop_id == call.shop.id, *self._conditions(query)]
        after = [cursor.condition(column, self.table.c.id, descending=descending)] if cursor else []
        ordering = [each.desc() if descending else each.asc() for each in dict.fromkeys([column, self.table.c.id])]
        statement = select(self.table).where(*conditions, *after).order_by(*ordering).limit(limit + 1)
        found = [dict(row) for row in (await call.connection.execute(statement)).mappings()]
        rows, more = found[:limit], len(found) > limit
        if backwards:
            rows.reverse()

        kept = {key: query[key] for key in query if key in self.filters or key in self.views}

        def at(row: Row, direction: Direction) -> str:
            return Cursor(row["id"], row[column.name], sort_by, direction, kept).encode()

        cursors = {
            "next_cursor": at(rows[-1], "next") if rows and (more or backwards) else None,
            "previous_cursor": at(rows[0], "prev") if rows and (more if backwards else cursor) else None,
        }
        seen = Call(call.shop, query, call.path, call.connection, call.dialect)
        body = call.dialect.page(self.many, await self._presented(seen, rows), cursors)
        return {**body, "total": await self._count(call, conditions)} if self.counted else body

    def _cursor(self, call: Call) -> Cursor | None:
        if "cursor" not in call.query:
            return None
        allowed = {"cursor", "limit", call.dialect.shop_parameter} | self.beside_cursor
        extra = sorted(set(call.query) - allowed) if call.dialect.cursor_stands_alone else []
        if extra:
            raise RefusedError(422, {name: ["Not allowed together with cursor"] for name in extra})
        return decode(call.query["cursor"])

    def _conditions(self, query: Mapping[str, str]) -> list[ColumnElement[bool]]:
        conditions = []
        problems: dict[str, list[str]] = {}
        for name in query:
            if name in self.filters:
                try:
                    conditions.append(self.filters[name](query[name]))
                except ValueError as error:
                    problems[name] = [str(error)]
        if problems:
            raise RefusedError(422, problems)
        return conditions

    async def _count(self, call: Call, conditions: list[ColumnElement[bool]]) -> int:
        statement = select(func.count()).select_from(self.table).where(*conditions)
        return (await call.connection.execute(statement)).scalar_one()

    async def _presented(self, call: Call, rows: list[Row]) -> list[Row]:
        if self.present:
            return await self.present(call, rows)
        return [shown(self.table, row) for row in rows]


def shown(table: Table, row: Row) -> Row:
    """The columns of a row that go over the wire, in the table's order."""
    return {column.name: row[column.name] for column in table.columns if not column.info.get("private")}


def included(query: Mapping[str, str]) -> frozenset[str]:
    """The names in `include=a,b`; names that a resource does not know have no effect."""
    return frozenset(query.get("include", "").split(","))


def _limit(query: Mapping[str, str]) -> int:
    sent = query.get("limit", str(DEFAULT_LIMIT))
    if not (sent.isascii() and sent.isdigit()) or len(sent) > 9:
        raise invalid(limit="Not a valid integer")
    if not 1 <= int(sent) <= LARGEST_LIMIT:
        raise invalid(limit=f"Must be between 1 and {LARGEST_LIMIT}")
    return int(sent)
