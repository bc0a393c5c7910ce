"""Writes to bundles: what is in a shopper's box, and boxes for the cart."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import BackendError, OutcomeUnknown
from gateway.idempotency import Attempt, Once
from gateway.upstream import Loads, Refused, Writes
from resolvers.bundles import backend
from resolvers.bundles.cart import CartLines, line_each, one_line, packed
from resolvers.bundles.models import BundleSelection
from resolvers.bundles.resolver import Bundles
from resolvers.bundles.validation import Choice
from resolvers.outcomes import Outcome, Refusals, codec_of, failed, settled

ITEMS_MAX = 500
"""As many as the contents of a bundle in the cart may have; what is in a box is far below."""

_REFUSALS = Refusals(
    "subscription_id",
    "bundle",
    {"external_product_id": "product_id", "external_variant_id": "product_variant_id", "bundle": "items"},
    (),
)


@dataclass(frozen=True, slots=True)
class Box:
    """A shopper's box that may be filled anew."""

    address_id: int
    """Where it is delivered: its price is part of that address's charges."""


Prepare = Callable[[], Awaitable[Box | Outcome[BundleSelection]]]
"""Whose box it is, and whether these contents may go into it now; asked of other domains."""


class BundleCommands:
    """What a shopper does with bundles. Every method takes the caller's idempotency `key`, or None."""

    def __init__(self, reads: Bundles, writes: Writes, once: Once, loads: Loads) -> None:
        self._reads = reads
        self._writes = writes
        self._once = once
        self._loads = loads

    async def choose(
        self, subscription_id: int, choices: Sequence[Choice], prepare: Prepare, *, key: str | None
    ) -> Outcome[BundleSelection]:
        """Fill a box with something else, from the next charge on."""
        wanted = _totals(choices)

        def fits(row: BundleSelection | None) -> bool:
            items = row.items if row else ()
            return wanted == _totals(
                [Choice(e.collection_id, e.external_product_id, e.external_variant_id, e.quantity) for e in items]
            )

        async def send(attempt: Attempt) -> Outcome[BundleSelection]:
            if refusal := _items_refused(choices):
                return refusal
            ready = await prepare()
            if isinstance(ready, Outcome):
                return ready
            async with self._writes.alone(f"address/{ready.address_id}") as has_waited:
                if has_waited:
                    await self._forget()
                row = await self._reads.selections_by_subscription_id.load(subscription_id)
                await attempt.keep(b"")
                items = [
                    {
                        "collection_id": choice.collection_id,
                        "collection_source": "shopify",
                        "external_product_id": choice.product_id,
                        "external_variant_id": choice.variant_id,
                        "quantity": choice.quantity,
                    }
                    for choice in choices
                ]
                body = {"purchase_item_id": subscription_id, "items": items}
                # What went out with a charge is history: what comes next is chosen anew.
                is_open = row is not None and row.charge_id is None and row.order_id is None
                try:
                    if row is not None and is_open:
                        answer = await backend.CHANGE_SELECTION.send(self._writes, row.id, body)
                    else:
                        answer = await backend.CREATE_SELECTION.send(self._writes, body=body)
                finally:
                    await self._forget()
            if isinstance(answer, Refused):
                return _REFUSALS.outcome(answer)
            self._reads.selections_by_subscription_id.prime(subscription_id, answer)
            return Outcome(answer)

        async def look(_note: bytes) -> BundleSelection | None:
            await self._forget()
            row = await self._reads.selections_by_subscription_id.load(subscription_id)
            return row if row and fits(row) else None

        return await self._once.run(
            "bundleSelectionUpdate",
            key,
            [subscription_id, [[c.collection_id, c.product_id, c.variant_id, c.quantity] for c in choices]],
            lambda attempt: settled(attempt, lambda: send(attempt), look),
            service=self._writes.service,
            codec=codec_of(BundleSelection),
        )

    async def build(
        self, given: object, build: Callable[[], Awaitable[Outcome[CartLines]]], *, key: str | None
    ) -> Outcome[CartLines]:
        """Lines for a cart, the same ones again for the same key; nothing is stored at the backend."""
        return await self._once.run(
            "bundleCartLinesBuild",
            key,
            given,
            lambda _: build(),
            service=self._writes.service,
            codec=codec_of(CartLines),
        )

    async def packed_line(
        self, variant_id: str, choices: Sequence[Choice], selling_plan_id: str | None
    ) -> Outcome[CartLines]:
        """The line of a bundle with one price; the backend dates its contents."""
        if refusal := _items_refused(choices):
            return refusal
        try:
            answer = await backend.DATE_CONTENTS.send(
                self._writes, body={"bundle": packed(variant_id, choices, int(time.time()))}
            )
        except OutcomeUnknown as unknown:
            # It only computes, so there is nothing that may have been done.
            raise BackendError(self._writes.service, cause=unknown.cause) from None
        if isinstance(answer, Refused):
            return _REFUSALS.outcome(answer)
        return Outcome(one_line(variant_id, answer.id, selling_plan_id))

    def lines_each(
        self,
        product_id: str,
        variant_id: str,
        handle: str,
        choices: Sequence[Choice],
        selling_plan_ids: Sequence[str | None],
    ) -> Outcome[CartLines]:
        """The lines of a bundle that costs what is in it; no backend is asked."""
        return _items_refused(choices) or Outcome(line_each(product_id, variant_id, handle, choices, selling_plan_ids))

    async def _forget(self) -> None:
        self._loads.forget()
        await self._writes.changed((f"customer:{self._writes.customer_id}",))


def _totals(choices: Sequence[Choice]) -> Counter[tuple[str, str, str]]:
    """How many of each, however often it was named."""
    totals: Counter[tuple[str, str, str]] = Counter()
    for each in choices:
        totals[each.collection_id, each.product_id, each.variant_id] += each.quantity
    return totals


def _items_refused(choices: Sequence[Choice]) -> Outcome[Any] | None:
    if len(choices) > ITEMS_MAX:
        return failed("INVALID", f"At most {ITEMS_MAX} items can be named.", "items")
    for index, choice in enumerate(choices):
        if not 1 <= choice.quantity <= 10_000:
            return failed("INVALID", "A quantity is from 1 to 10000.", "items", str(index), "quantity")
    return None
