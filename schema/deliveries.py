"""What is delivered when."""

import datetime as dt
from typing import Self

import strawberry

from gateway.deferred import Deferred
from resolvers.subscriptions import models
from schema.addresses import Address, address_by_id
from schema.charges import Charge, charge_by_id
from schema.context import Info
from schema.costs import listed
from schema.later import Later
from schema.money import MoneyV2
from schema.subscriptions import SubscriptionContract, subscription_by_id


@strawberry.type(description="One line of a delivery to come.")
class DeliveryLineItem:
    product_title: str = strawberry.field(description="The product's name.")
    variant_title: str | None = strawberry.field(description="The variant's name.")
    quantity: int = strawberry.field(description="How many.")
    is_skippable: bool = strawberry.field(description="Whether it can be skipped.")
    is_skipped: bool = strawberry.field(description="Whether it is skipped.")
    row: strawberry.Private[models.DeliveryLineItem]

    @strawberry.field(description="The subscription that it is for; null for what comes once.")
    def subscription(self, info: Info) -> Later[SubscriptionContract | None]:
        number = self.row.subscription_id
        return Deferred.of(None) if number is None else subscription_by_id(info, number)

    @classmethod
    def of(cls, row: models.DeliveryLineItem) -> Self:
        return cls(
            product_title=row.product_title,
            variant_title=row.variant_title,
            quantity=row.quantity,
            is_skippable=row.is_skippable,
            is_skipped=row.is_skipped,
            row=row,
        )


@strawberry.type(description="What goes to one address on one day.")
class DeliveryOrder:
    total_price: MoneyV2 = strawberry.field(description="What it costs.")
    line_items: list[DeliveryLineItem] = strawberry.field(description="What is in it.", directives=[listed(5)])
    row: strawberry.Private[models.DeliveryOrder]

    @strawberry.field(description="The charge that pays it; null for one that is not queued yet.")
    def charge(self, info: Info) -> Later[Charge | None]:
        number = self.row.charge_id
        return Deferred.of(None) if number is None else charge_by_id(info, number)

    @strawberry.field(description="Where it goes.")
    def address(self, info: Info) -> Later[Address | None]:
        return address_by_id(info, self.row.address_id)

    @classmethod
    def of(cls, row: models.DeliveryOrder) -> Self:
        return cls(
            total_price=MoneyV2.of(row.total_price, row.currency),
            line_items=[DeliveryLineItem.of(item) for item in row.line_items],
            row=row,
        )


@strawberry.type(description="What is delivered on one day.")
class Delivery:
    date: dt.date = strawberry.field(description="The day.")
    orders: list[DeliveryOrder] = strawberry.field(description="What goes to each address.", directives=[listed(2)])

    @classmethod
    def of(cls, row: models.Delivery) -> Self:
        return cls(date=row.date, orders=[DeliveryOrder.of(order) for order in row.orders])
