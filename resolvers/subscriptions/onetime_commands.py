"""Writes to what goes with a charge once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from gateway.idempotency import Attempt
from gateway.upstream import PageKey
from resolvers.outcomes import Outcome, Refusals, failed
from resolvers.subscriptions import backend
from resolvers.subscriptions.changing import QUANTITY_MAX, READINGS, Changing, missing
from resolvers.subscriptions.models import Onetime

_OF_ONETIME = Refusals(
    "onetime_id",
    "one-time purchase",
    {
        "external_variant_id": "variant_id",
        "next_charge_scheduled_at": "on",
        "add_to_next_charge": "is_next",
    },
    READINGS,
)


@dataclass(frozen=True, slots=True)
class NewOnetime:
    """A product to go with a charge once: the address's next one, or that of a day."""

    address_id: int
    variant_id: str
    quantity: int
    is_next: bool
    on: date | None


class OnetimeCommands:
    """What a shopper does with one-time purchases. A foreign one is not found, and nothing is sent.

    Every method takes the caller's idempotency `key`, or None.
    """

    def __init__(self, changing: Changing) -> None:
        self._changing = changing
        self._reads = changing.reads

    async def add(self, onetime: NewOnetime, *, key: str | None) -> Outcome[Onetime]:
        """Let something go with a charge once."""

        async def send(attempt: Attempt) -> Outcome[Onetime]:
            if await self._reads.addresses_by_id.load(onetime.address_id) is None:
                return missing("address", "address_id")
            if refusal := await self._changing.forbidden("add to", "address_id") or _refused(onetime):
                return refusal
            async with self._adding(attempt, onetime):
                body: dict[str, Any] = {
                    "address_id": onetime.address_id,
                    "external_variant_id": {"ecommerce": onetime.variant_id},
                    "quantity": onetime.quantity,
                }
                if onetime.is_next:
                    body["add_to_next_charge"] = True
                elif onetime.on:
                    body["next_charge_scheduled_at"] = onetime.on.isoformat()
                answer = await self._changing.send(
                    attempt, backend.ADD_ONETIME, "", body, note=await self._newest_onetime(), refusals=_OF_ONETIME
                )
                if isinstance(answer, Outcome):
                    return answer
                await attempt.claim(f"onetime:{answer.id}")
                self._reads.onetimes_by_id.prime(answer.id, answer)
                return Outcome(answer)

        async def look(attempt: Attempt, note: bytes) -> Onetime | None:
            newest: int = msgspec.json.decode(note)
            async with self._adding(attempt, onetime):
                for row in await self._onetimes():
                    is_new = row.id > newest and row.address_id == onetime.address_id
                    is_it = (row.external_variant_id.ecommerce, row.quantity) == (onetime.variant_id, onetime.quantity)
                    # One that another mutation has made is that one's.
                    if is_new and is_it and await attempt.claim(f"onetime:{row.id}"):
                        return row
            return None

        given = [onetime.address_id, onetime.variant_id, onetime.quantity, onetime.is_next, onetime.on]
        return await self._changing.run(
            "onetimeAdd", key, given, Onetime, send, look, needs_ledger=True, may_still_arrive=True
        )

    async def remove(self, onetime_id: int, *, key: str | None) -> Outcome[Onetime]:
        """Take out something that would have gone with a charge once."""

        async def send(attempt: Attempt) -> Outcome[Onetime]:
            row = await self._reads.onetimes_by_id.load(onetime_id)
            if row is None or row.is_cancelled:
                return missing("one-time purchase", "onetime_id")
            async with self._changing.at_addresses(row.address_id):
                answer = await self._changing.send(
                    attempt, backend.REMOVE_ONETIME, onetime_id, None, note=None, refusals=_OF_ONETIME
                )
                return answer if isinstance(answer, Outcome) else Outcome(row)

        async def look(_attempt: Attempt, _note: bytes) -> Onetime | None:
            row = await self._reads.onetimes_by_id.load(onetime_id)
            return row if row and row.is_cancelled else None

        return await self._changing.run("onetimeRemove", key, [onetime_id], Onetime, send, look)

    @asynccontextmanager
    async def _adding(self, attempt: Attempt, onetime: NewOnetime) -> AsyncIterator[None]:
        """Nobody adds, or looks for what was added, at the same time: so everything new belongs to one attempt."""
        async with self._changing.once.alone("onetime", attempt), self._changing.at_addresses(onetime.address_id):
            yield

    async def _onetimes(self, size: int = 20) -> tuple[Onetime, ...]:
        """The viewer's newest one-time purchases."""
        of = PageKey(owner=self._changing.writes.customer_id, size=size, is_single=True)
        page = await self._reads.onetime_pages_by_customer.load(of)
        return page.rows if page else ()

    async def _newest_onetime(self) -> int:
        """What ids of new ones lie above; never from what was read before."""
        await self._changing.forget()
        return max((row.id for row in await self._onetimes(1)), default=0)


def _refused(onetime: NewOnetime) -> Outcome[Onetime] | None:
    if not 1 <= onetime.quantity <= QUANTITY_MAX:
        return failed("INVALID", f"A quantity is from 1 to {QUANTITY_MAX}.", "quantity")
    if not onetime.is_next and onetime.on is None:
        return failed("BLANK", "Send a date, or add it to the next charge.", "on")
    return None
