"""The catalogue as rows of tables."""

from collections.abc import Iterator

from backends.store.bundle_products import bundle_product
from backends.store.catalogue import Catalogue, Plan, Product, catalogue, translations
from backends.store.chance import Row, Tables, World
from backends.store.prices import amount
from backends.store.shops import SHOPS
from backends.store.tiered_discounts import tiered_discounts

CHANNELS = ("api", "checkout_page", "checkout_page_experiment", "customer_portal", "merchant_portal")


def rows(world: World) -> Tables:
    """Everything that belongs to the catalogues of both shops."""
    for shop in SHOPS:
        goods = catalogue(world, shop)
        yield "products", [_product(world, goods, product) for product in goods.products]
        yield (
            "product_variants",
            [
                {"id": variant.id, "shop_id": shop.id, "product_id": product.id}
                for product in goods.products
                for variant in product.variants
            ],
        )
        yield "collection_products", list(_collected(goods))
        yield "collections", list(_collections(world, goods))
        yield "plans", [_plan(world, goods, product, plan) for product in goods.products for plan in product.plans]
        yield "tiered_discounts", tiered_discounts(world, goods)


def _collections(world: World, goods: Catalogue) -> Iterator[Row]:
    for place, (name, collection_id) in enumerate(goods.collections.items()):
        yield {
            "id": collection_id,
            "shop_id": goods.shop.id,
            "created_at": world.instant(700 - place),
            "description": f"{name.replace('-', ' ').capitalize()} of {goods.shop.name}",
            "handle": name,
            "manual_sort_order": [str(product.id) for product in goods.of_collection(name)],
            "sort_order": "manual",
            "title": name.replace("-", " ").capitalize(),
            "type": "manual",
            "updated_at": world.instant(70 + place),
        }


def _collected(goods: Catalogue) -> Iterator[Row]:
    for name, collection_id in goods.collections.items():
        for position, product in enumerate(goods.of_collection(name), 1):
            key = collection_id * 1_000 + position
            yield {
                "id": key,
                "shop_id": goods.shop.id,
                "collection_id": collection_id,
                "product_id": product.id,
                "position": position,
            }


def _product(world: World, goods: Catalogue, product: Product) -> Row:
    shop = goods.shop
    name = product.collection
    collections = []
    if name:
        position = goods.of_collection(name).index(product) + 1
        collections = [{"id": goods.collections[name], "position": position}]
    return {
        "id": product.id,
        "shop_id": shop.id,
        "title": product.title,
        "handle": product.handle,
        "has_plans": bool(product.plans),
        "has_bundle_product": product.box is not None,
        "created_at": world.instant(product.days_old),
        "updated_at": world.instant(product.days_old / 7 + 0.4),
        "bundle_product": bundle_product(world, goods, product),
        "details": {
            "available_country_codes": sorted(market.country for market in shop.markets),
            "brand": shop.name,
            "collections": collections,
            "description": f"<p>{product.title}, {product.kind.lower()} by {shop.name}.</p>",
            "external_metafields": {},
            "external_plan_group_id": 77_100_000 + product.id % 1_000_000 if product.recurring else None,
            "images": [{**product.images, "sort_order": 1}],
            "requires_shipping": True,
            "tags": sorted({product.kind.lower(), *([name] if name else [])}),
            "type": product.kind,
            "vendor": shop.name,
        },
        "variants": [
            {
                "compare_at_cents": variant.compare_at_cents,
                "external_variant_id": str(variant.id),
                "level": variant.stock,
                "option_values": variant.title.split(" / "),
                "sku": variant.sku,
                "title": variant.title,
                "unit_cents": variant.cents,
                "weight": 1_000 if variant.title.startswith("1 kg") else 250,
            }
            for variant in product.variants
        ],
    }


def _plan(world: World, goods: Catalogue, product: Product, plan: Plan) -> Row:
    recurring = plan.unit is not None
    return {
        "id": plan.id,
        "shop_id": goods.shop.id,
        "channel_settings": {channel: {"display": channel != "checkout_page_experiment"} for channel in CHANNELS},
        "created_at": world.instant(product.days_old - 1),
        "deleted_at": None,
        "discount_amount": amount(plan.discount_hundredths) if plan.discount_type else None,
        "discount_type": plan.discount_type,
        "external_plan_group_id": 77_100_000 + product.id % 1_000_000 if recurring else None,
        "external_plan_id": 690_110_000_000 + plan.id if recurring else None,
        "external_plan_name": plan.title if recurring else None,
        "external_product_id": str(product.id),
        "external_variant_ids": [],
        "has_variant_restrictions": False,
        "sort_order": product.plans.index(plan) + 1,
        "subscription_preferences": {
            "apply_cutoff_date_to_checkout": False,
            "charge_interval_frequency": plan.charge_every,
            "cutoff_day_of_month": None,
            "cutoff_day_of_week": None,
            "expire_after_specific_number_of_charges": plan.expires_after,
            "interval_unit": plan.unit,
            "order_day_of_month": None,
            "order_day_of_week": None,
            "order_interval_frequency": plan.order_every,
            "pricing_progression": [],
        },
        "title": plan.title,
        "translations": translations(plan),
        "type": plan.kind,
        "updated_at": world.instant(product.days_old / 5),
    }
