"""What customers' credit accounts add up to."""

from collections import defaultdict

from sqlalchemy import or_, select

from backends.store.prices import amount, cents_of
from backends.subscriptions.resources import CUSTOMER
from backends.subscriptions.tables import CREDIT_ACCOUNTS, CUSTOMERS
from backends.wire.calls import Call
from backends.wire.errors import invalid
from backends.wire.filters import numbers
from backends.wire.resources import Row, included, shown

KINDS = ("reward", "manual", "gift")


async def credit_summary(call: Call) -> Row:
    """`GET /customers/{id}/credit_summary`: accounts that have ended do not count; raises 404."""
    customer = await CUSTOMER.stored(call, call.path["id"])
    return {"credit_summary": (await _summaries(call, [customer["id"]]))[0]}


async def credit_summaries(call: Call) -> Row:
    """`GET /credit_summaries?customer_ids=`: one for each customer that the shop has."""
    if "customer_ids" not in call.query:
        raise invalid(customer_ids="Missing data for required field.")
    try:
        wanted = numbers(call.query["customer_ids"])
    except ValueError as error:
        raise invalid(customer_ids=str(error)) from error
    statement = select(CUSTOMERS.c.id).where(CUSTOMERS.c.id.in_(wanted), *CUSTOMER.visible(call))
    found = (await call.connection.execute(statement.order_by(CUSTOMERS.c.id))).scalars().all()
    return {"credit_summaries": await _summaries(call, list(found))}


async def _summaries(call: Call, customers: list[int]) -> list[Row]:
    table = CREDIT_ACCOUNTS
    statement = (
        select(table)
        .where(table.c.shop_id == call.shop.id, table.c.customer_id.in_(customers))
        .where(or_(table.c.expires_at.is_(None), table.c.expires_at > call.now))
        .order_by(table.c.id.desc())
    )
    accounts: dict[int, list[Row]] = defaultdict(list)
    for row in (await call.connection.execute(statement)).mappings():
        accounts[row["customer_id"]].append(dict(row))
    return [_summary(call, customer, accounts[customer]) for customer in customers]


def _summary(call: Call, customer: int, accounts: list[Row]) -> Row:
    by_kind = {kind: sum(_cents(each) for each in accounts if each["type"] == kind) for kind in KINDS}
    summary = {
        "customer_id": customer,
        "currency_code": call.shop.currency,
        "max_redemption_limit": None,
        "total_available_balance": amount(sum(by_kind.values())),
        "total_available_balance_by_credit_type": {kind: cents / 100 for kind, cents in by_kind.items()},
    }
    if "credit_details" in included(call.query):
        summary["include"] = {"credit_details": [shown(CREDIT_ACCOUNTS, each) for each in accounts]}
    return summary


def _cents(account: Row) -> int:
    return cents_of(account["available_balance"])
