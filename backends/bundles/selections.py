"""What is in the boxes of bundle subscriptions: read, chosen, changed."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from backends.bundles.portal import require_change, require_open
from backends.bundles.rules import Item, problem
from backends.bundles.tables import BUNDLE_SELECTIONS as TABLE
from backends.bundles.upstream import subscriptions_of
from backends.store.prices import amount, cents_of, discounted
from backends.store.shops import Shop
from backends.wire.calls import Call
from backends.wire.errors import RefusedError, invalid, not_found, unfit
from backends.wire.fields import Fields
from backends.wire.filters import ids
from backends.wire.resources import Resource, Row, shown

INTERVALS = ("order_interval_unit", "order_interval_frequency", "charge_interval_frequency")
UNDO_TRIES = 20
UNDO_SECONDS = 0.1

SELECTION = Resource(
    one="bundle_selection",
    many="bundle_selections",
    table=TABLE,
    owners=("customer_id",),
    filters={
        "ids": ids(TABLE.c.id),
        "purchase_item_ids": ids(TABLE.c.purchase_item_id),
        "bundle_variant_ids": ids(TABLE.c.bundle_variant_id),
    },
    sorts={"id": "id", "updated_at": "updated_at"},
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Contents that the rules allow, priced for one subscription."""

    subscription: Row
    product: Row
    size: Row
    items: list[Row]
    cents: int | None
    """The box's price when its contents make it; None for a fixed price."""
    plan_id: int | None


async def create(call: Call) -> Row:
    """`POST /bundle_selections`."""
    fields = Fields(call.body)
    key = fields.whole("purchase_item_id", required=True)
    fields.check()
    chosen = await choose(call, fields, await owned(call, int(key or 0)))
    current = await _current(call, int(key or 0))
    if current:
        raise unfit("The subscription has a bundle selection already")
    await _charge_more(call, chosen)
    return {"bundle_selection": await _stored(call, chosen, None)}


async def change(call: Call) -> Row:
    """`PUT /bundle_selections/{id}`."""
    row = await SELECTION.stored(call, call.path["id"])
    if row["charge_id"] is not None:
        raise unfit("This bundle selection went out with a charge")
    fields = Fields(call.body)
    key = fields.whole("purchase_item_id")
    fields.check()
    if key not in {None, row["purchase_item_id"]}:
        raise invalid(purchase_item_id="Cannot be changed.")
    chosen = await choose(call, fields, await owned(call, row["purchase_item_id"]))
    await _charge_more(call, chosen)
    return {"bundle_selection": await _stored(call, chosen, row["id"])}


async def remove(call: Call) -> None:
    """`DELETE /bundle_selections/{id}`: of one that has not gone out yet."""
    row = await SELECTION.stored(call, call.path["id"])
    if row["charge_id"] is not None:
        raise unfit("This bundle selection went out with a charge")
    if call.customer_id is not None:
        subscription = await owned(call, row["purchase_item_id"])
        product_id = subscription["external_product_id"]["ecommerce"]
        product = await subscriptions_of(call.state).product(call.shop, product_id)
        require_open(call, product["bundle_product"], subscription)
    await call.connection.execute(TABLE.delete().where(TABLE.c.id == row["id"]))


async def change_bundle(call: Call) -> Row:
    """`PUT /bundles/{purchase_item_id}`: another size, plan and contents at once."""
    key = call.path["id"]
    subscription = await owned(call, key)
    fields = Fields(call.body)
    product_id = fields.external("external_product_id", required=True)
    variant_id = fields.external("external_variant_id", required=True)
    fields.check()
    target = {
        **subscription,
        "external_product_id": {"ecommerce": product_id},
        "external_variant_id": {"ecommerce": variant_id},
    }
    await require_change(call, fields, subscription, str(product_id), str(variant_id))
    chosen = await choose(call, fields, target)
    current = await _current(call, key)
    updated = await _charge_more(call, chosen, {"external_variant_id": {"ecommerce": variant_id}})
    stored = await _stored(call, chosen, current["id"] if current else None)
    return {"subscription": {**updated, "items": stored["items"]}}


async def owned(call: Call, key: int) -> Row:
    """The subscription, from the service that owns it; raises 404 for those of others."""
    found = await subscriptions_of(call.state).subscription(call.shop, key)
    if call.customer_id not in {None, found["customer_id"]}:
        raise not_found()
    return found


async def choose(call: Call, fields: Fields, subscription: Row) -> Chosen:
    """Contents out of a request, checked and priced; raises 422 with the first rule that they break."""
    items = _items(fields)
    plan_id = fields.whole("plan_id")
    fields.check()
    upstream = subscriptions_of(call.state)
    product = await upstream.product(call.shop, subscription["external_product_id"]["ecommerce"])
    bundle = product["bundle_product"]
    require_open(call, bundle, subscription)
    variant_id = subscription["external_variant_id"]["ecommerce"]
    size = next(
        (each for each in (bundle or {"variants": []})["variants"] if each["external_variant_id"] == variant_id), None
    )
    sources = [source["collection_id"] for source in size["option_sources"]] if size else []
    inside = await upstream.products_of(call.shop, sources)
    stock = {
        key: frozenset(
            each["external_product_id"]
            for each in inside
            if key in {str(collection["id"]) for collection in each["collections"]}
        )
        for key in sources
    }
    broken = problem(bundle, stock, variant_id, items)
    if broken or size is None:
        raise invalid(items=broken or "Not a bundle.")
    plan = _plan(product, plan_id, subscription)
    priced = [_priced(call.shop, item, inside, plan, bundle["price_rule"], subscription) for item in items]
    total = sum(cents_of(each["price"]) * each["quantity"] for each in priced)
    return Chosen(subscription, product, size, priced, total if bundle["price_rule"] == "dynamic" else None, plan_id)


def _items(fields: Fields) -> list[Item]:
    found: list[Item] = []
    for sent in fields.objects("items", required=True):
        each = Fields(sent)
        collection = each.external("collection_id", required=True)
        product = each.external("external_product_id", required=True)
        variant = each.external("external_variant_id", required=True)
        quantity = each.whole("quantity", least=1, most=10_000, required=True)
        each.choice("collection_source", ("shopify",))
        if each.problems:
            fields.problems["items"] = {str(len(found)): each.problems}
            return []
        found.append(Item(str(collection), str(product), str(variant), int(quantity or 0)))
    return found


def _plan(product: Row, plan_id: int | None, subscription: Row) -> Row | None:
    """The plan that was named, or the one with the subscription's intervals."""
    if plan_id is not None:
        named: Row | None = next((plan for plan in product["plans"] if plan["id"] == plan_id), None)
        if named is None:
            raise invalid(plan_id="Not a plan of this product.")
        return named
    wanted = tuple(subscription[name] for name in INTERVALS)
    for plan in product["plans"]:
        every = plan["subscription_preferences"]
        if (every["interval_unit"], every["order_interval_frequency"], every["charge_interval_frequency"]) == wanted:
            return dict(plan)
    return None


def _priced(shop: Shop, item: Item, inside: list[Row], plan: Row | None, rule: str, subscription: Row) -> Row:
    product = next(each for each in inside if each["external_product_id"] == item.product_id)
    variant = next((each for each in product["variants"] if each["external_variant_id"] == item.variant_id), None)
    if variant is None:
        raise invalid(items=f"Not a variant of its product: {item.variant_id}.")
    currency = subscription["presentment_currency"] or shop.currency
    prices = {each["currency"]: each for each in variant["prices"][0]["presentment_prices"]}
    cents = cents_of(prices[currency]["unit_price"]) if rule == "dynamic" else 0
    if plan is not None and rule == "dynamic":
        hundredths = cents_of(plan["discount_amount"] or "0.00")
        cents = discounted(cents, plan["discount_type"], hundredths, shop.rate(currency))
    return {
        "collection_id": item.collection_id,
        "collection_source": "shopify",
        "external_product_id": item.product_id,
        "external_variant_id": item.variant_id,
        "price": amount(cents),
        "quantity": item.quantity,
    }


async def _current(call: Call, purchase_item_id: int) -> Row | None:
    statement = select(TABLE).where(
        TABLE.c.shop_id == call.shop.id, TABLE.c.purchase_item_id == purchase_item_id, TABLE.c.charge_id.is_(None)
    )
    row = (await call.connection.execute(statement.order_by(TABLE.c.id.desc()).limit(1))).mappings().first()
    return dict(row) if row else None


async def _charge_more(call: Call, chosen: Chosen, changes: Row | None = None) -> Row:
    """Tells the owner of the subscription what has changed about it."""
    sent: dict[str, Any] = dict(changes or {})
    if chosen.plan_id is not None:
        sent["plan_id"] = chosen.plan_id
    if chosen.cents is not None:
        sent["price"] = amount(chosen.cents)
    if not sent:
        return chosen.subscription
    commit = call.query.get("commit", "true").lower() in {"true", "1"}
    key, update = chosen.subscription["id"], subscriptions_of(call.state).update
    before = await subscriptions_of(call.state).subscription(call.shop, key)
    undo = partial(_put_back, call, before)
    # Before the call: one that breaks may have been carried out all the same.
    call.undoing.append(undo)
    try:
        return await update(call.shop, key, sent, commit=commit)
    except RefusedError as refusal:
        if refusal.status < 500:
            call.undoing.remove(undo)
        if refusal.status == 404:
            raise not_found() from refusal
        raise


async def _put_back(call: Call, before: Row) -> None:
    """Gives the subscription its variant, intervals and price again."""
    names = ("external_variant_id", *INTERVALS, "price")
    upstream = subscriptions_of(call.state)
    for _ in range(UNDO_TRIES):
        with suppress(RefusedError):
            now = await upstream.subscription(call.shop, before["id"])
            changed = {name: before[name] for name in names if now[name] != before[name]}
            if changed:
                if not changed.keys().isdisjoint(INTERVALS):
                    changed |= {name: before[name] for name in INTERVALS}
                await upstream.update(call.shop, before["id"], changed | {"price": before["price"]}, commit=True)
            return
        await asyncio.sleep(UNDO_SECONDS)
    logging.getLogger(__name__).error("a change at subscriptions is not undone: subscription %s", before["id"])


async def _stored(call: Call, chosen: Chosen, key: int | None) -> Row:
    at = call.now
    written = f"{at.isoformat()}+00:00"
    items = [
        {"id": next(call.state.ids), "created_at": written, "updated_at": written, **item} for item in chosen.items
    ]
    values = {
        "bundle_variant_id": chosen.size["id"],
        "external_product_id": chosen.subscription["external_product_id"]["ecommerce"],
        "external_variant_id": chosen.subscription["external_variant_id"]["ecommerce"],
        "is_fallback": False,
        "items": [dict(sorted(item.items(), key=lambda pair: (pair[0] != "id", pair[0]))) for item in items],
        "updated_at": at,
    }
    if key is None:
        key = next(call.state.ids)
        owner = {
            "id": key,
            "shop_id": call.shop.id,
            "customer_id": chosen.subscription["customer_id"],
            "purchase_item_id": chosen.subscription["id"],
            "charge_id": None,
            "order_id": None,
            "created_at": at,
        }
        await call.connection.execute(TABLE.insert().values({**owner, **values}))
    else:
        await call.connection.execute(TABLE.update().where(TABLE.c.id == key).values(values))
    return shown(TABLE, await SELECTION.stored(call, key))
