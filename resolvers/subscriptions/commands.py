"""Writes to subscriptions: each does one thing, and comes back as what is there now or why it is not."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from gateway.idempotency import Attempt
from gateway.upstream import Command
from resolvers.outcomes import Outcome, failed
from resolvers.subscriptions import backend
from resolvers.subscriptions.changing import QUANTITY_MAX, Changing, inactive, missing, of_subscription
from resolvers.subscriptions.models import Property, Subscription
from resolvers.subscriptions.portal import Change

Changed = Outcome[Subscription]
IsVariantOf = Callable[[str, str], Awaitable[bool]]
"""Whether a variant is of a product, both by Shopify's ids: `(variant_id, product_id)`."""


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many days, weeks or months."""

    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class _Ready:
    """What passed all checks and may be sent."""

    command: Command[Subscription]
    body: Mapping[str, Any] | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    """The method's arguments by the backend's names."""


Prepare = Callable[[Subscription], Awaitable[_Ready | Changed]]
Fits = Callable[[Subscription], bool]


class SubscriptionCommands:
    """What a shopper does with a subscription. A foreign one is not found, and nothing is sent.

    Every method takes the caller's idempotency `key`, or None.
    """

    def __init__(self, changing: Changing) -> None:
        self._changing = changing
        self._reads = changing.reads

    async def reschedule(self, subscription_id: int, on: date, *, key: str | None, is_pause: bool = False) -> Changed:
        """Charge next on another day; as a pause it is the same, and the backend tells it as one."""
        command = backend.PAUSE if is_pause else backend.SET_NEXT_CHARGE_DATE

        async def prepare(row: Subscription) -> _Ready | Changed:
            refusal = await self._changing.forbidden("reschedule", "subscription_id") or inactive(row)
            return refusal or _Ready(command, {"date": on.isoformat()})

        operation = "subscriptionPause" if is_pause else "subscriptionReschedule"
        given = [subscription_id, on.isoformat()]
        return await self._change(
            operation, key, given, subscription_id, prepare, lambda row: row.next_charge_scheduled_at == on
        )

    async def swap(
        self, subscription_id: int, variant_id: str, plan_id: int | None, is_variant_of: IsVariantOf, *, key: str | None
    ) -> Changed:
        """Deliver another variant, of the same product or another, and on another plan if there is one."""

        async def prepare(row: Subscription) -> _Ready | Changed:
            is_same = await is_variant_of(variant_id, row.external_product_id.ecommerce or "")
            change: Change = "swap the variant of" if is_same else "swap the product of"
            refusal = await self._changing.forbidden(change, "variant_id")
            if plan_id is not None:
                refusal = refusal or await self._changing.forbidden("change the plan of", "plan_id")
            if refusal := refusal or inactive(row):
                return refusal
            if not row.is_swappable:
                return failed("NOT_SWAPPABLE", "This subscription cannot be swapped.", "subscription_id")
            body: dict[str, Any] = {"external_variant_id": {"ecommerce": variant_id}}
            if plan_id is not None:
                body["plan_id"] = plan_id
            return _Ready(backend.UPDATE, body, {"external_variant_id": "variant_id"})

        given = [subscription_id, variant_id, plan_id]
        return await self._change(
            "subscriptionSwap",
            key,
            given,
            subscription_id,
            prepare,
            lambda row: (
                row.external_variant_id.ecommerce == variant_id and row.plan_id in {None, plan_id or row.plan_id}
            ),
            plan_id=plan_id,
        )

    async def update(
        self,
        subscription_id: int,
        *,
        quantity: int | None,
        plan_id: int | None,
        every: Every | None,
        properties: Sequence[Property] | None,
        key: str | None,
    ) -> Changed:
        """Change how many, how often, and the line's properties; None leaves a thing as it is."""

        async def prepare(row: Subscription) -> _Ready | Changed:
            if refusal := await self._update_refused(row, quantity, plan_id, every, properties):
                return refusal
            body: dict[str, Any] = {}
            if quantity is not None:
                body["quantity"] = quantity
            if plan_id is not None:
                body["plan_id"] = plan_id
            if every is not None:
                # All three together, or the backend refuses; a prepaid one goes on paying for as many deliveries.
                paid = (row.charge_interval_frequency or 1) // (row.order_interval_frequency or 1) or 1
                body |= {
                    "order_interval_unit": every.unit,
                    "order_interval_frequency": every.count,
                    "charge_interval_frequency": every.count * paid,
                }
            if properties is not None:
                body["properties"] = [{"name": each.name, "value": each.value or ""} for each in properties]
            return _Ready(backend.UPDATE, body, dict.fromkeys(_INTERVAL, "every"))

        def fits(row: Subscription) -> bool:
            now = row.order_interval_unit, row.order_interval_frequency
            return (
                quantity in {None, row.quantity}
                and row.plan_id in {None, plan_id or row.plan_id}
                and (every is None or now == (every.unit, every.count))
                and (properties is None or tuple(properties) == row.properties)
            )

        given = [subscription_id, quantity, plan_id, every, properties]
        return await self._change("subscriptionUpdate", key, given, subscription_id, prepare, fits, plan_id=plan_id)

    async def cancel(
        self, subscription_id: int, reason: str, comments: str | None, *, send_email: bool, key: str | None
    ) -> Changed:
        """End it. The merchant may ask for a reason, and for some orders first."""

        async def prepare(row: Subscription) -> _Ready | Changed:
            if refusal := await self._cancel_refused(row, reason) or inactive(row):
                return refusal
            body = {
                "cancellation_reason": reason,
                **({} if comments is None else {"cancellation_reason_comments": comments}),
                "send_email": send_email,
            }
            names = {"cancellation_reason": "reason", "cancellation_reason_comments": "comments"}
            return _Ready(backend.CANCEL, body, names)

        given = [subscription_id, reason, comments, send_email]
        return await self._change(
            "subscriptionCancel", key, given, subscription_id, prepare, lambda row: row.status == "cancelled"
        )

    async def activate(self, subscription_id: int, *, key: str | None) -> Changed:
        """Take up again what was cancelled or has expired."""

        async def prepare(row: Subscription) -> _Ready | Changed:
            if refusal := await self._changing.forbidden("reactivate", "subscription_id"):
                return refusal
            if row.status == "active":
                return failed("INVALID", "The subscription is active.", "subscription_id")
            return _Ready(backend.ACTIVATE)

        return await self._change(
            "subscriptionActivate",
            key,
            [subscription_id],
            subscription_id,
            prepare,
            lambda row: row.status == "active",
        )

    async def change_address(self, subscription_id: int, address_id: int, *, key: str | None) -> Changed:
        """Deliver to another of the shopper's addresses."""

        async def prepare(_row: Subscription) -> _Ready | Changed:
            if await self._reads.addresses_by_id.load(address_id) is None:
                return missing("address", "address_id")
            return _Ready(backend.CHANGE_ADDRESS, {"address_id": address_id})

        return await self._change(
            "subscriptionAddressUpdate",
            key,
            [subscription_id, address_id],
            subscription_id,
            prepare,
            lambda row: row.address_id == address_id,
            and_addresses=(address_id,),
        )

    async def _change(
        self,
        operation: str,
        key: str | None,
        given: object,
        subscription_id: int,
        prepare: Prepare,
        fits: Fits,
        *,
        plan_id: int | None = None,
        and_addresses: Sequence[int] = (),
    ) -> Changed:
        """Check, send and come back with the subscription; `fits` tells whether it is as it was asked to be."""

        async def send(attempt: Attempt) -> Changed:
            async with self._changing.at_subscription(subscription_id, *and_addresses) as row:
                if row is None:
                    return missing("subscription", "subscription_id")
                ready = await prepare(row)
                if isinstance(ready, Outcome):
                    return ready
                answer = await self._changing.send(
                    attempt,
                    ready.command,
                    row.id,
                    ready.body,
                    note=row.updated_at.isoformat(),
                    refusals=of_subscription(**ready.arguments),
                )
                return answer if isinstance(answer, Outcome) else self._changing.now(answer)

        async def look(_attempt: Attempt, note: bytes) -> Subscription | None:
            before: str = msgspec.json.decode(note)
            row = await self._reads.by_id.load(subscription_id)
            if row is None or not fits(row):
                return None
            # A plan that the backend does not tell shows by the time of the change alone.
            is_hidden = plan_id is not None and row.plan_id is None
            return row if not is_hidden or row.updated_at.isoformat() != before else None

        return await self._changing.run(operation, key, given, Subscription, send, look)

    async def _update_refused(
        self,
        row: Subscription,
        quantity: int | None,
        plan_id: int | None,
        every: Every | None,
        properties: Sequence[Property] | None,
    ) -> Changed | None:
        wanted: tuple[tuple[Change, str, object], ...] = (
            ("change the quantity of", "quantity", quantity),
            ("change the plan of", "plan_id", plan_id),
            ("change the interval of", "every", every),
        )
        for change, argument, value in wanted:
            if value is not None and (refusal := await self._changing.forbidden(change, argument)):
                return refusal
        if all(value is None for value in (quantity, plan_id, every, properties)):
            return failed(
                "BLANK", "There is nothing to change: send a quantity, a plan, an interval or properties.", "input"
            )
        if plan_id is not None and every is not None:
            return failed("INVALID", "A plan has an interval of its own: send one of the two.", "every")
        if quantity is not None and not 1 <= quantity <= QUANTITY_MAX:
            return failed("INVALID", f"A quantity is from 1 to {QUANTITY_MAX}.", "quantity")
        return inactive(row)

    async def _cancel_refused(self, row: Subscription, reason: str) -> Changed | None:
        if refusal := await self._changing.forbidden("cancel", "subscription_id"):
            return refusal
        settings = await self._reads.store_settings_by_shop_id.load(self._changing.shop_id)
        own = settings.customer_portal.subscription if settings else None
        if own and not own.cancellation_reason_optional and not reason.strip():
            return failed("BLANK", "The shop asks for a reason.", "reason")
        orders = own.cancellation_minimum_order_count if own else 0
        if orders > 0 and len(await self._reads.paid_charges_by_subscription_id.load(row.id) or ()) < orders:
            return failed("NOT_ALLOWED", f"The shop asks for {orders} orders first.", "subscription_id")
        return None


_INTERVAL = (
    "order_interval_unit",
    "order_interval_frequency",
    "charge_interval_frequency",
    "charge_interval_unit_type",
)
