"""Plans and discounts: how a product can be bought, and what is taken off its price."""

from decimal import Decimal
from enum import Enum
from typing import Self

import strawberry

from gateway.viewer import Market
from resolvers.catalogue import models
from resolvers.wire import Money
from schema.common import Interval, interval
from schema.costs import listed
from schema.ids import RECHARGE, SHOPIFY, gid, maybe_gid
from schema.kept import Kept


class PlanType(Enum):
    SUBSCRIPTION = "subscription"
    PREPAID = "prepaid"
    ONETIME = "onetime"
    MEMBERSHIP = "membership_subscription"

    @classmethod
    def of(cls, value: str) -> Self:
        """Recharge's second kind of prepaid plan is prepaid too."""
        return cls(value.removesuffix("_v2"))


class DiscountType(Enum):
    PERCENTAGE = "percentage"
    FIXED_AMOUNT = "fixed_amount"
    SHIPPING = "shipping"


class TierThresholdType(Enum):
    QUANTITY = "quantity"
    PRICE = "price"


strawberry.enum(PlanType, description="What a plan sells.")
strawberry.enum(DiscountType, description="How a discount is taken off.")
strawberry.enum(TierThresholdType, description="What a tier's threshold counts.")


@strawberry.type(description="What is taken off a price.")
class DiscountValue:
    __shared__ = True  # see schema/kept.py

    type: DiscountType = strawberry.field(description="How it is taken off.")
    value: Decimal = strawberry.field(description="Percent, or an amount in the store's currency.")

    @classmethod
    def of(cls, kind: str, value: Decimal) -> "DiscountValue":
        """The same object for the same decimal."""
        key = id(value), kind
        found = _kept.get(key)
        return _kept.keep(key, cls(type=DiscountType(kind), value=value)) if found is None else found

    @classmethod
    def maybe(cls, kind: str | None, value: Decimal | None) -> "DiscountValue | None":
        return cls.of(kind, value) if kind and value else None


_kept: Kept[tuple[int, str], DiscountValue] = Kept(most=1_024)


@strawberry.type(description="A way to buy a product, such as every month with ten percent off.")
class Plan:
    __shared__ = True  # see schema/kept.py

    id: strawberry.ID = strawberry.field(description="Global id.")
    title: str = strawberry.field(description="The plan's name, in the language of `@inContext` where there is one.")
    type: PlanType = strawberry.field(description="What the plan sells.")
    sort_order: int = strawberry.field(description="Where the plan stands among the product's.")
    discount: DiscountValue | None = strawberry.field(description="What the plan takes off.")
    delivery_interval: Interval | None = strawberry.field(description="How often it is delivered.")
    charge_interval: Interval | None = strawberry.field(description="How often it is paid; less often when prepaid.")
    charges_until_expiration: int | None = strawberry.field(description="After how many charges it ends by itself.")
    selling_plan_id: strawberry.ID | None = strawberry.field(
        description="gid://shopify/SellingPlan/N, for Shopify's cartLinesAdd."
    )
    selling_plan_group_id: strawberry.ID | None = strawberry.field(
        description="gid://shopify/SellingPlanGroup/N that the selling plan is part of."
    )

    @classmethod
    def of(cls, plan: models.Plan, market: Market) -> Self:
        rhythm = plan.subscription_preferences
        titles = {translation.language.lower(): translation.title for translation in plan.translations or ()}
        return cls(
            id=gid(RECHARGE, "Plan", plan.id),
            title=titles.get(market.language or "", plan.title),
            type=PlanType.of(plan.type),
            sort_order=plan.sort_order,
            discount=DiscountValue.maybe(plan.discount_type, plan.discount_amount),
            delivery_interval=interval(rhythm.interval_unit, rhythm.order_interval_frequency),
            charge_interval=interval(rhythm.interval_unit, rhythm.charge_interval_frequency),
            charges_until_expiration=rhythm.expire_after_specific_number_of_charges,
            selling_plan_id=maybe_gid(SHOPIFY, "SellingPlan", plan.external_plan_id),
            selling_plan_group_id=maybe_gid(SHOPIFY, "SellingPlanGroup", plan.external_plan_group_id),
        )


@strawberry.type(description="One step of a tiered discount.")
class DiscountTier:
    threshold_type: TierThresholdType = strawberry.field(description="What the threshold counts.")
    threshold: Decimal = strawberry.field(description="Items, or an amount in the store's currency.")
    discount: DiscountValue = strawberry.field(description="What is taken off from the threshold on.")

    @classmethod
    def of(cls, tier: models.Tier) -> Self:
        by_price = tier.condition_line_price_gte is not None
        return cls(
            threshold_type=TierThresholdType.PRICE if by_price else TierThresholdType.QUANTITY,
            threshold=tier.condition_line_price_gte or Money(tier.condition_quantity_gte or 0),
            discount=DiscountValue.of(tier.discount_type, tier.discount_value),
        )


@strawberry.type(description="The more is bought, the more is taken off.")
class TieredDiscount:
    id: strawberry.ID = strawberry.field(description="Global id.")
    name: str = strawberry.field(description="The merchant's name for it.")
    tiers: list[DiscountTier] = strawberry.field(
        description="Its steps, lowest threshold first.", directives=[listed(3)]
    )

    @classmethod
    def of(cls, discount: models.TieredDiscount) -> Self:
        return cls(
            id=gid(RECHARGE, "TieredDiscount", discount.id),
            name=discount.name,
            tiers=[DiscountTier.of(entry.tier) for entry in discount.tiers],
        )
