"""Requests that change something: one transaction each, one at a time for each address."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Table, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backends.wire.calls import Call, Endpoint, Handler, admit, json_response, query_of
from backends.wire.errors import RefusedError

Touched = Callable[[Call], Awaitable[set[int]]]
"""Which addresses (in other services: which objects) a request changes; raises 404 for what is not there."""

MOST_BYTES = 1_048_576
LOCKED = {1205, 1213, 3572}
"""MySQL's and MariaDB's numbers for a lock that is held, a deadlock, and a lock that NOWAIT did not wait for."""


def write(
    method: str,
    path: str,
    handler: Handler,
    touched: Touched,
    *,
    version: str = "2021-11",
    customers: bool = True,
    status: int = 200,
) -> Route:
    """A route that changes something; its handler's None is a 204."""
    return Route(path, writing(handler, touched, version, customers=customers, status=status), methods=[method])


def writing(
    handler: Handler, touched: Touched, version: str = "2021-11", *, customers: bool = True, status: int = 200
) -> Endpoint:
    """A Starlette endpoint that changes something, all of it or nothing: what it did elsewhere is undone too.

    While one request changes an address or what belongs to it, another gets 409: at once from this process, and from
    other processes on the same MySQL when they meet at the row of the address.
    """

    async def answer(request: Request) -> Response:
        query = query_of(request)
        state = request.app.state
        caller = admit(request, query, version, customers=customers)
        body = await body_of(request)

        def on(connection: AsyncConnection) -> Call:
            return Call(
                caller=caller, query=query, path=request.path_params, connection=connection, state=state, body=body
            )

        async with state.engine.connect() as connection:
            ids = await touched(on(connection))
        undoing: list[Callable[[], Awaitable[None]]] = []
        with _alone(state.busy, ids):
            await state.faults.hold(request.url.path)
            try:
                async with transaction(state.engine, state.lock_table, ids) as connection:
                    call = replace(on(connection), undoing=undoing)
                    async with state.outbox.noting(call):
                        found = await handler(call)
            except BaseException:
                for undo in reversed(undoing):
                    await asyncio.shield(undo())
                raise
            state.outbox.news.set()
        return Response(status_code=204) if found is None else json_response(found, status)

    return answer


async def body_of(request: Request) -> Any:
    """The JSON that was sent; None for an empty body, which the official client sends with its content type."""
    sent = await request.body()
    if not sent.strip():
        return None
    if len(sent) > MOST_BYTES:
        raise RefusedError(413, "Request body too large")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "Content-Type must be application/json")
    try:
        return msgspec.json.decode(sent)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusedError(400, "Invalid JSON") from error


@asynccontextmanager
async def transaction(
    engine: AsyncEngine, table: Table | None = None, ids: set[int] | None = None
) -> AsyncIterator[AsyncConnection]:
    """Committed when the block ends, undone when it raises; raises 409 when another process is at the same rows."""
    try:
        async with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                await connection.execute(text("BEGIN IMMEDIATE"))
            elif table is not None and ids:
                statement = select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id)
                await connection.execute(statement.with_for_update(nowait=True))
            yield connection
            await connection.commit()
    except IntegrityError as error:
        raise conflict() from error
    except OperationalError as error:
        if error.orig is not None and (error.orig.args[0] in LOCKED or "locked" in str(error.orig)):
            raise conflict() from error
        raise


def conflict() -> RefusedError:
    """Two edits of one address at the same time."""
    return RefusedError(409, "Another request is changing the same address")


@contextmanager
def _alone(busy: set[int], ids: set[int]) -> Iterator[None]:
    if busy & ids:
        raise conflict()
    busy.update(ids)
    try:
        yield
    finally:
        busy.difference_update(ids)
