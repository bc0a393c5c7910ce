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


@strawberry.type(description="A product that comes again and again.")
class SubscriptionContract(Node):
    status: SubscriptionStatus = strawberry.field(description="Where it stands.")
    created_at: datetime = strawberry.field(description="When it began.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    product_title: str = strawberry.field(description="The product's name when it was subscribed to.")
    variant_title: str | None = strawberry.field(description="The variant's name when it was subscribed to.")
    sku: str | None = strawberry.field(description="The merchant's own number.")
    quantity: int = strawberry.field(description="How many each time.")
    price: MoneyV2 = strawberry.field(description="The price of one, before discounts.")
    properties: list[Attribute] = strawberry.field(description="Properties of the line.")
    delivery_interval: Interval | None = strawberry.field(description="How often it is delivered.")
    charge_interval: Interval | None = strawberry.field(description="How often it is paid.")
    day_of_month: int | None = strawberry.field(description="On which day of the month it is charged.")
    day_of_week: DayOfWeek | None = strawberry.field(description="On which day of the week it is charged.")
    charges_until_expiration: int | None = strawberry.field(description="After how many charges it ends by itself.")
    next_charge_date: date | None = strawberry.field(description="When it is charged next, by calendar date.")
    has_queued_charges: bool = strawberry.field(description="Whether a charge is queued for it.")
    is_prepaid: bool = strawberry.field(description="Whether several deliveries are paid at once.")
    is_skippable: bool = strawberry.field(description="Whether the next delivery can be skipped.")
    is_swappable: bool = strawberry.field(description="Whether the product can be swapped.")
    max_retries_reached: bool = strawberry.field(description="Whether charging it was given up.")
    cancelled_at: datetime | None = strawberry.field(description="When it was cancelled.")
    cancellation_reason: str | None = strawberry.field(description="Why it was cancelled.")
    cancellation_comments: str | None = strawberry.field(description="What the shopper said about it.")
    row: strawberry.Private[models.Subscription]

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
        return found.then(lambda row: Charge.of(row) if row else None)

    @strawberry.field(description="Where it is delivered.")
    def address(self, info: Info) -> Later[Address | None]:
        return address_by_id(info, self.row.address_id)

    @strawberry.field(description="What the bundle will contain; null for a subscription that is not a bundle.")
    def bundle_selection(self, info: Info) -> Later[BundleSelection | None]:
        found = info.context.bundles.selections_by_subscription_id.load(self.row.id)
        return found.then(lambda row: BundleSelection.of(row) if row else None)

    @classmethod
    def of(cls, row: models.Subscription, shop_currency: str) -> Self:
        return cls(
            id=gid(RECHARGE, "SubscriptionContract", row.id),
            status=SubscriptionStatus(row.status),
            created_at=row.created_at,
            updated_at=row.updated_at,
            product_title=row.product_title,
            variant_title=row.variant_title,
            sku=row.sku,
            quantity=row.quantity,
            price=MoneyV2.of(row.price, row.presentment_currency or shop_currency),
            properties=[Attribute.of(item) for item in row.properties],
            delivery_interval=interval(row.order_interval_unit, row.order_interval_frequency),
            charge_interval=interval(row.order_interval_unit, row.charge_interval_frequency),
            day_of_month=row.order_day_of_month,
            day_of_week=None if row.order_day_of_week is None else DayOfWeek(row.order_day_of_week),
            charges_until_expiration=row.expire_after_specific_number_of_charges,
            next_charge_date=row.next_charge_scheduled_at,
            has_queued_charges=row.has_queued_charges,
            is_prepaid=row.is_prepaid,
            is_skippable=row.is_skippable,
            is_swappable=row.is_swappable,
            max_retries_reached=row.max_retries_reached,
            cancelled_at=row.cancelled_at,
            cancellation_reason=row.cancellation_reason,
            cancellation_comments=row.cancellation_reason_comments,
            row=row,
        )


def subscription_by_id(info: Info, number: int) -> Deferred[SubscriptionContract | None]:
    """One of the viewer's subscriptions."""
    currency = info.context.shop.currency_code
    found = info.context.subscriptions.by_id.load(number)
    return found.then(lambda row: SubscriptionContract.of(row, currency) if row else None)
