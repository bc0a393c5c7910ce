"""Where things are delivered."""

import strawberry

from gateway.deferred import Deferred
from resolvers.subscriptions import models
from schema.context import Info
from schema.ids import RECHARGE, gid
from schema.iso import CountryCode, country
from schema.node import Node
from schema.reading import Reading

of_address = Reading(models.Address)


@strawberry.type(description="An address that subscriptions are delivered to.")
class Address(Node):
    row: strawberry.Private[models.Address]
    id: strawberry.ID = of_address(lambda row: gid(RECHARGE, "Address", row.id), description="Global id.")
    first_name: str | None = of_address(lambda row: row.first_name, description="The recipient's first name.")
    last_name: str | None = of_address(lambda row: row.last_name, description="The recipient's last name.")
    company: str | None = of_address(lambda row: row.company, description="The recipient's company.")
    address1: str = of_address(lambda row: row.address1, description="Street and number.")
    address2: str | None = of_address(lambda row: row.address2, description="Flat, floor or the like.")
    city: str = of_address(lambda row: row.city, description="City, district or town.")
    province: str | None = of_address(lambda row: row.province, description="State or province.")
    zip: str | None = of_address(lambda row: row.zip, description="Postal code.")
    country_code: CountryCode | None = of_address(lambda row: country(row.country_code), description="The country.")
    phone: str | None = of_address(lambda row: row.phone, description="The recipient's phone number.")


def address_by_id(info: Info, number: int) -> Deferred[Address | None]:
    """One of the viewer's addresses."""
    return info.context.subscriptions.addresses_by_id.load(number).then(lambda row: Address(row=row) if row else None)
