"""The rules of bundle products."""

from typing import Any

from backends.store.catalogue import Catalogue, Product
from backends.store.catalogue_text import Box
from backends.store.chance import Row, World


def bundle_id(product: Product) -> int:
    """Id of a product's bundle."""
    return 310_000 + product.id // 32_768 % 1_000


def bundle_variant_id(product: Product, place: int) -> int:
    """Id of the box size at this place, from 0."""
    return bundle_id(product) * 10 + place


def bundle_product(world: World, goods: Catalogue, product: Product) -> Row | None:
    """The bundle of a product without its incentives, or None for other products."""
    box = product.box
    if box is None:
        return None
    dates = {"created_at": _iso(world, product.days_old), "updated_at": _iso(world, product.days_old / 3)}
    return {
        "id": bundle_id(product),
        "created_at": dates["created_at"],
        "custom_prices": False,
        "customization_window": 2 if box.customizable else None,
        "customization_window_disabled_message": "This box is being packed." if box.customizable else None,
        "default_bundle_variant_id": bundle_variant_id(product, 0),
        "description": f"{product.title} by {goods.shop.name}",
        "external_product_id": str(product.id),
        "is_customizable": box.customizable,
        "layout_settings": _layout(product),
        "layout_settings_version": "2021-11",
        "max_quantity_per_variant": box.most_of_one,
        "price_rule": box.rule,
        "reset_box_contents": False,
        "settings": {
            "display_variants_as_separate_products_in_list": False,
            "dynamic_filter_products_by_discount": False,
            "show_product_and_variant_name_in_products_list": True,
        },
        "title": product.title,
        "updated_at": dates["updated_at"],
        "variants": [_size(goods, product, box, place, dates) for place in range(len(product.variants))],
    }


def contents(goods: Catalogue, box: Box) -> list[tuple[str, Product]]:
    """Every product that may be put into a box, with its collection, in order."""
    return [(name, product) for name in box.sources for product in goods.of_collection(name)]


def _size(goods: Catalogue, product: Product, box: Box, place: int, dates: Row) -> Row:
    variant = product.variants[place]
    least, most = box.sizes[variant.title]
    first_id = bundle_variant_id(product, place) * 100
    return {
        "id": bundle_variant_id(product, place),
        "created_at": dates["created_at"],
        "enabled": True,
        "external_variant_id": str(variant.id),
        "items_count": least if least == most else 0,
        "option_sources": [
            {
                "id": first_id + 10 + n,
                "collection_id": str(goods.collections[name]),
                "quantity_max": highest,
                "quantity_min": lowest,
            }
            for n, (name, (lowest, highest)) in enumerate(box.sources.items())
        ],
        "position": place + 1,
        "ranges": [{"id": first_id + 1, **dates, "quantity_max": most, "quantity_min": least}],
        "selection_defaults": [
            {"id": first_id + 50 + n, "external_variant_id": str(inside.variants[0].id), "quantity": 1}
            for n, (_, inside) in enumerate(contents(goods, box)[:least])
        ]
        if not box.customizable
        else [],
        "title": variant.title,
        "updated_at": dates["updated_at"],
    }


def _layout(product: Product) -> dict[str, Any]:
    nothing = {"collectionHandle": "", "collectionId": "", "enabled": False}
    return {
        "addons": nothing,
        "addToCartCallback": {"type": "none", "value": ""},
        "collapsibleSections": False,
        "crossSells": nothing,
        "defaultFrequency": "",
        "defaultVariantId": str(product.variants[0].id),
        "description": "",
        "filters": [],
        "learnMoreModal": True,
        "published": True,
        "showStickyStatusBar": True,
        "showVariants": True,
        "template": "one-page",
        "templateSettings": {"onePage": {"frequencySelector": "toggle"}},
        "title": product.title,
        "visibility": {"portal": True, "signup": True},
    }


def _iso(world: World, days_ago: float) -> str:
    return world.instant(days_ago).isoformat(timespec="seconds") + "+00:00"
