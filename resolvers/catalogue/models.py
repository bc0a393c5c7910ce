"""Products and their discounts, as far as the graph reads them."""

from typing import Annotated, Literal

import msgspec

from resolvers.wire import Count, Currency, DiscountType, External, Money, PlanType


class Image(msgspec.Struct, frozen=True, gc=False):
    """The same picture in sizes."""

    small: str | None = None
    medium: str | None = None
    large: str | None = None
    original: str | None = None


class Translation(msgspec.Struct, frozen=True, gc=False):
    """A plan's title in another language."""

    language: str
    title: str


class Preferences(msgspec.Struct, frozen=True, gc=False):
    """How often a plan charges and delivers."""

    interval_unit: Literal["day", "week", "month"] | None = None
    order_interval_frequency: Count | None = None
    charge_interval_frequency: Count | None = None
    expire_after_specific_number_of_charges: Count | None = None


class Plan(msgspec.Struct, frozen=True, gc=False):
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


class PlanPrice(msgspec.Struct, frozen=True, gc=False):
    """What a variant costs on a plan."""

    id: int
    discounted_price: Money


class PresentmentPrice(msgspec.Struct, frozen=True, gc=False):
    """A variant's price in the currency of a market."""

    currency: Currency
    unit_price: Money
    default_currency: bool = False
    compare_at_price: Money | None = None
    plans: tuple[PlanPrice, ...] = ()


class Price(msgspec.Struct, frozen=True, gc=False):
    """A variant's price in the store's currency."""

    currency: Currency
    unit_price: Money
    compare_at_price: Money | None = None
    plans: tuple[PlanPrice, ...] = ()
    presentment_prices: tuple[PresentmentPrice, ...] = ()


class Inventory(msgspec.Struct, frozen=True, gc=False):
    """How much of a variant there is; no level means that nobody counts."""

    level: int | None = None
    policy: str | None = None


class Variant(msgspec.Struct, frozen=True, gc=False):
    """One buyable form of a product."""

    external_variant_id: str
    title: str
    prices: Annotated[tuple[Price, ...], msgspec.Meta(min_length=1)]
    sku: str | None = None
    image: Image | None = None
    inventory: Inventory = Inventory()
    is_published: bool = True
    is_deleted: bool = False


class Collection(msgspec.Struct, frozen=True, gc=False):
    """A collection that the product is in, by Recharge's id."""

    id: int


class Tier(msgspec.Struct, frozen=True, gc=False):
    """One step of a tiered discount; exactly one of the conditions is set."""

    discount_type: DiscountType
    discount_value: Money
    condition_quantity_gte: Count | None = None
    condition_line_price_gte: Money | None = None


class TierEntry(msgspec.Struct, frozen=True, gc=False):
    """Recharge wraps each tier."""

    tier: Tier


class TieredDiscount(msgspec.Struct, frozen=True, gc=False):
    """GET /incentives/tiered_discounts. Scoped to a product, to a bundle, to a collection, or to nothing at all."""

    id: int
    name: str
    tiers: tuple[TierEntry, ...]
    status: str = "published"
    external_product_id: External | None = None
    external_bundle_product_id: External | None = None
    collection_id: str | None = None


class Incentives(msgspec.Struct, frozen=True, gc=False):
    """Discounts that go with a bundle."""

    tiered_discounts: tuple[TieredDiscount, ...] = ()


class BundleRange(msgspec.Struct, frozen=True, gc=False):
    """An accepted total number of items; no maximum means any number above."""

    quantity_min: Count
    quantity_max: Count | None = None


class SelectionDefault(msgspec.Struct, frozen=True, gc=False):
    """What is in a box before the shopper chooses."""

    id: int
    quantity: Count
    external_variant_id: str


class OptionSource(msgspec.Struct, frozen=True, gc=False):
    """A collection that a box is filled from."""

    id: int
    collection_id: str
    quantity_min: Count | None = None
    quantity_max: Count | None = None


class BundleVariant(msgspec.Struct, frozen=True, gc=False):
    """One size of a box."""

    id: int
    external_variant_id: str
    title: str
    position: Count = 0
    enabled: bool = True
    items_count: Count | None = None
    ranges: tuple[BundleRange, ...] = ()
    selection_defaults: tuple[SelectionDefault, ...] = ()
    option_sources: tuple[OptionSource, ...] = ()


class BundleProduct(msgspec.Struct, frozen=True, gc=False):
    """What makes a product a bundle; part of /product_search."""

    id: int
    external_product_id: str
    is_customizable: bool = False
    price_rule: Literal["fixed", "dynamic"] | None = None
    max_quantity_per_variant: Count | None = None
    customization_window: Count | None = None
    customization_window_disabled_message: str | None = None
    default_bundle_variant_id: int | None = None
    incentives: Incentives | None = None
    variants: tuple[BundleVariant, ...] = ()


class Product(msgspec.Struct, frozen=True, gc=False):
    """GET /product_search (format_version 2022-06)."""

    external_product_id: str
    title: str
    variants: tuple[Variant, ...]
    plans: tuple[Plan, ...] = ()
    handle: str | None = None
    images: tuple[Image, ...] = ()
    collections: tuple[Collection, ...] = ()
    bundle_product: BundleProduct | None = None
