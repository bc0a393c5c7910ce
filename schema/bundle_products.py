"""Products that are filled by the shopper: their sizes, rules and what they are filled from."""

from enum import Enum
from typing import Self

import strawberry

from gateway.deferred import Deferred
from resolvers.bundles.models import DataCollection
from resolvers.catalogue import models
from resolvers.paging import slice_of_known
from schema.catalogue import Product, ProductVariant, product_by_id, variant_by_id
from schema.common import QuantityRange, given
from schema.context import Info
from schema.costs import listed, paged
from schema.ids import RECHARGE, SHOPIFY, gid
from schema.later import Later
from schema.paging import After, Connection
from schema.plans import TieredDiscount

OPTIONS_FIRST = 50


class BundlePriceRule(Enum):
    FIXED = "fixed"
    DYNAMIC = "dynamic"


strawberry.enum(BundlePriceRule, description="Whether a bundle has one price or the sum of its contents.")


@strawberry.type(description="What a box contains before the shopper chooses.")
class BundleSelectionDefault:
    product_variant_id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N.")
    quantity: int = strawberry.field(description="How many of it.")
    row: strawberry.Private[models.SelectionDefault]
    bundle_product_id: strawberry.Private[str]

    @strawberry.field(description="The variant; null when it is gone from the catalogue.")
    async def product_variant(self, info: Info) -> ProductVariant | None:
        # A default names its variant only; which product that belongs to is in the bundle's data.
        data = await info.context.bundles.data_by_product_id.load(int(self.bundle_product_id))
        variant_id = self.row.external_variant_id
        for collection in data.collections.values() if data else ():
            for product in collection.products:
                if any(variant.id == variant_id for variant in product.variants):
                    return await variant_by_id(info, product.id, variant_id)
        return None


@strawberry.type(description="A collection that a box is filled from.")
class BundleOptionSource:
    id: strawberry.ID = strawberry.field(description="Global id.")
    collection_id: strawberry.ID = strawberry.field(description="gid://shopify/Collection/N.")
    position: int = strawberry.field(description="Where it stands among the box's collections, from 1.")
    quantity_range: QuantityRange = strawberry.field(description="How many items are taken from it.")
    row: strawberry.Private[models.OptionSource]
    bundle_product_id: strawberry.Private[str]

    @strawberry.field(description="The collection's title; null when it cannot be looked up.")
    def title(self, info: Info) -> Later[str | None]:
        return self._collection(info).then(lambda collection: collection.title if collection else None)

    @strawberry.field(
        description="The collection's products, priced for the market of `@inContext`.",
        directives=[paged(OPTIONS_FIRST)],
    )
    async def products(
        self, info: Info, first: int = OPTIONS_FIRST, after: After = strawberry.UNSET
    ) -> Connection[Product] | None:
        collection = await self._collection(info)
        if collection is None:
            return None
        ids = tuple(product.id for product in collection.products)
        name = f"products of {self.bundle_product_id} {self.row.collection_id}"
        page = slice_of_known(ids, first=first, after=given(after), name=name)
        return await Connection.of_loaded(page, lambda product_id: product_by_id(info, product_id))

    def _collection(self, info: Info) -> Deferred[DataCollection | None]:
        found = info.context.bundles.data_by_product_id.load(int(self.bundle_product_id))
        return found.then(lambda data: data.collections.get(self.row.collection_id) if data else None)

    @classmethod
    def of(cls, row: models.OptionSource, position: int, bundle_product_id: str) -> Self:
        return cls(
            id=gid(RECHARGE, "BundleOptionSource", row.id),
            collection_id=gid(SHOPIFY, "Collection", row.collection_id),
            position=position,
            quantity_range=QuantityRange(min=row.quantity_min or 0, max=row.quantity_max),
            row=row,
            bundle_product_id=bundle_product_id,
        )


@strawberry.type(description="One size of a box.")
class BundleVariant:
    id: strawberry.ID = strawberry.field(description="Global id.")
    title: str = strawberry.field(description="The size's name.")
    position: int = strawberry.field(description="Where it stands among the sizes.")
    enabled: bool = strawberry.field(description="Whether it can be chosen.")
    product_variant_id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N.")
    ranges: list[QuantityRange] = strawberry.field(
        description="Accepted total item counts; an exact size is min == max.", directives=[listed(1)]
    )
    row: strawberry.Private[models.BundleVariant]
    bundle_product_id: strawberry.Private[str]

    @strawberry.field(description="The variant that is bought; null when it is gone from the catalogue.")
    def product_variant(self, info: Info) -> Later[ProductVariant | None]:
        return variant_by_id(info, self.bundle_product_id, self.row.external_variant_id)

    @strawberry.field(description="What the box is filled from.", directives=[listed(3)])
    def option_sources(self) -> list[BundleOptionSource]:
        return [
            BundleOptionSource.of(row, position, self.bundle_product_id)
            for position, row in enumerate(self.row.option_sources, start=1)
        ]

    @strawberry.field(description="What the box contains before the shopper chooses.", directives=[listed(6)])
    def selection_defaults(self) -> list[BundleSelectionDefault]:
        return [
            BundleSelectionDefault(
                product_variant_id=gid(SHOPIFY, "ProductVariant", row.external_variant_id),
                quantity=row.quantity,
                row=row,
                bundle_product_id=self.bundle_product_id,
            )
            for row in self.row.selection_defaults
        ]

    @classmethod
    def of(cls, row: models.BundleVariant, bundle_product_id: str) -> Self:
        exact = [QuantityRange(min=row.items_count, max=row.items_count)] if row.items_count is not None else []
        return cls(
            id=gid(RECHARGE, "BundleVariant", row.id),
            title=row.title,
            position=row.position,
            enabled=row.enabled,
            product_variant_id=gid(SHOPIFY, "ProductVariant", row.external_variant_id),
            ranges=[QuantityRange(min=each.quantity_min, max=each.quantity_max) for each in row.ranges] or exact,
            row=row,
            bundle_product_id=bundle_product_id,
        )


@strawberry.type(description="What makes a product a bundle.")
class BundleProduct:
    id: strawberry.ID = strawberry.field(description="Global id.")
    product_id: strawberry.ID = strawberry.field(description="gid://shopify/Product/N.")
    price_rule: BundlePriceRule = strawberry.field(description="One price, or the sum of the contents.")
    is_customizable: bool = strawberry.field(description="Whether the shopper may choose.")
    max_quantity_per_variant: int | None = strawberry.field(description="At most so many of each item.")
    customization_window_days: int | None = strawberry.field(
        description="How many days before a charge choosing ends; null when it does not."
    )
    customization_window_disabled_message: str | None = strawberry.field(
        description="What to say when choosing has ended."
    )
    row: strawberry.Private[models.BundleProduct]

    @strawberry.field(description="The product.")
    def product(self, info: Info) -> Later[Product | None]:
        return product_by_id(info, self.row.external_product_id)

    @strawberry.field(description="The size that is shown first.")
    def default_variant(self) -> BundleVariant | None:
        rows = (row for row in self.row.variants if row.id == self.row.default_bundle_variant_id)
        return next((BundleVariant.of(row, self.row.external_product_id) for row in rows), None)

    @strawberry.field(description="Its sizes, in the merchant's order.", directives=[listed(3)])
    def variants(self) -> list[BundleVariant]:
        rows = sorted(self.row.variants, key=lambda row: row.position)
        return [BundleVariant.of(row, self.row.external_product_id) for row in rows]

    @strawberry.field(description="Discounts for fuller boxes.", directives=[listed(2)])
    def tiered_discounts(self) -> list[TieredDiscount]:
        incentives = self.row.incentives
        return [TieredDiscount.of(row) for row in incentives.tiered_discounts] if incentives else []

    @classmethod
    def of(cls, row: models.BundleProduct) -> Self:
        return cls(
            id=gid(RECHARGE, "BundleProduct", row.id),
            product_id=gid(SHOPIFY, "Product", row.external_product_id),
            # Bundles from before the rule existed have none; they have one price.
            price_rule=BundlePriceRule(row.price_rule or "fixed"),
            is_customizable=row.is_customizable,
            max_quantity_per_variant=row.max_quantity_per_variant,
            customization_window_days=row.customization_window,
            customization_window_disabled_message=row.customization_window_disabled_message,
            row=row,
        )
