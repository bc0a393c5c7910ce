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
from schema.reading import Reading, computed

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


of_line = Reading(models.LineItem)


def _purchase_item_id(row: models.LineItem) -> strawberry.ID:
    kind = "Onetime" if row.purchase_item_type == "onetime" else "SubscriptionContract"
    return gid(RECHARGE, kind, row.purchase_item_id)


def _picture(row: models.LineItem) -> Image | None:
    sizes = row.images
    return image(sizes.large or sizes.original or sizes.medium or sizes.small, row.title)


def _unit_price(line: "ChargeLineItem") -> MoneyV2:
    return MoneyV2.of(line.row.unit_price, line.currency)


def _original_price(line: "ChargeLineItem") -> MoneyV2:
    row = line.row
    return MoneyV2.of(row.unit_price if row.original_price is None else row.original_price, line.currency)


def _total_price(line: "ChargeLineItem") -> MoneyV2:
    return MoneyV2.of(line.row.total_price, line.currency)


@strawberry.type(description="One line of a charge.")
class ChargeLineItem:
    row: strawberry.Private[models.LineItem]
    currency: strawberry.Private[str]
    purchase_item_id: strawberry.ID = of_line(_purchase_item_id, description="The subscription or one-time purchase.")
    type: PlanType = of_line(lambda row: PlanType.of(row.purchase_item_type), description="What the line sells.")
    title: str = of_line(lambda row: row.title, description="The product's name.")
    variant_title: str | None = of_line(lambda row: row.variant_title, description="The variant's name.")
    image: Image | None = of_line(_picture, description="The product's picture.")
    quantity: int = of_line(lambda row: row.quantity, description="How many.")
    unit_price: MoneyV2 = computed(_unit_price, description="The price of one.")
    original_price: MoneyV2 = computed(_original_price, description="The price of one before discounts.")
    total_price: MoneyV2 = computed(_total_price, description="The line's price.")
    is_free_gift: bool = of_line(
        lambda row: row.offer_attributes is not None and row.offer_attributes.type == "free_gift",
        description="Whether it is a present.",
    )

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


@strawberry.type(description="What is taken off a charge.")
class ChargeDiscount:
    code: str | None = strawberry.field(description="The code, or an automatic discount's title.")
    value: DiscountValue | None = strawberry.field(description="How much.")

    @classmethod
    def of(cls, row: models.ChargeDiscount) -> Self:
        return cls(code=row.code, value=DiscountValue.maybe(row.value_type, row.value))


of_charge = Reading(models.Charge)


def _total_shipping(row: models.Charge) -> MoneyV2:
    return MoneyV2.of(sum((line.price for line in row.shipping_lines), Decimal("0.00")), row.currency)


@strawberry.type(description="A payment; one may serve several subscriptions of an address.")
class Charge(Node):
    row: strawberry.Private[models.Charge]
    id: strawberry.ID = of_charge(lambda row: gid(RECHARGE, "Charge", row.id), description="Global id.")
    status: ChargeStatus = of_charge(lambda row: ChargeStatus(row.status), description="Where it stands.")
    type: ChargeType = of_charge(lambda row: ChargeType(row.type), description="What it comes from.")
    scheduled_date: date = of_charge(lambda row: row.scheduled_at, description="When it is due, by calendar date.")
    processed_at: datetime | None = of_charge(lambda row: row.processed_at, description="When it was paid.")
    line_items: list[ChargeLineItem] = of_charge(
        lambda row: [ChargeLineItem(row=item, currency=row.currency) for item in row.line_items],
        description="What is paid for.",
        directives=[listed(5)],
    )
    subtotal_price: MoneyV2 = of_charge(
        lambda row: MoneyV2.of(row.subtotal_price, row.currency), description="The lines, less discounts."
    )
    total_discounts: MoneyV2 = of_charge(
        lambda row: MoneyV2.of(row.total_discounts, row.currency), description="What is taken off."
    )
    total_tax: MoneyV2 = of_charge(lambda row: MoneyV2.of(row.total_tax, row.currency), description="Taxes.")
    total_shipping: MoneyV2 = of_charge(_total_shipping, description="Shipping.")
    total_price: MoneyV2 = of_charge(
        lambda row: MoneyV2.of(row.total_price, row.currency), description="What is paid in the end."
    )
    has_uncommitted_changes: bool = of_charge(
        lambda row: row.has_uncommitted_changes, description="True while amounts are being computed; ask again."
    )
    error: str | None = of_charge(lambda row: row.error, description="Why it failed, in words.")
    error_type: str | None = of_charge(
        lambda row: row.error_type, description="Why it failed, as the backend's own code."
    )
    retry_date: date | None = of_charge(lambda row: row.retry_date, description="When it is tried again.")
    discounts: list[ChargeDiscount] = of_charge(
        lambda row: [ChargeDiscount.of(discount) for discount in row.discounts],
        description="What is taken off.",
        directives=[listed(2)],
    )

    @strawberry.field(description="Where it is delivered.")
    def address(self, info: Info) -> Later[Address | None]:
        return address_by_id(info, self.row.address_id)


def charge_by_id(info: Info, number: int) -> Deferred[Charge | None]:
    """One of the viewer's charges."""
    return info.context.subscriptions.charges_by_id.load(number).then(lambda row: Charge(row=row) if row else None)
