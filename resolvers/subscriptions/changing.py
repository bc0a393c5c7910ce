"""What all writes of the subscriptions domain have in common."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from gateway.idempotency import Attempt, Once
from gateway.upstream import Command, Loads, Refused, Writes
from resolvers.outcomes import Outcome, Reading, Refusals, codec_of, failed, settled
from resolvers.subscriptions.models import Subscription
from resolvers.subscriptions.portal import Change
from resolvers.subscriptions.resolver import Subscriptions

R = TypeVar("R", bound=msgspec.Struct)
P = TypeVar("P", bound=msgspec.Struct)

QUANTITY_MAX = 10_000
"""Above it a price times a quantity is nonsense, and backends fail over it in ways of their own."""

READINGS = (
    Reading("DATE_IN_PAST", "not far enough in the future"),
    Reading("DATE_IN_PAST", "cannot be in the past"),
    Reading("BLANK", "missing data for required field"),
    Reading("NOT_SKIPPABLE", "not skippable"),
    Reading("NOT_SWAPPABLE", "not swappable"),
    Reading("ALREADY_CANCELLED", "subscription is cancelled", ("subscription_id",)),
    Reading("INVALID", "subscription is ", ("subscription_id",)),
    Reading("INVALID", "charge is ", ("charge_id",)),
)
"""What Recharge's words for a refusal mean, first match first."""


@dataclass(frozen=True, slots=True)
class Changing:
    """The way a write goes: once for its key, alone at its address, with everything read anew afterwards."""

    reads: Subscriptions
    writes: Writes
    once: Once
    loads: Loads
    shop_id: int

    async def run(
        self,
        operation: str,
        key: str | None,
        given: object,
        into: type[R],
        send: Callable[[Attempt], Awaitable[Outcome[R]]],
        look: Callable[[Attempt, bytes], Awaitable[R | None]],
        *,
        needs_ledger: bool = False,
        may_still_arrive: bool = False,
    ) -> Outcome[R]:
        """Carry out a write, or tell what came of it before.

        Args:
            operation: The mutation's name.
            key: The caller's idempotency key.
            given: All of the input.
            into: What it makes.
            send: Checks, notes and sends.
            look: From the note to what the write has made; None when it cannot be seen.
            needs_ledger: Whether doing it twice would do more than once. Other writes only set what is to be.
            may_still_arrive: Whether one that broke off must not be repeated until it cannot arrive any more.
        """

        async def perform(attempt: Attempt) -> Outcome[R]:
            async def looking(note: bytes) -> R | None:
                await self.forget()
                return await look(attempt, note)

            waits_seconds = self.once.settle_seconds if may_still_arrive else 0.0
            return await settled(attempt, lambda: send(attempt), looking, waits_seconds=waits_seconds)

        return await self.once.run(
            operation,
            key,
            given,
            perform,
            service=self.writes.service,
            codec=codec_of(into),
            needs_ledger=needs_ledger,
        )

    async def send(
        self,
        attempt: Attempt,
        command: Command[P],
        key: int | str,
        body: Mapping[str, Any] | None,
        *,
        note: object,
        refusals: Refusals,
    ) -> P | Outcome[Any]:
        """Note and send; what the backend made, or its refusal in the command's own terms."""
        await attempt.keep(msgspec.json.encode(note))
        try:
            answer = await command.send(self.writes, key, body)
        finally:
            await self.forget()
        return refusals.outcome(answer) if isinstance(answer, Refused) else answer

    async def forget(self) -> None:
        """Read everything of the shopper's anew."""
        self.loads.forget()
        await self.writes.changed((f"customer:{self.writes.customer_id}",))

    def now(self, row: Subscription) -> Outcome[Subscription]:
        """A subscription as a write left it; nobody has to ask for it again."""
        self.reads.by_id.prime(row.id, row)
        return Outcome(row)

    @asynccontextmanager
    async def at_subscription(self, subscription_id: int, *addresses: int) -> AsyncIterator[Subscription | None]:
        """The viewer's subscription, with its address (and others) to ourselves; None for one that is not there."""
        row = await self.reads.by_id.load(subscription_id)
        if row is None:
            yield None
            return
        async with self.at_addresses(row.address_id, *addresses) as has_waited:
            yield await self.reads.by_id.load(subscription_id) if has_waited else row

    @asynccontextmanager
    async def at_addresses(self, *addresses: int) -> AsyncIterator[bool]:
        """Have addresses to ourselves; whether they had to be waited for, and what was read before is forgotten."""
        async with self.writes.alone(*(f"address/{number}" for number in addresses)) as has_waited:
            if has_waited:
                await self.forget()
            yield has_waited

    async def forbidden(self, change: Change, *path: str) -> Outcome[Any] | None:
        """Why the merchant's portal does not allow a change; None when it does.

        What is not known to be allowed is not: the backend takes everything that is sent with the shop's credential.
        """
        settings = await self.reads.store_settings_by_shop_id.load(self.shop_id)
        if settings is not None and settings.allows(change):
            return None
        return failed("NOT_ALLOWED", f"The shop does not let its customers {change} a subscription.", *path)


def missing(thing: str, argument: str) -> Outcome[Any]:
    """It does not exist, or is somebody else's, which answers alike."""
    return failed("NOT_FOUND", f"There is no such {thing}.", argument)


def inactive(row: Subscription) -> Outcome[Any] | None:
    """Why nothing can be changed about a subscription that does not go on."""
    if row.status == "active":
        return None
    code = "ALREADY_CANCELLED" if row.status == "cancelled" else "INVALID"
    return failed(code, f"The subscription is {row.status}.", "subscription_id")


def of_subscription(**arguments: str) -> Refusals:
    """How refusals of a write to a subscription are read; arguments by the backend's names."""
    return Refusals("subscription_id", "subscription", arguments, READINGS)


def of_charge(**arguments: str) -> Refusals:
    """The same of a write to a charge."""
    return Refusals("charge_id", "charge", arguments, READINGS)
