"""A shop's customers, and the shops themselves, for internal tools."""

import asyncio
from typing import Self

import strawberry

from gateway.errors import BadUserInput
from gateway.viewer import CUSTOMERS_READ, SHOPS_READ
from resolvers import shop
from resolvers.paging import FIRST, FIRST_MAX
from resolvers.subscriptions import models
from resolvers.subscriptions.directory import address_of
from schema.context import Info
from schema.costs import A_CALL, by_ids, listed
from schema.ids import RECHARGE, SHOPIFY, gid, maybe_gid, number_of
from schema.iso import CurrencyCode
from schema.scopes import scoped_field, scoped_type

TO_READ_CUSTOMERS = [[CUSTOMERS_READ]]
TO_READ_SHOPS = [[SHOPS_READ]]


@scoped_type(scopes=TO_READ_CUSTOMERS)
@strawberry.type(
    description="A customer as internal tools find one; what belongs to him is read on his behalf, with a record."
)
class CustomerRecord:
    id: strawberry.ID = strawberry.field(description="gid://recharge/Customer/N, as `Customer` has it.")
    shopify_customer_id: strawberry.ID | None = strawberry.field(description="gid://shopify/Customer/N.")
    email: str | None = strawberry.field(description="E-mail address.")
    first_name: str | None = strawberry.field(description="First name.")
    last_name: str | None = strawberry.field(description="Last name.")
    phone: str | None = strawberry.field(description="Phone number.")
    has_valid_payment_method: bool = strawberry.field(description="Whether there is a payment method that works.")
    has_payment_method_in_dunning: bool = strawberry.field(
        description="Whether a payment failed and is being tried again."
    )
    active_subscriptions_count: int = strawberry.field(description="How many subscriptions are active.")
    subscription_charge_streak: int = strawberry.field(description="How many charges in a row went through.")

    @classmethod
    def of(cls, row: models.Customer) -> Self:
        return cls(
            id=gid(RECHARGE, "Customer", row.id),
            shopify_customer_id=maybe_gid(SHOPIFY, "Customer", row.external_customer_id.ecommerce),
            email=row.email,
            first_name=row.first_name,
            last_name=row.last_name,
            phone=row.phone,
            has_valid_payment_method=row.has_valid_payment_method,
            has_payment_method_in_dunning=row.has_payment_method_in_dunning,
            active_subscriptions_count=row.subscriptions_active_count,
            subscription_charge_streak=row.subscription_related_charge_streak,
        )


@scoped_type(scopes=TO_READ_SHOPS)
@strawberry.type(description="A shop that an internal tool is good for.")
class ShopRecord:
    id: strawberry.ID = strawberry.field(description="gid://shopify/Shop/N.")
    domain: str = strawberry.field(description="The shop's domain on Shopify: what `?shop=` takes.")
    currency_code: CurrencyCode = strawberry.field(description="The store's own currency.")

    @classmethod
    def of(cls, row: shop.Shop) -> Self:
        return cls(
            id=gid(SHOPIFY, "Shop", row.id),
            domain=row.domain,
            currency_code=CurrencyCode.__members__[row.currency_code],
        )


@strawberry.type
class DirectoryQuery:
    @scoped_field(
        scopes=TO_READ_CUSTOMERS,
        description="A customer of the shop by e-mail address, whose case does not count; null when there is none.",
        directives=[A_CALL],
    )
    async def customer_by_email(self, info: Info, email: str) -> CustomerRecord | None:
        row = await info.context.directory.by_email.load(address_of(email))
        return CustomerRecord.of(row) if row else None

    @scoped_field(
        scopes=TO_READ_CUSTOMERS,
        description="Customers of the shop by id; null where there is none.",
        directives=[by_ids(FIRST)],
    )
    async def customers(self, info: Info, ids: list[strawberry.ID]) -> list[CustomerRecord | None] | None:
        if len(ids) > FIRST_MAX:
            raise BadUserInput(f"At most {FIRST_MAX} ids can be asked for at once.")
        numbers = [number_of(each, RECHARGE, "Customer") for each in ids]
        rows = await asyncio.gather(*(info.context.directory.by_id.load(number) for number in numbers))
        return [CustomerRecord.of(row) if row else None for row in rows]

    @scoped_field(
        scopes=TO_READ_SHOPS,
        description="The shops that the tool is good for, whichever of them it asks in.",
        directives=[listed(10)],
    )
    def shops(self, info: Info) -> list[ShopRecord] | None:
        return [ShopRecord.of(row) for row in info.context.shops]
