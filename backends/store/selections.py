"""What is inside the boxes of bundle subscriptions."""

from backends.store.chance import Row, World
from backends.store.people import Person
from backends.store.prices import amount
from backends.store.subscriptions import Bundle, Contract, Inside


def selections(world: World, someone: Person, bundles: list[tuple[Contract, Bundle]], billed: list[Row]) -> list[Row]:
    """For each bundle subscription the current choice, and one for each of its latest charges that had another.

    Older ones carry the charge and order that they went out with; of the current one both are null. Ids grow with age
    of the choice, so the current one has the largest.
    """
    chance = world.chance("selections", someone.index)
    rows: list[Row] = []
    for deal, bundle in bundles:
        gone = [
            charge
            for charge in billed
            if charge["processed_at"]
            and any(item["purchase_item_id"] == deal.row["id"] for item in charge["line_items"])
        ]
        older = gone[-(len(bundle.contents) - 1) :] if len(bundle.contents) > 1 else []
        current = None if deal.row["status"] != "active" and older else bundle.contents[0]
        chosen = [*zip(older, bundle.contents[1:], strict=False), *([(None, current)] if current else [])]
        for charge, inside in chosen:
            key = 130_700_200 + someone.index * 128 + len(rows)
            at = charge["processed_at"] if charge else world.instant(chance.uniform(0.1, 20))
            rows.append(
                {
                    "id": key,
                    "shop_id": someone.shop.id,
                    "customer_id": someone.id,
                    "bundle_variant_id": bundle.variant_id,
                    "charge_id": charge["id"] if charge else None,
                    "order_id": charge["id"] + 90_000_000 if charge else None,
                    "purchase_item_id": deal.row["id"],
                    "created_at": at,
                    "external_product_id": str(bundle.product.id),
                    "external_variant_id": str(bundle.variant.id),
                    "is_fallback": chance.random() < 0.1,
                    "items": [_item(key, n, each, f"{at.isoformat()}+00:00") for n, each in enumerate(inside)],
                    "updated_at": at,
                }
            )
    return rows


def _item(selection_id: int, n: int, inside: Inside, at: str) -> Row:
    return {
        "id": 330_000_000 + selection_id % 100_000_000 * 16 + n,
        "collection_id": str(inside.collection_id),
        "collection_source": "shopify",
        "created_at": at,
        "external_product_id": str(inside.product.id),
        "external_variant_id": str(inside.variant.id),
        "price": amount(inside.cents),
        "quantity": inside.quantity,
        "updated_at": at,
    }
