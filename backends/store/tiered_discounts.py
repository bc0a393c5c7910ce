"""Discounts that grow with the cart."""

from backends.store.catalogue import Catalogue
from backends.store.chance import Row, World
from backends.store.shops import SHOPS

Tiers = list[tuple[str, int | str, int]]
"""Condition, threshold and percent off, smallest threshold first."""


def tiered_discounts(world: World, goods: Catalogue) -> list[Row]:
    """One discount for each bundle, a collection, two products and the whole shop, in several states."""
    bundles = [product for product in goods.products if product.box]
    plain = [product for product in goods.products if product.box is None]
    by_quantity: Tiers = [
        ("condition_quantity_gte", 4, 5),
        ("condition_quantity_gte", 6, 10),
        ("condition_quantity_gte", 8, 15),
    ]
    by_price: Tiers = [("condition_line_price_gte", "50.00", 5), ("condition_line_price_gte", "90.00", 12)]
    drafts: list[tuple[str, str, dict[str, str], Tiers]] = [
        *(
            (f"{each.title} savings", "published", {"external_bundle_product_id": str(each.id)}, by_quantity)
            for each in bundles
        ),
        (f"{plain[0].title} multibuy", "published", {"external_product_id": str(plain[0].id)}, by_quantity[:2]),
        (f"{plain[3].title} multibuy", "unpublished", {"external_product_id": str(plain[3].id)}, by_quantity[:2]),
        ("Spend and save", "published", {"collection_id": str(next(iter(goods.collections.values())))}, by_price),
        ("Winter draft", "draft", {"collection_id": str(next(iter(goods.collections.values())))}, by_price),
        ("Last year's offer", "inactive", {}, by_price),
    ]
    first = 52_001 + 1_000 * SHOPS.index(goods.shop)
    return [
        {
            "id": first + n,
            "shop_id": goods.shop.id,
            "collection_id": scope.get("collection_id"),
            "created_at": world.instant(150 - n),
            "eligible_charge_types": ["checkout", "recurring"],
            "eligible_line_item_types": ["subscription"] if n % 2 else ["subscription", "onetime"],
            "external_bundle_product_id": scope.get("external_bundle_product_id"),
            "external_product_id": scope.get("external_product_id"),
            "lookup_key": f"td-{first + n}",
            "name": name,
            "shopify_display_name": name if status == "published" else None,
            "status": status,
            "tiers": [
                {
                    "tier": {
                        condition: threshold,
                        "discount_type": "percentage",
                        "discount_value": f"{percent}.00",
                        "lookup_key": f"td-{first + n}-{place}",
                    }
                }
                for place, (condition, threshold, percent) in enumerate(tiers, 1)
            ],
            "updated_at": world.instant(40 - n),
        }
        for n, (name, status, scope, tiers) in enumerate(drafts)
    ]
