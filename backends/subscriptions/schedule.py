"""What a customer will receive, and when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Table, select

from backends.store.billing import Bought, Reduction, paid_to, totals
from backends.store.prices import amount
from backends.subscriptions.account_tables import ONETIMES, PAYMENT_METHODS
from backends.subscriptions.intervals import day_of, deliveries
from backends.subscriptions.purchases import bought, plain, reductions
from backends.subscriptions.resources import CUSTOMER
from backends.subscriptions.tables import ADDRESSES, CHARGES, SUBSCRIPTIONS
from backends.wire.calls import Call
from backends.wire.columns import parse_instant
from backends.wire.errors import invalid
from backends.wire.filters import number
from backends.wire.resources import Row

DEFAULT_COUNT = 3
LARGEST_COUNT = 100


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything of one customer that a schedule is made of, by id."""

    homes: dict[int, Row]
    purchases: dict[int, Row]
    lines: dict[int, Bought]
    charges: list[Row]
    codes: dict[int | None, Reduction]
    cards: dict[int, Row]


async def delivery_schedule(call: Call) -> Row:
    """`GET /customers/{id}/delivery_schedule`: the next days with a delivery, skipped ones among them."""
    customer = await CUSTOMER.stored(call, call.path["id"])
    count, last = _bounds(call)
    known = await _known(call, customer["id"])
    by_date: dict[date, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    skipped = [charge for charge in known.charges if charge["status"] == "skipped"]
    left_out = {(charge["scheduled_at"], item) for charge in skipped for item in _item_ids(charge)}
    for row in known.purchases.values():
        first = day_of(row["next_charge_scheduled_at"])
        every = islice(deliveries(row, first), count) if "is_prepaid" in row else [first]
        for on in every:
            if (on.isoformat(), row["id"]) not in left_out:
                by_date[on][row["address_id"]].append(row["id"])
    days = sorted({*by_date, *(day_of(charge["scheduled_at"]) for charge in skipped)})
    days = [on for on in days if last is None or on <= last][:count]
    return {
        "customer": {name: customer[name] for name in ("id", "email", "first_name", "last_name")},
        "deliveries": [
            {
                "date": on.isoformat(),
                "orders": [
                    *(_order(call, known, address_id, on, items) for address_id, items in by_date[on].items()),
                    *(_skipped(known, charge) for charge in skipped if charge["scheduled_at"] == on.isoformat()),
                ],
            }
            for on in days
        ],
    }


def _bounds(call: Call) -> tuple[int, date | None]:
    try:
        count = number(call.query.get("delivery_count_future", str(DEFAULT_COUNT)))
    except ValueError as error:
        raise invalid(delivery_count_future=str(error)) from error
    if not 1 <= count <= LARGEST_COUNT:
        raise invalid(delivery_count_future=f"Must be between 1 and {LARGEST_COUNT}")
    if "date_max" not in call.query:
        return count, None
    try:
        return count, parse_instant(call.query["date_max"]).date()
    except ValueError as error:
        raise invalid(date_max="Not a valid date") from error


async def _known(call: Call, customer_id: int) -> _Known:
    async def rows(table: Table, *conditions: Any) -> list[Row]:
        statement = select(table).where(
            table.c.shop_id == call.shop.id, table.c.customer_id == customer_id, *conditions
        )
        return [dict(row) for row in (await call.connection.execute(statement.order_by(table.c.id))).mappings()]

    homes = await rows(ADDRESSES)
    purchases = [
        *await rows(
            SUBSCRIPTIONS,
            SUBSCRIPTIONS.c.status == "active",
            SUBSCRIPTIONS.c.next_charge_scheduled_at.is_not(None),
            SUBSCRIPTIONS.c.max_retries_reached.is_(False),
        ),
        *await rows(ONETIMES, ONETIMES.c.is_cancelled.is_(False), ONETIMES.c.next_charge_scheduled_at.is_not(None)),
    ]
    return _Known(
        homes={row["id"]: row for row in homes},
        purchases={row["id"]: row for row in purchases},
        lines={line.purchase_item_id: line for line in await bought(call, purchases)},
        charges=await rows(CHARGES, CHARGES.c.status.in_(["queued", "skipped"]), CHARGES.c.scheduled_at >= call.today),
        codes=await reductions(call, [row["discount_id"] for row in homes]),
        cards={row["id"]: row for row in await rows(PAYMENT_METHODS)},
    )


def _order(call: Call, known: _Known, address_id: int, on: date, items: list[int]) -> Row:
    home = known.homes[address_id]
    queued = next(
        (
            charge
            for charge in known.charges
            if (charge["status"], charge["address_id"], charge["scheduled_at"])
            == ("queued", address_id, on.isoformat())
        ),
        None,
    )
    lines = [known.lines[item] for item in items]
    if queued:
        sums = _sums(queued)
    else:
        currency = home["presentment_currency"] or call.shop.currency
        made = totals(
            call.shop,
            currency,
            sum(line.total_cents for line in lines),
            sum(line.quantity for line in lines),
            known.codes.get(home["discount_id"]),
        )
        sums = {
            "currency": currency,
            "order_subtotal": amount(made["subtotal_price"]),
            "shipping_lines": made["shipping_lines"],
            "total_discounts": amount(made["total_discounts"]),
            "total_duties": "0.00",
            "total_price": amount(made["total_price"]),
            "total_tax": amount(made["total_tax"]),
        }
    found = [_line(line, known.purchases[line.purchase_item_id]) for line in lines]
    return _shaped(known, home, queued, sums, found)


def _skipped(known: _Known, charge: Row) -> Row:
    found = [
        {
            "external_product_id": item["external_product_id"],
            "external_variant_id": item["external_variant_id"],
            "images": item["images"],
            "is_prepaid": item["purchase_item_type"] == "prepaid",
            "is_skippable": True,
            "is_skipped": True,
            "offer_attributes": item["offer_attributes"],
            "original_price": item["original_price"],
            "plan_type": item["purchase_item_type"],
            "product_title": item["title"],
            "properties": item["properties"],
            "quantity": item["quantity"],
            "subscription_id": item["purchase_item_id"],
            "subtotal_price": item["total_price"],
            "unit_price": item["unit_price"],
            "variant_title": item["variant_title"],
        }
        for item in plain(charge["line_items"])
    ]
    return _shaped(known, known.homes[charge["address_id"]], charge, _sums(charge), found)


def _line(line: Bought, row: Row) -> Row:
    return {
        "external_product_id": {"ecommerce": line.product_id},
        "external_variant_id": {"ecommerce": line.variant_id},
        "images": line.images,
        "is_prepaid": row.get("is_prepaid", False),
        "is_skippable": row.get("is_skippable", False),
        "is_skipped": False,
        "offer_attributes": None,
        "original_price": amount(line.original_cents),
        "plan_type": line.kind,
        "product_title": line.title,
        "properties": line.properties,
        "quantity": line.quantity,
        "subscription_id": line.purchase_item_id,
        "subtotal_price": amount(line.total_cents),
        "unit_price": amount(line.cents),
        "variant_title": line.variant_title,
    }


def _shaped(known: _Known, home: Row, charge: Row | None, sums: Row, lines: list[Row]) -> Row:
    card = known.cards.get(home["payment_method_id"] or 0)
    return {
        "id": None,
        "address_id": home["id"],
        "charge_id": charge["id"] if charge else None,
        "has_uncommitted_changes": bool(charge and charge["has_uncommitted_changes"]),
        "line_items": lines,
        "payment_method": card
        and {name: card[name] for name in ("id", "billing_address", "payment_details", "payment_type")},
        "shipping_address": paid_to(home),
        **sums,
    }


def _sums(charge: Row) -> Row:
    names = ("currency", "shipping_lines", "total_discounts", "total_duties", "total_price", "total_tax")
    return {"order_subtotal": charge["subtotal_price"], **{name: charge[name] for name in names}}


def _item_ids(charge: Row) -> list[int]:
    return [item["purchase_item_id"] for item in plain(charge["line_items"])]
