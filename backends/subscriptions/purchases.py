"""Subscriptions and one-times as lines of a charge, priced by what their rows say."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from backends.store.billing import Bought, Reduction
from backends.store.prices import cents_of, in_currency
from backends.subscriptions.account_tables import DISCOUNTS
from backends.subscriptions.tables import TABLES
from backends.wire.calls import Call
from backends.wire.resources import Row

PRODUCTS = TABLES.tables["products"]


def plain(value: Any) -> Any:
    """A nested column's value, decoded."""
    return msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value


async def products_of(call: Call, rows: Iterable[Row]) -> dict[str, Row]:
    """The products that purchases are of, by id."""
    keys = sorted({int(row["external_product_id"]["ecommerce"]) for row in rows})
    if not keys:
        return {}
    statement = select(PRODUCTS).where(PRODUCTS.c.shop_id == call.shop.id, PRODUCTS.c.id.in_(keys))
    return {str(row["id"]): dict(row) for row in (await call.connection.execute(statement)).mappings()}


async def bought(call: Call, rows: Sequence[Row], home_currency: str | None = None) -> list[Bought]:
    """Lines in the order of `rows`, which are subscriptions or one-times with all their columns."""
    products = await products_of(call, rows)
    return [_line(call, row, products[row["external_product_id"]["ecommerce"]], home_currency) for row in rows]


def _line(call: Call, row: Row, product: Row, home_currency: str | None) -> Bought:
    variant_id = row["external_variant_id"]["ecommerce"]
    currency = row["presentment_currency"] or home_currency or call.shop.currency
    cents = cents_of(row["price"])
    unit = next(each["unit_cents"] for each in product["variants"] if each["external_variant_id"] == variant_id)
    dynamic = (product["bundle_product"] or {}).get("price_rule") == "dynamic"
    images = product["details"]["images"][0]
    return Bought(
        purchase_item_id=row["id"],
        kind=kind_of(row),
        product_id=row["external_product_id"]["ecommerce"],
        variant_id=variant_id,
        title=product["title"],
        variant_title=row["variant_title"],
        handle=product["handle"],
        images={name: images[name] for name in images if name != "sort_order"},
        sku=row["sku"],
        quantity=row["quantity"],
        cents=cents,
        original_cents=cents if dynamic else in_currency(unit, call.shop.rate(currency)),
        properties=plain(row["properties"]),
    )


def kind_of(row: Row) -> str:
    """What a line calls its purchase."""
    if "is_prepaid" not in row:
        return "onetime"
    return "prepaid" if row["is_prepaid"] else "subscription"


def gift_line(item: dict[str, Any]) -> Bought:
    """A line that a flow gave away, as it stood on the charge before."""
    return Bought(
        purchase_item_id=item["purchase_item_id"],
        kind=item["purchase_item_type"],
        product_id=item["external_product_id"]["ecommerce"],
        variant_id=item["external_variant_id"]["ecommerce"],
        title=item["title"],
        variant_title=item["variant_title"],
        handle=item["handle"],
        images=item["images"],
        sku=item["sku"],
        quantity=item["quantity"],
        cents=0,
        original_cents=0,
        properties=item["properties"],
        gift=True,
    )


async def reductions(call: Call, keys: Iterable[int | None]) -> dict[int | None, Reduction]:
    """Discount codes by id; None and ids of nothing have none."""
    wanted = sorted({key for key in keys if key is not None})
    if not wanted:
        return {}
    statement = select(DISCOUNTS).where(DISCOUNTS.c.shop_id == call.shop.id, DISCOUNTS.c.id.in_(wanted))
    found = (await call.connection.execute(statement)).mappings()
    return {row["id"]: reduction(dict(row)) for row in found}


def reduction(row: Row) -> Reduction:
    """A discount's row as what it takes off."""
    return Reduction(row["id"], row["code"], row["value_type"], cents_of(row["value"]))
