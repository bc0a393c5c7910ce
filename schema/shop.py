"""The shop, and what its merchant allows."""

from typing import Self

import strawberry

from resolvers.subscriptions.portal import StoreSettings
from schema.context import Info
from schema.ids import SHOPIFY, gid
from schema.iso import CurrencyCode
from schema.later import Later
from schema.reading import Reading

of_settings = Reading(StoreSettings)


@strawberry.type(description="What the merchant allows in the customer portal; the backend enforces it too.")
class CustomerPortalSettings:
    row: strawberry.Private[StoreSettings]
    can_skip: bool = of_settings(lambda row: row.allows("skip"), description="Skip a delivery.")
    can_cancel: bool = of_settings(lambda row: row.allows("cancel"), description="Cancel a subscription.")
    can_reactivate: bool = of_settings(
        lambda row: row.allows("reactivate"), description="Activate a cancelled subscription again."
    )
    can_swap_product: bool = of_settings(lambda row: row.allows("swap the product of"), description="Swap the product.")
    can_swap_variant: bool = of_settings(lambda row: row.allows("swap the variant of"), description="Swap the variant.")
    can_change_quantity: bool = of_settings(
        lambda row: row.allows("change the quantity of"), description="Change the quantity."
    )
    can_change_schedule: bool = of_settings(lambda row: row.allows("reschedule"), description="Move the next charge.")
    can_edit_frequency: bool = of_settings(
        lambda row: row.allows("change the plan of"), description="Change how often it comes, at least to another plan."
    )
    can_add_product: bool = of_settings(
        lambda row: bool(row.customer_portal.subscription.add_product), description="Add products."
    )
    cancellation_reason_required: bool = of_settings(
        lambda row: not row.customer_portal.subscription.cancellation_reason_optional,
        description="Whether cancelling needs a reason.",
    )


@strawberry.type(description="The shop that the request is for.")
class Shop:
    id: strawberry.ID = strawberry.field(description="gid://shopify/Shop/N.")
    domain: str = strawberry.field(description="The shop's domain on Shopify.")
    currency_code: CurrencyCode = strawberry.field(description="The store's own currency.")

    @strawberry.field(description="What the merchant allows in the customer portal.")
    def customer_portal(self, info: Info) -> Later[CustomerPortalSettings | None]:
        found = info.context.subscriptions.store_settings_by_shop_id.load(info.context.shop.id)
        return found.then(lambda row: CustomerPortalSettings(row=row) if row else None)

    @classmethod
    def of(cls, info: Info) -> Self:
        shop = info.context.shop
        return cls(
            id=gid(SHOPIFY, "Shop", shop.id),
            domain=shop.domain,
            currency_code=CurrencyCode.__members__[shop.currency_code],
        )


@strawberry.type
class ShopQuery:
    @strawberry.field(description="The shop that the request is for.")
    def shop(self, info: Info) -> Shop:
        return Shop.of(info)
