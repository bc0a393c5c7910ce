"""Tables of the bundles service."""

from sqlalchemy import Index, MetaData, Table

from backends.database import define_seeding
from backends.webhooks.tables import define_webhooks
from backends.wire.columns import big, document, flag, key, shop_key, stamp, text

TABLES = MetaData()
"""Columns stand in the order of the wire."""

define_seeding(TABLES)
define_webhooks(TABLES)

BUNDLE_SELECTIONS = Table(
    "bundle_selections",
    TABLES,
    key(),
    shop_key(),
    big("customer_id", private=True),
    big("bundle_variant_id"),
    big("charge_id", nullable=True),
    big("order_id", nullable=True),
    big("purchase_item_id"),
    stamp("created_at"),
    text("external_product_id", 32),
    text("external_variant_id", 32),
    flag("is_fallback"),
    document("items"),
    stamp("updated_at"),
    Index("selections_of_shop", "shop_id", "id"),
    Index("selections_of_item", "shop_id", "purchase_item_id"),
)
