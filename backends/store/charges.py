"""What customers paid, will pay, skipped and could not pay."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from backends.store.billing import Bought, line_item, paid_to, totals
from backends.store.catalogue import Catalogue, Plan
from backends.store.chance import Row, World
from backends.store.discount_codes import LOYAL
from backends.store.people import Person
from backends.store.subscriptions import Contract

ATTEMPTS = 8
"""After so many failures no further attempt follows."""


@dataclass(frozen=True, slots=True)
class Due:
    """One charge in outline: one address, one date, everything that is delivered with it."""

    status: str
    on: date
    deals: tuple[Contract, ...]
    first: bool = False
    extras: tuple[Row, ...] = ()
    """One-times that are delivered with it."""


def charges(
    world: World, goods: Catalogue, someone: Person, homes: list[Row], deals: list[Contract], extras: list[Row]
) -> list[Row]:
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
            with_it = tuple(
                each
                for each in extras
                if (each["address_id"], each["next_charge_scheduled_at"]) == (address_id, next_date)
                and not each["is_cancelled"]
            )
            outlines.append((home, Due("queued", next_date, tuple(together), extras=with_it)))
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
    lines = [*(_line(goods, deal) for deal in due.deals), *(onetime_line(goods, each) for each in due.extras)]
    if chance.random() < 0.08:
        lines.append(_gift(goods, 610_200_100 + key % 100_000_000))
    code = LOYAL[shop.id] if home["discount_code"] else None
    count = sum(line.quantity for line in lines if not line.gift)
    sums = totals(shop, currency, sum(line.total_cents for line in lines), count, code)
    total = sums["total_price"]
    done = due.status in {"success", "refunded", "partially_refunded"}
    processed = datetime.combine(due.on, time(9, chance.randint(0, 59), 11)) if done else None
    refunds = {"refunded": total, "partially_refunded": total // 2}.get(due.status, 0)
    delivered_to = paid_to(home)
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
        "customer": {
            "id": someone.id,
            "email": someone.email,
            "external_customer_id": {"ecommerce": someone.external_id},
            "hash": someone.hash,
        },
        "external_order_id": str(5_890_100_000_000 + key * 17) if done else None,
        "external_transaction_id": {"payment_processor": f"ch_{key:x}" if done else None},
        "has_uncommitted_changes": False,
        "line_items": [line_item(line, shop.tax_percent) for line in lines],
        "note": home["order_note"],
        "order_attributes": [],
        "orders_count": max((_deliveries(deal.plan) for deal in due.deals), default=1) if done else 0,
        "original_scheduled_at": due.on,
        "payment_processor": "stripe",
        "processed_at": processed,
        "scheduled_at": due.on,
        "shipping_address": delivered_to,
        **sums,
        "status": due.status,
        "tags": "Subscription, Subscription First Order" if due.first else "Subscription, Subscription Recurring Order",
        "tax_lines": [],
        "taxable": shop.tax_percent > 0,
        "taxes_included": shop.tax_percent > 0,
        "total_duties": 0,
        "total_refunds": refunds,
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


def _line(goods: Catalogue, deal: Contract) -> Bought:
    dynamic = deal.product.box is not None and deal.product.box.rule == "dynamic"
    return Bought(
        purchase_item_id=deal.row["id"],
        kind=deal.plan.kind,
        product_id=str(deal.product.id),
        variant_id=str(deal.variant.id),
        title=deal.product.title,
        variant_title=deal.row["variant_title"],
        handle=deal.product.handle,
        images=deal.product.images,
        sku=deal.variant.sku,
        quantity=deal.row["quantity"],
        cents=deal.cents,
        original_cents=deal.cents if dynamic else deal.variant.price(goods.shop, deal.currency),
        properties=deal.row["properties"],
    )


def onetime_line(goods: Catalogue, row: Row) -> Bought:
    """A one-time as a line."""
    product = next(each for each in goods.products if str(each.id) == row["external_product_id"])
    variant = next(each for each in product.variants if str(each.id) == row["external_variant_id"])
    return Bought(
        purchase_item_id=row["id"],
        kind="onetime",
        product_id=row["external_product_id"],
        variant_id=row["external_variant_id"],
        title=row["product_title"],
        variant_title=row["variant_title"],
        handle=product.handle,
        images=product.images,
        sku=row["sku"],
        quantity=row["quantity"],
        cents=row["price"],
        original_cents=variant.price(goods.shop, row["presentment_currency"] or goods.shop.currency),
        properties=row["properties"],
    )


def _gift(goods: Catalogue, onetime_id: int) -> Bought:
    """A product without plans, given away by a flow."""
    product = next(each for each in goods.products if not each.plans)
    return Bought(
        purchase_item_id=onetime_id,
        kind="onetime",
        product_id=str(product.id),
        variant_id=str(product.variants[0].id),
        title=product.title,
        variant_title=None,
        handle=product.handle,
        images=product.images,
        sku=product.variants[0].sku,
        quantity=1,
        cents=0,
        original_cents=0,
        properties=[],
        gift=True,
    )
