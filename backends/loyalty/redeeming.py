"""Points for rewards: all of it or nothing, and never more points than there are."""

import secrets
from typing import Any

import msgspec
from sqlalchemy import select

from backends.loyalty.tables import CUSTOMERS, POINTS_PRODUCTS, POINTS_TRANSACTIONS, REWARD_FULFILLMENTS
from backends.wire.calls import Call
from backends.wire.errors import invalid, not_found
from backends.wire.fields import LARGEST_NUMBER, REQUIRED, Fields
from backends.wire.resources import Row, shown


async def nobody(_: Call) -> set[int]:
    """Purchases need no lock: the balance is changed by a single conditional statement."""
    return set()


async def purchase(call: Call) -> Row:
    """`POST /v1/points_products/{id}/purchase`: raises 404 and 422; of two purchases of the last points one wins."""
    products = POINTS_PRODUCTS
    statement = select(products).where(products.c.shop_id == call.shop.id, products.c.id == call.path["id"])
    product = (await call.connection.execute(statement)).mappings().one_or_none()
    if product is None:
        raise not_found()
    fields = Fields(call.body)
    customer_id = fields.whole("customer_id", required=True)
    wanted = fields.whole("points_to_spend", least=1, most=LARGEST_NUMBER)
    fields.check()
    spent = _price(dict(product), wanted)
    table = CUSTOMERS
    mine = (table.c.shop_id == call.shop.id, table.c.id == customer_id)
    member = (await call.connection.execute(select(table.c.state).where(*mine))).scalar_one_or_none()
    if member is None:
        raise invalid(customer_id="Customer not found.")
    if member != "member":
        raise invalid(customer_id="Customer is not a member.")
    paid = await call.connection.execute(
        table.update()
        .where(*mine, table.c.points_balance >= spent)
        .values(points_balance=table.c.points_balance - spent, updated_at=call.now)
    )
    if paid.rowcount != 1:
        raise invalid(points_to_spend="Customer does not have enough points.")
    fulfillment = await _fulfillment(call, dict(product), customer_id, spent)
    change = {
        "id": next(call.state.ids),
        "shop_id": call.shop.id,
        "customer_id": customer_id,
        "points_change": -spent,
        "description": "Redeemed a reward",
        "internal_note": None,
        "created_at": call.now,
        "updated_at": call.now,
    }
    await call.connection.execute(POINTS_TRANSACTIONS.insert().values(change))
    return {
        "points_purchase": {
            "id": next(call.state.ids),
            "customer_id": customer_id,
            "points_product_id": product["id"],
            "points_spent": spent,
            "reward_fulfillment": fulfillment,
        }
    }


def _price(product: Row, wanted: int | None) -> int:
    if product["exchange_type"] == "fixed":
        return int(product["points_price"])
    if wanted is None:
        raise invalid(points_to_spend=REQUIRED)
    least, most, step = (product[f"variable_points_{name}"] for name in ("min", "max", "step"))
    if not least <= wanted <= most or wanted % step:
        raise invalid(points_to_spend=f"Must be a multiple of {step} from {least} to {most}.")
    return wanted


async def _fulfillment(call: Call, product: Row, customer_id: int | None, spent: int) -> Any:
    reward = msgspec.json.decode(product["reward"])
    step = product["variable_points_step"]
    value = spent // step * product["variable_points_step_reward_value"] if step else None
    key = next(call.state.ids)
    row = {
        "id": key,
        "shop_id": call.shop.id,
        "customer_id": customer_id,
        "name": f"{value} off your order" if value else reward["name"],
        "code": f"pts-{secrets.token_hex(6)}",
        "fulfillment_status": "issued",
        "usage_status": "unused",
        "image_url": reward["image_url"],
        "action_text": "Shop now",
        "action_url": call.shop.site,
        "usage_instructions": "Enter the code at checkout.",
        "terms_and_conditions": None,
        "expires_at": None,
        "used_at": None,
        "created_at": call.now,
        "updated_at": call.now,
    }
    table = REWARD_FULFILLMENTS
    await call.connection.execute(table.insert().values(row))
    stored = await call.connection.execute(select(table).where(table.c.id == key))
    return shown(table, dict(stored.mappings().one()))
