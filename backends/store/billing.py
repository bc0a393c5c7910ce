"""What a charge says and adds up to, the same whether it was seeded or follows from a write."""

from dataclasses import dataclass
from typing import Any

from backends.store.prices import amount, in_currency
from backends.store.shops import Shop

ADDRESS_KEYS = (
    "address1", "address2", "city", "company", "country_code", "first_name", "last_name", "phone", "province", "zip",
)  # fmt: skip
GRAMS = 250
FREE_SHIPPING_FROM = 5_000
SHIPPING = 495
"""Both in minor units of the shop's currency."""


@dataclass(frozen=True, slots=True)
class Bought:
    """One line in outline; money in minor units of the charge's currency."""

    purchase_item_id: int
    kind: str
    product_id: str
    variant_id: str
    title: str
    variant_title: str | None
    handle: str
    images: dict[str, str]
    sku: str | None
    quantity: int
    cents: int
    original_cents: int
    properties: list[Any]
    gift: bool = False

    @property
    def total_cents(self) -> int:
        """What the line costs."""
        return self.cents * self.quantity


@dataclass(frozen=True, slots=True)
class Reduction:
    """A discount code; `hundredths` of a percent, or minor units of the shop's currency."""

    id: int
    code: str
    kind: str
    hundredths: int

    def cents(self, lines: int, rate: float) -> int:
        """What it takes off lines that cost so much."""
        if self.kind == "percentage":
            return lines * self.hundredths // 10_000
        return min(lines, in_currency(self.hundredths, rate)) if self.kind == "fixed_amount" else 0

    def row(self) -> dict[str, Any]:
        """As a charge names it."""
        value = self.hundredths / 100
        return {
            "id": self.id,
            "application_method": "code",
            "code": self.code,
            "value": int(value) if value == int(value) else value,
            "value_type": self.kind,
        }


def line_item(line: Bought, tax_percent: int) -> dict[str, Any]:
    """A line as the wire has it."""
    percent = 0 if line.gift else tax_percent
    return {
        "purchase_item_id": line.purchase_item_id,
        "external_inventory_policy": "decrement_obeying_policy",
        "external_product_id": {"ecommerce": line.product_id},
        "external_variant_id": {"ecommerce": line.variant_id},
        "grams": GRAMS,
        "handle": line.handle,
        "images": line.images,
        "offer_attributes": {"type": "free_gift", "source": "flows"} if line.gift else None,
        "original_price": amount(line.original_cents),
        "properties": line.properties,
        "purchase_item_type": line.kind,
        "quantity": line.quantity,
        "sku": line.sku,
        "tax_due": amount(tax(line.total_cents, percent)),
        "tax_lines": [],
        "taxable": percent > 0,
        "taxable_amount": amount(line.total_cents if percent else 0),
        "title": line.title,
        "total_price": amount(line.total_cents),
        "unit_price": amount(line.cents),
        "unit_price_includes_tax": percent > 0,
        "variant_title": line.variant_title,
    }


def totals(shop: Shop, currency: str, line_cents: int, quantity: int, reduction: Reduction | None) -> dict[str, Any]:
    """All sums of a charge, its shipping and its discount; `quantity` counts what was not given away."""
    rate = shop.rate(currency)
    off = reduction.cents(line_cents, rate) if reduction else 0
    free = line_cents >= in_currency(FREE_SHIPPING_FROM, rate) or (
        reduction is not None and reduction.kind == "shipping"
    )
    shipping = 0 if free else in_currency(SHIPPING, rate)
    return {
        "currency": currency,
        "discounts": [reduction.row()] if reduction else [],
        "shipping_lines": [
            {
                "code": "Standard",
                "price": amount(shipping),
                "retrieved_at": None,
                "source": "shopify",
                "tax_lines": [],
                "taxable": False,
                "title": "Standard",
            }
        ],
        "subtotal_price": line_cents - off,
        "total_discounts": off,
        "total_line_items_price": line_cents,
        "total_price": line_cents - off + shipping,
        "total_tax": tax(line_cents - off, shop.tax_percent),
        "total_weight_grams": GRAMS * quantity,
    }


def tax(gross: int, percent: int) -> int:
    """The tax that a price includes."""
    return gross - round(gross * 100 / (100 + percent))


def paid_to(home: dict[str, Any]) -> dict[str, Any]:
    """An address as a charge has it."""
    return {name: home[name] for name in ADDRESS_KEYS}
