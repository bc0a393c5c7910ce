"""The product search."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import MetaData, select

from backends.catalogue.resources import tiered_discount
from backends.store.prices import amount, discounted, in_currency
from backends.store.shops import Market, Shop
from backends.wire import filters
from backends.wire.calls import Call
from backends.wire.errors import invalid
from backends.wire.resources import Resource, Row, shown

FORMAT = "2022-06"


def product_search(tables: MetaData) -> Resource:
    """`/product_search`, in the form of 2022-06 that each call must ask for."""
    table = tables.tables["products"]
    variants = tables.tables["product_variants"]
    collected = tables.tables["collection_products"]

    async def present(call: Call, rows: list[Row]) -> list[Row]:
        if call.query.get("format_version") != FORMAT:
            raise invalid(format_version=f"Must be {FORMAT}")
        keys = [str(row["id"]) for row in rows]
        plans = await _by_product(call, tables, "plans", "external_product_id", keys)
        offers = await _by_product(call, tables, "tiered_discounts", "external_bundle_product_id", keys)
        return [_product(call, row, plans[str(row["id"])], offers[str(row["id"])], tables) for row in rows]

    return Resource(
        one=None,
        many="products",
        path="/product_search",
        version="2021-01",
        table=table,
        public=True,
        filters={
            "external_product_ids": filters.ids(table.c.id),
            "external_variant_ids": filters.through(table.c.id, variants.c.product_id, variants.c.id),
            "collection_ids": filters.through(table.c.id, collected.c.product_id, collected.c.collection_id),
            "has_plans": filters.flag(lambda wanted: table.c.has_plans == wanted),
            "has_bundle_product": filters.flag(lambda wanted: table.c.has_bundle_product == wanted),
            "product_title": filters.contains(table.c.title),
            **filters.dates(table.c.created_at),
        },
        sorts={
            "external_product_id": "id",
            "product_title": "title",
            "created_at": "created_at",
            "updated_at": "updated_at",
        },
        default_sort="external_product_id-desc",
        present=present,
        views=frozenset({"format_version", "country_code", "currency"}),
        beside_cursor=frozenset({"format_version"}),
        counted=True,
    )


async def _by_product(call: Call, tables: MetaData, name: str, link: str, keys: list[str]) -> Mapping[str, list[Row]]:
    table = tables.tables[name]
    statement = select(table).where(table.c.shop_id == call.shop.id, table.c[link].in_(keys)).order_by(table.c.id)
    found: dict[str, list[Row]] = defaultdict(list)
    for row in (await call.connection.execute(statement)).mappings() if keys else ():
        found[row[link]["ecommerce"]].append(dict(row))
    return found


def _product(call: Call, row: Row, plans: list[Row], offers: list[Row], tables: MetaData) -> Row:
    """A product with prices for the markets that the call asks about."""
    shop, details = call.shop, row["details"]
    markets = _markets(shop, call.query)
    bundle = row["bundle_product"]
    if bundle:
        incentives = {"tiered_discounts": [tiered_discount(tables, offer) for offer in offers]}
        bundle = {**bundle, "incentives": incentives}
    lowest = min(variant["unit_cents"] for variant in row["variants"])
    labels = list(dict.fromkeys(variant["title"] for variant in row["variants"]))
    single = labels == ["Default Title"]
    product = {
        **details,
        "bundle_product": bundle,
        "external_created_at": row["created_at"],
        "external_product_id": str(row["id"]),
        "external_product_status": "active",
        "external_updated_at": row["updated_at"],
        "handle": row["handle"],
        "has_plans": row["has_plans"],
        "is_deleted": False,
        "is_published": True,
        "minimum_variant_prices": [
            {"currency": market.currency, "price": amount(in_currency(lowest, market.rate))}
            for market in (shop.markets[0], *(each for each in markets if each is not shop.markets[0]))
        ],
        "modifiers": [],
        "more_than_one_price": len({variant["unit_cents"] for variant in row["variants"]}) > 1,
        "options": [
            {
                "id": row["id"] // 10,
                "name": "Title" if single else "Size",
                "position": 1,
                "values": [{"label": label, "position": n} for n, label in enumerate(labels, 1)],
            }
        ],
        "plans": [shown(tables.tables["plans"], plan) for plan in plans],
        "published_at": row["created_at"],
        "store_id": shop.id,
        "title": row["title"],
        "variants": [_variant(shop, row["id"], variant, plans, markets) for variant in row["variants"]],
    }
    return dict(sorted(product.items()))


def _variant(shop: Shop, product_id: int, variant: Row, plans: list[Row], markets: list[Market]) -> Row:
    default = shop.markets[0]
    return {
        "external_metafields": {},
        "external_product_id": str(product_id),
        "external_variant_id": variant["external_variant_id"],
        "fulfillment_service": "manual",
        "image": None,
        "inventory": {"level": variant["level"], "policy": "deny", "tracking": "shopify"},
        "is_deleted": False,
        "is_published": True,
        "option_values": variant["option_values"],
        "price_includes_tax": shop.tax_percent > 0,
        "prices": [
            {
                **_prices(variant, plans, default),
                "presentment_prices": [
                    {**_presented(variant, plans, market), "default_currency": market.currency == shop.currency}
                    for market in markets
                ],
            }
        ],
        "requires_shipping": True,
        "shipping_dimensions": {
            "depth": None,
            "height": None,
            "weight": variant["weight"],
            "weight_unit": "g",
            "width": None,
        },
        "sku": variant["sku"],
        "tax_code": None,
        "taxable": shop.tax_percent > 0,
        "title": variant["title"],
    }


def _prices(variant: Row, plans: list[Row], market: Market) -> dict[str, Any]:
    cents = in_currency(variant["unit_cents"], market.rate)
    before = variant["compare_at_cents"]
    return {
        "compare_at_price": None if before is None else amount(in_currency(before, market.rate)),
        "currency": market.currency,
        "plans": [
            {
                "discount_value": plan["discount_amount"] or "0.00",
                "discounted_price": amount(
                    discounted(cents, plan["discount_type"], _hundredths(plan["discount_amount"]), market.rate)
                ),
                "id": plan["id"],
            }
            for plan in plans
        ],
        "unit_price": amount(cents),
    }


def _presented(variant: Row, plans: list[Row], market: Market) -> dict[str, Any]:
    """Prices of one market: an earlier price is there only where there was one."""
    found = _prices(variant, plans, market)
    return {name: value for name, value in found.items() if value is not None}


def _hundredths(value: str | None) -> int:
    return int(value.replace(".", "")) if value else 0


def _markets(shop: Shop, query: Mapping[str, str]) -> list[Market]:
    """One market a currency: that of the country, else that of the currency, else all."""
    if "country_code" in query:
        return [shop.market(query["country_code"].upper())]
    by_currency = {market.currency: market for market in reversed(shop.markets)}
    if "currency" in query:
        return [market for code, market in by_currency.items() if code == query["currency"].upper()]
    return [by_currency[code] for code in dict.fromkeys(market.currency for market in shop.markets)]
