"""Queued charges follow from what is to be delivered: one for each address and day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Table, func, select

from backends.store.billing import Bought, Reduction, line_item, paid_to, totals
from backends.store.prices import cents_of
from backends.subscriptions.account_tables import ONETIMES
from backends.subscriptions.intervals import day_of
from backends.subscriptions.purchases import bought, gift_line, plain, reductions
from backends.subscriptions.tables import ADDRESSES, CHARGE_ITEMS, CHARGES, CUSTOMERS, SUBSCRIPTIONS
from backends.wire.calls import Call
from backends.wire.resources import Row


async def settle(call: Call, addresses: Iterable[int], *, commit: bool = True) -> None:
    """Brings the charges of these addresses up to date, or without `commit` notes when that is to be done."""
    for address_id in sorted(set(addresses)):
        if commit:
            await _regenerate(call, address_id)
            continue
        due = call.now + timedelta(seconds=call.state.settings.regeneration_seconds)
        await call.connection.execute(ADDRESSES.update().where(ADDRESSES.c.id == address_id).values(regenerate_at=due))
        await call.connection.execute(
            CHARGES.update()
            .where(CHARGES.c.address_id == address_id, CHARGES.c.status == "queued")
            .values(has_uncommitted_changes=True)
        )


async def recount(call: Call, customer_id: int) -> None:
    """Brings a customer's counts of subscriptions up to date."""
    table = SUBSCRIPTIONS
    total = select(func.count()).where(table.c.shop_id == call.shop.id, table.c.customer_id == customer_id)
    active = total.where(table.c.status == "active")
    values = {
        "subscriptions_active_count": (await call.connection.execute(active)).scalar_one(),
        "subscriptions_total_count": (await call.connection.execute(total)).scalar_one(),
        "updated_at": call.now,
    }
    await call.connection.execute(CUSTOMERS.update().where(CUSTOMERS.c.id == customer_id).values(values))


async def _regenerate(call: Call, address_id: int) -> None:
    home = await one(call, ADDRESSES, address_id)
    due = await _due(call, home)
    left = {day_of(row["scheduled_at"]): row for row in await _queued(call, address_id)}
    matched = {on: left.pop(on) for on in list(due) if on in left}
    for on in sorted(due):
        if on not in matched and (moved := _moved(left, due[on])):
            matched[on] = left.pop(moved)
    for unwanted in left.values():
        await remove(call, unwanted["id"])
    codes = await reductions(call, [home["discount_id"], *(row["discount_id"] for row in matched.values())])
    for on, lines in due.items():
        row: Row | None = matched.get(on)
        code = codes.get(row["discount_id"] if row else home["discount_id"])
        await _write(call, home, on, lines, row, code)
    listed = {line.purchase_item_id for lines in due.values() for line in lines}
    table = SUBSCRIPTIONS
    for queued in (True, False):
        fits = table.c.id.in_(listed) if queued else table.c.id.not_in(listed)
        await call.connection.execute(
            table.update()
            .where(table.c.address_id == address_id, fits, table.c.has_queued_charges.is_(not queued))
            .values(has_queued_charges=queued)
        )
    await call.connection.execute(ADDRESSES.update().where(ADDRESSES.c.id == address_id).values(regenerate_at=None))


async def _due(call: Call, home: Row) -> dict[date, list[Bought]]:
    """Lines by day: subscriptions, then one-times, each in the order of their ids."""

    async def rows(table: Table, *conditions: Any) -> list[Row]:
        statement = select(table).where(
            table.c.shop_id == call.shop.id,
            table.c.address_id == home["id"],
            table.c.next_charge_scheduled_at.is_not(None),
            *conditions,
        )
        return [dict(row) for row in (await call.connection.execute(statement.order_by(table.c.id))).mappings()]

    found = [
        *await rows(SUBSCRIPTIONS, SUBSCRIPTIONS.c.status == "active", SUBSCRIPTIONS.c.max_retries_reached.is_(False)),
        *await rows(ONETIMES, ONETIMES.c.is_cancelled.is_(False)),
    ]
    due: dict[date, list[Bought]] = defaultdict(list)
    for row, line in zip(found, await bought(call, found, home["presentment_currency"]), strict=True):
        due[day_of(row["next_charge_scheduled_at"])].append(line)
    return due


async def _queued(call: Call, address_id: int) -> list[Row]:
    statement = select(CHARGES).where(CHARGES.c.address_id == address_id, CHARGES.c.status == "queued")
    return [dict(row) for row in (await call.connection.execute(statement.order_by(CHARGES.c.id))).mappings()]


def _moved(left: dict[date, Row], lines: list[Bought]) -> date | None:
    """The day of a charge with just these lines: it was put off, so it keeps its id."""
    wanted = {line.purchase_item_id for line in lines}
    return next((on for on, row in left.items() if item_ids(row) == wanted), None)


def item_ids(charge: Row) -> set[int]:
    """What was bought with a charge; gifts are not among it."""
    return {item["purchase_item_id"] for item in plain(charge["line_items"]) if not item["offer_attributes"]}


async def _write(call: Call, home: Row, on: date, lines: list[Bought], row: Row | None, code: Reduction | None) -> None:
    gifts = [gift_line(item) for item in plain(row["line_items"]) if item["offer_attributes"]] if row else []
    says = content(call, home, on, [*lines, *gifts], code)
    if row is None:
        await insert(call, home, {**says, "original_scheduled_at": on})
    elif _differs(row, says) or row["has_uncommitted_changes"]:
        await update(call, row["id"], says)


def content(call: Call, home: Row, on: date, lines: list[Bought], code: Reduction | None) -> Row:
    """What a charge says that has these lines."""
    currency = home["presentment_currency"] or call.shop.currency
    quantity = sum(line.quantity for line in lines if not line.gift)
    return {
        "billing_address": paid_to(home),
        "discount_code": code.code if code else None,
        "discount_id": code.id if code else None,
        "line_items": [line_item(line, call.shop.tax_percent) for line in lines],
        "scheduled_at": on,
        "shipping_address": paid_to(home),
        **totals(call.shop, currency, sum(line.total_cents for line in lines), quantity, code),
    }


def _differs(row: Row, says: Row) -> bool:
    """Whether a stored charge says something else than it should."""

    def stored(name: str) -> Any:
        value = plain(row[name])
        if name == "scheduled_at":
            return day_of(value)
        return cents_of(value) if name.startswith(("total_", "subtotal_")) and isinstance(value, str) else value

    return any(stored(name) != value for name, value in says.items())


async def insert(call: Call, home: Row, says: Row) -> Row:
    """A new charge; returns its row."""
    owner = await one(call, CUSTOMERS, home["customer_id"])
    key = next(call.state.ids)
    values = {
        "id": key,
        "shop_id": call.shop.id,
        "customer_id": owner["id"],
        "address_id": home["id"],
        "analytics_data": {"utm_params": []},
        "charge_attempts": 0,
        "client_details": {"browser_ip": None, "user_agent": None},
        "created_at": call.now,
        "customer": {name: owner[name] for name in ("id", "email", "external_customer_id", "hash")},
        "external_transaction_id": {"payment_processor": None},
        "has_uncommitted_changes": False,
        "note": home["order_note"],
        "order_attributes": [],
        "orders_count": 0,
        "payment_processor": "stripe",
        "status": "queued",
        "tags": "Subscription, Subscription Recurring Order",
        "tax_lines": [],
        "taxable": call.shop.tax_percent > 0,
        "taxes_included": call.shop.tax_percent > 0,
        "total_duties": 0,
        "total_refunds": 0,
        "type": "recurring",
        "updated_at": call.now,
        **says,
    }
    await call.connection.execute(CHARGES.insert().values(values))
    await _list_items(call, key, says["line_items"])
    return await one(call, CHARGES, key)


async def update(call: Call, key: int, says: Row) -> None:
    """Changes a charge; it is then up to date."""
    values = {**says, "has_uncommitted_changes": False, "updated_at": call.now}
    await call.connection.execute(CHARGES.update().where(CHARGES.c.id == key).values(values))
    if "line_items" in says:
        await call.connection.execute(CHARGE_ITEMS.delete().where(CHARGE_ITEMS.c.charge_id == key))
        await _list_items(call, key, says["line_items"])


async def remove(call: Call, key: int) -> None:
    """Takes a charge away."""
    await call.connection.execute(CHARGE_ITEMS.delete().where(CHARGE_ITEMS.c.charge_id == key))
    await call.connection.execute(CHARGES.delete().where(CHARGES.c.id == key))


async def _list_items(call: Call, key: int, lines: list[Row]) -> None:
    rows = [
        {"id": next(call.state.ids), "charge_id": key, "purchase_item_id": item}
        for item in dict.fromkeys(line["purchase_item_id"] for line in lines)
    ]
    if rows:
        await call.connection.execute(CHARGE_ITEMS.insert(), rows)


async def one(call: Call, table: Table, key: int) -> Row:
    """A row of this shop that is known to be there."""
    statement = select(table).where(table.c.shop_id == call.shop.id, table.c.id == key)
    return dict((await call.connection.execute(statement)).mappings().one())


def partial(call: Call, home: Row, charge: Row, items: set[int]) -> Row:
    """What a charge would say with these of its lines alone."""
    kept = [item for item in plain(charge["line_items"]) if item["purchase_item_id"] in items]
    cents = sum(cents_of(item["total_price"]) for item in kept)
    sums = totals(call.shop, charge["currency"], cents, sum(item["quantity"] for item in kept), None)
    return {
        "billing_address": paid_to(home),
        "discount_code": None,
        "discount_id": None,
        "line_items": kept,
        "original_scheduled_at": charge["original_scheduled_at"],
        "scheduled_at": charge["scheduled_at"],
        "shipping_address": paid_to(home),
        **sums,
    }
