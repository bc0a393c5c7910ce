"""What a shopper does with charges: skipped, taken back, discounted, paid with credit."""

from datetime import date
from typing import Annotated, Self

import strawberry

from resolvers.outcomes import Outcome
from resolvers.subscriptions import models
from schema.charges import Charge
from schema.common import given
from schema.context import Info
from schema.credits import CreditSummary
from schema.ids import RECHARGE, number_of
from schema.subscription_mutations import SubscriptionId, SubscriptionUserError
from schema.subscriptions import SubscriptionContract, subscription_by_id
from schema.user_errors import Key, is_done, shopper

ChargeId = Annotated[strawberry.ID, strawberry.argument(description="gid://recharge/Charge/N, or N.")]


@strawberry.type
class _SkippingPayload:
    charge: Charge | None = strawberry.field(
        description="The charge that was skipped or is due again; null when nothing was changed."
    )
    user_errors: list[SubscriptionUserError] = strawberry.field(description="Why nothing was changed.")
    subscription_id: strawberry.Private[int]

    @strawberry.field(description="The subscription as it is now; null when nothing was changed.")
    async def subscription(self, info: Info) -> SubscriptionContract | None:
        return None if self.user_errors else await subscription_by_id(info, self.subscription_id)

    @classmethod
    def of(cls, outcome: Outcome[models.ChargeChange], subscription_id: int) -> Self:
        row = outcome.row.charge if outcome.row and is_done(outcome) else None
        return cls(
            charge=Charge(row=row) if row else None,
            user_errors=SubscriptionUserError.all_of(outcome.errors, {}),
            subscription_id=subscription_id,
        )


@strawberry.type(description="What became of `subscriptionSkip`.")
class SubscriptionSkipPayload(_SkippingPayload):
    pass


@strawberry.type(description="What became of `subscriptionUnskip`.")
class SubscriptionUnskipPayload(_SkippingPayload):
    pass


@strawberry.type
class _DiscountPayload:
    charge: Charge | None = strawberry.field(description="The charge as it is now; null when nothing was changed.")
    user_errors: list[SubscriptionUserError] = strawberry.field(description="Why nothing was changed.")

    @classmethod
    def of(cls, outcome: Outcome[models.Charge]) -> Self:
        return cls(
            charge=Charge(row=outcome.row) if outcome.row and is_done(outcome) else None,
            user_errors=SubscriptionUserError.all_of(outcome.errors, {}),
        )


@strawberry.type(description="What became of `chargeDiscountApply`.")
class ChargeDiscountApplyPayload(_DiscountPayload):
    pass


@strawberry.type(description="What became of `chargeDiscountRemove`.")
class ChargeDiscountRemovePayload(_DiscountPayload):
    pass


@strawberry.type(description="What became of `creditApplyToNextChargeSet`.")
class CreditApplyToNextChargeSetPayload:
    user_errors: list[SubscriptionUserError] = strawberry.field(description="Why nothing was changed.")

    @strawberry.field(description="The credit as it is now; null when nothing was changed.")
    async def credit(self, info: Info) -> CreditSummary | None:
        if self.user_errors:
            return None
        row = await info.context.subscriptions.credit_summaries_by_customer_id.load(shopper(info))
        return CreditSummary(row=row) if row else None


@strawberry.type
class ChargeMutation:
    @strawberry.mutation(description="Leave a subscription out of one delivery; what else comes that day still comes.")
    async def subscription_skip(
        self,
        info: Info,
        subscription_id: SubscriptionId,
        date: Annotated[
            date | None, strawberry.argument(description="A day of the schedule; left out, the next delivery.")
        ] = strawberry.UNSET,
        idempotency_key: Key = strawberry.UNSET,
    ) -> SubscriptionSkipPayload | None:
        shopper(info)
        number = number_of(subscription_id, RECHARGE, "SubscriptionContract")
        outcome = await info.context.charge_commands.skip(number, given(date), key=given(idempotency_key))
        return SubscriptionSkipPayload.of(outcome, number)

    @strawberry.mutation(description="Take a subscription back into a delivery that it was left out of.")
    async def subscription_unskip(
        self, info: Info, subscription_id: SubscriptionId, charge_id: ChargeId, idempotency_key: Key = strawberry.UNSET
    ) -> SubscriptionUnskipPayload | None:
        shopper(info)
        number = number_of(subscription_id, RECHARGE, "SubscriptionContract")
        outcome = await info.context.charge_commands.unskip(
            number, number_of(charge_id, RECHARGE, "Charge"), key=given(idempotency_key)
        )
        return SubscriptionUnskipPayload.of(outcome, number)

    @strawberry.mutation(description="Take a discount's code off a queued charge, in place of one that was there.")
    async def charge_discount_apply(
        self,
        info: Info,
        charge_id: ChargeId,
        code: Annotated[str, strawberry.argument(description="As the shopper entered it.")],
        idempotency_key: Key = strawberry.UNSET,
    ) -> ChargeDiscountApplyPayload | None:
        shopper(info)
        number = number_of(charge_id, RECHARGE, "Charge")
        outcome = await info.context.charge_commands.apply_discount(number, code, key=given(idempotency_key))
        return ChargeDiscountApplyPayload.of(outcome)

    @strawberry.mutation(description="Take the discount's code out of a queued charge.")
    async def charge_discount_remove(
        self, info: Info, charge_id: ChargeId, idempotency_key: Key = strawberry.UNSET
    ) -> ChargeDiscountRemovePayload | None:
        shopper(info)
        number = number_of(charge_id, RECHARGE, "Charge")
        outcome = await info.context.charge_commands.remove_discount(number, key=given(idempotency_key))
        return ChargeDiscountRemovePayload.of(outcome)

    @strawberry.mutation(description="Let charges to come use store credit, or not.")
    async def credit_apply_to_next_charge_set(
        self,
        info: Info,
        enabled: Annotated[bool, strawberry.argument(description="Whether credit is used.")],
        idempotency_key: Key = strawberry.UNSET,
    ) -> CreditApplyToNextChargeSetPayload | None:
        outcome = await info.context.charge_commands.apply_credit(
            shopper(info), is_applied=enabled, key=given(idempotency_key)
        )
        return CreditApplyToNextChargeSetPayload(user_errors=SubscriptionUserError.all_of(outcome.errors, {}))
