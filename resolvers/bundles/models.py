"""What the bundles backend sends, as far as the graph reads it."""

import msgspec

from resolvers.wire import Count, Instant, Money, Shopify


class SelectionItem(msgspec.Struct, frozen=True, gc=False):
    """One choice of a shopper's."""

    id: int
    collection_id: str
    external_product_id: str
    external_variant_id: str
    quantity: Count
    price: Money | None = None


class BundleSelection(msgspec.Struct, frozen=True, gc=False):
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


class DataVariant(msgspec.Struct, frozen=True, gc=False):
    """A variant that may be chosen."""

    id: Shopify


class DataProduct(msgspec.Struct, frozen=True, gc=False):
    """A product that may be chosen."""

    id: Shopify
    title: str
    variants: tuple[DataVariant, ...] = ()


class DataCollection(msgspec.Struct, frozen=True, gc=False):
    """A collection with the products that are in it now."""

    id: Shopify
    title: str
    products: tuple[DataProduct, ...] = ()


class DataRange(msgspec.Struct, frozen=True, gc=False):
    """An accepted number of items."""

    quantity_min: Count
    quantity_max: Count | None = None


class DataSource(msgspec.Struct, frozen=True, gc=False):
    """A collection that a box is filled from; /product_search calls `option_source_id` `collection_id`."""

    option_source_id: str
    id: int = 0
    position: Count = 0
    quantity_min: Count | None = None
    quantity_max: Count | None = None


class DataBundleVariant(msgspec.Struct, frozen=True, gc=False):
    """One size of the box."""

    external_variant_id: str
    enabled: bool = True
    items_count: Count | None = None
    ranges: tuple[DataRange, ...] = ()
    option_sources: tuple[DataSource, ...] = ()


class DataSettings(msgspec.Struct, frozen=True, gc=False):
    """The rules of the bundle."""

    max_quantity_per_variant: Count | None = None
    variants: tuple[DataBundleVariant, ...] = ()


class BundleData(msgspec.Struct, frozen=True, gc=False):
    """GET /bundle-data/{product}: the document that the official client checks a selection against.

    Its prices are left out on purpose: their unit is not documented.
    """

    id: Shopify
    bundle_settings: DataSettings
    collections: dict[str, DataCollection] = {}


class DatedContents(msgspec.Struct, frozen=True):
    """POST /bundling-storefront-manager/api/v1/bundles: the contents that were sent, with the time of now."""

    id: str
