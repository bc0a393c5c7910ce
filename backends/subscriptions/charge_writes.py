"""Charges: skipped, unskipped, moved, discounted, collected."""

from datetime import datetime

from sqlalchemy import select

from backends.store.orders import COPIED, order_id
from backends.store.prices import cents_of
from backends.subscriptions.account_tables import DISCOUNTS, ONETIMES, ORDERS
from backends.subscriptions.charging import content, insert, item_ids, one, partial, remove, settle, update
from backends.subscriptions.intervals import day_of, next_charge
from backends.subscriptions.portal import require
from backends.subscriptions.purchases import bought, plain
from backends.subscriptions.resources import CHARGE, SUBSCRIPTION
from backends.subscriptions.tables import ADDRESSES, CHARGES, CUSTOMERS, SUBSCRIPTIONS
from backends.subscriptions.writing import NOT_FAR_ENOUGH, active, future, save, skipped_days
from backends.wire.calls import Call
from backends.wire.errors import RefusedError, invalid, unfit
from backends.wire.fields import Fields
from backends.wire.resources import Row


async def skip(call: Call) -> Row:
    """`POST /charges/{id}/skip`: the charge, or a new one with what is left out of it, is skipped.

    What is skipped comes again an interval later; what is not stays where it is.
    """
    charge = await _settled(call, "queued")
    wanted = _named(call, charge)
    await require(call, "skip_scheduled_order")
    for key in wanted:
        if not (await active(call, key))["is_skippable"]:
            raise invalid(purchase_item_ids=f"Not skippable: {key}.")
    home = await one(call, ADDRESSES, charge["address_id"])
    if item_ids(charge) == set(wanted):
        skipped = charge["id"]
        await update(call, skipped, {"status": "skipped"})
    else:
        made = await insert(call, home, {**partial(call, home, charge, set(wanted)), "status": "skipped"})
        skipped = made["id"]
    for key in wanted:
        row = await active(call, key)
        on = next_charge(row, day_of(charge["scheduled_at"]), await skipped_days(call, key))
        await save(call, SUBSCRIPTIONS, key, {"next_charge_scheduled_at": on})
        call.telling.append(("subscription/skipped", SUBSCRIPTION, key))
    await settle(call, {home["id"]})
    return {"charge": await CHARGE.by_id(call, skipped)}


async def skip_future(call: Call, subscription_ids: list[int]) -> Row:
    """A delivery that is not queued yet is skipped in advance; a queued one as `skip` does."""
    fields = Fields(call.body)
    on = fields.day("date", required=True)
    fields.check()
    day = future(call, on)
    await require(call, "skip_scheduled_order")
    rows = [await active(call, key) for key in subscription_ids]
    (address_id,) = {row["address_id"] for row in rows} if rows else {0}
    await settle(call, {address_id})
    home = await one(call, ADDRESSES, address_id)
    for row in rows:
        if not row["is_skippable"]:
            raise invalid(subscription_ids=f"Not skippable: {row['id']}.")
        at = day_of(row["next_charge_scheduled_at"])
        while at < day:
            at = next_charge(row, at)
        if at != day or day in await skipped_days(call, row["id"]):
            raise invalid(date="Nothing is delivered on this day.")
    lines = await bought(call, rows, home["presentment_currency"])
    skipped = {**content(call, home, day, lines, None), "original_scheduled_at": day, "status": "skipped"}
    made = await insert(call, home, skipped)
    for row in rows:
        if row["next_charge_scheduled_at"] == day.isoformat():
            after = next_charge(row, day, await skipped_days(call, row["id"]))
            await save(call, SUBSCRIPTIONS, row["id"], {"next_charge_scheduled_at": after})
        call.telling.append(("subscription/skipped", SUBSCRIPTION, row["id"]))
    await settle(call, {address_id})
    return {"charge": await CHARGE.by_id(call, made["id"])}


async def skip_subscription(call: Call) -> Row:
    """`POST /subscriptions/{id}/charges/skip`."""
    return await skip_future(call, [call.path["id"]])


async def skip_address(call: Call) -> Row:
    """`POST /addresses/{id}/charges/skip`."""
    fields = Fields(call.body)
    wanted = fields.numbers("subscription_ids", required=True) or []
    fields.check()
    for key in wanted:
        if (await active(call, key))["address_id"] != call.path["id"]:
            raise invalid(subscription_ids=f"Not a subscription of this address: {key}.")
    return await skip_future(call, wanted)


async def unskip(call: Call) -> Row:
    """`POST /charges/{id}/unskip`: what was skipped is delivered on its day after all.

    The answer is the queued charge that it is on now. A skip in advance leaves no charge behind: then the answer is
    the charge as it was, queued, and its id names nothing any more.
    """
    charge = await _settled(call, "skipped")
    day = day_of(charge["scheduled_at"])
    if day <= call.today:
        raise invalid(date=NOT_FAR_ENOUGH)
    wanted = _named(call, charge)
    await require(call, "skip_scheduled_order")
    home = await one(call, ADDRESSES, charge["address_id"])
    rows = [await active(call, key) for key in wanted]
    call.telling.extend(("subscription/unskipped", SUBSCRIPTION, key) for key in wanted)
    left = item_ids(charge) - set(wanted)
    sooner = [row for row in rows if day < day_of(row["next_charge_scheduled_at"])]
    for row in sooner:
        await save(call, SUBSCRIPTIONS, row["id"], {"next_charge_scheduled_at": day})
    if left:
        await update(call, charge["id"], partial(call, home, charge, left))
    elif sooner and await _on(call, home["id"], charge["scheduled_at"]) is None:
        await update(call, charge["id"], {"status": "queued"})
    else:
        await remove(call, charge["id"])
    await settle(call, {home["id"]})
    queued = await _on(call, home["id"], charge["scheduled_at"])
    if queued is not None and sooner:
        return {"charge": await CHARGE.by_id(call, queued)}
    shown = (await CHARGE.presented(call, [charge]))[0]
    return {"charge": {**shown, "status": "queued"}}


async def reschedule(call: Call) -> Row:
    """`POST /charges/{id}/change_next_charge_date`: everything on the charge moves."""
    charge = await _settled(call, "queued")
    fields = Fields(call.body)
    on = (
        future(call, fields.day("next_charge_date", required=True), "next_charge_date") if not fields.problems else None
    )
    fields.check()
    await require(call, "edit_scheduled_date")
    items = item_ids(charge)
    for table in (SUBSCRIPTIONS, ONETIMES):
        await call.connection.execute(
            table.update()
            .where(table.c.address_id == charge["address_id"], table.c.id.in_(items))
            .values(next_charge_scheduled_at=on, updated_at=call.now)
        )
    await settle(call, {charge["address_id"]})
    found = await _on(call, charge["address_id"], on.isoformat() if on else "")
    return {"charge": await CHARGE.by_id(call, found)}  # type: ignore[arg-type]


async def apply_discount(call: Call) -> Row:
    """`POST /charges/{id}/apply_discount`: in place of the code that was there before."""
    charge = await _settled(call, "queued")
    fields = Fields(call.body)
    code = fields.text("discount_code", required=True, longest=64)
    fields.check()
    await require(call, "portal.discount_input")
    found = await discount_named(call, str(code))
    await save(call, CHARGES, charge["id"], {"discount_id": found["id"], "discount_code": found["code"]})
    await settle(call, {charge["address_id"]})
    return {"charge": await CHARGE.by_id(call, charge["id"])}


async def remove_discount(call: Call) -> Row:
    """`POST /charges/{id}/remove_discount`."""
    charge = await _settled(call, "queued")
    await require(call, "portal.discount_input")
    await save(call, CHARGES, charge["id"], {"discount_id": None, "discount_code": None})
    await settle(call, {charge["address_id"]})
    return {"charge": await CHARGE.by_id(call, charge["id"])}


async def discount_named(call: Call, code: str, name: str = "discount_code") -> Row:
    """An enabled discount; raises 422."""
    statement = select(DISCOUNTS).where(
        DISCOUNTS.c.shop_id == call.shop.id, DISCOUNTS.c.code == code, DISCOUNTS.c.status == "enabled"
    )
    found = (await call.connection.execute(statement)).mappings().one_or_none()
    if found is None:
        raise invalid(**{name: "Discount code not found."})
    return dict(found)


async def process(call: Call) -> Row:
    """`POST /charges/{id}/process`: paid now, to come again an interval later; raises 402 without a good card."""
    charge = await _settled(call, "queued")
    owner = await one(call, CUSTOMERS, charge["customer_id"])
    if not owner["has_valid_payment_method"]:
        raise RefusedError(402, "Customer needs to update credit card")
    at = call.now
    paid = {
        "status": "success",
        "processed_at": at,
        "external_order_id": str(5_890_100_000_000 + charge["id"]),
        "external_transaction_id": {"payment_processor": f"ch_{charge['id']:x}"},
        "orders_count": 1,
    }
    await update(call, charge["id"], paid)
    await _order(call, {**charge, **paid}, at)
    day = day_of(charge["scheduled_at"])
    for key in item_ids(charge):
        rows = await call.connection.execute(select(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == key))
        if row := rows.mappings().one_or_none():
            on = next_charge(dict(row), day, await skipped_days(call, key))
            await save(call, SUBSCRIPTIONS, key, {"next_charge_scheduled_at": on})
        else:
            await save(call, ONETIMES, key, {"next_charge_scheduled_at": None})
    streak = owner["subscription_related_charge_streak"] + 1
    first = owner["first_charge_processed_at"] or at
    await save(
        call,
        CUSTOMERS,
        owner["id"],
        {"first_charge_processed_at": first, "subscription_related_charge_streak": streak},
    )
    await settle(call, {charge["address_id"]})
    return {"charge": await CHARGE.by_id(call, charge["id"])}


async def _order(call: Call, charge: Row, at: datetime) -> None:
    copied = {name: charge[name] for name in COPIED}
    money = {
        name: cents_of(value)
        for name, value in copied.items()
        if name.startswith(("total_", "subtotal_")) and isinstance(value, str)
    }
    values = {
        **copied,
        **money,
        "id": order_id(charge["id"]),
        "charge_id": charge["id"],
        "charge": {
            "id": charge["id"],
            "external_transaction_id": charge["external_transaction_id"],
            "payment_processor_name": charge["payment_processor"],
            "status": "success",
        },
        "created_at": at,
        "external_order_id": charge["external_order_id"],
        "external_order_number": str(charge["id"] % 100_000 + 1_000),
        "is_prepaid": any(item["purchase_item_type"] == "prepaid" for item in plain(charge["line_items"])),
        "processed_at": at,
        "status": "success",
        "updated_at": at,
    }
    await call.connection.execute(ORDERS.insert().values(values))


async def _settled(call: Call, status: str) -> Row:
    """The charge in the path after uncommitted changes have reached it; raises 404 and 422."""
    row = await CHARGE.stored(call, call.path["id"])
    home = await one(call, ADDRESSES, row["address_id"])
    if home["regenerate_at"] is not None:
        await settle(call, {home["id"]})
        row = await CHARGE.stored(call, call.path["id"])
    if row["status"] != status:
        raise unfit(f"Charge is {row['status']}")
    return row


def _named(call: Call, charge: Row) -> list[int]:
    """The purchases that a request is about; raises 422 unless they are on the charge."""
    fields = Fields(call.body)
    wanted = fields.numbers("purchase_item_ids", required=True) or []
    fields.check()
    if strange := sorted(set(wanted) - item_ids(charge)):
        raise invalid(purchase_item_ids=f"Not on this charge: {strange[0]}.")
    return wanted


async def _on(call: Call, address_id: int, day: str) -> int | None:
    statement = select(CHARGES.c.id).where(
        CHARGES.c.address_id == address_id, CHARGES.c.scheduled_at == day, CHARGES.c.status == "queued"
    )
    return (await call.connection.execute(statement)).scalar_one_or_none()
