"""What goes with a charge once."""

from datetime import date

import strawberry

from gateway.deferred import Deferred
from resolvers.subscriptions import models
from schema.addresses import Address, address_by_id
from schema.context import Info
from schema.ids import RECHARGE, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node
from schema.reading import Reading, computed

of_onetime = Reading(models.Onetime)


def _price(onetime: "Onetime") -> MoneyV2:
    return MoneyV2.of(onetime.row.price, onetime.row.presentment_currency or onetime.shop_currency)


@strawberry.type(description="A product that goes with a charge once.")
class Onetime(Node):
    row: strawberry.Private[models.Onetime]
    shop_currency: strawberry.Private[str]
    id: strawberry.ID = of_onetime(lambda row: gid(RECHARGE, "Onetime", row.id), description="Global id.")
    product_title: str = of_onetime(lambda row: row.product_title, description="The product's name.")
    variant_title: str | None = of_onetime(lambda row: row.variant_title, description="The variant's name.")
    quantity: int = of_onetime(lambda row: row.quantity, description="How many.")
    price: MoneyV2 = computed(_price, description="The price of one.")
    next_charge_date: date | None = of_onetime(
        lambda row: row.next_charge_scheduled_at, description="With which day's charge it goes."
    )

    @strawberry.field(description="Where it is delivered.")
    def address(self, info: Info) -> Later[Address | None]:
        return address_by_id(info, self.row.address_id)


def onetime_by_id(info: Info, number: int) -> Deferred[Onetime | None]:
    """One of the viewer's one-time purchases."""
    found = info.context.subscriptions.onetimes_by_id.load(number)
    return found.then(lambda row: Onetime(row=row, shop_currency=info.context.shop.currency_code) if row else None)
