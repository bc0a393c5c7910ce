"""What the loyalty backend sends, as far as the graph reads it."""

from typing import Literal

import msgspec

from resolvers.wire import Count, Instant, Money


class VipTier(msgspec.Struct, frozen=True, gc=False):
    """GET /v1/vip_tiers."""

    class Named(msgspec.Struct, frozen=True, gc=False):
        """A perk, or a reward on entry."""

        name: str

    id: int
    name: str
    milestone: Money
    image_url: str | None = None
    perks: tuple[Named, ...] = ()
    entry_rewards: tuple[Named, ...] = ()


class VipStatus(msgspec.Struct, frozen=True, gc=False):
    """Where a member stands; tiers are embedded with `include`."""

    vip_tier_id: int | None = None
    vip_tier: VipTier | None = None
    next_vip_tier_id: int | None = None
    next_vip_tier: VipTier | None = None
    vip_tier_expires_at: Instant | None = None
    current_vip_period_end: Instant | None = None
    progress_value: Money | None = None
    delta_to_next_vip_tier: Money | None = None
    delta_to_retain_vip_tier: Money | None = None


class Member(msgspec.Struct, frozen=True, gc=False):
    """GET /v1/customers."""

    id: int
    email: str
    state: Literal["candidate", "member", "disabled"]
    points_balance: Count
    referral_url: str | None = None
    vip_status: VipStatus | None = None


class PointsLabel(msgspec.Struct, frozen=True, gc=False):
    """What the shop calls its points."""

    one: str
    other: str


class PointsSettings(msgspec.Struct, frozen=True, gc=False):
    """GET /v1/points_settings."""

    points_label: PointsLabel


class EarningValue(msgspec.Struct, frozen=True, gc=False):
    """How many points an action earns: a fixed number, or some per amount spent."""

    class Fixed(msgspec.Struct, frozen=True, gc=False):
        """Points for the action."""

        value: Count

    class Variable(msgspec.Struct, frozen=True, gc=False):
        """Points per amount, in the store's currency."""

        value: Money
        per_amount: Money

    type: Literal["fixed", "variable"]
    fixed: Fixed | None = None
    variable: Variable | None = None


class EarningLimit(msgspec.Struct, frozen=True, gc=False):
    """How often an action may be rewarded."""

    class Rolling(msgspec.Struct, frozen=True, gc=False):
        """The window, in days."""

        unit_count: Count

    max: Count
    type: Literal["rolling", "lifetime"]
    rolling: Rolling | None = None


class EarningRule(msgspec.Struct, frozen=True, gc=False):
    """GET /v1/earning_rules."""

    id: int
    name: str
    image_url: str | None = None
    action_text: str | None = None
    action_url: str | None = None
    restricted_to_vip_tier_ids: tuple[int, ...] = ()
    reward_value: EarningValue | None = None
    earning_limit: EarningLimit | None = None


class Reward(msgspec.Struct, frozen=True, gc=False):
    """What a points product gives."""

    id: int
    name: str
    description: str | None = None
    image_url: str | None = None


class PointsProduct(msgspec.Struct, frozen=True, gc=False):
    """GET /v1/points_products."""

    id: int
    exchange_type: Literal["fixed", "variable"]
    exchange_description: str
    reward: Reward
    points_price: Count | None = None
    variable_points_step: Count | None = None
    variable_points_step_reward_value: Count | None = None
    variable_points_min: Count | None = None
    variable_points_max: Count | None = None


class PointsTransaction(msgspec.Struct, frozen=True, gc=False):
    """GET /v1/points_transactions. `internal_note` is the merchant's and is not even decoded."""

    id: int
    customer_id: int
    points_change: Count
    description: str
    created_at: Instant


class RewardFulfillment(msgspec.Struct, frozen=True, gc=False):
    """GET /v1/reward_fulfillments."""

    id: int
    customer_id: int
    name: str
    fulfillment_status: Literal["pending", "issued", "cancelled", "failed"]
    usage_status: Literal["used", "unused", "untracked"]
    created_at: Instant | None = None
    code: str | None = None
    expires_at: Instant | None = None
    used_at: Instant | None = None
    usage_instructions: str | None = None
    terms_and_conditions: str | None = None


class PointsPurchase(msgspec.Struct, frozen=True):
    """POST /v1/points_products/{id}/purchase: points were spent, for good."""

    id: int
    customer_id: int
    points_spent: Count
    reward_fulfillment: RewardFulfillment
