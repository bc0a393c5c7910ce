"""Tables of the loyalty service."""

from functools import partial

from sqlalchemy import Index, MetaData, Table

from backends.database import define_seeding
from backends.wire.columns import big, document, key, shop_key, text, whole
from backends.wire.columns import stamp as any_stamp

TABLES = MetaData()
"""Columns stand in the order of the wire."""

stamp = partial(any_stamp, ending=".000Z")

define_seeding(TABLES)

POINTS_SETTINGS = Table("points_settings", TABLES, key(), shop_key(), document("points_label"))

VIP_TIERS = Table(
    "vip_tiers",
    TABLES,
    key(),
    shop_key(),
    text("name"),
    text("image_url"),
    whole("milestone"),
    document("perks"),
    document("entry_rewards"),
    Index("tiers_of_shop", "shop_id", "milestone"),
)

EARNING_RULES = Table(
    "earning_rules",
    TABLES,
    key(),
    shop_key(),
    text("name"),
    text("image_url"),
    text("action_text", nullable=True),
    text("action_url", nullable=True),
    document("restricted_to_vip_tier_ids"),
    document("reward"),
    document("reward_value"),
    document("earning_limit"),
    Index("rules_of_shop", "shop_id", "id"),
)

POINTS_PRODUCTS = Table(
    "points_products",
    TABLES,
    key(),
    shop_key(),
    text("exchange_type", 16),
    text("exchange_description"),
    whole("points_price", nullable=True),
    whole("variable_points_step", nullable=True),
    whole("variable_points_step_reward_value", nullable=True),
    whole("variable_points_min", nullable=True),
    whole("variable_points_max", nullable=True),
    document("reward"),
    stamp("created_at"),
    stamp("updated_at"),
    Index("rewards_of_shop", "shop_id", "id"),
)

CUSTOMERS = Table(
    "customers",
    TABLES,
    key(),
    shop_key(),
    text("first_name", nullable=True),
    text("last_name", nullable=True),
    text("email"),
    text("state", 16),
    text("date_of_birth", 10, nullable=True),
    whole("points_balance"),
    text("referral_url"),
    document("vip_status", decoded=True),
    stamp("created_at"),
    stamp("updated_at"),
    Index("members_of_shop", "shop_id", "id"),
    Index("members_by_email", "shop_id", "email"),
)

POINTS_TRANSACTIONS = Table(
    "points_transactions",
    TABLES,
    key(),
    shop_key(),
    big("customer_id"),
    whole("points_change"),
    text("description"),
    text("internal_note", nullable=True),
    stamp("created_at"),
    stamp("updated_at"),
    Index("transactions_of_shop", "shop_id", "id"),
    Index("transactions_of_customer", "shop_id", "customer_id"),
)

REWARD_FULFILLMENTS = Table(
    "reward_fulfillments",
    TABLES,
    key(),
    shop_key(),
    text("name"),
    text("code", 64),
    big("customer_id"),
    text("fulfillment_status", 16),
    text("image_url"),
    text("action_text", nullable=True),
    text("action_url", nullable=True),
    text("usage_instructions", nullable=True),
    text("terms_and_conditions", nullable=True),
    stamp("expires_at", nullable=True),
    text("usage_status", 16),
    stamp("used_at", nullable=True),
    stamp("created_at"),
    stamp("updated_at"),
    Index("fulfillments_of_shop", "shop_id", "id"),
    Index("fulfillments_of_customer", "shop_id", "customer_id"),
)
