"""Connections, as Relay and Shopify have them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, Self, TypeVar

import strawberry

from resolvers.paging import Item, Slice
from schema.costs import VALUE
from schema.reading import computed

Node = TypeVar("Node")
T = TypeVar("T")

First = Annotated[int | None, strawberry.argument(description="How many rows, from 1 to 100; 20 when left out.")]
After = Annotated[str | None, strawberry.argument(description="A cursor of this list: rows behind it.")]


@strawberry.type(description="Where a page lies in its list.", directives=[VALUE])
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether this page was asked for with a cursor.")
    start_cursor: str | None = strawberry.field(description="The first row's cursor.")
    end_cursor: str | None = strawberry.field(
        description="The last row's cursor: send it as `after` for the next page."
    )


@strawberry.type(description="A row of a page, with its cursor.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="Points behind this row.")
    node: Node = strawberry.field(description="The row.")


def _nodes(connection: "Connection[Node]") -> list[Node]:
    return [connection.node_of(item.row) for item in connection.rows.items]


def _edges(connection: "Connection[Node]") -> list[Edge[Node]]:
    return [Edge(cursor=item.cursor, node=connection.node_of(item.row)) for item in connection.rows.items]


def _page_info(connection: "Connection[Node]") -> PageInfo:
    rows = connection.rows
    return PageInfo(
        has_next_page=rows.has_next,
        has_previous_page=rows.has_previous,
        start_cursor=rows.items[0].cursor if rows.items else None,
        end_cursor=rows.items[-1].cursor if rows.items else None,
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    rows: strawberry.Private[Slice[Any]]
    node_of: strawberry.Private[Callable[[Any], Node]]
    nodes: list[Node] = computed(_nodes, description="The rows.")
    edges: list[Edge[Node]] = computed(_edges, description="The rows with their cursors.")
    page_info: PageInfo = computed(_page_info, description="Where the page lies in its list.")

    @classmethod
    def of(cls, rows: Slice[T], node_of: Callable[[T], Node]) -> Self:
        """A page whose nodes are made of its rows."""
        return cls(rows=rows, node_of=node_of)

    @classmethod
    async def of_loaded(cls, rows: Slice[T], node_of: Callable[[T], Awaitable[Node | None]]) -> Self:
        """A page whose nodes are looked up; what is not found is left out."""
        found = await asyncio.gather(*(node_of(item.row) for item in rows.items))
        pairs = zip(rows.items, found, strict=True)
        items = tuple(Item(node, item.place) for item, node in pairs if node is not None)
        return cls(rows=Slice(items, rows.has_next, rows.has_previous), node_of=_itself)


def _itself(node: Node) -> Node:
    return node
