"""Addresses: added, changed, merged, deleted."""

from typing import Any

from sqlalchemy import func, select

from backends.subscriptions.account_tables import ONETIMES, PAYMENT_METHODS
from backends.subscriptions.charge_writes import discount_named
from backends.subscriptions.charging import settle
from backends.subscriptions.portal import portal_settings, require
from backends.subscriptions.resources import ADDRESS, CUSTOMER
from backends.subscriptions.tables import ADDRESSES, CHARGES, SUBSCRIPTIONS
from backends.subscriptions.writing import future, is_committed, save
from backends.wire.calls import Call
from backends.wire.errors import RefusedError, invalid, unfit
from backends.wire.fields import Fields
from backends.wire.resources import Row

REQUIRED = ("address1", "city", "country_code", "first_name", "last_name")
TEXTS = {
    **dict.fromkeys([*REQUIRED, "address2", "company", "order_note", "province"], 191),
    "country_code": 2,
    "phone": 32,
    "zip": 16,
}
OPTIONAL = tuple(name for name in TEXTS if name not in REQUIRED)


async def create(call: Call) -> Row:
    """`POST /addresses`."""
    fields = Fields(call.body)
    owner = fields.whole("customer_id") or call.customer_id
    fields.check()
    if owner is None:
        raise invalid(customer_id="Missing data for required field.")
    customer = await CUSTOMER.stored(call, owner)
    if call.customer_id is not None:
        await _new_addresses_allowed(call)
    values = {name: fields.text(name, required=True, longest=TEXTS[name]) for name in REQUIRED}
    values |= {name: fields.text(name, longest=TEXTS[name]) for name in OPTIONAL}
    currency = fields.text("presentment_currency", longest=3)
    gift = fields.flag("is_gift")
    attributes = fields.properties("order_attributes") or []
    fields.check()
    cards = select(func.max(PAYMENT_METHODS.c.id)).where(PAYMENT_METHODS.c.customer_id == customer["id"])
    key = next(call.state.ids)
    row = {
        "id": key,
        "shop_id": call.shop.id,
        "customer_id": customer["id"],
        "payment_method_id": (await call.connection.execute(cards)).scalar_one(),
        "created_at": call.now,
        "discounts": [],
        "is_gift": bool(gift),
        "order_attributes": attributes,
        "presentment_currency": None if currency == call.shop.currency else currency,
        "shipping_lines_override": None,
        "updated_at": call.now,
        **values,
    }
    await call.connection.execute(ADDRESSES.insert().values(row))
    return {"address": await ADDRESS.by_id(call, key)}


async def change(call: Call) -> Row:
    """`PUT /addresses/{id}`: also its discount, given as `[{"code": …}]`; an empty list takes it away."""
    row = await ADDRESS.stored(call, call.path["id"])
    await require(call, "portal.edit_shipping_address")
    fields = Fields(call.body)
    values: dict[str, Any] = {
        name: fields.text(name, required=name in REQUIRED, longest=longest)
        for name, longest in TEXTS.items()
        if fields.has(name)
    }
    if (attributes := fields.properties("order_attributes")) is not None:
        values["order_attributes"] = attributes
    if fields.has("payment_method_id"):
        values["payment_method_id"] = await _card(call, row, fields)
    if fields.has("is_gift"):
        values["is_gift"] = bool(fields.flag("is_gift"))
    codes = fields.objects("discounts")
    fields.check()
    if fields.has("discounts"):
        discount = await _discount(call, codes)
        values |= discount
        await call.connection.execute(
            CHARGES.update()
            .where(CHARGES.c.address_id == row["id"], CHARGES.c.status == "queued")
            .values({name: discount[name] for name in ("discount_id", "discount_code")})
        )
    await save(call, ADDRESSES, row["id"], values)
    await settle(call, {row["id"]}, commit=is_committed(call))
    return {"address": await ADDRESS.by_id(call, row["id"])}


async def remove(call: Call) -> None:
    """`DELETE /addresses/{id}`: of one that nothing active is delivered to."""
    row = await ADDRESS.stored(call, call.path["id"])
    table = SUBSCRIPTIONS
    statement = select(table.c.id).where(table.c.address_id == row["id"], table.c.status == "active").limit(1)
    if (await call.connection.execute(statement)).first() is not None:
        raise unfit("Address has active subscriptions")
    for dependent in (ONETIMES, table):
        await call.connection.execute(dependent.delete().where(dependent.c.address_id == row["id"]))
    await call.connection.execute(
        CHARGES.delete().where(CHARGES.c.address_id == row["id"], CHARGES.c.status.in_(["queued", "skipped"]))
    )
    await call.connection.execute(ADDRESSES.delete().where(ADDRESSES.c.id == row["id"]))


async def merge(call: Call) -> Row:
    """`POST /addresses/merge`: what goes to the sources goes to the target from now on."""
    target, sources, on, delete = _merging(call)
    home = await ADDRESS.stored(call, target)
    moved = [await ADDRESS.stored(call, key) for key in sources]
    same = ("customer_id", "presentment_currency")
    if any(each[name] != home[name] for each in moved for name in same) or target in sources:
        raise invalid(source_addresses="Must be other addresses of the same customer and currency.")
    for table in (SUBSCRIPTIONS, ONETIMES):
        await call.connection.execute(
            table.update().where(table.c.address_id.in_(sources)).values(address_id=target, updated_at=call.now)
        )
    if on:
        await call.connection.execute(
            SUBSCRIPTIONS.update()
            .where(SUBSCRIPTIONS.c.address_id == target, SUBSCRIPTIONS.c.status == "active")
            .values(next_charge_scheduled_at=on)
        )
    await settle(call, {target, *sources})
    if delete:
        await call.connection.execute(
            CHARGES.update().where(CHARGES.c.address_id.in_(sources)).values(address_id=target)
        )
        await call.connection.execute(ADDRESSES.delete().where(ADDRESSES.c.id.in_(sources)))
    return {"address": await ADDRESS.by_id(call, target)}


async def of_merged(call: Call) -> set[int]:
    """All addresses that a merge names."""
    target, sources, _, _ = _merging(call)
    return {(await ADDRESS.stored(call, key))["id"] for key in (target, *sources)}


def _merging(call: Call) -> tuple[int, list[int], Any, bool]:
    fields = Fields(call.body)
    named = fields.objects("source_addresses", required=True)
    keys = [Fields(each).whole("id", required=True) for each in named]
    target = Fields(fields.body.get("target_address")).whole("id", required=True)
    on = fields.day("next_charge_date")
    delete = fields.flag("delete_source_addresses")
    if target is None or None in keys:
        fields.problems["target_address" if target is None else "source_addresses"] = [
            "Missing data for required field."
        ]
    fields.check()
    if on:
        future(call, on, "next_charge_date")
    return int(target or 0), [int(key or 0) for key in keys], on, bool(delete)


async def _new_addresses_allowed(call: Call) -> None:
    if (await portal_settings(call))["prevent_address_creation"]:
        raise RefusedError(403, "The store's customer portal settings do not allow this: prevent_address_creation")


async def _card(call: Call, row: Row, fields: Fields) -> int | None:
    key = fields.whole("payment_method_id")
    if key is None:
        return None
    table = PAYMENT_METHODS
    statement = select(table.c.id).where(table.c.id == key, table.c.customer_id == row["customer_id"])
    if (await call.connection.execute(statement)).first() is None:
        fields.problems["payment_method_id"] = ["Payment method not found."]
    return key


async def _discount(call: Call, codes: list[dict[str, Any]]) -> Row:
    if not codes:
        return {"discount_id": None, "discount_code": None, "discounts": []}
    if len(codes) > 1:
        raise invalid(discounts="Only one discount is allowed.")
    each = Fields(codes[0])
    code = each.text("code", required=True, longest=64)
    each.check()
    found = await discount_named(call, str(code), "discounts")
    return {"discount_id": found["id"], "discount_code": found["code"], "discounts": [{"id": found["id"]}]}
