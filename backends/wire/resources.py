"""A resource as data: from its table, filters and sort keys to its two endpoints."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, func, or_, select
from starlette.routing import BaseRoute, Route

from backends.wire.calls import Call, endpoint
from backends.wire.columns import LARGEST_ID
from backends.wire.cursors import Cursor, Direction, bad_cursor, decode, fits
from backends.wire.errors import RefusedError, invalid, not_found
from backends.wire.filters import Filter
from backends.wire.links import Link, linked

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
    owners: tuple[str, ...] = ()
    """Columns of which one must be the customer whose session asks."""
    public: bool = False
    """Whether all rows are for everybody; without it, and without owners, sessions are refused."""
    filters: Mapping[str, Filter] = field(default_factory=dict)
    """Other parameters are ignored."""
    standing: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    """Conditions that hold unless a parameter is `true`, such as `include_cancelled`."""
    sorts: Mapping[str, str] = field(default_factory=lambda: {"id": "id"})
    """Sort key to column; each goes both ways."""
    default_sort: str = "id-desc"
    present: Present | None = None
    links: Mapping[str, Link] = field(default_factory=dict)
    """What `include` may name."""
    path: str = ""
    version: str = "2021-11"
    views: frozenset[str] = frozenset()
    """Parameters that change how rows look; later pages keep them."""
    beside_cursor: frozenset[str] = frozenset()
    """What may be sent together with a cursor besides `limit`."""
    counted: bool = False
    """Whether a list says how many rows there are in `total`."""
    limit_each: tuple[str, str] | None = None
    """A parameter with many owners, and their column: then `limit` counts for each, and there is one page."""

    def routes(self, prefix: str) -> list[BaseRoute]:
        """The list, and the look-up when there is one."""
        path = f"{prefix}{self.path or '/' + self.many}"
        open_to_customers = self.public or bool(self.owners)
        found: list[BaseRoute] = [
            Route(path, endpoint(self.page, self.version, customers=open_to_customers), methods=["GET"])
        ]
        if self.one:
            single = endpoint(self.single, self.version, customers=open_to_customers)
            found.append(Route(f"{path}/{{id:int}}", single, methods=["GET"]))
        return found

    async def single(self, call: Call) -> Row:
        """`GET /resource/{id}`; raises 404 for ids of others, too."""
        return {str(self.one): await self.by_id(call, call.path["id"])}

    async def by_id(self, call: Call, key: int) -> Row:
        """One row as it is sent; raises 404."""
        return (await self.presented(call, [await self.stored(call, key)]))[0]

    async def stored(self, call: Call, key: Any) -> Row:
        """One row with all its columns; raises 404 for ids of others, too."""
        if not isinstance(key, int) or not 0 <= key <= LARGEST_ID:
            raise not_found()
        query = select(self.table).where(self.table.c.id == key, *self.visible(call))
        found = (await call.connection.execute(query)).mappings().one_or_none()
        if found is None:
            raise not_found()
        return dict(found)

    def visible(self, call: Call) -> list[ColumnElement[bool]]:
        """Conditions for rows that the caller may know of."""
        conditions: list[ColumnElement[bool]] = [self.table.c.shop_id == call.shop.id]
        if call.customer_id is not None and self.owners:
            conditions.append(or_(*(self.table.c[owner] == call.customer_id for owner in self.owners)))
        return conditions

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
        conditions = [*self.visible(call), *self._conditions(query)]
        ordering = [each.desc() if descending else each.asc() for each in dict.fromkeys([column, self.table.c.id])]
        seen = replace(call, query=query)
        if self.limit_each and self.limit_each[0] in query:
            rows = await _fetched(call, self._first_of_each(conditions, ordering, limit))
            return call.dialect.page(self.many, await self.presented(seen, rows), _cursors(None, None))

        after = [cursor.condition(column, self.table.c.id, descending=descending)] if cursor else []
        statement = select(self.table).where(*conditions, *after).order_by(*ordering).limit(limit + 1)
        found = await _fetched(call, statement)
        rows, more = found[:limit], len(found) > limit
        if backwards:
            rows.reverse()
        kept = {key: query[key] for key in query if key in self.filters or key in self.views or key in self.standing}

        def at(row: Row, direction: Direction) -> str:
            return Cursor(row["id"], row[column.name], sort_by, direction, kept).encode()

        cursors = _cursors(
            at(rows[-1], "next") if rows and (more or backwards) else None,
            at(rows[0], "prev") if rows and (more if backwards else cursor) else None,
        )
        body = call.dialect.page(self.many, await self.presented(seen, rows), cursors)
        return {**body, "total": await self._count(call, conditions)} if self.counted else body

    async def presented(self, call: Call, rows: list[Row]) -> list[Row]:
        """Rows with all their columns to what is sent."""
        sent = await self.present(call, rows) if self.present else [shown(self.table, row) for row in rows]
        wanted = {name: link for name, link in self.links.items() if name in included(call.query)}
        return await linked(call, rows, sent, wanted) if wanted else sent

    def _first_of_each(
        self, conditions: list[ColumnElement[bool]], ordering: list[Any], limit: int
    ) -> Select[tuple[Any, ...]]:
        owner: Column[Any] = self.table.c[str(self.limit_each and self.limit_each[1])]
        place = func.row_number().over(partition_by=owner, order_by=ordering).label("place")
        ranked = select(self.table.c.id, place).where(*conditions).subquery()
        chosen = select(ranked.c.id).where(ranked.c.place <= limit)
        return select(self.table).where(self.table.c.id.in_(chosen)).order_by(*ordering)

    def _cursor(self, call: Call) -> Cursor | None:
        if "cursor" not in call.query:
            return None
        allowed = {"cursor", "limit", call.dialect.shop_parameter} | self.beside_cursor
        extra = sorted(set(call.query) - allowed) if call.dialect.cursor_stands_alone else []
        if extra:
            raise RefusedError(422, {name: ["Not allowed together with cursor"] for name in extra})
        return decode(call.query["cursor"])

    def _conditions(self, query: Mapping[str, str]) -> list[ColumnElement[bool]]:
        lifted = {name for name in self.standing if query.get(name, "").lower() in {"true", "1"}}
        conditions = [condition for name, condition in self.standing.items() if name not in lifted]
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


async def _fetched(call: Call, statement: Select[tuple[Any, ...]]) -> list[Row]:
    return [dict(row) for row in (await call.connection.execute(statement)).mappings()]


def _cursors(following: str | None, previous: str | None) -> dict[str, str | None]:
    return {"next_cursor": following, "previous_cursor": previous}


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
