"""What is in a shopper's bundle."""

from datetime import datetime

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
from schema.reading import Reading

of_item = Reading(models.SelectionItem)


@strawberry.type(description="One choice in a bundle.")
class BundleSelectionItem:
    row: strawberry.Private[models.SelectionItem]
    id: strawberry.ID = of_item(lambda row: gid(RECHARGE, "BundleSelectionItem", row.id), description="Global id.")
    collection_id: strawberry.ID = of_item(
        lambda row: gid(SHOPIFY, "Collection", row.collection_id),
        description="gid://shopify/Collection/N that it was chosen from.",
    )
    product_id: strawberry.ID = of_item(
        lambda row: gid(SHOPIFY, "Product", row.external_product_id), description="gid://shopify/Product/N."
    )
    product_variant_id: strawberry.ID = of_item(
        lambda row: gid(SHOPIFY, "ProductVariant", row.external_variant_id),
        description="gid://shopify/ProductVariant/N.",
    )
    quantity: int = of_item(lambda row: row.quantity, description="How many of it.")

    @strawberry.field(description="The variant; null when it is gone from the catalogue.")
    def product_variant(self, info: Info) -> Later[ProductVariant | None]:
        return variant_by_id(info, self.row.external_product_id, self.row.external_variant_id)

    @strawberry.field(description="Its share of the bundle's price; null where the bundle has one price.")
    def price(self, info: Info) -> MoneyV2 | None:
        return MoneyV2.maybe(self.row.price, info.context.shop.currency_code)


of_selection = Reading(models.BundleSelection)


@strawberry.type(description="What a bundle subscription will contain next.")
class BundleSelection(Node):
    row: strawberry.Private[models.BundleSelection]
    id: strawberry.ID = of_selection(lambda row: gid(RECHARGE, "BundleSelection", row.id), description="Global id.")
    subscription_id: strawberry.ID = of_selection(
        lambda row: gid(RECHARGE, "SubscriptionContract", row.purchase_item_id),
        description="The subscription whose contents these are.",
    )
    product_id: strawberry.ID = of_selection(
        lambda row: gid(SHOPIFY, "Product", row.external_product_id),
        description="gid://shopify/Product/N of the bundle.",
    )
    product_variant_id: strawberry.ID = of_selection(
        lambda row: gid(SHOPIFY, "ProductVariant", row.external_variant_id),
        description="gid://shopify/ProductVariant/N of the box size.",
    )
    is_fallback: bool = of_selection(
        lambda row: row.is_fallback, description="True when the backend filled the contents in."
    )
    items: list[BundleSelectionItem] = of_selection(
        lambda row: [BundleSelectionItem(row=item) for item in row.items],
        description="The choices.",
        directives=[listed(6)],
    )
    created_at: datetime = of_selection(lambda row: row.created_at, description="When it was first chosen.")
    updated_at: datetime = of_selection(lambda row: row.updated_at, description="When it was last changed.")

    @strawberry.field(description="The size of the box; null when it is gone from the catalogue.")
    def bundle_variant(self, info: Info) -> Later[BundleVariant | None]:
        return info.context.catalogue.products_by_id.load(self.row.external_product_id).then(self._size)

    def _size(self, product: Product | None) -> BundleVariant | None:
        bundle = product.bundle_product if product else None
        rows = (row for row in bundle.variants if row.id == self.row.bundle_variant_id) if bundle else ()
        return next((BundleVariant.of(row, self.row.external_product_id) for row in rows), None)
