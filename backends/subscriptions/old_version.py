"""Several subscriptions of one address at once, in the words of version 2021-01."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from backends.subscriptions import subscription_writes
from backends.subscriptions.resources import SUBSCRIPTION
from backends.wire.calls import Call
from backends.wire.errors import RefusedError, invalid
from backends.wire.fields import Fields
from backends.wire.resources import Row

MOST = 20
RENAMED = ("charge_interval_frequency", "order_interval_frequency")


async def create_many(call: Call) -> Row:
    """`POST /addresses/{id}/subscriptions-bulk`."""
    return {"subscriptions": [await _each(call, subscription_writes.create, sent) for sent in _sent(call)]}


async def change_many(call: Call) -> Row:
    """`PUT /addresses/{id}/subscriptions-bulk`."""
    found = []
    for sent in _sent(call):
        key = await _of_address(call, sent)
        found.append(await _each(call, subscription_writes.change, sent, key))
    return {"subscriptions": found}


async def remove_many(call: Call) -> None:
    """`DELETE /addresses/{id}/subscriptions-bulk`."""
    for sent in _sent(call):
        key = await _of_address(call, sent)
        await subscription_writes.remove(replace(call, path={"id": key}))


def _sent(call: Call) -> list[dict[str, Any]]:
    fields = Fields(call.body)
    found = fields.objects("subscriptions", required=True)
    fields.check()
    if not 1 <= len(found) <= MOST:
        raise invalid(subscriptions=f"Number of subscriptions must be between 1 and {MOST}")
    return found


async def _of_address(call: Call, sent: dict[str, Any]) -> int:
    each = Fields(sent)
    key = each.whole("id", required=True)
    each.check()
    row = await SUBSCRIPTION.stored(call, key)
    if row["address_id"] != call.path["id"]:
        raise RefusedError(404, "Not Found")
    return int(row["id"])


async def _each(
    call: Call, handler: Callable[[Call], Awaitable[Row]], sent: dict[str, Any], key: int | None = None
) -> Row:
    body = {name: value for name, value in sent.items() if name not in {"id", "shopify_variant_id", "status"}}
    if sent.get("shopify_variant_id") is not None:
        body["external_variant_id"] = {"ecommerce": str(sent["shopify_variant_id"])}
    body["address_id"] = call.path["id"]
    commit = str(bool(call.body.get("commit_update"))).lower()
    answer = await handler(replace(call, body=body, path={"id": key}, query={**call.query, "commit": commit}))
    return old(answer["subscription"])


def old(new: Row) -> Row:
    """A subscription as 2021-01 writes it."""
    sent = {name: value for name, value in new.items() if name not in {"external_product_id", "external_variant_id"}}
    return {
        **sent,
        **{name: str(new[name]) for name in RENAMED},
        "has_queued_charges": int(new["has_queued_charges"]),
        "max_retries_reached": int(new["max_retries_reached"]),
        "next_charge_scheduled_at": new["next_charge_scheduled_at"] and f"{new['next_charge_scheduled_at']}T00:00:00",
        "price": float(new["price"]),
        "shopify_product_id": int(new["external_product_id"]["ecommerce"]),
        "shopify_variant_id": int(new["external_variant_id"]["ecommerce"]),
        "status": new["status"].upper(),
    }
