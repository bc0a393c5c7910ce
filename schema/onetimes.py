"""What goes with a charge once."""

from datetime import date
from typing import Self

import strawberry

from gateway.deferred import Deferred
from resolvers.subscriptions import models
from schema.addresses import Address, address_by_id
from schema.context import Info
from schema.ids import RECHARGE, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node


@strawberry.type(description="A product that goes with a charge once.")
class Onetime(Node):
    product_title: str = strawberry.field(description="The product's name.")
    variant_title: str | None = strawberry.field(description="The variant's name.")
    quantity: int = strawberry.field(description="How many.")
    price: MoneyV2 = strawberry.field(description="The price of one.")
    next_charge_date: date | None = strawberry.field(description="With which day's charge it goes.")
    row: strawberry.Private[models.Onetime]

    @strawberry.field(description="Where it is delivered.")
    def address(self, info: Info) -> Later[Address | None]:
        return address_by_id(info, self.row.address_id)

    @classmethod
    def of(cls, row: models.Onetime, shop_currency: str) -> Self:
        return cls(
            id=gid(RECHARGE, "Onetime", row.id),
            product_title=row.product_title,
            variant_title=row.variant_title,
            quantity=row.quantity,
            price=MoneyV2.of(row.price, row.presentment_currency or shop_currency),
            next_charge_date=row.next_charge_scheduled_at,
            row=row,
        )


def onetime_by_id(info: Info, number: int) -> Deferred[Onetime | None]:
    """One of the viewer's one-time purchases."""
    found = info.context.subscriptions.onetimes_by_id.load(number)
    return found.then(lambda row: Onetime.of(row, info.context.shop.currency_code) if row else None)
