"""One-times: sent along, changed, taken out."""

from typing import Any

from sqlalchemy import func, select

from backends.subscriptions.account_resources import ONETIME
from backends.subscriptions.account_tables import ONETIMES
from backends.subscriptions.charging import settle
from backends.subscriptions.goods import goods_of
from backends.subscriptions.portal import require
from backends.subscriptions.tables import CHARGES
from backends.subscriptions.writing import address_named, future, save
from backends.wire.calls import Call
from backends.wire.errors import invalid, not_found
from backends.wire.fields import LARGEST_NUMBER, REQUIRED, Fields
from backends.wire.resources import Row


async def create(call: Call) -> Row:
    """`POST /onetimes`: on a day, or with `add_to_next_charge` on the address's next one."""
    fields = Fields(call.body)
    home = await address_named(call, fields.whole("address_id", required=True))
    variant_id = fields.external("external_variant_id", required=True)
    quantity = fields.whole("quantity", least=1, most=LARGEST_NUMBER, required=True)
    along = fields.flag("add_to_next_charge")
    on = fields.day("next_charge_scheduled_at")
    fields.check()
    await require(call, "onetime.enabled")
    if along:
        first = select(func.min(CHARGES.c.scheduled_at)).where(
            CHARGES.c.address_id == home["id"], CHARGES.c.status == "queued", CHARGES.c.scheduled_at > call.today
        )
        day = (await call.connection.execute(first)).scalar_one()
        if day is None:
            raise invalid(add_to_next_charge="The address has no queued charge.")
    elif on is None:
        raise invalid(next_charge_scheduled_at=REQUIRED)
    else:
        day = future(call, on, "next_charge_scheduled_at")
    goods = await goods_of(call, str(variant_id))
    currency = home["presentment_currency"]
    key = next(call.state.ids)
    values = {
        "id": key,
        "shop_id": call.shop.id,
        "address_id": home["id"],
        "customer_id": home["customer_id"],
        "created_at": call.now,
        "is_cancelled": False,
        "next_charge_scheduled_at": day,
        "presentment_currency": currency,
        "price": goods.cents(call, currency, None),
        "properties": fields.properties() or [],
        "quantity": quantity,
        "sku_override": False,
        "updated_at": call.now,
        **goods.named(),
    }
    fields.check()
    await call.connection.execute(ONETIMES.insert().values(values))
    await settle(call, {home["id"]})
    return {"onetime": await ONETIME.by_id(call, key)}


async def change(call: Call) -> Row:
    """`PUT /onetimes/{id}`."""
    row = await _waiting(call)
    fields = Fields(call.body)
    values: dict[str, Any] = {}
    if fields.has("quantity"):
        values["quantity"] = fields.whole("quantity", least=1, most=LARGEST_NUMBER, required=True)
    if (properties := fields.properties()) is not None:
        values["properties"] = properties
    if (sku := fields.text("sku", longest=64)) is not None:
        values |= {"sku": sku, "sku_override": True}
    on = fields.day("next_charge_scheduled_at")
    variant_id = fields.external("external_variant_id")
    fields.check()
    if on:
        values["next_charge_scheduled_at"] = future(call, on, "next_charge_scheduled_at")
    if variant_id:
        goods = await goods_of(call, variant_id)
        values = {**goods.named(), "price": goods.cents(call, row["presentment_currency"], None), **values}
    await save(call, ONETIMES, row["id"], values)
    await settle(call, {row["address_id"]})
    return {"onetime": await ONETIME.by_id(call, row["id"])}


async def remove(call: Call) -> None:
    """`DELETE /onetimes/{id}`: it is kept as cancelled, for `include_cancelled`."""
    row = await _waiting(call)
    await save(call, ONETIMES, row["id"], {"is_cancelled": True, "next_charge_scheduled_at": None})
    await settle(call, {row["address_id"]})


async def _waiting(call: Call) -> Row:
    """The one-time in the path, unless it has been cancelled; raises 404."""
    row = await ONETIME.stored(call, call.path["id"])
    if row["is_cancelled"]:
        raise not_found()
    return row
