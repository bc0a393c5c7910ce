"""Products: how they can be bought and what they cost."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gateway.deferred import Deferred
from gateway.errors import BadUserInput
from gateway.upstream import Page, PageKey
from gateway.viewer import Market
from resolvers.catalogue import models
from resolvers.catalogue.plans import Rhythm, plan_of
from resolvers.paging import FIRST, FIRST_MAX
from schema.common import Image, image
from schema.context import Info
from schema.costs import by_ids, listed
from schema.ids import SHOPIFY, gid, number_of
from schema.kept import Kept
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node
from schema.plans import Plan, TieredDiscount

if TYPE_CHECKING:
    from schema.bundle_products import BundleProduct

PRODUCTS_KEPT = 2_048
"""As many products are kept as the graph shows them; which ones, follows from who keeps their rows."""
TIERED_DISCOUNTS_READ = 250
"""Published tiered discounts of a shop that are looked through; merchants have a handful."""


@strawberry.type(description="What a variant costs on a plan.")
class PlanPrice:
    plan: Plan = strawberry.field(description="The plan.")
    price: MoneyV2 = strawberry.field(description="The price on that plan.")


@strawberry.type(description="One buyable form of a product.")
class ProductVariant:
    __shared__ = True  # see schema/kept.py

    id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N.")
    title: str = strawberry.field(description="Its options, such as `500 g / Whole bean`.")
    sku: str | None = strawberry.field(description="The merchant's own number.")
    available_for_sale: bool = strawberry.field(description="Whether it can be bought now.")
    image: Image | None = strawberry.field(description="Its own picture, else the product's.")
    price: MoneyV2 = strawberry.field(description="The one-time price, in the market of `@inContext`.")
    compare_at_price: MoneyV2 | None = strawberry.field(description="What it cost before.")
    row: strawberry.Private[models.Variant]
    product: strawberry.Private[models.Product]

    @strawberry.field(description="What it costs on each plan.", directives=[listed(4)])
    def plan_prices(self, info: Info) -> list[PlanPrice]:
        market = info.context.market
        plans = Product.of(self.product, market).all_plans
        sold = {plan.id for plan in _plans_of(self.product)}
        price = _price_in(market, self.row.prices)
        return [
            PlanPrice(plan=plans[offer.id], price=MoneyV2.of(offer.discounted_price, price.currency))
            for offer in price.plans
            if offer.id in sold
        ]

    @classmethod
    def of(cls, variant: models.Variant, product: models.Product, market: Market) -> Self:
        price = _price_in(market, variant.prices)
        stock = variant.inventory
        return cls(
            id=gid(SHOPIFY, "ProductVariant", variant.external_variant_id),
            title=variant.title,
            sku=variant.sku,
            available_for_sale=variant.is_published
            and not variant.is_deleted
            and (stock.policy != "deny" or stock.level is None or stock.level > 0),
            image=_picture(variant.image or _first_image(product), product.title),
            price=MoneyV2.of(price.unit_price, price.currency),
            compare_at_price=MoneyV2.maybe(price.compare_at_price, price.currency),
            row=variant,
            product=product,
        )


@strawberry.type(description="A product of the shop.")
class Product(Node):
    __shared__ = True  # see schema/kept.py

    title: str = strawberry.field(description="Its name.")
    handle: str | None = strawberry.field(description="Its part of the store's address.")
    image: Image | None = strawberry.field(description="Its first picture.")
    requires_selling_plan: bool = strawberry.field(description="True when it cannot be bought just once.")
    row: strawberry.Private[models.Product]
    market: strawberry.Private[Market]

    @strawberry.field(description="How it can be bought, in the merchant's order.", directives=[listed(4)])
    def plans(self) -> list[Plan]:
        return self.own_plans

    @strawberry.field(description="Its buyable forms.", directives=[listed(5)])
    def variants(self) -> list[ProductVariant]:
        return [variant for variant in self.all_variants.values() if not variant.row.is_deleted]

    @cached_property
    def own_plans(self) -> list[Plan]:
        """The same once for all who look at this product."""
        return [self.all_plans[plan.id] for plan in _plans_of(self.row)]

    @cached_property
    def all_plans(self) -> dict[int, Plan]:
        """By Recharge's number, those included that were deleted."""
        return {row.id: Plan.of(row, self.market) for row in self.row.plans}

    @cached_property
    def all_variants(self) -> dict[str, ProductVariant]:
        """By Shopify's number, those included that were deleted: a subscription may be of one."""
        return {row.external_variant_id: ProductVariant.of(row, self.row, self.market) for row in self.row.variants}

    @strawberry.field(description="What makes it a bundle; null when it is none.")
    def bundle(self) -> Annotated["BundleProduct", strawberry.lazy("schema.bundle_products")] | None:
        from schema.bundle_products import BundleProduct  # noqa: PLC0415  # a bundle is a product, and a product may be one

        return BundleProduct.of(self.row.bundle_product) if self.row.bundle_product else None

    @strawberry.field(
        description="Discounts for buying more of it. Null when they cannot be looked up.", directives=[listed(2)]
    )
    def tiered_discounts(self, info: Info) -> Later[list[TieredDiscount] | None]:
        published = PageKey(owner=None, size=TIERED_DISCOUNTS_READ)
        return info.context.catalogue.tiered_discount_pages.load(published).then(self._discounts_for_it)

    def _discounts_for_it(self, page: Page[models.TieredDiscount] | None) -> list[TieredDiscount]:
        return [TieredDiscount.of(row) for row in page.rows if _is_for(row, self.row)] if page else []

    @classmethod
    def of(cls, product: models.Product, market: Market) -> "Product":
        """The same object for the same row: rows of the catalogue are kept and given to everybody."""
        key = id(product), market.country, market.language
        found = _products.get(key)
        return _products.keep(key, cls.made_of(product, market)) if found is None else found

    @classmethod
    def made_of(cls, product: models.Product, market: Market) -> Self:
        plans = _plans_of(product)
        return cls(
            id=gid(SHOPIFY, "Product", product.external_product_id),
            title=product.title,
            handle=product.handle,
            image=_picture(_first_image(product), product.title),
            requires_selling_plan=bool(plans) and all(plan.type != "onetime" for plan in plans),
            row=product,
            market=market,
        )


_products: Kept[tuple[int, str | None, str | None], Product] = Kept(most=PRODUCTS_KEPT)
"""By the id of the row: comparing all of a product takes longer than showing it."""


def product_by_id(info: Info, product_id: str | None) -> Deferred[Product | None]:
    """The product with Shopify's numeric id, priced and worded for the request's market."""
    market = info.context.market
    return _row_by_id(info, product_id).then(lambda row: Product.of(row, market) if row else None)


def plan_by_rhythm(info: Info, product_id: str | None, rhythm: Rhythm) -> Deferred[Plan | None]:
    """The plan of a product that a subscription is on."""
    market = info.context.market
    return _row_by_id(info, product_id).then(lambda product: _plan_of(product, rhythm, market))


def variant_by_id(info: Info, product_id: str | None, variant_id: str | None) -> Deferred[ProductVariant | None]:
    """One variant of a product; backends find it by its product only."""
    market = info.context.market
    found = _row_by_id(info, product_id if variant_id else None)
    return found.then(lambda product: _variant_of(product, variant_id, market))


def _row_by_id(info: Info, product_id: str | None) -> Deferred[models.Product | None]:
    return info.context.catalogue.products_by_id.load(product_id) if product_id else Deferred.of(None)


def _plan_of(product: models.Product | None, rhythm: Rhythm, market: Market) -> Plan | None:
    row = plan_of(product, rhythm) if product else None
    return Product.of(product, market).all_plans[row.id] if product and row else None


def _variant_of(product: models.Product | None, variant_id: str | None, market: Market) -> ProductVariant | None:
    return Product.of(product, market).all_variants.get(variant_id or "") if product else None


def _plans_of(product: models.Product) -> list[models.Plan]:
    return sorted((plan for plan in product.plans if plan.deleted_at is None), key=lambda plan: plan.sort_order)


def _first_image(product: models.Product) -> models.Image | None:
    return product.images[0] if product.images else None


def _picture(sizes: models.Image | None, alt_text: str) -> Image | None:
    return image(sizes.large or sizes.original or sizes.medium or sizes.small, alt_text) if sizes else None


def _price_in(market: Market, prices: tuple[models.Price, ...]) -> models.Price | models.PresentmentPrice:
    """The market's own price where the backend has one, else the store's."""
    store = prices[0]
    if market.country and store.presentment_prices:
        return next(
            (price for price in store.presentment_prices if price.default_currency), store.presentment_prices[0]
        )
    return store


def _is_for(discount: models.TieredDiscount, product: models.Product) -> bool:
    """Whether a discount's scope holds a product. A discount without a scope is for all of them."""
    scopes = (discount.external_product_id, discount.external_bundle_product_id)
    if any(scope and scope.ecommerce == product.external_product_id for scope in scopes):
        return True
    if discount.collection_id is not None:
        return any(str(collection.id) == discount.collection_id for collection in product.collections)
    return not any(scope and scope.ecommerce for scope in scopes)


@strawberry.type
class CatalogueQuery:
    @strawberry.field(description="A product, by gid://shopify/Product/N or N. Public.")
    def product(self, info: Info, id: strawberry.ID) -> Later[Product | None]:  # noqa: A002  # the argument's name in the graph
        return product_by_id(info, str(number_of(id, SHOPIFY, "Product")))

    @strawberry.field(description="Products by id; null where there is none. Public.", directives=[by_ids(FIRST)])
    async def products(self, info: Info, ids: list[strawberry.ID]) -> list[Product | None]:
        if len(ids) > FIRST_MAX:
            raise BadUserInput(f"At most {FIRST_MAX} ids can be asked for at once.")
        numbers = [str(number_of(each, SHOPIFY, "Product")) for each in ids]
        return await asyncio.gather(*(product_by_id(info, number) for number in numbers))
