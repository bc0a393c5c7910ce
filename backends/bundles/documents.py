"""The document that a bundle builder starts from, in the manner of a Shopify theme."""

from typing import Any

from backends.bundles.upstream import subscriptions_of
from backends.store.prices import cents_of
from backends.wire.calls import Call
from backends.wire.errors import not_found

Json = dict[str, Any]


async def bundle_data(call: Call) -> Json:
    """`GET /bundle-data/{externalProductId}`: prices are plain numbers of minor units; raises 404."""
    upstream = subscriptions_of(call.state)
    product = await upstream.product(call.shop, call.path["id"])
    bundle = product["bundle_product"]
    if bundle is None:
        raise not_found()
    keys = list(
        dict.fromkeys(source["collection_id"] for size in bundle["variants"] for source in size["option_sources"])
    )
    inside = await upstream.products_of(call.shop, keys)
    named = await upstream.collections(call.shop, keys)
    return {
        **_product(product, plain_options=False),
        "collections": {str(each["id"]): _collection(each, inside) for each in named},
        "bundle_settings": _settings(
            bundle, {variant["external_variant_id"]: (each, variant) for each in inside for variant in each["variants"]}
        ),
        "incentives": bundle["incentives"],
        "variants": [_size(product, variant) for variant in product["variants"]],
        "addons": {"products": []},
        "cross_sells": {"products": []},
        "filters": [],
    }


def _collection(collection: Json, inside: list[Json]) -> Json:
    members = [
        (each["position"], product)
        for product in inside
        for each in product["collections"]
        if each["id"] == collection["id"]
    ]
    return {
        "id": collection["id"],
        "handle": "-".join(collection["title"].lower().split()),
        "title": collection["title"],
        "products": [_content(product) for _, product in sorted(members, key=lambda member: member[0])],
    }


def _product(product: Json, *, plain_options: bool) -> Json:
    images = [image["original"] for image in product["images"]]
    options = [
        {
            "name": option["name"],
            "position": option["position"],
            "values": [value["label"] for value in option["values"]],
        }
        for option in product["options"]
    ]
    return {
        "id": int(product["external_product_id"]),
        "handle": product["handle"],
        "title": product["title"],
        "description": product["description"],
        "available": any(_available(variant) for variant in product["variants"]),
        "featured_image": images[0] if images else None,
        "images": images,
        "options": [option["name"] for option in options] if plain_options else options,
        "requires_selling_plan": _needs_plan(product),
        "selling_plan_groups": _groups(product),
        "tags": product["tags"],
    }


def _content(product: Json) -> Json:
    variants = [_variant(product, variant) for variant in product["variants"]]
    prices = [variant["price"] for variant in variants]
    before = [variant["compare_at_price"] or 0 for variant in variants]
    return {
        **_product(product, plain_options=True),
        "compare_at_price_max": max(before),
        "compare_at_price_min": min(before),
        "price_max": max(prices),
        "price_min": min(prices),
        "variants": variants,
    }


def _variant(product: Json, variant: Json) -> Json:
    values = [*variant["option_values"], None, None, None]
    single = variant["title"] == "Default Title"
    return {
        **_priced(variant),
        "available": _available(variant),
        "featured_image": None,
        "handle": product["handle"],
        "option1": values[0],
        "option2": values[1],
        "option3": values[2],
        "public_title": None if single else variant["title"],
        "requires_selling_plan": _needs_plan(product),
        "requires_shipping": variant["requires_shipping"],
        "selling_plan_allocations": [
            {
                "compare_at_price": _cents(variant["prices"][0]["unit_price"]),
                "price": price,
                "selling_plan_group_id": str(plan["external_plan_group_id"]),
                "selling_plan_id": plan["external_plan_id"],
            }
            for plan, price in _allocated(product, variant)
        ],
        "sku": variant["sku"],
        "taxable": variant["taxable"],
    }


def _size(product: Json, variant: Json) -> Json:
    return {
        **_priced(variant),
        "available": _available(variant),
        "image": product["images"][0]["original"],
        "requires_selling_plan": _needs_plan(product),
        "selling_plan_allocations": [
            {
                "compare_at_price": _cents(variant["prices"][0]["unit_price"]),
                "price": price,
                "selling_plan": _plan(plan),
            }
            for plan, price in _allocated(product, variant)
        ],
    }


def _priced(variant: Json) -> Json:
    prices = variant["prices"][0]
    return {
        "id": int(variant["external_variant_id"]),
        "title": variant["title"],
        "price": _cents(prices["unit_price"]),
        "compare_at_price": _cents(prices["compare_at_price"]),
        "options": variant["option_values"],
    }


def _allocated(product: Json, variant: Json) -> list[tuple[Json, int]]:
    """The plans that Shopify knows too, with the variant's price under each."""
    prices = {each["id"]: cents_of(each["discounted_price"]) for each in variant["prices"][0]["plans"]}
    return [(plan, prices[plan["id"]]) for plan in product["plans"] if plan["external_plan_id"]]


def _groups(product: Json) -> list[Json]:
    plans = [plan for plan in product["plans"] if plan["external_plan_id"]]
    if not plans:
        return []
    return [
        {
            "id": str(plans[0]["external_plan_group_id"]),
            "name": "Subscribe and save",
            "options": [{"name": "Delivery", "values": [plan["title"] for plan in plans]}],
            "selling_plans": [_plan(plan) for plan in plans],
        }
    ]


def _plan(plan: Json) -> Json:
    percent = plan["discount_type"] == "percentage"
    value = float(plan["discount_amount"] or 0)
    return {
        "id": plan["external_plan_id"],
        "name": plan["title"],
        "options": [{"name": "Delivery", "position": 1, "value": plan["title"]}],
        "price_adjustments": [{"value": value if percent else round(value * 100), "value_type": plan["discount_type"]}]
        if plan["discount_type"] in {"percentage", "fixed_amount"}
        else [],
        "recurring_deliveries": True,
    }


def _settings(bundle: Json, contents: dict[str, tuple[Json, Json]]) -> Json:
    names = (
        "settings", "max_quantity_per_variant", "is_customizable", "default_bundle_variant_id", "price_rule",
        "customization_window", "customization_window_disabled_message",
    )  # fmt: skip
    layout = (
        "addons", "crossSells", "defaultFrequency", "collapsibleSections", "showVariants", "learnMoreModal",
        "addToCartCallback", "defaultVariantId",
    )  # fmt: skip
    return {
        **{name: bundle[name] for name in names},
        "layout_settings": {
            **{name: bundle["layout_settings"][name] for name in layout},
            "templates": None,
            "globalStyles": None,
        },
        "variants": [_rules(size, contents) for size in bundle["variants"]],
    }


def _rules(size: Json, contents: dict[str, tuple[Json, Json]]) -> Json:
    return {
        "enabled": size["enabled"],
        "external_variant_id": size["external_variant_id"],
        "items_count": size["items_count"],
        "option_sources": [
            {
                "id": source["id"],
                "created_at": size["created_at"],
                "option_source_id": source["collection_id"],
                "position": place,
                "quantity_max": source["quantity_max"],
                "quantity_min": source["quantity_min"],
                "source_platform": "shopify",
                "updated_at": size["updated_at"],
            }
            for place, source in enumerate(size["option_sources"], 1)
        ],
        "ranges": size["ranges"],
        "selection_defaults": [
            {**default, **_default(*contents[default["external_variant_id"]])}
            for default in size["selection_defaults"]
            if default["external_variant_id"] in contents
        ],
    }


def _default(product: Json, variant: Json) -> Json:
    return {
        "handle": product["handle"],
        "product": {
            "id": int(product["external_product_id"]),
            "description": product["description"] or "",
            "images": [image["original"] for image in product["images"]],
            "title": product["title"],
        },
        "sku": variant["sku"],
        "variant": {
            "id": int(variant["external_variant_id"]),
            "featured_image": None,
            "sku": variant["sku"],
            "title": variant["title"],
        },
    }


def _available(variant: Json) -> bool:
    return bool(variant["inventory"]["level"])


def _needs_plan(product: Json) -> bool:
    """Whether no way to buy it once exists."""
    return bool(product["plans"]) and all(plan["type"] != "onetime" for plan in product["plans"])


def _cents(money: str | None) -> Any:
    return None if money is None else cents_of(money)
