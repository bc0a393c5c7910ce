"""Spending points: once for each key, and never twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from gateway.idempotency import Attempt, Once
from gateway.upstream import Loads, PageKey, Refused, Writes
from resolvers.loyalty import backend
from resolvers.loyalty.models import Member, PointsProduct, PointsTransaction, RewardFulfillment
from resolvers.loyalty.resolver import Loyalty
from resolvers.outcomes import Outcome, Reading, Refusals, codec_of, failed, settled

Redeemed = Outcome[RewardFulfillment]
FindMember = Callable[[], Awaitable[Member | None]]
"""The shopper in the programme; the backend knows shoppers by e-mail, which another domain has."""

_LOOKED_AT = 20
"""How many of the newest vouchers and changes are looked at for one whose answer was lost."""

_REFUSALS = Refusals(
    "reward_id",
    "reward",
    {"points_to_spend": "points"},
    (
        Reading("INSUFFICIENT_POINTS", "enough points", ()),
        Reading("NOT_A_MEMBER", "not a member", ()),
        Reading("NOT_A_MEMBER", "customer not found", ()),
        Reading("REWARD_UNAVAILABLE", "unavailable", ("reward_id",)),
        Reading("REWARD_UNAVAILABLE", "not available", ("reward_id",)),
        Reading("INVALID", "points_to_spend", ("points",)),
    ),
)


class LoyaltyCommands:
    """What a shopper does with points."""

    def __init__(self, reads: Loyalty, writes: Writes, once: Once, loads: Loads) -> None:
        self._reads = reads
        self._writes = writes
        self._once = once
        self._loads = loads

    async def redeem(self, reward_id: int, points: int | None, find_member: FindMember, *, key: str) -> Redeemed:
        """Spend points on a reward; `points` is how many, where the shopper chooses.

        The backend has no keys of its own. So what it had given out is noted before points are spent, and when the
        answer is lost the voucher is looked for among what is new. Whoever finds or gets a voucher claims it, and only
        one attempt of a shopper is under way at a time: nothing new can belong to another.
        """

        async def send(attempt: Attempt) -> Redeemed:
            member = await find_member()
            if member is None or member.state != "member":
                return failed("NOT_A_MEMBER", "Only members of the points programme can redeem points.")
            product = await self._product(reward_id)
            if product is None:
                return failed("NOT_FOUND", "There is no such reward.", "reward_id")
            price = _price(product, points)
            if isinstance(price, Outcome):
                return price
            async with self._once.alone("redeem", attempt):
                body: dict[str, Any] = {"customer_id": member.id}
                if product.exchange_type == "variable":
                    body["points_to_spend"] = price
                await attempt.keep(msgspec.json.encode([*await self._newest(member.id), price, product.reward.name]))
                try:
                    answer = await backend.PURCHASE.send(self._writes, reward_id, body)
                finally:
                    await self._forget()
                if isinstance(answer, Refused):
                    return _REFUSALS.outcome(answer)
                await attempt.claim(f"voucher:{answer.reward_fulfillment.id}")
                return Outcome(answer.reward_fulfillment)

        async def perform(attempt: Attempt) -> Redeemed:
            async def look(note: bytes) -> RewardFulfillment | None:
                await self._forget()
                member = await find_member()
                if member is None:
                    return None
                async with self._once.alone("redeem", attempt):
                    return await self._found(attempt, member.id, note)

            return await settled(attempt, lambda: send(attempt), look, waits_seconds=self._once.settle_seconds)

        return await self._once.run(
            "rewardRedeem",
            key,
            [reward_id, points],
            perform,
            service=self._writes.service,
            codec=codec_of(RewardFulfillment),
            needs_ledger=True,
        )

    async def _product(self, reward_id: int) -> PointsProduct | None:
        page = await self._reads.points_product_pages.load(PageKey(owner=None, size=250))
        return next((row for row in (page.rows if page else ()) if row.id == reward_id), None)

    async def _newest(self, member_id: int) -> tuple[int, int]:
        """Above which ids new vouchers and new changes of the balance lie; never from what was read before."""
        await self._forget()
        vouchers, changes = await self._latest(member_id, 1)
        return max((row.id for row in vouchers), default=0), max((row.id for row in changes), default=0)

    async def _latest(
        self, member_id: int, size: int
    ) -> tuple[tuple[RewardFulfillment, ...], tuple[PointsTransaction, ...]]:
        of = PageKey(owner=member_id, size=size, is_single=True)
        vouchers, changes = await asyncio.gather(
            self._reads.fulfillment_pages_by_member.load(of), self._reads.transaction_pages_by_member.load(of)
        )
        return vouchers.rows if vouchers else (), changes.rows if changes else ()

    async def _found(self, attempt: Attempt, member_id: int, note: bytes) -> RewardFulfillment | None:
        """The voucher that an attempt has got, though its answer was lost; None when none can be seen.

        Each purchase makes a voucher and a negative change of the balance, so the n-th new one of each belong together.
        """
        newest_voucher, newest_change, price, name = msgspec.json.decode(note)
        vouchers, changes = await self._latest(member_id, _LOOKED_AT)
        new = sorted((row for row in vouchers if row.id > newest_voucher), key=lambda row: row.id)
        spent = sorted(
            (row for row in changes if row.id > newest_change and row.points_change < 0), key=lambda row: row.id
        )
        if len(new) == len(spent):
            fitting = [row for row, change in zip(new, spent, strict=True) if change.points_change == -price]
        elif any(change.points_change == -price for change in spent):
            fitting = sorted(new, key=lambda row: row.name != name)
        else:
            fitting = []
        for row in fitting:
            if await attempt.claim(f"voucher:{row.id}"):
                return row
        return None

    async def _forget(self) -> None:
        self._loads.forget()
        await self._writes.changed((f"customer:{self._writes.customer_id}",))


def _price(product: PointsProduct, points: int | None) -> int | Redeemed:
    """How many points it takes, or why not."""
    if product.exchange_type == "fixed":
        price = product.points_price or 0
        if points not in {None, price}:
            return failed("INVALID", f"This reward costs {price} points: leave the number out.", "points")
        return price
    step, least = product.variable_points_step or 1, product.variable_points_min or 1
    most = product.variable_points_max
    if points is None:
        return failed("INVALID", "This reward takes as many points as you like: send how many.", "points")
    if points < max(least, 1) or points % step or (most is not None and points > most):
        limit = "" if most is None else f" to {most}"
        return failed("INVALID", f"Points must be a multiple of {step} from {least}{limit}.", "points")
    return points
