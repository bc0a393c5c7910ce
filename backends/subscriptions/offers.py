"""What more in a cart or a charge would save."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from backends.catalogue.resources import tiered_discount
from backends.store.prices import amount, cents_of
from backends.subscriptions.purchases import plain
from backends.subscriptions.resources import CHARGE
from backends.subscriptions.tables import TABLES
from backends.wire.calls import Call
from backends.wire.errors import invalid
from backends.wire.fields import Fields
from backends.wire.resources import Row

CONTEXTS = ("checkout", "recurring")


async def offers(call: Call) -> Row:
    """`POST /incentives/tiered_discounts/offers`: for a charge, or for lines that a cart names."""
    fields = Fields(call.body)
    context = fields.choice("tiered_discount_context", CONTEXTS, required=True)
    charge_id = fields.whole("charge_id")
    lines = fields.objects("line_items")
    fields.check()
    charge = await CHARGE.stored(call, charge_id) if charge_id is not None else None
    quantities: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    for item in plain(charge["line_items"]) if charge else lines:
        product_id = item.get("external_product_id")
        product_id = product_id["ecommerce"] if isinstance(product_id, dict) else str(product_id)
        quantities[product_id] += item.get("quantity") or 1
        spent[product_id] += _cents(item.get("total_price") or "0.00")
    currency = charge["currency"] if charge else call.shop.currency
    table = TABLES.tables["tiered_discounts"]
    statement = select(table).where(table.c.shop_id == call.shop.id, table.c.status == "published").order_by(table.c.id)
    found = [dict(row) for row in (await call.connection.execute(statement)).mappings()]
    made = [
        await _offer(call, row, quantities, spent) for row in found if context in plain(row["eligible_charge_types"])
    ]
    return {
        "charge_id": charge["id"] if charge else None,
        "currency": currency,
        "presentment_currency": currency,
        "offers": [offer for offer in made if set(offer["applies_to_external_product_ids"]) & set(quantities)],
    }


async def _offer(call: Call, row: Row, quantities: Counter[str], spent: Counter[str]) -> Row:
    discount = tiered_discount(TABLES, row)
    collection_id = discount.get("collection_id")
    if collection_id:
        table, names = TABLES.tables["collection_products"], TABLES.tables["collections"]
        statement = select(table.c.product_id).where(table.c.collection_id == int(collection_id))
        products = [str(key) for key in (await call.connection.execute(statement.order_by(table.c.position))).scalars()]
        title = await call.connection.execute(select(names.c.title).where(names.c.id == int(collection_id)))
        target = {
            "type": "collection",
            "external_product_id": None,
            "collection_id": collection_id,
            "collection_title": title.scalar_one(),
        }
    else:
        scope = discount.get("external_product_id") or discount.get("external_bundle_product_id") or {"ecommerce": None}
        products = [scope["ecommerce"]] if scope["ecommerce"] else []
        target = {
            "type": "product",
            "external_product_id": scope["ecommerce"],
            "collection_id": None,
            "collection_title": None,
        }
    count = sum(quantities[product] for product in products)
    cents = sum(spent[product] for product in products)
    return {
        "tiered_discount_id": row["id"],
        "tiered_discount_name": row["name"],
        "target": target,
        "applies_to_external_product_ids": products,
        "tiers": _tiers([entry["tier"] for entry in plain(row["tiers"])], count, cents),
    }


def _tiers(tiers: list[dict[str, Any]], count: int, cents: int) -> list[Row]:
    """Smallest threshold first; the last one that was reached is the current one."""
    rows = []
    for tier in tiers:
        if "condition_quantity_gte" in tier:
            threshold, missing = int(tier["condition_quantity_gte"]), int(tier["condition_quantity_gte"]) - count
            kind, value, needed = "quantity", str(threshold), str(max(0, missing))
        else:
            missing = cents_of(tier["condition_line_price_gte"]) - cents
            kind, value, needed = "price", tier["condition_line_price_gte"], amount(max(0, missing))
        rows.append(
            {
                "lookup_key": tier["lookup_key"],
                "is_current": missing <= 0,
                "discount_type": tier["discount_type"],
                "discount_value": tier["discount_value"],
                "threshold_type": kind,
                "threshold_value": value,
                "threshold_value_needed": needed,
            }
        )
    reached = [row for row in rows if row["is_current"]]
    for row in reached[:-1]:
        row["is_current"] = False
    return rows


def _cents(money: Any) -> int:
    try:
        return round(float(money) * 100)
    except (TypeError, ValueError) as error:
        raise invalid(line_items="Not a valid price") from error
