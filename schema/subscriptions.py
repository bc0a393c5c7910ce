"""Subscriptions with their next charge, address and contents."""

from datetime import date, datetime
from enum import Enum
from typing import Self

import strawberry

from gateway.deferred import Deferred
from resolvers.catalogue.plans import Rhythm
from resolvers.subscriptions import models
from schema.addresses import Address, address_by_id
from schema.bundles import BundleSelection
from schema.catalogue import Product, ProductVariant, plan_by_rhythm, product_by_id, variant_by_id
from schema.charges import Charge
from schema.common import Interval, interval
from schema.context import Info
from schema.ids import RECHARGE, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node
from schema.plans import Plan
from schema.reading import Reading, computed


class SubscriptionStatus(Enum):
    ACTIVE = "active"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class DayOfWeek(Enum):
    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class SubscriptionSortKeys(Enum):
    ID = "id"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


strawberry.enum(
    SubscriptionStatus,
    description="Where a subscription stands. There is no pause: pausing moves the next charge.",
)
strawberry.enum(DayOfWeek, description="A day of the week.")
strawberry.enum(SubscriptionSortKeys, description="What subscriptions are sorted by.")


@strawberry.type(description="A property of a line, such as an engraving.")
class Attribute:
    key: str = strawberry.field(description="The property's name.")
    value: str | None = strawberry.field(description="Its value, as text.")

    @classmethod
    def of(cls, row: models.Property) -> Self:
        return cls(key=row.name, value=None if row.value is None else str(row.value))


of_subscription = Reading(models.Subscription)


def _price(contract: "SubscriptionContract") -> MoneyV2:
    return MoneyV2.of(contract.row.price, contract.row.presentment_currency or contract.shop_currency)


@strawberry.type(description="A product that comes again and again.")
class SubscriptionContract(Node):
    row: strawberry.Private[models.Subscription]
    shop_currency: strawberry.Private[str]
    id: strawberry.ID = of_subscription(
        lambda row: gid(RECHARGE, "SubscriptionContract", row.id), description="Global id."
    )
    status: SubscriptionStatus = of_subscription(
        lambda row: SubscriptionStatus(row.status), description="Where it stands."
    )
    created_at: datetime = of_subscription(lambda row: row.created_at, description="When it began.")
    updated_at: datetime = of_subscription(lambda row: row.updated_at, description="When it was last changed.")
    product_title: str = of_subscription(
        lambda row: row.product_title, description="The product's name when it was subscribed to."
    )
    variant_title: str | None = of_subscription(
        lambda row: row.variant_title, description="The variant's name when it was subscribed to."
    )
    sku: str | None = of_subscription(lambda row: row.sku, description="The merchant's own number.")
    quantity: int = of_subscription(lambda row: row.quantity, description="How many each time.")
    price: MoneyV2 = computed(_price, description="The price of one, before discounts.")
    properties: list[Attribute] = of_subscription(
        lambda row: [Attribute.of(item) for item in row.properties], description="Properties of the line."
    )
    delivery_interval: Interval | None = of_subscription(
        lambda row: interval(row.order_interval_unit, row.order_interval_frequency),
        description="How often it is delivered.",
    )
    charge_interval: Interval | None = of_subscription(
        lambda row: interval(row.order_interval_unit, row.charge_interval_frequency),
        description="How often it is paid.",
    )
    day_of_month: int | None = of_subscription(
        lambda row: row.order_day_of_month, description="On which day of the month it is charged."
    )
    day_of_week: DayOfWeek | None = of_subscription(
        lambda row: None if row.order_day_of_week is None else DayOfWeek(row.order_day_of_week),
        description="On which day of the week it is charged.",
    )
    charges_until_expiration: int | None = of_subscription(
        lambda row: row.expire_after_specific_number_of_charges, description="After how many charges it ends by itself."
    )
    next_charge_date: date | None = of_subscription(
        lambda row: row.next_charge_scheduled_at, description="When it is charged next, by calendar date."
    )
    has_queued_charges: bool = of_subscription(
        lambda row: row.has_queued_charges, description="Whether a charge is queued for it."
    )
    is_prepaid: bool = of_subscription(
        lambda row: row.is_prepaid, description="Whether several deliveries are paid at once."
    )
    is_skippable: bool = of_subscription(
        lambda row: row.is_skippable, description="Whether the next delivery can be skipped."
    )
    is_swappable: bool = of_subscription(
        lambda row: row.is_swappable, description="Whether the product can be swapped."
    )
    max_retries_reached: bool = of_subscription(
        lambda row: row.max_retries_reached, description="Whether charging it was given up."
    )
    cancelled_at: datetime | None = of_subscription(lambda row: row.cancelled_at, description="When it was cancelled.")
    cancellation_reason: str | None = of_subscription(
        lambda row: row.cancellation_reason, description="Why it was cancelled."
    )
    cancellation_comments: str | None = of_subscription(
        lambda row: row.cancellation_reason_comments, description="What the shopper said about it."
    )

    @strawberry.field(description="The product; null when it is gone from the catalogue.")
    def product(self, info: Info) -> Later[Product | None]:
        return product_by_id(info, self.row.external_product_id.ecommerce)

    @strawberry.field(description="The variant; null when it is gone from the catalogue.")
    def product_variant(self, info: Info) -> Later[ProductVariant | None]:
        row = self.row
        return variant_by_id(info, row.external_product_id.ecommerce, row.external_variant_id.ecommerce)

    @strawberry.field(description="The plan it is on; null when the product no longer has it.")
    def plan(self, info: Info) -> Later[Plan | None]:
        row = self.row
        rhythm = Rhythm(
            plan_id=row.plan_id,
            unit=row.order_interval_unit,
            order_frequency=row.order_interval_frequency,
            charge_frequency=row.charge_interval_frequency,
        )
        return plan_by_rhythm(info, row.external_product_id.ecommerce, rhythm)

    @strawberry.field(description="The charge that is queued for it next.")
    def upcoming_charge(self, info: Info) -> Later[Charge | None]:
        found = info.context.subscriptions.upcoming_charges_by_subscription_id.load(self.row.id)
        return found.then(lambda row: Charge(row=row) if row else None)

    @strawberry.field(description="Where it is delivered.")
    def address(self, info: Info) -> Later[Address | None]:
        return address_by_id(info, self.row.address_id)

    @strawberry.field(description="What the bundle will contain; null for a subscription that is not a bundle.")
    def bundle_selection(self, info: Info) -> Later[BundleSelection | None]:
        found = info.context.bundles.selections_by_subscription_id.load(self.row.id)
        return found.then(lambda row: BundleSelection(row=row) if row else None)


def subscription_by_id(info: Info, number: int) -> Deferred[SubscriptionContract | None]:
    """One of the viewer's subscriptions."""
    currency = info.context.shop.currency_code
    found = info.context.subscriptions.by_id.load(number)
    return found.then(lambda row: SubscriptionContract(row=row, shop_currency=currency) if row else None)
