"""The shop, and what its merchant allows."""

from typing import Self

import strawberry

from resolvers.subscriptions.portal import StoreSettings
from schema.context import Info
from schema.ids import SHOPIFY, gid
from schema.iso import CurrencyCode
from schema.later import Later


@strawberry.type(description="What the merchant allows in the customer portal; the backend enforces it too.")
class CustomerPortalSettings:
    can_skip: bool = strawberry.field(description="Skip a delivery.")
    can_cancel: bool = strawberry.field(description="Cancel a subscription.")
    can_reactivate: bool = strawberry.field(description="Activate a cancelled subscription again.")
    can_swap_product: bool = strawberry.field(description="Swap the product.")
    can_swap_variant: bool = strawberry.field(description="Swap the variant.")
    can_change_quantity: bool = strawberry.field(description="Change the quantity.")
    can_change_schedule: bool = strawberry.field(description="Move the next charge.")
    can_edit_frequency: bool = strawberry.field(description="Change how often it comes, at least to another plan.")
    can_add_product: bool = strawberry.field(description="Add products.")
    cancellation_reason_required: bool = strawberry.field(description="Whether cancelling needs a reason.")

    @classmethod
    def of(cls, settings: StoreSettings) -> Self:
        return cls(
            can_skip=settings.allows("skip"),
            can_cancel=settings.allows("cancel"),
            can_reactivate=settings.allows("reactivate"),
            can_swap_product=settings.allows("swap the product of"),
            can_swap_variant=settings.allows("swap the variant of"),
            can_change_quantity=settings.allows("change the quantity of"),
            can_change_schedule=settings.allows("reschedule"),
            can_edit_frequency=settings.allows("change the plan of"),
            can_add_product=bool(settings.customer_portal.subscription.add_product),
            cancellation_reason_required=not settings.customer_portal.subscription.cancellation_reason_optional,
        )


@strawberry.type(description="The shop that the request is for.")
class Shop:
    id: strawberry.ID = strawberry.field(description="gid://shopify/Shop/N.")
    domain: str = strawberry.field(description="The shop's domain on Shopify.")
    currency_code: CurrencyCode = strawberry.field(description="The store's own currency.")

    @strawberry.field(description="What the merchant allows in the customer portal.")
    def customer_portal(self, info: Info) -> Later[CustomerPortalSettings | None]:
        found = info.context.subscriptions.store_settings_by_shop_id.load(info.context.shop.id)
        return found.then(lambda row: CustomerPortalSettings.of(row) if row else None)

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
