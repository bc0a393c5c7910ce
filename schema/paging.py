"""Connections, as Relay and Shopify have them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, Self, TypeVar

import strawberry

from resolvers.paging import Slice
from schema.costs import VALUE

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


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    nodes: list[Node] = strawberry.field(description="The rows.")
    edges: list[Edge[Node]] = strawberry.field(description="The rows with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in its list.")

    @classmethod
    def of(cls, rows: Slice[T], node_of: Callable[[T], Node]) -> Self:
        return cls._of([Edge(cursor=item.cursor, node=node_of(item.row)) for item in rows.items], rows)

    @classmethod
    async def of_loaded(cls, rows: Slice[T], node_of: Callable[[T], Awaitable[Node | None]]) -> Self:
        """A page whose nodes are looked up; what is not found is left out."""
        found = await asyncio.gather(*(node_of(item.row) for item in rows.items))
        pairs = zip(rows.items, found, strict=True)
        return cls._of([Edge(cursor=item.cursor, node=node) for item, node in pairs if node is not None], rows)

    @classmethod
    def _of(cls, edges: list[Edge[Node]], rows: Slice[T]) -> Self:
        return cls(
            nodes=[edge.node for edge in edges],
            edges=edges,
            page_info=PageInfo(
                has_next_page=rows.has_next,
                has_previous_page=rows.has_previous,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )
