"""Writes to charges, and to the credit that they use."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from gateway.idempotency import Attempt
from gateway.upstream import Command
from resolvers.outcomes import Outcome, Refusals, failed
from resolvers.subscriptions import backend
from resolvers.subscriptions.changing import (
    READINGS,
    Changing,
    inactive,
    missing,
    of_charge,
    of_subscription,
)
from resolvers.subscriptions.models import Charge, ChargeChange, CreditChange

Skipped = Outcome[ChargeChange]


class ChargeCommands:
    """What a shopper does with charges. A foreign one is not found, and nothing is sent.

    Every method takes the caller's idempotency `key`, or None.
    """

    def __init__(self, changing: Changing) -> None:
        self._changing = changing
        self._reads = changing.reads

    async def skip(self, subscription_id: int, on: date | None, *, key: str | None) -> Skipped:
        """Leave a subscription out of one delivery: that of a day, or the next."""

        async def send(attempt: Attempt) -> Skipped:
            async with self._changing.at_subscription(subscription_id) as row:
                if row is None:
                    return missing("subscription", "subscription_id")
                if refusal := await self._changing.forbidden("skip", "subscription_id") or inactive(row):
                    return refusal
                if not row.is_skippable:
                    return failed(
                        "NOT_SKIPPABLE", "Deliveries of this subscription cannot be skipped.", "subscription_id"
                    )
                queued = await self._reads.upcoming_charges_by_subscription_id.load(subscription_id)
                # The day is noted: the next delivery is another one as soon as this one is skipped.
                noted = date.fromisoformat(msgspec.json.decode(attempt.note)) if attempt.note else None
                day = on or noted or (queued.scheduled_at if queued else None)
                if day is None:
                    return failed("NOT_SKIPPABLE", "Nothing is queued for this subscription.", "subscription_id")
                note = day.isoformat()
                command, number = backend.SKIP_DELIVERY, subscription_id
                body: dict[str, Any] = {"date": note, "subscription_id": str(subscription_id)}
                if queued and queued.scheduled_at == day:
                    command, number, body = backend.SKIP_CHARGE, queued.id, {"purchase_item_ids": [subscription_id]}
                names = {"purchase_item_ids": "subscription_id", "subscription_ids": "subscription_id"}
                answer = await self._changing.send(
                    attempt, command, number, body, note=note, refusals=of_subscription(**names)
                )
                return answer if isinstance(answer, Outcome) else self._now(answer)

        async def look(_attempt: Attempt, note: bytes) -> ChargeChange | None:
            day: str = msgspec.json.decode(note)
            found = await self._reads.skipped_charges_by_subscription_id.load(subscription_id) or ()
            row = next((row for row in found if row.scheduled_at.isoformat() == day), None)
            return ChargeChange(row) if row else None

        given = [subscription_id, on and on.isoformat()]
        # Without a day the next delivery is meant, and that is another one each time.
        return await self._changing.run(
            "subscriptionSkip", key, given, ChargeChange, send, look, needs_ledger=on is None
        )

    async def unskip(self, subscription_id: int, charge_id: int, *, key: str | None) -> Skipped:
        """Take a subscription back into a delivery that it was left out of."""

        async def send(attempt: Attempt) -> Skipped:
            async with self._changing.at_subscription(subscription_id) as row:
                if row is None:
                    return missing("subscription", "subscription_id")
                charge = await self._reads.charges_by_id.load(charge_id)
                if charge is None or not _has(charge, subscription_id):
                    return missing("charge of this subscription", "charge_id")
                if refusal := await self._changing.forbidden("skip", "subscription_id"):
                    return refusal
                if charge.status != "skipped":
                    return failed("INVALID", f"The charge is {charge.status}.", "charge_id")
                answer = await self._changing.send(
                    attempt,
                    backend.UNSKIP_CHARGE,
                    charge_id,
                    {"purchase_item_ids": [subscription_id]},
                    note=None,
                    refusals=of_charge(purchase_item_ids="subscription_id", date="charge_id"),
                )
                # The answer may be a charge that has just gone into another: then the one that is queued is looked up.
                return answer if isinstance(answer, Outcome) else Outcome(ChargeChange(answer))

        async def look(_attempt: Attempt, _note: bytes) -> ChargeChange | None:
            charge = await self._reads.charges_by_id.load(charge_id)
            if charge is not None and charge.status == "skipped" and _has(charge, subscription_id):
                return None
            return ChargeChange(await self._reads.upcoming_charges_by_subscription_id.load(subscription_id))

        given = [subscription_id, charge_id]
        return await self._changing.run("subscriptionUnskip", key, given, ChargeChange, send, look)

    async def apply_discount(self, charge_id: int, code: str, *, key: str | None) -> Outcome[Charge]:
        """Take a discount's code off a queued charge, in place of one that was there."""

        async def send(attempt: Attempt) -> Outcome[Charge]:
            if not code.strip():
                return failed("BLANK", "Enter a code.", "code")
            body = {"discount_code": code.strip()}
            return await self._discounted(attempt, charge_id, backend.APPLY_DISCOUNT, body)

        async def look(_attempt: Attempt, _note: bytes) -> Charge | None:
            row = await self._reads.charges_by_id.load(charge_id)
            wanted = code.strip().lower()
            return row if row and any((each.code or "").lower() == wanted for each in row.discounts) else None

        return await self._changing.run("chargeDiscountApply", key, [charge_id, code], Charge, send, look)

    async def remove_discount(self, charge_id: int, *, key: str | None) -> Outcome[Charge]:
        """Take the discount's code out of a queued charge."""

        async def send(attempt: Attempt) -> Outcome[Charge]:
            return await self._discounted(attempt, charge_id, backend.REMOVE_DISCOUNT, None)

        async def look(_attempt: Attempt, note: bytes) -> Charge | None:
            before: list[str | None] = msgspec.json.decode(note)
            row = await self._reads.charges_by_id.load(charge_id)
            return row if row and (not before or [each.code for each in row.discounts] != before) else None

        return await self._changing.run("chargeDiscountRemove", key, [charge_id], Charge, send, look)

    async def apply_credit(self, customer_id: int, *, is_applied: bool, key: str | None) -> Outcome[CreditChange]:
        """Let the next charge use store credit, or not."""

        async def send(attempt: Attempt) -> Outcome[CreditChange]:
            async with self._changing.writes.alone(f"customer/{customer_id}"):
                body = {"apply_credit_to_next_recurring_charge": is_applied}
                refusals = Refusals("enabled", "customer", {}, READINGS)
                answer = await self._changing.send(
                    attempt, backend.SET_CREDIT, customer_id, body, note=None, refusals=refusals
                )
                return answer if isinstance(answer, Outcome) else Outcome(answer)

        async def look(_attempt: Attempt, _note: bytes) -> CreditChange | None:
            row = await self._reads.customers_by_id.load(customer_id)
            fits = row is not None and row.apply_credit_to_next_recurring_charge is is_applied
            return CreditChange(customer_id, is_applied) if fits else None

        operation = "creditApplyToNextChargeSet"
        return await self._changing.run(operation, key, [is_applied], CreditChange, send, look)

    def _now(self, charge: Charge) -> Skipped:
        self._reads.charges_by_id.prime(charge.id, charge)
        return Outcome(ChargeChange(charge))

    async def _discounted(
        self, attempt: Attempt, charge_id: int, command: Command[Charge], body: Mapping[str, Any] | None
    ) -> Outcome[Charge]:
        row = await self._reads.charges_by_id.load(charge_id)
        if row is None:
            return missing("charge", "charge_id")
        if refusal := await self._changing.forbidden("change the discount of", "charge_id"):
            return refusal
        async with self._changing.at_addresses(row.address_id) as has_waited:
            row = await self._reads.charges_by_id.load(charge_id) if has_waited else row
            if row is None:
                return missing("charge", "charge_id")
            if row.status != "queued":
                return failed("INVALID", f"The charge is {row.status}.", "charge_id")
            before = [each.code for each in row.discounts]
            refusals = of_charge(discount_code="code")
            answer = await self._changing.send(attempt, command, charge_id, body, note=before, refusals=refusals)
            if isinstance(answer, Outcome):
                return answer
            self._reads.charges_by_id.prime(answer.id, answer)
            return Outcome(answer)


def _has(charge: Charge, subscription_id: int) -> bool:
    return any(item.purchase_item_id == subscription_id for item in charge.line_items)
