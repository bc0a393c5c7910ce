"""Writes that were not committed reach the charges a few seconds later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import select
from starlette.datastructures import State

from backends.store.shops import SHOPS
from backends.subscriptions.charging import settle
from backends.subscriptions.tables import ADDRESSES
from backends.wire.callers import Caller
from backends.wire.calls import Call
from backends.wire.errors import RefusedError
from backends.wire.writes import transaction

LOOK_SECONDS = 0.5


@asynccontextmanager
async def regenerating(state: State) -> AsyncIterator[None]:
    """Looks after what is due for as long as the service runs."""
    stop = asyncio.Event()
    task = asyncio.create_task(_keep(state, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _keep(state: State, stop: asyncio.Event) -> None:
    seconds = min(LOOK_SECONDS, state.settings.regeneration_seconds / 2 + 0.01)
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
        await catch_up(state)


async def catch_up(state: State) -> None:
    """Brings every address up to date whose time has come; one that is being changed has to wait."""
    for shop in SHOPS:
        async with state.engine.connect() as connection:
            call = Call(caller=Caller(shop), query={}, path={}, connection=connection, state=state)
            statement = select(ADDRESSES.c.id).where(
                ADDRESSES.c.shop_id == shop.id, ADDRESSES.c.regenerate_at <= call.now
            )
            due = (await connection.execute(statement)).scalars().all()
        for address_id in due:
            with suppress(RefusedError):
                async with transaction(state.engine, state.lock_table, {address_id}) as connection:
                    call = Call(caller=Caller(shop), query={}, path={}, connection=connection, state=state)
                    async with state.outbox.noting(call):
                        await settle(call, {address_id})
                state.outbox.news.set()
