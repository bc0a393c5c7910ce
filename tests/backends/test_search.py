"""The product search: what it finds, and what prices it gives."""

# ruff: noqa: D103 - a test's name is its promise

from typing import Any

import pytest

from tests.backends.services import NORDLYS, Asked, Backends

SEARCH = "/product_search?format_version=2022-06"
PRODUCT_KEYS = [
    "available_country_codes", "brand", "bundle_product", "collections", "description", "external_created_at",
    "external_metafields", "external_plan_group_id", "external_product_id", "external_product_status",
    "external_updated_at", "handle", "has_plans", "images", "is_deleted", "is_published", "minimum_variant_prices",
    "modifiers", "more_than_one_price", "options", "plans", "published_at", "requires_shipping", "store_id", "tags",
    "title", "type", "variants", "vendor",
]  # fmt: skip
VARIANT_KEYS = [
    "external_metafields", "external_product_id", "external_variant_id", "fulfillment_service", "image", "inventory",
    "is_deleted", "is_published", "option_values", "price_includes_tax", "prices", "requires_shipping",
    "shipping_dimensions", "sku", "tax_code", "taxable", "title",
]  # fmt: skip
BUNDLE_KEYS = {
    "created_at", "custom_prices", "customization_window", "customization_window_disabled_message",
    "default_bundle_variant_id", "description", "external_product_id", "id", "incentives", "is_customizable",
    "layout_settings", "layout_settings_version", "max_quantity_per_variant", "price_rule", "reset_box_contents",
    "settings", "title", "updated_at", "variants",
}  # fmt: skip


async def search(ask: Asked, query: str = "", shop: str | None = None) -> list[dict[str, Any]]:
    """The products of one page of up to 250."""
    path = f"{SEARCH}&limit=250{query}"
    answer = await (ask(path, shop=shop) if shop else ask(path))
    assert answer.status == 200, answer.text
    products: list[dict[str, Any]] = answer.body["products"]
    assert answer.body["total"] == len(products)
    return products


async def test_products_variants_and_bundles_have_the_documented_keys(subscriptions: Asked) -> None:
    products = await search(subscriptions)
    assert all(list(product) == PRODUCT_KEYS for product in products)
    assert all(list(variant) == VARIANT_KEYS for product in products for variant in product["variants"])
    assert all(set(product["bundle_product"]) == BUNDLE_KEYS for product in products if product["bundle_product"])


async def test_the_total_counts_all_pages(subscriptions: Asked) -> None:
    answer = await subscriptions(f"{SEARCH}&limit=4&has_plans=true")
    assert answer.body["total"] == len(await search(subscriptions, "&has_plans=true"))
    following = await subscriptions(f"{SEARCH}&limit=4&cursor={answer.body['next_cursor']}")
    assert following.body["total"] == answer.body["total"]
    assert list(following.body) == ["next_cursor", "previous_cursor", "products", "total"]


@pytest.mark.parametrize("query", ["", "?format_version=2020-12", "?format_version="])
async def test_the_format_must_be_named(subscriptions: Asked, query: str) -> None:
    answer = await subscriptions(f"/product_search{query}")
    assert (answer.status, answer.body) == (422, {"errors": {"format_version": ["Must be 2022-06"]}})


async def test_ids_find_products_whichever_way_they_are_asked(subscriptions: Asked) -> None:
    products = await search(subscriptions)
    wanted = products[2:5]
    ids = ",".join(product["external_product_id"] for product in wanted)
    variants = ",".join(product["variants"][-1]["external_variant_id"] for product in wanted)
    assert await search(subscriptions, f"&external_product_ids={ids},1,{ids}") == wanted
    assert await search(subscriptions, f"&external_variant_ids={variants}") == wanted
    answer = await subscriptions(f"{SEARCH}&external_product_ids=gid")
    assert (answer.status, answer.body) == (422, {"errors": {"external_product_ids": ["Not a valid integer"]}})


async def test_collections_flags_and_titles_narrow_the_search(subscriptions: Asked) -> None:
    products = await search(subscriptions)
    collection = next(product["collections"][0]["id"] for product in products if product["collections"])
    inside = [product for product in products if [each["id"] for each in product["collections"]] == [collection]]
    assert await search(subscriptions, f"&collection_ids={collection}") == inside
    for name, holds in (("has_plans", "has_plans"), ("has_bundle_product", "bundle_product")):
        assert await search(subscriptions, f"&{name}=true") == [product for product in products if product[holds]]
        assert await search(subscriptions, f"&{name}=false") == [product for product in products if not product[holds]]
    found = await search(subscriptions, "&product_title=eSPRESSO")
    assert found == [product for product in products if "espresso" in product["title"].lower()]
    assert found
    assert await search(subscriptions, "&product_title=%25") == []


async def test_prices_are_those_of_the_market(subscriptions: Asked) -> None:
    def price(product: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = product["variants"][0]["prices"][0]
        return found

    title = "&product_title=Yirgacheffe"
    (usual,) = await search(subscriptions, title)
    plans = [plan["id"] for plan in usual["plans"]]
    percent = [("10.00", "16.65")] * 3 + [("0.00", "18.50")]
    assert price(usual)["currency"] == "USD"
    assert price(usual)["unit_price"] == "18.50"
    assert price(usual)["plans"] == [
        {"discount_value": value, "discounted_price": discounted, "id": key}
        for key, (value, discounted) in zip(plans, percent, strict=True)
    ]
    shown = [(each["currency"], each["unit_price"]) for each in price(usual)["presentment_prices"]]
    assert shown == [("USD", "18.50"), ("CAD", "25.30"), ("GBP", "14.60")]

    for query, expected in (
        ("&country_code=CA", [("CAD", "25.30", False)]),
        ("&country_code=ca", [("CAD", "25.30", False)]),
        ("&country_code=US", [("USD", "18.50", True)]),
        ("&country_code=AU", [("USD", "18.50", True)]),
        ("&currency=GBP", [("GBP", "14.60", False)]),
        ("&currency=XXX", []),
    ):
        (product,) = await search(subscriptions, title + query)
        presented = price(product)["presentment_prices"]
        assert [(each["currency"], each["unit_price"], each["default_currency"]) for each in presented] == expected
        assert price(product)["unit_price"] == "18.50"


async def test_a_fixed_discount_is_brought_into_the_currency_of_the_price(subscriptions: Asked) -> None:
    (box,) = await search(subscriptions, "&product_title=Skin Ritual Box&country_code=DK", NORDLYS.domain)
    prices = box["variants"][0]["prices"][0]
    assert prices["unit_price"] == "89.00"
    assert [plan["discounted_price"] for plan in prices["plans"]] == ["84.00", "84.00"]
    (danish,) = prices["presentment_prices"]
    assert (danish["currency"], danish["unit_price"]) == ("DKK", "663.90")
    assert [plan["discounted_price"] for plan in danish["plans"]] == ["626.60", "626.60"]
    assert box["plans"][0]["discount_type"] == "fixed_amount"
    assert {each["language"]: each["title"] for each in box["plans"][0]["translations"]} == {
        "de": "Lieferung alle 2 Wochen",
        "fr": "Livraison toutes les 2 semaines",
        "da": "Levering hver 2. uge",
    }


async def test_the_market_stays_the_same_on_later_pages(subscriptions: Asked) -> None:
    first = await subscriptions(f"{SEARCH}&country_code=GB&limit=1")
    following = await subscriptions(f"{SEARCH}&limit=1&cursor={first.body['next_cursor']}")
    prices = following.body["products"][0]["variants"][0]["prices"][0]
    assert [each["currency"] for each in prices["presentment_prices"]] == ["GBP"]


async def test_plans_of_a_product_are_those_of_the_plan_list(backends: Backends) -> None:
    products = await search(backends["subscriptions"])
    plans = await backends["subscriptions"].rows("/plans?sort_by=id-asc")
    assert [plan for product in reversed(products) for plan in product["plans"]] == plans


async def test_a_bundle_carries_its_own_tiered_discounts(backends: Backends) -> None:
    offers = await backends["subscriptions"].rows("/incentives/tiered_discounts")
    for product in await search(backends["subscriptions"], "&has_bundle_product=true"):
        mine = [
            offer
            for offer in offers
            if offer.get("external_bundle_product_id") == {"ecommerce": product["external_product_id"]}
        ]
        assert product["bundle_product"]["incentives"] == {"tiered_discounts": mine}
        assert mine
