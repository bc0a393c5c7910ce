"""Tables of the catalogue."""

from sqlalchemy import Index, MetaData, Table

from backends.wire.columns import big, document, external, flag, key, owned, shop_key, stamp, text, whole


def define_catalogue(tables: MetaData) -> None:
    """Adds the catalogue to a service's database; columns stand in the order of the wire."""
    Table(
        "products",
        tables,
        key(),
        shop_key(),
        text("title"),
        text("handle"),
        flag("has_plans"),
        flag("has_bundle_product"),
        stamp("created_at"),
        stamp("updated_at"),
        document("bundle_product", decoded=True),
        document("details", decoded=True),
        document("variants", decoded=True),
        Index("products_of_shop", "shop_id", "id"),
    )
    Table("product_variants", tables, key(), shop_key(), owned("product_id", "products.id"))
    Table(
        "collection_products",
        tables,
        key(),
        shop_key(),
        big("collection_id"),
        owned("product_id", "products.id"),
        whole("position"),
        Index("products_of_collection", "collection_id", "position"),
    )
    Table(
        "collections",
        tables,
        key(),
        shop_key(),
        stamp("created_at"),
        text("description"),
        text("handle", private=True),
        document("manual_sort_order"),
        text("sort_order", 16),
        text("title"),
        text("type", 16),
        stamp("updated_at"),
        Index("collections_of_shop", "shop_id", "id"),
    )
    Table(
        "plans",
        tables,
        key(),
        shop_key(),
        document("channel_settings"),
        stamp("created_at"),
        stamp("deleted_at", nullable=True),
        text("discount_amount", 16, nullable=True),
        text("discount_type", 16, nullable=True),
        big("external_plan_group_id", nullable=True),
        big("external_plan_id", nullable=True),
        text("external_plan_name", nullable=True),
        external("external_product_id"),
        document("external_variant_ids"),
        flag("has_variant_restrictions"),
        whole("sort_order"),
        document("subscription_preferences"),
        text("title"),
        document("translations"),
        text("type", 32),
        stamp("updated_at"),
        Index("plans_of_product", "shop_id", "external_product_id"),
    )
    Table(
        "tiered_discounts",
        tables,
        key(),
        shop_key(),
        text("collection_id", 32, nullable=True),
        stamp("created_at"),
        document("eligible_charge_types"),
        document("eligible_line_item_types"),
        external("external_bundle_product_id", nullable=True),
        external("external_product_id", nullable=True),
        text("lookup_key", 64),
        text("name"),
        text("shopify_display_name", nullable=True),
        text("status", 16),
        document("tiers"),
        stamp("updated_at"),
        Index("discounts_of_shop", "shop_id", "id"),
    )
