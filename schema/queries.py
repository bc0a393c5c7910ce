"""Where reading begins, a class a domain."""

import strawberry

from schema.catalogue import Product, product_by_id
from schema.context import Info
from schema.customer import Customer
from schema.ids import SHOPIFY, SMILE, gid, number_of
from schema.loyalty import LoyaltyProgram
from schema.shop import Shop


@strawberry.type
class ShopQuery:
    @strawberry.field(description="The shop that the request is for.")
    def shop(self, info: Info) -> Shop:
        return Shop.of(info)


@strawberry.type
class CatalogueQuery:
    @strawberry.field(description="A product, by gid://shopify/Product/N or N. Public.")
    async def product(self, info: Info, id: strawberry.ID) -> Product | None:  # noqa: A002  # the argument's name in the graph
        return await product_by_id(info, str(number_of(id, SHOPIFY, "Product")))


@strawberry.type
class LoyaltyQuery:
    @strawberry.field(description="The points programme. Public.")
    def loyalty_program(self, info: Info) -> LoyaltyProgram | None:
        return LoyaltyProgram(id=gid(SMILE, "LoyaltyProgram", info.context.shop.id))


@strawberry.type
class CustomerQuery:
    @strawberry.field(description="The shopper; null when the request carries no customer's session.")
    def customer(self, info: Info) -> Customer | None:
        customer_id = info.context.viewer.customer_id
        return None if customer_id is None else Customer.of(customer_id)
