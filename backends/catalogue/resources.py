"""Plans and tiered discounts."""

from sqlalchemy import MetaData

from backends.wire import filters
from backends.wire.calls import Call
from backends.wire.resources import Resource, Row, shown

PLAN_TYPES = ("subscription", "prepaid", "prepaid_v2", "onetime", "membership_subscription")
SCOPES = ("collection_id", "external_bundle_product_id", "external_product_id")


def plans(tables: MetaData) -> Resource:
    """`/plans`."""
    table = tables.tables["plans"]
    return Resource(
        one="plan",
        many="plans",
        table=table,
        public=True,
        filters={
            "ids": filters.ids(table.c.id),
            "external_product_id": filters.text(table.c.external_product_id),
            "type": filters.one_of(table.c.type, *PLAN_TYPES),
            **filters.dates(table.c.updated_at),
        },
        sorts={"id": "id", "updated_at": "updated_at"},
    )


def collections(tables: MetaData) -> Resource:
    """`/collections`."""
    table = tables.tables["collections"]
    return Resource(
        one="collection",
        many="collections",
        table=table,
        public=True,
        filters={
            "ids": filters.ids(table.c.id),
            "title": filters.contains(table.c.title),
            "type": filters.one_of(table.c.type, "automatic", "manual"),
        },
        sorts={"id": "id", "created_at": "created_at", "title": "title"},
    )


def tiered_discounts(tables: MetaData) -> Resource:
    """`/incentives/tiered_discounts`."""
    table = tables.tables["tiered_discounts"]

    async def present(_: Call, rows: list[Row]) -> list[Row]:
        return [tiered_discount(tables, row) for row in rows]

    return Resource(
        one="tiered_discount",
        many="tiered_discounts",
        path="/incentives/tiered_discounts",
        table=table,
        public=True,
        filters={
            "status": filters.one_of(table.c.status, "draft", "unpublished", "published", "inactive"),
            "external_product_id": filters.text(table.c.external_product_id),
            "external_bundle_product_id": filters.text(table.c.external_bundle_product_id),
            "collection_id": filters.text(table.c.collection_id),
        },
        present=present,
    )


def tiered_discount(tables: MetaData, row: Row) -> Row:
    """A discount names only what it is limited to: of the three scopes at most one is there."""
    sent = shown(tables.tables["tiered_discounts"], row)
    return {
        name: value for name, value in sent.items() if name not in SCOPES or value not in (None, {"ecommerce": None})
    }
