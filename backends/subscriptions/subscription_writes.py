"""Subscriptions: made, changed, put off, ended, taken up again."""

from typing import Any

from sqlalchemy import func, select

from backends.subscriptions.charging import recount, settle
from backends.subscriptions.goods import INTERVALS, Goods, goods_of, under
from backends.subscriptions.intervals import next_charge
from backends.subscriptions.portal import portal_settings, require
from backends.subscriptions.resources import SUBSCRIPTION
from backends.subscriptions.tables import CHARGE_ITEMS, CHARGES, SUBSCRIPTIONS
from backends.subscriptions.writing import active, address_named, future, is_committed, save
from backends.wire.calls import Call
from backends.wire.errors import RefusedError, invalid, unfit
from backends.wire.fields import LARGEST_NUMBER, REQUIRED, Fields
from backends.wire.resources import Row

UNITS = ("day", "week", "month")
TOGETHER = "when passing order_interval_unit provide charge_interval_frequency and order_interval_frequency"


async def create(call: Call) -> Row:
    """`POST /subscriptions`."""
    fields = Fields(call.body)
    home = await address_named(call, fields.whole("address_id", required=True))
    variant_id = fields.external("external_variant_id", required=True)
    quantity = fields.whole("quantity", least=1, most=LARGEST_NUMBER, required=True)
    first = fields.day("next_charge_scheduled_at")
    fields.check()
    await require(call, "add_product")
    goods = await goods_of(call, str(variant_id))
    every = _every(fields, goods)
    if every is None:
        raise invalid(plan_id=REQUIRED)
    plan, columns = every
    currency = home["presentment_currency"]
    box = goods.product["bundle_product"]
    values = {
        "id": next(call.state.ids),
        "shop_id": call.shop.id,
        "address_id": home["id"],
        "customer_id": home["customer_id"],
        "analytics_data": {"utm_params": []},
        "created_at": call.now,
        "has_queued_charges": False,
        "is_bundle": box is not None,
        "is_digital": False,
        "is_prepaid": False,
        "is_skippable": True,
        "max_retries_reached": False,
        "presentment_currency": currency,
        "price": goods.cents(call, currency, plan),
        "properties": fields.properties() or [],
        "quantity": quantity,
        "sku_override": False,
        "status": "active",
        "updated_at": call.now,
        **columns,
        **goods.named(),
        **_anchors(fields),
    }
    fields.check()
    values["is_swappable"] = not values["is_prepaid"] and box is None
    on = future(call, first, "next_charge_scheduled_at") if first else next_charge(values, call.today)
    await call.connection.execute(SUBSCRIPTIONS.insert().values({**values, "next_charge_scheduled_at": on}))
    return await _changed(call, values["id"], {home["id"]}, customer=home["customer_id"])


async def change(call: Call) -> Row:
    """`PUT /subscriptions/{id}`: swap, quantity, plan, intervals, properties, date; the shop itself also the price."""
    row = await SUBSCRIPTION.stored(call, call.path["id"])
    fields = Fields(call.body)
    await _allowed(call, fields, row)
    values: dict[str, Any] = _anchors(fields)
    if fields.has("quantity"):
        values["quantity"] = fields.whole("quantity", least=1, most=LARGEST_NUMBER, required=True)
    if (properties := fields.properties()) is not None:
        values["properties"] = properties
    on = fields.day("next_charge_scheduled_at")
    variant_id = fields.external("external_variant_id")
    price = fields.money("price") if call.customer_id is None else None
    fields.check()
    if row["status"] != "active":
        raise unfit(f"Subscription is {row['status']}")
    if on:
        values["next_charge_scheduled_at"] = future(call, on, "next_charge_scheduled_at")
    current = row["external_variant_id"]["ecommerce"]
    goods = await goods_of(call, variant_id or current)
    swapped = variant_id not in {None, current}
    if swapped and not row["is_swappable"] and call.customer_id is not None:
        raise invalid(external_variant_id="Subscription is not swappable.")
    every = _every(fields, goods)
    if every or swapped:
        kept = goods.plan_every(*(row[name] for name in INTERVALS))
        plan, columns = every or (kept, {"plan_id": kept["id"] if kept else None})
        values |= {**goods.named(), **columns}
        prepaid = values.get("is_prepaid", row["is_prepaid"])
        values["is_bundle"] = goods.product["bundle_product"] is not None
        values["is_swappable"] = not prepaid and not values["is_bundle"]
        if not goods.is_dynamic:
            values["price"] = goods.cents(call, row["presentment_currency"], plan)
    if price is not None:
        values["price"] = price
    await save(call, SUBSCRIPTIONS, row["id"], values)
    return await _changed(call, row["id"], {row["address_id"]})


async def set_next_charge_date(call: Call) -> Row:
    """`POST /subscriptions/{id}/set_next_charge_date`; with `pause=true` it is the same, but told as a pause."""
    row = await active(call, call.path["id"])
    fields = Fields(call.body)
    on = fields.day("date", required=True)
    fields.check()
    await require(call, "edit_scheduled_date")
    await save(call, SUBSCRIPTIONS, row["id"], {"next_charge_scheduled_at": future(call, on)})
    if call.query.get("pause", "false").lower() in {"true", "1"}:
        call.telling.append(("subscription/paused", SUBSCRIPTION, row["id"]))
    return await _changed(call, row["id"], {row["address_id"]})


async def cancel(call: Call) -> Row:
    """`POST /subscriptions/{id}/cancel`."""
    row = await active(call, call.path["id"])
    fields = Fields(call.body)
    settings = (await portal_settings(call))["subscription"]
    reason = fields.text("cancellation_reason", required=not settings["cancellation_reason_optional"])
    comments = fields.text("cancellation_reason_comments")
    fields.check()
    await require(call, "cancel_subscription")
    if call.customer_id is not None and settings["cancellation_minimum_order_count"] > await _paid(call, row["id"]):
        raise RefusedError(
            403, "The store's customer portal settings do not allow this: cancellation_minimum_order_count"
        )
    values = {
        "cancellation_reason": reason,
        "cancellation_reason_comments": comments,
        "cancelled_at": call.now,
        "has_queued_charges": False,
        "next_charge_scheduled_at": None,
        "status": "cancelled",
    }
    await save(call, SUBSCRIPTIONS, row["id"], values)
    return await _changed(call, row["id"], {row["address_id"]}, customer=row["customer_id"], commit=True)


async def activate(call: Call) -> Row:
    """`POST /subscriptions/{id}/activate`: the next charge is an interval from today."""
    row = await SUBSCRIPTION.stored(call, call.path["id"])
    if row["status"] == "active":
        raise unfit("Subscription is active")
    await require(call, "reactivate_subscription")
    values = {
        "cancellation_reason": None,
        "cancellation_reason_comments": None,
        "cancelled_at": None,
        "max_retries_reached": False,
        "next_charge_scheduled_at": next_charge(row, call.today),
        "status": "active",
    }
    await save(call, SUBSCRIPTIONS, row["id"], values)
    return await _changed(call, row["id"], {row["address_id"]}, customer=row["customer_id"])


async def change_address(call: Call) -> Row:
    """`POST /subscriptions/{id}/change_address`: to another address of the same customer."""
    row = await SUBSCRIPTION.stored(call, call.path["id"])
    fields = Fields(call.body)
    home = await address_named(call, fields.whole("address_id", required=True))
    on = fields.day("next_charge_scheduled_at")
    fields.check()
    if home["customer_id"] != row["customer_id"]:
        raise invalid(address_id="Address not found.")
    values: dict[str, Any] = {"address_id": home["id"]}
    if on:
        values["next_charge_scheduled_at"] = future(call, on, "next_charge_scheduled_at")
    if home["presentment_currency"] != row["presentment_currency"]:
        goods = await goods_of(call, row["external_variant_id"]["ecommerce"])
        if goods.is_dynamic:
            raise invalid(address_id="Address has another currency.")
        plan = goods.plan_every(*(row[name] for name in INTERVALS))
        values["presentment_currency"] = home["presentment_currency"]
        values["price"] = goods.cents(call, home["presentment_currency"], plan)
    await save(call, SUBSCRIPTIONS, row["id"], values)
    return await _changed(call, row["id"], {row["address_id"], home["id"]}, commit=True)


async def remove(call: Call) -> None:
    """`DELETE /subscriptions/{id}`."""
    row = await SUBSCRIPTION.stored(call, call.path["id"])
    await call.connection.execute(SUBSCRIPTIONS.delete().where(SUBSCRIPTIONS.c.id == row["id"]))
    await settle(call, {row["address_id"]})
    await recount(call, row["customer_id"])


async def _changed(
    call: Call, key: int, addresses: set[int], *, customer: int | None = None, commit: bool | None = None
) -> Row:
    await settle(call, addresses, commit=is_committed(call) if commit is None else commit)
    if customer is not None:
        await recount(call, customer)
    return {"subscription": await SUBSCRIPTION.by_id(call, key)}


async def _allowed(call: Call, fields: Fields, row: Row) -> None:
    """Raises 403 for the first change that the shop's portal does not offer."""
    if fields.has("quantity"):
        await require(call, "change_quantity")
    if fields.has("next_charge_scheduled_at"):
        await require(call, "edit_scheduled_date")
    if fields.has(*INTERVALS, "plan_id") and call.customer_id is not None:
        allowed = (await portal_settings(call))["subscription"]["edit_order_frequency"]
        if allowed not in {"Any", "Plan"} or (allowed == "Plan" and not fields.has("plan_id")):
            raise RefusedError(403, "The store's customer portal settings do not allow this: edit_order_frequency")
    variant_id = fields.external("external_variant_id")
    if variant_id and variant_id != row["external_variant_id"]["ecommerce"]:
        other = (await goods_of(call, variant_id)).product["id"]
        same = str(other) == row["external_product_id"]["ecommerce"]
        await require(call, "change_variant" if same else "change_product")


def _every(fields: Fields, goods: Goods) -> tuple[Row | None, Row] | None:
    """The plan that a request names or means, with the columns that follow; None when it is silent about both."""
    plan_id = fields.whole("plan_id")
    unit = fields.choice("order_interval_unit", UNITS)
    order = fields.whole("order_interval_frequency", least=1, most=365)
    charge = fields.whole("charge_interval_frequency", least=1, most=365)
    fields.check()
    if plan_id is not None:
        plan = goods.plan(plan_id)
        if plan["type"] == "onetime":
            raise invalid(plan_id="Not a plan for subscriptions.")
        return plan, under(plan)
    if not fields.has(*INTERVALS):
        return None
    if unit is None or order is None or charge is None:
        raise RefusedError(422, {"charge_interval_unit_type": TOGETHER})
    if charge % order:
        raise invalid(charge_interval_frequency="Must be a multiple of order_interval_frequency.")
    found = goods.plan_every(unit, order, charge)
    own = {"order_interval_unit": unit, "order_interval_frequency": order, "charge_interval_frequency": charge}
    return (found, under(found)) if found else (None, {"plan_id": None, **own})


def _anchors(fields: Fields) -> Row:
    bounds = {
        "order_day_of_month": (0, 31),
        "order_day_of_week": (0, 6),
        "expire_after_specific_number_of_charges": (1, 1_000),
    }
    return {
        name: fields.whole(name, least=least, most=most) for name, (least, most) in bounds.items() if fields.has(name)
    }


async def _paid(call: Call, key: int) -> int:
    statement = (
        select(func.count())
        .select_from(CHARGES.join(CHARGE_ITEMS, CHARGE_ITEMS.c.charge_id == CHARGES.c.id))
        .where(CHARGE_ITEMS.c.purchase_item_id == key, CHARGES.c.processed_at.is_not(None))
    )
    return (await call.connection.execute(statement)).scalar_one()
