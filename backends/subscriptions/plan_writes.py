"""Plans: offered, changed, withdrawn by the shop itself."""

from typing import Any

from sqlalchemy import func, select

from backends.catalogue.resources import PLAN_TYPES, plans
from backends.store.prices import amount
from backends.subscriptions.goods import PLANS
from backends.subscriptions.purchases import PRODUCTS, plain
from backends.subscriptions.tables import TABLES
from backends.subscriptions.writing import save
from backends.wire.calls import Call
from backends.wire.errors import invalid
from backends.wire.fields import Fields
from backends.wire.resources import Row

PLAN = plans(TABLES)
UNITS = ("day", "week", "month")
DISCOUNTS = ("percentage", "fixed_amount", "shipping")
CHANNELS = ("api", "checkout_page", "customer_portal", "merchant_portal")
EVERY = ("charge_interval_frequency", "order_interval_frequency")
NO_PREFERENCES: Row = {
    "apply_cutoff_date_to_checkout": False,
    "charge_interval_frequency": None,
    "cutoff_day_of_month": None,
    "cutoff_day_of_week": None,
    "expire_after_specific_number_of_charges": None,
    "interval_unit": None,
    "order_day_of_month": None,
    "order_day_of_week": None,
    "order_interval_frequency": None,
    "pricing_progression": [],
}


async def create(call: Call) -> Row:
    """`POST /plans`: subscriptions that are there stay as they are."""
    fields = Fields(call.body)
    product_id = fields.external("external_product_id", required=True)
    kind = fields.choice("type", PLAN_TYPES, required=True)
    fields.text("title", required=True)
    values = _read(fields, NO_PREFERENCES)
    fields.check()
    found = select(PRODUCTS.c.id).where(PRODUCTS.c.shop_id == call.shop.id, PRODUCTS.c.id == int(product_id or 0))
    if (await call.connection.execute(found)).first() is None:
        raise invalid(external_product_id="Product not found.")
    key = next(call.state.ids)
    row = {
        "id": key,
        "shop_id": call.shop.id,
        "channel_settings": {channel: {"display": True} for channel in CHANNELS},
        "created_at": call.now,
        "external_product_id": product_id,
        "external_variant_ids": [],
        "has_variant_restrictions": False,
        "sort_order": 1,
        "subscription_preferences": NO_PREFERENCES,
        "translations": {},
        "type": kind,
        "updated_at": call.now,
        **values,
    }
    await call.connection.execute(PLANS.insert().values(row))
    await _count(call, str(product_id))
    return {"plan": await PLAN.by_id(call, key)}


async def change(call: Call) -> Row:
    """`PUT /plans/{id}`: what is bought under it from now on; subscriptions that are there stay as they are."""
    row = await PLAN.stored(call, call.path["id"])
    fields = Fields(call.body)
    values = _read(fields, plain(row["subscription_preferences"]))
    fields.check()
    await save(call, PLANS, row["id"], values)
    return {"plan": await PLAN.by_id(call, row["id"])}


async def remove(call: Call) -> None:
    """`DELETE /plans/{id}`."""
    row = await PLAN.stored(call, call.path["id"])
    await call.connection.execute(PLANS.delete().where(PLANS.c.id == row["id"]))
    await _count(call, row["external_product_id"]["ecommerce"])


def _read(fields: Fields, preferences: Row) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if fields.has("title"):
        values["title"] = fields.text("title", required=True)
    if fields.has("sort_order"):
        values["sort_order"] = fields.whole("sort_order", most=1_000, required=True)
    if fields.has("discount_type"):
        values["discount_type"] = fields.choice("discount_type", DISCOUNTS)
    if fields.has("discount_amount"):
        hundredths = fields.money("discount_amount")
        values["discount_amount"] = None if hundredths is None else amount(hundredths)
    if (shown := fields.body.get("channel_settings")) is not None:
        if isinstance(shown, dict) and all(_is_display(each) for each in shown.values()):
            values["channel_settings"] = shown
        else:
            fields.problems["channel_settings"] = ["Each channel needs a display."]
    if fields.has("subscription_preferences"):
        each = Fields(fields.body["subscription_preferences"])
        changed: Row = {name: each.whole(name, least=1, most=365) for name in EVERY if each.has(name)}
        if each.has("interval_unit"):
            changed["interval_unit"] = each.choice("interval_unit", UNITS)
        if each.problems:
            fields.problems["subscription_preferences"] = each.problems
        values["subscription_preferences"] = {**preferences, **changed}
    return values


def _is_display(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("display"), bool)


async def _count(call: Call, product_id: str) -> None:
    """A product knows whether it has plans."""
    statement = select(func.count()).where(PLANS.c.shop_id == call.shop.id, PLANS.c.external_product_id == product_id)
    has_plans = (await call.connection.execute(statement)).scalar_one() > 0
    await call.connection.execute(PRODUCTS.update().where(PRODUCTS.c.id == int(product_id)).values(has_plans=has_plans))
