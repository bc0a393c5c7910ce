"""What a shopper does with a subscription."""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Annotated, Self

import strawberry

from resolvers.outcomes import Outcome, UserError
from resolvers.subscriptions import Every, models
from schema.common import IntervalUnit, given
from schema.context import Info
from schema.ids import RECHARGE, SHOPIFY, number_of
from schema.subscriptions import SubscriptionContract
from schema.user_errors import DisplayableError, Key, is_done, said, shopper

SubscriptionId = Annotated[
    strawberry.ID, strawberry.argument(description="gid://recharge/SubscriptionContract/N, or N.")
]


class SubscriptionErrorCode(Enum):
    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    BLANK = "BLANK"
    DATE_IN_PAST = "DATE_IN_PAST"
    NOT_SKIPPABLE = "NOT_SKIPPABLE"
    NOT_SWAPPABLE = "NOT_SWAPPABLE"
    ALREADY_CANCELLED = "ALREADY_CANCELLED"
    NOT_ALLOWED = "NOT_ALLOWED"
    CONFLICT = "CONFLICT"


strawberry.enum(SubscriptionErrorCode, description="Why a change was refused.")


@strawberry.type(description="Why a change was refused, so that the shopper can mend it.")
class SubscriptionUserError(DisplayableError):
    code: SubscriptionErrorCode = strawberry.field(description="The reason.")

    @classmethod
    def all_of(cls, errors: tuple[UserError, ...], inputs: Mapping[str, str]) -> list[Self]:
        return [cls(**said(error, SubscriptionErrorCode, inputs)) for error in errors]


@strawberry.type
class _SubscriptionPayload:
    subscription: SubscriptionContract | None = strawberry.field(
        description="The subscription as it is now; null when nothing was changed."
    )
    user_errors: list[SubscriptionUserError] = strawberry.field(description="Why nothing was changed.")

    @classmethod
    def of(cls, outcome: Outcome[models.Subscription], info: Info, **inputs: str) -> Self:
        row, currency = outcome.row, info.context.shop.currency_code
        return cls(
            subscription=SubscriptionContract(row=row, shop_currency=currency) if row and is_done(outcome) else None,
            user_errors=SubscriptionUserError.all_of(outcome.errors, inputs),
        )


@strawberry.type(description="What became of `subscriptionPause`.")
class SubscriptionPausePayload(_SubscriptionPayload):
    pass


@strawberry.type(description="What became of `subscriptionReschedule`.")
class SubscriptionReschedulePayload(_SubscriptionPayload):
    pass


@strawberry.type(description="What became of `subscriptionSwap`.")
class SubscriptionSwapPayload(_SubscriptionPayload):
    pass


@strawberry.type(description="What became of `subscriptionUpdate`.")
class SubscriptionUpdatePayload(_SubscriptionPayload):
    pass


@strawberry.type(description="What became of `subscriptionCancel`.")
class SubscriptionCancelPayload(_SubscriptionPayload):
    pass


@strawberry.type(description="What became of `subscriptionActivate`.")
class SubscriptionActivatePayload(_SubscriptionPayload):
    pass


@strawberry.type(description="What became of `subscriptionAddressUpdate`.")
class SubscriptionAddressUpdatePayload(_SubscriptionPayload):
    pass


@strawberry.input(description="A span of time, such as every two weeks.")
class IntervalInput:
    unit: IntervalUnit = strawberry.field(description="What is counted.")
    count: int = strawberry.field(description="How many of the unit, at least 1.")


@strawberry.input(description="A property of a line, such as an engraving.")
class AttributeInput:
    key: str = strawberry.field(description="The property's name.")
    value: str = strawberry.field(description="Its value.")


@strawberry.input(description="What a subscription is swapped for.")
class SubscriptionSwapInput:
    product_variant_id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N, or N.")
    plan_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="A plan of the variant's product; left out, the interval stays."
    )


@strawberry.input(description="What changes about a subscription; what is left out stays.")
class SubscriptionUpdateInput:
    quantity: int | None = strawberry.field(default=strawberry.UNSET, description="How many each time, at least 1.")
    plan_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="A plan of the product.")
    interval: IntervalInput | None = strawberry.field(
        default=strawberry.UNSET, description="How often, where the merchant allows any interval; instead of a plan."
    )
    properties: list[AttributeInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All properties of the line, in place of those that it has."
    )


@strawberry.input(description="Why a subscription is cancelled.")
class SubscriptionCancelInput:
    reason: str = strawberry.field(description="Why; the merchant decides whether it may be empty.")
    comments: str | None = strawberry.field(default=strawberry.UNSET, description="In the shopper's words.")
    send_email: bool | None = strawberry.field(
        default=False, description="Whether the shopper gets an e-mail about it."
    )


@strawberry.type
class SubscriptionMutation:
    @strawberry.mutation(description="Put the next charge off until a day; the schedule goes on from there.")
    async def subscription_pause(
        self,
        info: Info,
        subscription_id: SubscriptionId,
        until: Annotated[date, strawberry.argument(description="The day of the next charge.")],
        idempotency_key: Key = strawberry.UNSET,
    ) -> SubscriptionPausePayload | None:
        shopper(info)
        outcome = await info.context.subscription_commands.reschedule(
            _subscription(subscription_id), until, key=given(idempotency_key), is_pause=True
        )
        return SubscriptionPausePayload.of(outcome, info, date="until")

    @strawberry.mutation(description="Charge next on another day.")
    async def subscription_reschedule(
        self,
        info: Info,
        subscription_id: SubscriptionId,
        date: Annotated[date, strawberry.argument(description="The day of the next charge.")],
        idempotency_key: Key = strawberry.UNSET,
    ) -> SubscriptionReschedulePayload | None:
        shopper(info)
        outcome = await info.context.subscription_commands.reschedule(
            _subscription(subscription_id), date, key=given(idempotency_key)
        )
        return SubscriptionReschedulePayload.of(outcome, info)

    @strawberry.mutation(description="Deliver another variant, or another product.")
    async def subscription_swap(
        self,
        info: Info,
        subscription_id: SubscriptionId,
        input: SubscriptionSwapInput,  # noqa: A002  # the argument's name in the graph
        idempotency_key: Key = strawberry.UNSET,
    ) -> SubscriptionSwapPayload | None:
        shopper(info)
        plan_id = given(input.plan_id)

        async def is_variant_of(variant_id: str, product_id: str) -> bool:
            product = await info.context.catalogue.products_by_id.load(product_id)
            return product is not None and any(row.external_variant_id == variant_id for row in product.variants)

        outcome = await info.context.subscription_commands.swap(
            _subscription(subscription_id),
            str(number_of(input.product_variant_id, SHOPIFY, "ProductVariant")),
            None if plan_id is None else number_of(plan_id, RECHARGE, "Plan"),
            is_variant_of,
            key=given(idempotency_key),
        )
        return SubscriptionSwapPayload.of(outcome, info, variant_id="input.productVariantId", plan_id="input.planId")

    @strawberry.mutation(description="Change how many, how often, or the line's properties.")
    async def subscription_update(
        self,
        info: Info,
        subscription_id: SubscriptionId,
        input: SubscriptionUpdateInput,  # noqa: A002  # as above
        idempotency_key: Key = strawberry.UNSET,
    ) -> SubscriptionUpdatePayload | None:
        shopper(info)
        plan_id, properties = given(input.plan_id), given(input.properties)
        outcome = await info.context.subscription_commands.update(
            _subscription(subscription_id),
            quantity=given(input.quantity),
            plan_id=None if plan_id is None else number_of(plan_id, RECHARGE, "Plan"),
            every=_every(given(input.interval)),
            properties=None if properties is None else [models.Property(each.key, each.value) for each in properties],
            key=given(idempotency_key),
        )
        return SubscriptionUpdatePayload.of(
            outcome,
            info,
            quantity="input.quantity",
            plan_id="input.planId",
            every="input.interval",
            properties="input.properties",
            input="input",
        )

    @strawberry.mutation(description="End a subscription. What is charged already is still delivered.")
    async def subscription_cancel(
        self,
        info: Info,
        subscription_id: SubscriptionId,
        input: SubscriptionCancelInput,  # noqa: A002  # as above
        idempotency_key: Key = strawberry.UNSET,
    ) -> SubscriptionCancelPayload | None:
        shopper(info)
        outcome = await info.context.subscription_commands.cancel(
            _subscription(subscription_id),
            input.reason,
            given(input.comments),
            send_email=bool(given(input.send_email)),
            key=given(idempotency_key),
        )
        return SubscriptionCancelPayload.of(outcome, info, reason="input.reason", comments="input.comments")

    @strawberry.mutation(description="Take up a cancelled subscription again.")
    async def subscription_activate(
        self, info: Info, subscription_id: SubscriptionId, idempotency_key: Key = strawberry.UNSET
    ) -> SubscriptionActivatePayload | None:
        shopper(info)
        outcome = await info.context.subscription_commands.activate(
            _subscription(subscription_id), key=given(idempotency_key)
        )
        return SubscriptionActivatePayload.of(outcome, info)

    @strawberry.mutation(description="Deliver to another of the shopper's addresses.")
    async def subscription_address_update(
        self,
        info: Info,
        subscription_id: SubscriptionId,
        address_id: Annotated[strawberry.ID, strawberry.argument(description="gid://recharge/Address/N, or N.")],
        idempotency_key: Key = strawberry.UNSET,
    ) -> SubscriptionAddressUpdatePayload | None:
        shopper(info)
        outcome = await info.context.subscription_commands.change_address(
            _subscription(subscription_id),
            number_of(address_id, RECHARGE, "Address"),
            key=given(idempotency_key),
        )
        return SubscriptionAddressUpdatePayload.of(outcome, info)


def _subscription(value: str) -> int:
    return number_of(value, RECHARGE, "SubscriptionContract")


def _every(interval: IntervalInput | None) -> Every | None:
    """An interval as backends have it: they know no years."""
    if interval is None:
        return None
    if interval.unit is IntervalUnit.YEAR:
        return Every("month", interval.count * 12)
    return Every(interval.unit.value, interval.count)
