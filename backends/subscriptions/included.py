"""Values beside a subscription that are worked out, not looked up."""

from typing import Any

from sqlalchemy import select

from backends.subscriptions.tables import TABLES
from backends.wire.calls import Call
from backends.wire.links import Link
from backends.wire.resources import Row


def as_sources(bundle: dict[str, Any]) -> dict[str, Any]:
    """A bundle's rules with the names that option sources have everywhere but in the product search and on the CDN."""
    return {**bundle, "variants": [_size(size) for size in bundle["variants"]]}


def _size(size: dict[str, Any]) -> dict[str, Any]:
    sources = [
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
    ]
    return {**size, "option_sources": sources}


async def _bundle_product(call: Call, row: Row) -> Any:
    products = TABLES.tables["products"]
    statement = select(products.c.bundle_product).where(
        products.c.shop_id == call.shop.id, products.c.id == int(row["external_product_id"]["ecommerce"])
    )
    bundle = (await call.connection.execute(statement)).scalar_one_or_none()
    return {**as_sources(bundle), "incentives": None} if bundle else None


async def _expiry(_: Call, row: Row) -> None:
    """No date is known in advance; subscriptions end after a number of charges."""


BUNDLE_PRODUCT = Link(make=_bundle_product)
EXPIRY = Link(make=_expiry)
