"""What customers paid, will pay, skipped and could not pay."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from backends.store.catalogue import Catalogue, Plan
from backends.store.chance import Row, World
from backends.store.people import Person
from backends.store.prices import amount, in_currency
from backends.store.subscriptions import Contract

ADDRESS_KEYS = (
    "address1", "address2", "city", "company", "country_code", "first_name", "last_name", "phone", "province", "zip",
)  # fmt: skip
ATTEMPTS = 8
"""After so many failures no further attempt follows."""


@dataclass(frozen=True, slots=True)
class Due:
    """One charge in outline: one address, one date, everything that is delivered with it."""

    status: str
    on: date
    deals: tuple[Contract, ...]
    first: bool = False


def charges(world: World, goods: Catalogue, someone: Person, homes: list[Row], deals: list[Contract]) -> list[Row]:
    """All charges of a customer in the order of their dates, which is that of their ids."""
    chance = world.chance("charges", someone.index)
    by_address = {home["id"]: home for home in homes}
    groups: dict[tuple[int, date | None], list[Contract]] = defaultdict(list)
    for deal in deals:
        groups[deal.row["address_id"], deal.row["next_charge_scheduled_at"]].append(deal)
    outlines: list[tuple[Row, Due]] = []
    for (address_id, next_date), together in groups.items():
        home = by_address[address_id]
        if next_date is None:
            ended = [Due("success", deal.row["created_at"].date(), (deal,), first=True) for deal in together]
            outlines += [(home, due) for due in ended]
            continue
        failing = someone.in_dunning and home is homes[0]
        outlines += [(home, due) for due in _history(world, next_date, tuple(together), chance)]
        if failing:
            outlines.append((home, Due("error", world.day(-chance.randint(1, 6)), tuple(together))))
        if not (failing and someone.retries_exhausted):
            outlines.append((home, Due("queued", next_date, tuple(together))))
    outlines.sort(key=lambda outline: outline[1].on)
    first_id = 510_600_700 + someone.index * 256
    return [_charge(world, goods, someone, home, due, first_id + n, chance) for n, (home, due) in enumerate(outlines)]


def _history(world: World, next_date: date, together: tuple[Contract, ...], chance: Random) -> list[Due]:
    oldest = min(deal.row["created_at"].date() for deal in together)
    past: list[Due] = []
    for months in range(chance.choice([1, 2, 2, 3, 4]), 0, -1):
        on = next_date - timedelta(days=30 * months)
        there = tuple(deal for deal in together if deal.row["created_at"].date() <= on)
        if not there or on >= world.today:
            continue
        odds = {"success": 88, "skipped": 7, "refunded": 2, "partially_refunded": 2, "pending": 1}
        status = chance.choices(list(odds), list(odds.values()))[0]
        past.append(Due(status, on, there, first=on - oldest < timedelta(days=30)))
    if next_date - world.today > timedelta(days=3) and chance.random() < 0.06:
        past.append(Due("skipped", world.day(chance.randint(1, 3)), together))
    return past


def _charge(world: World, goods: Catalogue, someone: Person, home: Row, due: Due, key: int, chance: Random) -> Row:
    shop = someone.shop
    currency = home["presentment_currency"] or shop.currency
    rate = shop.rate(currency)
    items = [_line_item(goods, deal, shop.tax_percent) for deal in due.deals]
    if chance.random() < 0.08:
        items.append(_gift(goods, 610_200_100 + key % 100_000_000))
    line_cents = sum(deal.cents * deal.row["quantity"] for deal in due.deals)
    off = line_cents * 5 // 100 if home["discount_code"] else 0
    shipping = in_currency(495, rate) if line_cents < in_currency(5_000, rate) else 0
    total = line_cents - off + shipping
    done = due.status in {"success", "refunded", "partially_refunded"}
    processed = datetime.combine(due.on, time(9, chance.randint(0, 59), 11)) if done else None
    refunds = {"refunded": total, "partially_refunded": total // 2}.get(due.status, 0)
    delivered_to = {name: home[name] for name in ADDRESS_KEYS}
    return {
        "id": key,
        "shop_id": shop.id,
        "customer_id": someone.id,
        "discount_id": home["discount_id"],
        "discount_code": home["discount_code"],
        "address_id": home["id"],
        "analytics_data": {"utm_params": []},
        "billing_address": delivered_to,
        **_failure(world, someone, due, chance),
        "client_details": {"browser_ip": None, "user_agent": None},
        "created_at": _created(world, due, chance),
        "currency": currency,
        "customer": {
            "id": someone.id,
            "email": someone.email,
            "external_customer_id": {"ecommerce": someone.external_id},
            "hash": someone.hash,
        },
        "discounts": [
            {
                "id": home["discount_id"],
                "application_method": "code",
                "code": home["discount_code"],
                "value": 5,
                "value_type": "percentage",
            }
        ]
        if home["discount_code"]
        else [],
        "external_order_id": str(5_890_100_000_000 + key * 17) if done else None,
        "external_transaction_id": {"payment_processor": f"ch_{key:x}" if done else None},
        "has_uncommitted_changes": False,
        "line_items": items,
        "note": home["order_note"],
        "order_attributes": [],
        "orders_count": max((_deliveries(deal.plan) for deal in due.deals), default=1) if done else 0,
        "original_scheduled_at": due.on,
        "payment_processor": "stripe",
        "processed_at": processed,
        "scheduled_at": due.on,
        "shipping_address": delivered_to,
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
        "status": due.status,
        "subtotal_price": line_cents - off,
        "tags": "Subscription, Subscription First Order" if due.first else "Subscription, Subscription Recurring Order",
        "tax_lines": [],
        "taxable": shop.tax_percent > 0,
        "taxes_included": shop.tax_percent > 0,
        "total_discounts": off,
        "total_duties": 0,
        "total_line_items_price": line_cents,
        "total_price": total,
        "total_refunds": refunds,
        "total_tax": _tax(line_cents - off, shop.tax_percent),
        "total_weight_grams": sum(250 * deal.row["quantity"] for deal in due.deals),
        "type": "checkout" if due.first else "recurring",
        "updated_at": processed or world.instant(chance.uniform(0.01, 6)),
    }


def _deliveries(plan: Plan) -> int:
    return (plan.charge_every or 1) // (plan.order_every or 1)


def _failure(world: World, someone: Person, due: Due, chance: Random) -> Row:
    if due.status != "error":
        return {"charge_attempts": 0, "error": None, "error_type": None, "retry_date": None}
    last = someone.retries_exhausted
    return {
        "charge_attempts": ATTEMPTS if last else chance.randint(1, ATTEMPTS - 1),
        "error": "Customer needs to update credit card",
        "error_type": "CUSTOMER_NEEDS_TO_UPDATE_CARD",
        "retry_date": None if last else world.day(chance.randint(1, 4)),
    }


def _created(world: World, due: Due, chance: Random) -> datetime:
    """A charge comes into being a month before its date, a checkout's at the checkout, never in the future."""
    before = 0 if due.first else 30
    at = datetime.combine(due.on - timedelta(days=before), time(8, chance.randint(0, 59), 7))
    return min(at, world.instant(chance.uniform(0.01, 1)))


def _line_item(goods: Catalogue, deal: Contract, tax_percent: int) -> dict[str, Any]:
    quantity = deal.row["quantity"]
    total = deal.cents * quantity
    dynamic = deal.product.box is not None and deal.product.box.rule == "dynamic"
    return {
        "purchase_item_id": deal.row["id"],
        "external_inventory_policy": "decrement_obeying_policy",
        "external_product_id": {"ecommerce": str(deal.product.id)},
        "external_variant_id": {"ecommerce": str(deal.variant.id)},
        "grams": 250,
        "handle": deal.product.handle,
        "images": deal.product.images,
        "offer_attributes": None,
        "original_price": amount(deal.cents if dynamic else deal.variant.price(goods.shop, deal.currency)),
        "properties": deal.row["properties"],
        "purchase_item_type": deal.plan.kind,
        "quantity": quantity,
        "sku": deal.variant.sku,
        "tax_due": amount(_tax(total, tax_percent)),
        "tax_lines": [],
        "taxable": tax_percent > 0,
        "taxable_amount": amount(total if tax_percent else 0),
        "title": deal.product.title,
        "total_price": amount(total),
        "unit_price": amount(deal.cents),
        "unit_price_includes_tax": tax_percent > 0,
        "variant_title": deal.row["variant_title"],
    }


def _gift(goods: Catalogue, onetime_id: int) -> dict[str, Any]:
    """A product without plans, given away by a flow."""
    product = next(each for each in goods.products if not each.plans)
    return {
        "purchase_item_id": onetime_id,
        "external_inventory_policy": "decrement_obeying_policy",
        "external_product_id": {"ecommerce": str(product.id)},
        "external_variant_id": {"ecommerce": str(product.variants[0].id)},
        "grams": 250,
        "handle": product.handle,
        "images": product.images,
        "offer_attributes": {"type": "free_gift", "source": "flows"},
        "original_price": "0.00",
        "properties": [],
        "purchase_item_type": "onetime",
        "quantity": 1,
        "sku": product.variants[0].sku,
        "tax_due": "0.00",
        "tax_lines": [],
        "taxable": False,
        "taxable_amount": "0.00",
        "title": product.title,
        "total_price": "0.00",
        "unit_price": "0.00",
        "unit_price_includes_tax": False,
        "variant_title": None,
    }


def _tax(gross: int, percent: int) -> int:
    """The tax that a price includes."""
    return gross - round(gross * 100 / (100 + percent))
