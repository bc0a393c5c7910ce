"""Products: how they can be bought and what they cost."""

import asyncio
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from gateway.errors import BadUserInput
from gateway.upstream import PageKey
from gateway.viewer import Market
from resolvers.catalogue import models
from resolvers.catalogue.plans import Rhythm, plan_of
from resolvers.paging import FIRST, FIRST_MAX
from resolvers.wire import Money
from schema.common import Image, Interval, image, interval
from schema.context import Info
from schema.costs import listed, sliced
from schema.ids import RECHARGE, SHOPIFY, gid, maybe_gid, number_of
from schema.money import MoneyV2
from schema.node import Node

if TYPE_CHECKING:
    from schema.bundle_products import BundleProduct

TIERED_DISCOUNTS_READ = 250
"""Published tiered discounts of a shop that are looked through; merchants have a handful."""


class PlanType(Enum):
    SUBSCRIPTION = "subscription"
    PREPAID = "prepaid"
    ONETIME = "onetime"
    MEMBERSHIP = "membership_subscription"

    @classmethod
    def of(cls, value: str) -> Self:
        """Recharge's second kind of prepaid plan is prepaid too."""
        return cls(value.removesuffix("_v2"))


class DiscountType(Enum):
    PERCENTAGE = "percentage"
    FIXED_AMOUNT = "fixed_amount"
    SHIPPING = "shipping"


class TierThresholdType(Enum):
    QUANTITY = "quantity"
    PRICE = "price"


strawberry.enum(PlanType, description="What a plan sells.")
strawberry.enum(DiscountType, description="How a discount is taken off.")
strawberry.enum(TierThresholdType, description="What a tier's threshold counts.")


@strawberry.type(description="What is taken off a price.")
class DiscountValue:
    type: DiscountType = strawberry.field(description="How it is taken off.")
    value: Decimal = strawberry.field(description="Percent, or an amount in the store's currency.")

    @classmethod
    def maybe(cls, kind: str | None, value: Decimal | None) -> Self | None:
        return cls(type=DiscountType(kind), value=value) if kind and value else None


@strawberry.type(description="A way to buy a product, such as every month with ten percent off.")
class Plan:
    id: strawberry.ID = strawberry.field(description="Global id.")
    title: str = strawberry.field(description="The plan's name, in the language of `@inContext` where there is one.")
    type: PlanType = strawberry.field(description="What the plan sells.")
    sort_order: int = strawberry.field(description="Where the plan stands among the product's.")
    discount: DiscountValue | None = strawberry.field(description="What the plan takes off.")
    delivery_interval: Interval | None = strawberry.field(description="How often it is delivered.")
    charge_interval: Interval | None = strawberry.field(description="How often it is paid; less often when prepaid.")
    charges_until_expiration: int | None = strawberry.field(description="After how many charges it ends by itself.")
    selling_plan_id: strawberry.ID | None = strawberry.field(
        description="gid://shopify/SellingPlan/N, for Shopify's cartLinesAdd."
    )
    selling_plan_group_id: strawberry.ID | None = strawberry.field(
        description="gid://shopify/SellingPlanGroup/N that the selling plan is part of."
    )

    @classmethod
    def of(cls, plan: models.Plan, market: Market) -> Self:
        rhythm = plan.subscription_preferences
        titles = {translation.language.lower(): translation.title for translation in plan.translations or ()}
        return cls(
            id=gid(RECHARGE, "Plan", plan.id),
            title=titles.get(market.language or "", plan.title),
            type=PlanType.of(plan.type),
            sort_order=plan.sort_order,
            discount=DiscountValue.maybe(plan.discount_type, plan.discount_amount),
            delivery_interval=interval(rhythm.interval_unit, rhythm.order_interval_frequency),
            charge_interval=interval(rhythm.interval_unit, rhythm.charge_interval_frequency),
            charges_until_expiration=rhythm.expire_after_specific_number_of_charges,
            selling_plan_id=maybe_gid(SHOPIFY, "SellingPlan", plan.external_plan_id),
            selling_plan_group_id=maybe_gid(SHOPIFY, "SellingPlanGroup", plan.external_plan_group_id),
        )


@strawberry.type(description="What a variant costs on a plan.")
class PlanPrice:
    plan: Plan = strawberry.field(description="The plan.")
    price: MoneyV2 = strawberry.field(description="The price on that plan.")


@strawberry.type(description="One buyable form of a product.")
class ProductVariant:
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
        plans = {plan.id: Plan.of(plan, market) for plan in _plans_of(self.product)}
        price = _price_in(market, self.row.prices)
        return [
            PlanPrice(plan=plans[offer.id], price=MoneyV2.of(offer.discounted_price, price.currency))
            for offer in price.plans
            if offer.id in plans
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


@strawberry.type(description="One step of a tiered discount.")
class DiscountTier:
    threshold_type: TierThresholdType = strawberry.field(description="What the threshold counts.")
    threshold: Decimal = strawberry.field(description="Items, or an amount in the store's currency.")
    discount: DiscountValue = strawberry.field(description="What is taken off from the threshold on.")

    @classmethod
    def of(cls, tier: models.Tier) -> Self:
        by_price = tier.condition_line_price_gte is not None
        return cls(
            threshold_type=TierThresholdType.PRICE if by_price else TierThresholdType.QUANTITY,
            threshold=tier.condition_line_price_gte or Money(tier.condition_quantity_gte or 0),
            discount=DiscountValue(type=DiscountType(tier.discount_type), value=tier.discount_value),
        )


@strawberry.type(description="The more is bought, the more is taken off.")
class TieredDiscount:
    id: strawberry.ID = strawberry.field(description="Global id.")
    name: str = strawberry.field(description="The merchant's name for it.")
    tiers: list[DiscountTier] = strawberry.field(
        description="Its steps, lowest threshold first.", directives=[listed(3)]
    )

    @classmethod
    def of(cls, discount: models.TieredDiscount) -> Self:
        return cls(
            id=gid(RECHARGE, "TieredDiscount", discount.id),
            name=discount.name,
            tiers=[DiscountTier.of(entry.tier) for entry in discount.tiers],
        )


@strawberry.type(description="A product of the shop.")
class Product(Node):
    title: str = strawberry.field(description="Its name.")
    handle: str | None = strawberry.field(description="Its part of the store's address.")
    image: Image | None = strawberry.field(description="Its first picture.")
    requires_selling_plan: bool = strawberry.field(description="True when it cannot be bought just once.")
    row: strawberry.Private[models.Product]

    @strawberry.field(description="How it can be bought, in the merchant's order.", directives=[listed(4)])
    def plans(self, info: Info) -> list[Plan]:
        return [Plan.of(plan, info.context.market) for plan in _plans_of(self.row)]

    @strawberry.field(description="Its buyable forms.", directives=[listed(5)])
    def variants(self, info: Info) -> list[ProductVariant]:
        market = info.context.market
        return [ProductVariant.of(row, self.row, market) for row in self.row.variants if not row.is_deleted]

    @strawberry.field(description="What makes it a bundle; null when it is none.")
    def bundle(self) -> Annotated["BundleProduct", strawberry.lazy("schema.bundle_products")] | None:
        from schema.bundle_products import BundleProduct  # noqa: PLC0415  # a bundle is a product, and a product may be one

        return BundleProduct.of(self.row.bundle_product) if self.row.bundle_product else None

    @strawberry.field(
        description="Discounts for buying more of it. Null when they cannot be looked up.", directives=[listed(2)]
    )
    async def tiered_discounts(self, info: Info) -> list[TieredDiscount] | None:
        published = PageKey(owner=None, size=TIERED_DISCOUNTS_READ)
        page = await info.context.catalogue.tiered_discount_pages.load(published)
        return [TieredDiscount.of(row) for row in page.rows if _is_for(row, self.row)] if page else []

    @classmethod
    def of(cls, product: models.Product) -> Self:
        plans = _plans_of(product)
        return cls(
            id=gid(SHOPIFY, "Product", product.external_product_id),
            title=product.title,
            handle=product.handle,
            image=_picture(_first_image(product), product.title),
            requires_selling_plan=bool(plans) and all(plan.type != "onetime" for plan in plans),
            row=product,
        )


async def product_by_id(info: Info, product_id: str | None) -> Product | None:
    """The product with Shopify's numeric id, priced and worded for the request's market."""
    row = product_id and await info.context.catalogue.products_by_id.load(product_id)
    return Product.of(row) if row else None


async def plan_by_rhythm(info: Info, product_id: str | None, rhythm: Rhythm) -> Plan | None:
    """The plan of a product that a subscription is on."""
    product = product_id and await info.context.catalogue.products_by_id.load(product_id)
    row = plan_of(product, rhythm) if product else None
    return Plan.of(row, info.context.market) if row else None


async def variant_by_id(info: Info, product_id: str, variant_id: str) -> ProductVariant | None:
    """One variant of a product; backends find it by its product only."""
    product = await info.context.catalogue.products_by_id.load(product_id)
    rows = (row for row in product.variants if row.external_variant_id == variant_id) if product else ()
    return next((ProductVariant.of(row, product, info.context.market) for row in rows if product), None)


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
    async def product(self, info: Info, id: strawberry.ID) -> Product | None:  # noqa: A002  # the argument's name in the graph
        return await product_by_id(info, str(number_of(id, SHOPIFY, "Product")))

    @strawberry.field(
        description="Products by id; null where there is none. Public.", directives=[sliced("ids", FIRST)]
    )
    async def products(self, info: Info, ids: list[strawberry.ID]) -> list[Product | None]:
        if len(ids) > FIRST_MAX:
            raise BadUserInput(f"At most {FIRST_MAX} ids can be asked for at once.")
        numbers = [str(number_of(each, SHOPIFY, "Product")) for each in ids]
        return await asyncio.gather(*(product_by_id(info, number) for number in numbers))
