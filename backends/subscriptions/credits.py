"""What a customer's credit accounts add up to."""

from datetime import UTC, datetime

from sqlalchemy import or_, select

from backends.store.prices import amount
from backends.subscriptions.resources import CUSTOMER
from backends.subscriptions.tables import CREDIT_ACCOUNTS
from backends.wire.calls import Call
from backends.wire.resources import Row, included, shown

KINDS = ("reward", "manual", "gift")


async def credit_summary(call: Call) -> Row:
    """`GET /customers/{id}/credit_summary`: accounts that have ended do not count; raises 404."""
    customer = await CUSTOMER.by_id(call, call.path["id"])
    table = CREDIT_ACCOUNTS
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    statement = (
        select(table)
        .where(table.c.shop_id == call.shop.id, table.c.customer_id == customer["id"])
        .where(or_(table.c.expires_at.is_(None), table.c.expires_at > now))
        .order_by(table.c.id.desc())
    )
    accounts = [dict(row) for row in (await call.connection.execute(statement)).mappings()]
    by_kind = {kind: sum(_cents(each) for each in accounts if each["type"] == kind) for kind in KINDS}
    summary = {
        "customer_id": customer["id"],
        "currency_code": call.shop.currency,
        "max_redemption_limit": None,
        "total_available_balance": amount(sum(by_kind.values())),
        "total_available_balance_by_credit_type": {kind: cents / 100 for kind, cents in by_kind.items()},
    }
    if "credit_details" in included(call.query):
        summary["include"] = {"credit_details": [shown(table, each) for each in accounts]}
    return {"credit_summary": summary}


def _cents(account: Row) -> int:
    return int(account["available_balance"].replace(".", ""))
