"""What is in a shopper's bundle."""

from datetime import datetime
from typing import Self

import strawberry

from resolvers.bundles import models
from resolvers.catalogue.models import Product
from schema.bundle_products import BundleVariant
from schema.catalogue import ProductVariant, variant_by_id
from schema.context import Info
from schema.costs import listed
from schema.ids import RECHARGE, SHOPIFY, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node


@strawberry.type(description="One choice in a bundle.")
class BundleSelectionItem:
    id: strawberry.ID = strawberry.field(description="Global id.")
    collection_id: strawberry.ID = strawberry.field(description="gid://shopify/Collection/N that it was chosen from.")
    product_id: strawberry.ID = strawberry.field(description="gid://shopify/Product/N.")
    product_variant_id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N.")
    quantity: int = strawberry.field(description="How many of it.")
    row: strawberry.Private[models.SelectionItem]

    @strawberry.field(description="The variant; null when it is gone from the catalogue.")
    def product_variant(self, info: Info) -> Later[ProductVariant | None]:
        return variant_by_id(info, self.row.external_product_id, self.row.external_variant_id)

    @strawberry.field(description="Its share of the bundle's price; null where the bundle has one price.")
    def price(self, info: Info) -> MoneyV2 | None:
        return MoneyV2.maybe(self.row.price, info.context.shop.currency_code)

    @classmethod
    def of(cls, item: models.SelectionItem) -> Self:
        return cls(
            id=gid(RECHARGE, "BundleSelectionItem", item.id),
            collection_id=gid(SHOPIFY, "Collection", item.collection_id),
            product_id=gid(SHOPIFY, "Product", item.external_product_id),
            product_variant_id=gid(SHOPIFY, "ProductVariant", item.external_variant_id),
            quantity=item.quantity,
            row=item,
        )


@strawberry.type(description="What a bundle subscription will contain next.")
class BundleSelection(Node):
    subscription_id: strawberry.ID = strawberry.field(description="The subscription whose contents these are.")
    product_id: strawberry.ID = strawberry.field(description="gid://shopify/Product/N of the bundle.")
    product_variant_id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N of the box size.")
    is_fallback: bool = strawberry.field(description="True when the backend filled the contents in.")
    items: list[BundleSelectionItem] = strawberry.field(description="The choices.", directives=[listed(6)])
    created_at: datetime = strawberry.field(description="When it was first chosen.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    row: strawberry.Private[models.BundleSelection]

    @strawberry.field(description="The size of the box; null when it is gone from the catalogue.")
    def bundle_variant(self, info: Info) -> Later[BundleVariant | None]:
        return info.context.catalogue.products_by_id.load(self.row.external_product_id).then(self._size)

    def _size(self, product: Product | None) -> BundleVariant | None:
        bundle = product.bundle_product if product else None
        rows = (row for row in bundle.variants if row.id == self.row.bundle_variant_id) if bundle else ()
        return next((BundleVariant.of(row, self.row.external_product_id) for row in rows), None)

    @classmethod
    def of(cls, selection: models.BundleSelection) -> Self:
        return cls(
            id=gid(RECHARGE, "BundleSelection", selection.id),
            subscription_id=gid(RECHARGE, "SubscriptionContract", selection.purchase_item_id),
            product_id=gid(SHOPIFY, "Product", selection.external_product_id),
            product_variant_id=gid(SHOPIFY, "ProductVariant", selection.external_variant_id),
            is_fallback=selection.is_fallback,
            items=[BundleSelectionItem.of(item) for item in selection.items],
            created_at=selection.created_at,
            updated_at=selection.updated_at,
            row=selection,
        )
