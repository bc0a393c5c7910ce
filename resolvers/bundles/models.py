"""What the bundles backend sends, as far as the graph reads it."""

from typing import Annotated, Literal

import msgspec

from resolvers.wire import Count, Currency, DiscountType, Instant, Money, PlanType


class Image(msgspec.Struct, frozen=True):
    """The same picture in sizes."""

    small: str | None = None
    medium: str | None = None
    large: str | None = None
    original: str | None = None


class Translation(msgspec.Struct, frozen=True):
    """A plan's title in another language."""

    language: str
    title: str


class Preferences(msgspec.Struct, frozen=True):
    """How often a plan charges and delivers."""

    interval_unit: Literal["day", "week", "month"] | None = None
    order_interval_frequency: Count | None = None
    charge_interval_frequency: Count | None = None
    expire_after_specific_number_of_charges: Count | None = None


class Plan(msgspec.Struct, frozen=True):
    """A way to buy a product."""

    id: int
    title: str
    type: PlanType
    sort_order: Count = 0
    discount_amount: Money | None = None
    discount_type: DiscountType | None = None
    external_plan_id: int | None = None
    external_plan_group_id: int | None = None
    deleted_at: str | None = None
    subscription_preferences: Preferences = Preferences()
    translations: tuple[Translation, ...] | None = None


class PlanPrice(msgspec.Struct, frozen=True):
    """What a variant costs on a plan."""

    id: int
    discounted_price: Money


class PresentmentPrice(msgspec.Struct, frozen=True):
    """A variant's price in the currency of a market."""

    currency: Currency
    unit_price: Money
    default_currency: bool = False
    compare_at_price: Money | None = None
    plans: tuple[PlanPrice, ...] = ()


class Price(msgspec.Struct, frozen=True):
    """A variant's price in the store's currency."""

    currency: Currency
    unit_price: Money
    compare_at_price: Money | None = None
    plans: tuple[PlanPrice, ...] = ()
    presentment_prices: tuple[PresentmentPrice, ...] = ()


class Inventory(msgspec.Struct, frozen=True):
    """How much of a variant there is; no level means that nobody counts."""

    level: int | None = None
    policy: str | None = None


class Variant(msgspec.Struct, frozen=True):
    """One buyable form of a product."""

    external_variant_id: str
    title: str
    prices: Annotated[tuple[Price, ...], msgspec.Meta(min_length=1)]
    sku: str | None = None
    image: Image | None = None
    inventory: Inventory = Inventory()
    is_published: bool = True
    is_deleted: bool = False


class Collection(msgspec.Struct, frozen=True):
    """A collection that the product is in, by Recharge's id."""

    id: int


class Product(msgspec.Struct, frozen=True):
    """GET /product_search (format_version 2022-06)."""

    external_product_id: str
    title: str
    variants: tuple[Variant, ...]
    plans: tuple[Plan, ...] = ()
    handle: str | None = None
    images: tuple[Image, ...] = ()
    collections: tuple[Collection, ...] = ()


class SelectionItem(msgspec.Struct, frozen=True):
    """One choice of a shopper's."""

    id: int
    collection_id: str
    external_product_id: str
    external_variant_id: str
    quantity: Count
    price: Money | None = None


class BundleSelection(msgspec.Struct, frozen=True):
    """GET /bundle_selections. Several rows an item occur; those with a charge or an order are history."""

    id: int
    purchase_item_id: int
    external_product_id: str
    external_variant_id: str
    created_at: Instant
    updated_at: Instant
    bundle_variant_id: int | None = None
    charge_id: int | None = None
    order_id: int | None = None
    is_fallback: bool = False
    items: tuple[SelectionItem, ...] = ()
