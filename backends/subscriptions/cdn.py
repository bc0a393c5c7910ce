"""Documents that lie on a CDN for every storefront to read."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backends.catalogue.search import product_search
from backends.store.prices import cents_of
from backends.store.shops import SHOPS, Shop
from backends.subscriptions.tables import TABLES
from backends.wire.callers import Caller
from backends.wire.calls import Call, json_response
from backends.wire.errors import RefusedError, not_found
from backends.wire.resources import Row

SEARCH = product_search(TABLES)
SYMBOLS = {"USD": "$", "EUR": "€"}
PRODUCT_KEYS = (
    "available_country_codes", "external_plan_group_id", "external_product_id", "external_product_status",
)  # fmt: skip
VARIANT_KEYS = ("external_variant_id", "option_values", "prices")
PLAN_KEYS = (
    "id", "discount_amount", "discount_type", "external_plan_group_id", "external_plan_id", "external_plan_name",
    "external_variant_ids", "has_variant_restrictions", "sort_order", "title", "type", "translations",
)  # fmt: skip
FREQUENCY_KEYS = (
    "apply_cutoff_date_to_checkout", "charge_interval_frequency", "interval_unit", "order_interval_frequency",
    "pricing_progression",
)  # fmt: skip
BUNDLE_GONE = ("created_at", "custom_prices", "title", "updated_at")
SIZE_GONE = ("created_at", "position", "title", "updated_at")


async def _product(request: Request) -> Response:
    shop = _shop(request)
    found = await _products(request, shop, external_product_ids=str(request.path_params["id"]))
    if not found:
        raise not_found()
    version = request.path_params["version"]
    if version not in {"2020-12", "2022-06"}:
        raise not_found()
    made = newer(found[0]) if version == "2022-06" else older(found[0])
    return _cached({"product": made, "meta": {"version": version}})


async def _all_products(request: Request) -> Response:
    shop = _shop(request)
    found = [older(product) for product in await _products(request, shop)]
    return _cached(
        {
            "products": [{str(product["external_product_id"]): product} for product in found],
            "widget_settings": widget_settings(),
            "store_settings": store_settings(shop),
            "meta": {"status": "success", "message": ""},
        }
    )


async def _store_settings(request: Request) -> Response:
    return _cached(store_settings(_shop(request)))


async def _widget_settings(request: Request) -> Response:
    _shop(request)
    return _cached({"widget_settings": widget_settings(), "meta": {"version": "2020-12"}})


def newer(product: Row) -> Row:
    """A product in version 2022-06: plans are flat, and what only a search needs is left out."""
    return {
        **{name: product[name] for name in PRODUCT_KEYS},
        "bundle_product": _bundle(product["bundle_product"]),
        "plans": [
            {
                **{name: plan[name] for name in PLAN_KEYS},
                **{name: plan["subscription_preferences"][name] for name in FREQUENCY_KEYS},
            }
            for plan in _decoded(product["plans"])
        ],
        "variants": [{name: variant[name] for name in VARIANT_KEYS} for variant in product["variants"]],
    }


def older(product: Row) -> Row:
    """A product in version 2020-12: ids are numbers, plans stand as Shopify's selling plans."""
    key = int(product["external_product_id"])
    plans = [plan for plan in _decoded(product["plans"]) if plan["external_plan_id"]]
    once = any(plan["type"] == "onetime" for plan in product["plans"])
    group = product["external_plan_group_id"]
    options = "subscription_and_onetime" if once else "subscription_only"
    return {
        "bundle_product": _bundle(product["bundle_product"]),
        "external_product_id": key,
        "id": key // 10,
        "in_recharge": bool(plans),
        "options": product["options"],
        "selling_plan_groups": [
            {
                "selling_plan_group_id": group,
                "selling_plans": [
                    {
                        "id": plan["id"],
                        "order_interval_frequency": plan["subscription_preferences"]["order_interval_frequency"],
                        "order_interval_unit_type": plan["subscription_preferences"]["interval_unit"],
                        "price_adjustments_value": float(plan["discount_amount"] or 0),
                        "price_adjustments_value_type": "percentage",
                        "selling_plan_id": plan["external_plan_id"],
                        "selling_plan_name": plan["title"],
                    }
                    for plan in plans
                ],
                "subscription_product_id": key // 10,
            }
        ]
        if plans
        else [],
        "subscription_options": {
            "is_prepaid": any(plan["type"] == "prepaid" for plan in plans),
            "storefront_purchase_options": options if plans else "onetime_only",
            "updated_at": product["external_updated_at"],
        },
        "variants": [_older_variant(product, variant, plans) for variant in product["variants"]],
    }


def _older_variant(product: Row, variant: Row, plans: list[Row]) -> Row:
    prices = variant["prices"][0]
    by_plan = {each["id"]: each["discounted_price"] for each in prices["plans"]}
    cheapest = min((by_plan[plan["id"]] for plan in plans), key=cents_of, default=prices["unit_price"])
    return {
        "id": int(variant["external_variant_id"]),
        "option_values": [{"label": value} for value in variant["option_values"]],
        "prices": {
            "compare_at_price": prices["compare_at_price"],
            "discounted_price": cheapest,
            "unit_price": prices["unit_price"],
            "zero_decimal_currency": False,
        },
        "selling_plan_allocations": [
            {
                "discounted_price": by_plan[plan["id"]],
                "selling_plan_group_id": product["external_plan_group_id"],
                "selling_plan_id": plan["external_plan_id"],
            }
            for plan in plans
        ],
    }


def _bundle(bundle: Row | None) -> Row | None:
    if bundle is None:
        return None
    sizes = [{name: value for name, value in size.items() if name not in SIZE_GONE} for size in bundle["variants"]]
    return {**{name: value for name, value in bundle.items() if name not in BUNDLE_GONE}, "variants": sizes}


def store_settings(shop: Shop) -> Row:
    """How the shop writes its money."""
    return {
        "store_currency": {
            "currency_code": shop.currency,
            "currency_symbol": SYMBOLS[shop.currency],
            "currency_symbol_location": "left",
            "decimal_separator": ".",
            "thousands_separator": ",",
            "zero_decimal_currency": False,
        },
        "store_platform": "shopify_sci",
    }


def widget_settings() -> Row:
    """Settings of the product page's widget: each value is a JSON text of its own."""
    words = ("days", "week", "weeks", "month", "months")
    values: dict[str, Any] = {
        "active_color": "#1F4F3F",
        "auto_inject": False,
        "background_color": "#FFFFFF",
        "delivery_dropdown_label": "Deliver every",
        "display_on": ["product"],
        "first_option": "autodeliver",
        "font_color": "#1A1A1A",
        "form_type": "widget",
        "how_it_works": "<p>Skip, change or cancel whenever you like.</p>",
        "learnmore_url": "",
        "learnmore_verbiage": "Learn more",
        "onetime_message": "One-time purchase",
        "popup_background_color": "#FFFFFF",
        "popup_link_color": "#1F4F3F",
        "popup_text_color": "#1A1A1A",
        "poweredby_url": "",
        "published": True,
        "select_subscription_first": True,
        "show_learnmore": False,
        "show_poweredby": False,
        "show_subscription_details": True,
        "show_subscription_details_icon": True,
        "sub_and_save_ext_label": "Subscribe and save",
        "subscribe_message": "Subscribe",
        "subscribe_without_discount_message": "Subscribe",
        "subscription_details_verbiage": "Details",
        "translations": {word: word for word in words},
        "use_plans_data": True,
        "widget_charge_every": "Charge every",
        "widget_deliver_every": "Deliver every",
        "widget_icon": "black",
        "widget_template_type": "radio",
    }
    return {name: json.dumps(value) for name, value in values.items()}


async def _products(request: Request, shop: Shop, **narrowed: str) -> list[Row]:
    async with request.app.state.engine.connect() as connection:
        query = {"format_version": "2022-06", "limit": "250", **narrowed}
        call = Call(caller=Caller(shop), query=query, path={}, connection=connection, state=request.app.state)
        found: list[Row] = (await SEARCH.page(call))["products"]
        return found


def _decoded(plans: list[Row]) -> list[Row]:
    nested = ("external_variant_ids", "subscription_preferences", "translations")
    return [{**plan, **{name: json.loads(bytes(plan[name])) for name in nested}} for plan in plans]


def _shop(request: Request) -> Shop:
    shop = next((each for each in SHOPS if each.domain == request.path_params["shop"]), None)
    if shop is None:
        raise RefusedError(404, "Not Found")
    return shop


def _cached(body: Row) -> Response:
    response = json_response(body)
    response.headers["cache-control"] = "public, max-age=60"
    return response


STORE = "/cdn/store/{shop}"
CDN: list[Route] = [
    Route(f"{STORE}/product/2020-12/products.json", _all_products, methods=["GET"]),
    Route(f"{STORE}/product/{{version}}/{{id:int}}.json", _product, methods=["GET"]),
    Route(f"{STORE}/2020-12/store_settings.json", _store_settings, methods=["GET"]),
    Route(f"{STORE}/2020-12/widget_settings.json", _widget_settings, methods=["GET"]),
]
