"""What went out for the charges that were paid."""

from datetime import timedelta
from typing import Any

from backends.store.chance import Row

COPIED = (
    "shop_id", "customer_id", "address_id", "billing_address", "client_details", "currency", "customer", "discounts",
    "line_items", "note", "order_attributes", "processed_at", "scheduled_at", "shipping_address", "shipping_lines",
    "subtotal_price", "tags", "tax_lines", "taxable", "total_discounts", "total_line_items_price", "total_price",
    "total_refunds", "total_tax", "total_weight_grams", "type", "updated_at",
)  # fmt: skip


def order_id(charge_id: int) -> int:
    """Id of the order that a charge paid for."""
    return charge_id + 90_000_000


def order(charge: Row) -> Row:
    """The order of a paid charge; `charge` as the table of charges takes it."""
    return {
        "id": order_id(charge["id"]),
        **{name: charge[name] for name in COPIED},
        "charge_id": charge["id"],
        "charge": {
            "id": charge["id"],
            "external_transaction_id": charge["external_transaction_id"],
            "payment_processor_name": charge["payment_processor"],
            "status": charge["status"],
        },
        "created_at": charge["processed_at"] + timedelta(seconds=4),
        "error": None,
        "external_cart_token": None,
        "external_order_id": charge["external_order_id"],
        "external_order_number": str(charge["id"] % 100_000 + 1_000),
        "is_prepaid": any(_prepaid(item) for item in charge["line_items"]),
        "status": "success",
    }


def orders(charges: list[Row]) -> list[Row]:
    """One for each charge that was paid."""
    return [order(charge) for charge in charges if charge["processed_at"]]


def _prepaid(item: dict[str, Any]) -> bool:
    return bool(item["purchase_item_type"] == "prepaid")
