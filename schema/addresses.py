"""Where things are delivered."""

from typing import Self

import strawberry

from gateway.deferred import Deferred
from resolvers.subscriptions import models
from schema.context import Info
from schema.ids import RECHARGE, gid
from schema.iso import CountryCode, country
from schema.node import Node


@strawberry.type(description="An address that subscriptions are delivered to.")
class Address(Node):
    first_name: str | None = strawberry.field(description="The recipient's first name.")
    last_name: str | None = strawberry.field(description="The recipient's last name.")
    company: str | None = strawberry.field(description="The recipient's company.")
    address1: str = strawberry.field(description="Street and number.")
    address2: str | None = strawberry.field(description="Flat, floor or the like.")
    city: str = strawberry.field(description="City, district or town.")
    province: str | None = strawberry.field(description="State or province.")
    zip: str | None = strawberry.field(description="Postal code.")
    country_code: CountryCode | None = strawberry.field(description="The country.")
    phone: str | None = strawberry.field(description="The recipient's phone number.")

    @classmethod
    def of(cls, row: models.Address) -> Self:
        return cls(
            id=gid(RECHARGE, "Address", row.id),
            first_name=row.first_name,
            last_name=row.last_name,
            company=row.company,
            address1=row.address1,
            address2=row.address2,
            city=row.city,
            province=row.province,
            zip=row.zip,
            country_code=country(row.country_code),
            phone=row.phone,
        )


def address_by_id(info: Info, number: int) -> Deferred[Address | None]:
    """One of the viewer's addresses."""
    return info.context.subscriptions.addresses_by_id.load(number).then(lambda row: Address.of(row) if row else None)
