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
from schema.reading import Reading
from schema.subscriptions import SubscriptionContract, subscription_by_id

of_line = Reading(models.DeliveryLineItem)


@strawberry.type(description="One line of a delivery to come.")
class DeliveryLineItem:
    row: strawberry.Private[models.DeliveryLineItem]
    product_title: str = of_line(lambda row: row.product_title, description="The product's name.")
    variant_title: str | None = of_line(lambda row: row.variant_title, description="The variant's name.")
    quantity: int = of_line(lambda row: row.quantity, description="How many.")
    is_skippable: bool = of_line(lambda row: row.is_skippable, description="Whether it can be skipped.")
    is_skipped: bool = of_line(lambda row: row.is_skipped, description="Whether it is skipped.")

    @strawberry.field(description="The subscription that it is for; null for what comes once.")
    def subscription(self, info: Info) -> Later[SubscriptionContract | None]:
        number = self.row.subscription_id
        return Deferred.of(None) if number is None else subscription_by_id(info, number)


of_order = Reading(models.DeliveryOrder)


@strawberry.type(description="What goes to one address on one day.")
class DeliveryOrder:
    row: strawberry.Private[models.DeliveryOrder]
    total_price: MoneyV2 = of_order(lambda row: MoneyV2.of(row.total_price, row.currency), description="What it costs.")
    line_items: list[DeliveryLineItem] = of_order(
        lambda row: [DeliveryLineItem(row=item) for item in row.line_items],
        description="What is in it.",
        directives=[listed(5)],
    )

    @strawberry.field(description="The charge that pays it; null for one that is not queued yet.")
    def charge(self, info: Info) -> Later[Charge | None]:
        number = self.row.charge_id
        return Deferred.of(None) if number is None else charge_by_id(info, number)

    @strawberry.field(description="Where it goes.")
    def address(self, info: Info) -> Later[Address | None]:
        return address_by_id(info, self.row.address_id)


@strawberry.type(description="What is delivered on one day.")
class Delivery:
    date: dt.date = strawberry.field(description="The day.")
    orders: list[DeliveryOrder] = strawberry.field(description="What goes to each address.", directives=[listed(2)])

    @classmethod
    def of(cls, row: models.Delivery) -> Self:
        return cls(date=row.date, orders=[DeliveryOrder(row=order) for order in row.orders])
