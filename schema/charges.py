"""Charges: what is paid, and when."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gateway.deferred import Deferred
from resolvers.subscriptions import models
from schema.addresses import Address, address_by_id
from schema.common import Image, image
from schema.context import Info
from schema.costs import listed
from schema.ids import RECHARGE, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node
from schema.onetimes import Onetime, onetime_by_id
from schema.plans import DiscountValue, PlanType

if TYPE_CHECKING:
    from schema.subscriptions import SubscriptionContract


class ChargeStatus(Enum):
    QUEUED = "queued"
    SUCCESS = "success"
    ERROR = "error"
    SKIPPED = "skipped"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"
    PENDING = "pending"
    PENDING_MANUAL_PAYMENT = "pending_manual_payment"


class ChargeSortKeys(Enum):
    ID = "id"
    SCHEDULED_AT = "scheduled_at"
    UPDATED_AT = "updated_at"


class ChargeType(Enum):
    CHECKOUT = "checkout"
    RECURRING = "recurring"


strawberry.enum(ChargeStatus, description="Where a charge stands.")
strawberry.enum(ChargeSortKeys, description="What charges are sorted by.")
strawberry.enum(ChargeType, description="What a charge comes from.")


@strawberry.type(description="One line of a charge.")
class ChargeLineItem:
    purchase_item_id: strawberry.ID = strawberry.field(description="The subscription or one-time purchase.")
    type: PlanType = strawberry.field(description="What the line sells.")
    title: str = strawberry.field(description="The product's name.")
    variant_title: str | None = strawberry.field(description="The variant's name.")
    image: Image | None = strawberry.field(description="The product's picture.")
    quantity: int = strawberry.field(description="How many.")
    unit_price: MoneyV2 = strawberry.field(description="The price of one.")
    original_price: MoneyV2 = strawberry.field(description="The price of one before discounts.")
    total_price: MoneyV2 = strawberry.field(description="The line's price.")
    is_free_gift: bool = strawberry.field(description="Whether it is a present.")
    row: strawberry.Private[models.LineItem]

    @strawberry.field(description="The subscription that the line is for.")
    def subscription(
        self, info: Info
    ) -> Later[Annotated["SubscriptionContract", strawberry.lazy("schema.subscriptions")] | None]:
        from schema.subscriptions import subscription_by_id  # noqa: PLC0415  # a charge is of subscriptions, which have charges

        is_subscription = self.row.purchase_item_type != "onetime"
        return subscription_by_id(info, self.row.purchase_item_id) if is_subscription else Deferred.of(None)

    @strawberry.field(description="The one-time purchase that the line is for.")
    def onetime(self, info: Info) -> Later[Onetime | None]:
        is_onetime = self.row.purchase_item_type == "onetime"
        return onetime_by_id(info, self.row.purchase_item_id) if is_onetime else Deferred.of(None)

    @classmethod
    def of(cls, row: models.LineItem, currency: str) -> Self:
        kind = "Onetime" if row.purchase_item_type == "onetime" else "SubscriptionContract"
        pictures = row.images
        return cls(
            purchase_item_id=gid(RECHARGE, kind, row.purchase_item_id),
            type=PlanType.of(row.purchase_item_type),
            title=row.title,
            variant_title=row.variant_title,
            image=image(pictures.large or pictures.original or pictures.medium or pictures.small, row.title),
            quantity=row.quantity,
            unit_price=MoneyV2.of(row.unit_price, currency),
            original_price=MoneyV2.of(row.unit_price if row.original_price is None else row.original_price, currency),
            total_price=MoneyV2.of(row.total_price, currency),
            is_free_gift=row.offer_attributes is not None and row.offer_attributes.type == "free_gift",
            row=row,
        )


@strawberry.type(description="What is taken off a charge.")
class ChargeDiscount:
    code: str | None = strawberry.field(description="The code, or an automatic discount's title.")
    value: DiscountValue | None = strawberry.field(description="How much.")

    @classmethod
    def of(cls, row: models.ChargeDiscount) -> Self:
        return cls(code=row.code, value=DiscountValue.maybe(row.value_type, row.value))


@strawberry.type(description="A payment; one may serve several subscriptions of an address.")
class Charge(Node):
    status: ChargeStatus = strawberry.field(description="Where it stands.")
    type: ChargeType = strawberry.field(description="What it comes from.")
    scheduled_date: date = strawberry.field(description="When it is due, by calendar date.")
    processed_at: datetime | None = strawberry.field(description="When it was paid.")
    line_items: list[ChargeLineItem] = strawberry.field(description="What is paid for.", directives=[listed(5)])
    subtotal_price: MoneyV2 = strawberry.field(description="The lines, less discounts.")
    total_discounts: MoneyV2 = strawberry.field(description="What is taken off.")
    total_tax: MoneyV2 = strawberry.field(description="Taxes.")
    total_shipping: MoneyV2 = strawberry.field(description="Shipping.")
    total_price: MoneyV2 = strawberry.field(description="What is paid in the end.")
    has_uncommitted_changes: bool = strawberry.field(description="True while amounts are being computed; ask again.")
    error: str | None = strawberry.field(description="Why it failed, in words.")
    error_type: str | None = strawberry.field(description="Why it failed, as the backend's own code.")
    retry_date: date | None = strawberry.field(description="When it is tried again.")
    discounts: list[ChargeDiscount] = strawberry.field(description="What is taken off.", directives=[listed(2)])
    row: strawberry.Private[models.Charge]

    @strawberry.field(description="Where it is delivered.")
    def address(self, info: Info) -> Later[Address | None]:
        return address_by_id(info, self.row.address_id)

    @classmethod
    def of(cls, row: models.Charge) -> Self:
        currency = row.currency
        return cls(
            id=gid(RECHARGE, "Charge", row.id),
            status=ChargeStatus(row.status),
            type=ChargeType(row.type),
            scheduled_date=row.scheduled_at,
            processed_at=row.processed_at,
            line_items=[ChargeLineItem.of(item, currency) for item in row.line_items],
            subtotal_price=MoneyV2.of(row.subtotal_price, currency),
            total_discounts=MoneyV2.of(row.total_discounts, currency),
            total_tax=MoneyV2.of(row.total_tax, currency),
            total_shipping=MoneyV2.of(sum((line.price for line in row.shipping_lines), Decimal("0.00")), currency),
            total_price=MoneyV2.of(row.total_price, currency),
            has_uncommitted_changes=row.has_uncommitted_changes,
            error=row.error,
            error_type=row.error_type,
            retry_date=row.retry_date,
            discounts=[ChargeDiscount.of(discount) for discount in row.discounts],
            row=row,
        )


def charge_by_id(info: Info, number: int) -> Deferred[Charge | None]:
    """One of the viewer's charges."""
    return info.context.subscriptions.charges_by_id.load(number).then(lambda row: Charge.of(row) if row else None)
