"""Who is to be told of what: `/webhooks`, for the shop itself."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import MetaData, Table, select
from starlette.routing import BaseRoute

from backends.webhooks.tables import LONGEST_ADDRESS, WEBHOOKS
from backends.wire.calls import Call, Handler
from backends.wire.errors import invalid, unfit
from backends.wire.fields import REQUIRED, Fields
from backends.wire.filters import text
from backends.wire.resources import Resource, Row
from backends.wire.writes import write

VERSION = "2021-11"


def registration(tables: MetaData, topics: Collection[str]) -> list[BaseRoute]:
    """The endpoints: one topic and one address a registration.

    Args:
        tables: Those of the service; `define_webhooks` has been there.
        topics: What can be registered for.
    """
    table = tables.tables[WEBHOOKS]
    resource = Resource(
        one="webhook",
        many="webhooks",
        table=table,
        filters={"address": text(table.c.address), "topic": text(table.c.topic)},
    )
    create, change, remove = _writes(table, resource, topics)
    return [
        *resource.routes(""),
        write("POST", "/webhooks", create, _of_nothing, customers=False),
        write("PUT", "/webhooks/{id:int}", change, _of_nothing, customers=False),
        write("DELETE", "/webhooks/{id:int}", remove, _of_nothing, customers=False),
    ]


async def _of_nothing(_: Call) -> set[int]:
    return set()


def _writes(table: Table, resource: Resource, topics: Collection[str]) -> tuple[Handler, Handler, Handler]:
    async def create(call: Call) -> Row:
        """`POST /webhooks`."""
        if call.shop.domain not in call.state.settings.client_secrets:
            raise unfit("There is no client secret to sign this shop's webhooks with.")
        fields = Fields(call.body)
        values = _read(fields, topics)
        values = {"included_objects": [], **values}
        for name in ("address", "topic"):
            if name not in values:
                fields.problems.setdefault(name, [REQUIRED])
        fields.check()
        key = next(call.state.ids)
        await _free(call, key, values["address"], values["topic"])
        row = {"id": key, "shop_id": call.shop.id, "version": VERSION, **values}
        await call.connection.execute(table.insert().values(row))
        return {"webhook": await resource.by_id(call, key)}

    async def change(call: Call) -> Row:
        """`PUT /webhooks/{id}`: what waits for it goes to the new address."""
        row = await resource.stored(call, call.path["id"])
        fields = Fields(call.body)
        values = _read(fields, topics)
        fields.check()
        changed = {**row, **values}
        await _free(call, row["id"], changed["address"], changed["topic"])
        if values:
            await call.connection.execute(table.update().where(table.c.id == row["id"]).values(values))
        return {"webhook": await resource.by_id(call, row["id"])}

    async def remove(call: Call) -> None:
        """`DELETE /webhooks/{id}`, with what was still to be sent."""
        row = await resource.stored(call, call.path["id"])
        await call.connection.execute(table.delete().where(table.c.id == row["id"]))

    async def _free(call: Call, key: int, address: str, topic: str) -> None:
        same = select(table.c.id).where(
            table.c.shop_id == call.shop.id, table.c.topic == topic, table.c.address == address, table.c.id != key
        )
        if (await call.connection.execute(same)).first() is not None:
            raise invalid(address="This address for topic has already been taken.")

    return create, change, remove


def _read(fields: Fields, topics: Collection[str]) -> dict[str, Any]:
    """What was sent, as far as it is right; the rest is among the problems."""
    values: dict[str, Any] = {}
    if (address := fields.text("address", longest=LONGEST_ADDRESS)) is not None:
        if _is_url(address):
            values["address"] = address
        else:
            fields.problems["address"] = ["Not a valid URL."]
    if (topic := fields.choice("topic", topics)) is not None:
        values["topic"] = topic
    sent = fields.body.get("included_objects")
    if sent is not None:
        if isinstance(sent, list) and all(isinstance(each, str) and each.isidentifier() for each in sent):
            values["included_objects"] = sent
        else:
            fields.problems["included_objects"] = ["Not a valid list."]
    return values


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
