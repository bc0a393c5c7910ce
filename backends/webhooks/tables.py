"""Tables of a service that sends webhooks."""

from sqlalchemy import Index, MetaData, Table

from backends.wire.columns import big, document, key, owned, shop_key, text, whole

WEBHOOKS, OUTBOX = "webhooks", "outbox"
LONGEST_ADDRESS = 512


def define_webhooks(tables: MetaData) -> None:
    """Adds who is told, and what they have not been told yet."""
    Table(
        WEBHOOKS,
        tables,
        key(),
        shop_key(),
        text("address", LONGEST_ADDRESS),
        document("included_objects", decoded=True),
        text("topic", 64),
        text("version", 16),
        Index("webhooks_of_topic", "shop_id", "topic"),
    )
    Table(
        OUTBOX,
        tables,
        key(),
        shop_key(),
        owned("webhook_id", f"{WEBHOOKS}.id"),
        document("body"),
        whole("tries"),
        big("due_ms"),
        Index("outbox_by_time", "due_ms"),
    )
