"""Customers, their memberships, and what little else they change about themselves."""

from typing import Any

from sqlalchemy import select

from backends.subscriptions.account_resources import MEMBERSHIP, PAYMENT_METHOD
from backends.subscriptions.account_tables import MEMBERSHIP_PROGRAMS, MEMBERSHIPS, PAYMENT_METHODS
from backends.subscriptions.charging import one
from backends.subscriptions.goods import goods_of
from backends.subscriptions.intervals import step
from backends.subscriptions.portal import portal_settings
from backends.subscriptions.purchases import plain
from backends.subscriptions.resources import CUSTOMER
from backends.subscriptions.tables import CHARGES, CUSTOMERS
from backends.subscriptions.writing import future, save
from backends.wire.calls import Call
from backends.wire.columns import parse_instant
from backends.wire.errors import RefusedError, invalid, unfit
from backends.wire.fields import LARGEST_NUMBER, Fields
from backends.wire.resources import Row

FLAGS = (
    "apply_credit_to_next_recurring_charge", "backup_payment_methods_enabled",
    "payment_method_fallback_on_failure_disabled",
)  # fmt: skip


async def change_customer(call: Call) -> Row:
    """`PUT /customers/{id}`."""
    row = await CUSTOMER.stored(call, call.path["id"])
    fields = Fields(call.body)
    values: dict[str, Any] = {
        name: fields.text(name, required=name != "phone", longest=32 if name == "phone" else 191)
        for name in ("email", "first_name", "last_name", "phone")
        if fields.has(name)
    }
    values |= {name: fields.flag(name) for name in FLAGS if fields.has(name)}
    if fields.has("apply_credit_to_next_recurring_charge"):
        values["apply_credit_to_next_recurring_charge"] = bool(values["apply_credit_to_next_recurring_charge"])
        values["apply_credit_to_next_recurring_charge_channel"] = "customer_portal"
    if fields.has("external_customer_id"):
        values["external_customer_id"] = fields.external("external_customer_id")
    fields.check()
    if "email" in values:
        values["email"] = await _free(call, row["id"], str(values["email"]).lower())
    await save(call, CUSTOMERS, row["id"], values)
    await _named_on_charges(call, row["id"])
    return {"customer": await CUSTOMER.by_id(call, row["id"])}


async def _free(call: Call, key: int, email: str) -> str:
    """An address that is well-formed and nobody else's; raises 422."""
    local, _, host = email.partition("@")
    if not local or "." not in host or any(c.isspace() for c in email) or "@" in host:
        raise invalid(email="Not a valid email address.")
    table = CUSTOMERS
    statement = select(table.c.id).where(table.c.shop_id == call.shop.id, table.c.email == email, table.c.id != key)
    if (await call.connection.execute(statement)).first() is not None:
        raise invalid(email="Email address is already taken.")
    return email


async def _named_on_charges(call: Call, key: int) -> None:
    """Charges that are still to come carry the customer's new address."""
    owner = await one(call, CUSTOMERS, key)
    named = {name: owner[name] for name in ("id", "email", "external_customer_id", "hash")}
    table = CHARGES
    statement = table.update().where(table.c.customer_id == key, table.c.status.in_(["queued", "skipped"]))
    await call.connection.execute(statement.values(customer=named))


async def cancel_membership(call: Call) -> Row:
    """`POST /memberships/{id}/cancel`: it stays until it ends, unless it is to end immediately."""
    row = await MEMBERSHIP.stored(call, call.path["id"])
    fields = Fields(call.body)
    at_once = fields.flag("cancel_immediately")
    settings = (await portal_settings(call))["membership"]
    reason = fields.text("cancellation_reason", required=not settings["membership_cancellation_reason_optional"])
    comments = fields.text("cancellation_reason_comments")
    fields.check()
    if call.customer_id is not None and not settings["allow_membership_cancellation_in_customer_portal"]:
        raise RefusedError(403, "The store's customer portal settings do not allow this: membership")
    if row["status"] != "active":
        raise unfit("Membership is inactive")
    values = {
        "cancellation_reason": reason,
        "cancellation_reason_comments": comments,
        "cancelled_at": call.now,
        "has_queued_charges": False,
        "next_charge_scheduled_at": None,
        "purchase_item_status": "cancelled",
    }
    if at_once:
        values |= {"status": "inactive", "expires_at": call.now}
    return await _membership(call, row["id"], values)


async def activate_membership(call: Call) -> Row:
    """`POST /memberships/{id}/activate`."""
    row = await MEMBERSHIP.stored(call, call.path["id"])
    fields = Fields(call.body)
    ends = fields.text("expires_at")
    try:
        until = parse_instant(ends) if ends else None
    except ValueError as error:
        raise invalid(expires_at="Not a valid datetime.") from error
    fields.check()
    on = until.date() if until else step(call.today, row["charge_interval_unit"], int(row["charge_interval_frequency"]))
    values = {
        "cancellation_reason": None,
        "cancellation_reason_comments": None,
        "cancelled_at": None,
        "expires_at": until or on.isoformat(),
        "has_queued_charges": True,
        "next_charge_scheduled_at": future(call, on, "expires_at"),
        "purchase_item_status": "active",
        "status": "active",
    }
    return await _membership(call, row["id"], values)


async def change_membership(call: Call) -> Row:
    """`POST /memberships/{id}/change`: of an active one, to another programme, interval or quantity."""
    row = await MEMBERSHIP.stored(call, call.path["id"])
    fields = Fields(call.body)
    program_id = fields.whole("membership_program_id")
    quantity = fields.whole("quantity", least=1, most=LARGEST_NUMBER)
    unit = fields.choice("charge_interval_unit", ("day", "month", "year"))
    every = fields.whole("charge_interval_frequency", least=1, most=365)
    price = fields.money("price") if call.customer_id is None else None
    variant_id = fields.external("external_variant_id")
    fields.check()
    if row["status"] != "active":
        raise unfit("Membership is inactive")
    values: dict[str, Any] = {}
    if program_id is not None:
        table = MEMBERSHIP_PROGRAMS
        statement = select(table).where(table.c.shop_id == call.shop.id, table.c.id == program_id)
        program = (await call.connection.execute(statement)).mappings().one_or_none()
        if program is None or program["status"] != "active":
            raise invalid(membership_program_id="Membership program not found.")
        values |= {"membership_program_id": program_id, "product_title": program["name"], "price": program["price"]}
    if variant_id:
        goods = await goods_of(call, variant_id)
        values |= {"external_product_id": goods.product["id"], "external_variant_id": int(variant_id)}
    sent = {"quantity": quantity, "charge_interval_unit": unit, "price": price}
    values |= {name: value for name, value in sent.items() if value is not None}
    if every is not None:
        values["charge_interval_frequency"] = str(every)
    return await _membership(call, row["id"], values)


async def _membership(call: Call, key: int, values: dict[str, Any]) -> Row:
    await save(call, MEMBERSHIPS, key, values)
    return {"membership": await MEMBERSHIP.by_id(call, key)}


async def change_payment_method(call: Call) -> Row:
    """`PUT /payment_methods/{id}`: its billing address."""
    row = await PAYMENT_METHOD.stored(call, call.path["id"])
    fields = Fields(call.body)
    sent = fields.body.get("billing_address")
    if not isinstance(sent, dict):
        raise invalid(billing_address="Missing data for required field.")
    billed = plain(row["billing_address"])
    changed = {name: value for name, value in sent.items() if name in billed and isinstance(value, str | None)}
    await save(call, PAYMENT_METHODS, row["id"], {"billing_address": {**billed, **changed}})
    return {"payment_method": await PAYMENT_METHOD.by_id(call, row["id"])}
