"""What all writes of this service have in common."""

from datetime import date
from typing import Any

from sqlalchemy import Table, select

from backends.subscriptions.account_resources import MEMBERSHIP, ONETIME
from backends.subscriptions.resources import ADDRESS, CHARGE, SUBSCRIPTION
from backends.subscriptions.tables import CHARGE_ITEMS, CHARGES
from backends.wire.calls import Call
from backends.wire.errors import RefusedError, invalid, unfit
from backends.wire.fields import Fields
from backends.wire.resources import Resource, Row
from backends.wire.writes import Touched

NOT_FAR_ENOUGH = "date is not far enough in the future"
IN_THE_PAST = "Cannot be in the past"


def at_address_of(resource: Resource) -> Touched:
    """The address that the object in the path belongs to."""

    async def touched(call: Call) -> set[int]:
        return {(await resource.stored(call, call.path["id"]))["address_id"]}

    return touched


of_subscription = at_address_of(SUBSCRIPTION)
of_charge = at_address_of(CHARGE)
of_onetime = at_address_of(ONETIME)
of_membership = at_address_of(MEMBERSHIP)


async def of_address(call: Call) -> set[int]:
    """The address in the path."""
    return {(await ADDRESS.stored(call, call.path["id"]))["id"]}


async def of_named_address(call: Call) -> set[int]:
    """The address that the body names."""
    fields = Fields(call.body)
    key = fields.whole("address_id", required=True)
    fields.check()
    return {(await address_named(call, key))["id"]}


async def of_both_addresses(call: Call) -> set[int]:
    """Where a subscription is and where it is to go."""
    return await of_subscription(call) | await of_named_address(call)


async def of_nothing(_: Call) -> set[int]:
    """No address at all."""
    return set()


async def address_named(call: Call, key: int | None) -> Row:
    """An address out of a body; raises 422 for those that the caller may not know."""
    try:
        return await ADDRESS.stored(call, key)
    except RefusedError as refusal:
        raise invalid(address_id="Address not found.") from refusal


def is_committed(call: Call) -> bool:
    """Whether charges are to be brought up to date before the answer."""
    return call.query.get("commit", "false").lower() in {"true", "1"}


def future(call: Call, on: date | None, name: str = "date") -> date:
    """A day after today; raises the documented 422."""
    if on is None or on <= call.today:
        message: Any = IN_THE_PAST if name == "next_charge_scheduled_at" else [NOT_FAR_ENOUGH]
        raise RefusedError(422, {name: message})
    return on


async def active(call: Call, key: int) -> Row:
    """A subscription that goes on; raises 404 and 422."""
    row = await SUBSCRIPTION.stored(call, key)
    if row["status"] != "active":
        raise unfit(f"Subscription is {row['status']}")
    return row


async def save(call: Call, table: Table, key: int, values: dict[str, Any]) -> None:
    """Changes a row; it was changed now."""
    await call.connection.execute(table.update().where(table.c.id == key).values({**values, "updated_at": call.now}))


async def skipped_days(call: Call, subscription_id: int) -> frozenset[date]:
    """The days on which a subscription was skipped, as far as they are still to come."""
    statement = (
        select(CHARGES.c.scheduled_at)
        .join(CHARGE_ITEMS, CHARGE_ITEMS.c.charge_id == CHARGES.c.id)
        .where(
            CHARGE_ITEMS.c.purchase_item_id == subscription_id,
            CHARGES.c.status == "skipped",
            CHARGES.c.scheduled_at >= call.today,
        )
    )
    return frozenset(date.fromisoformat(each) for each in (await call.connection.execute(statement)).scalars())
