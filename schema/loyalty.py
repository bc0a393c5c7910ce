"""The points programme, and where a member stands in it."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Self

import strawberry

from gateway.upstream import PageKey
from resolvers.loyalty import models
from resolvers.paging import slice_of
from schema.common import URL, Image, given, image
from schema.context import Info
from schema.ids import SMILE, gid
from schema.money import MoneyV2
from schema.paging import After, Connection, First

PROGRAM_READ = 250
"""Tiers, rules and rewards of a programme that are read; merchants have a handful of each."""


class EarningLimitType(Enum):
    ROLLING = "rolling"
    LIFETIME = "lifetime"


class RewardExchangeType(Enum):
    FIXED = "fixed"
    VARIABLE = "variable"


class LoyaltyMemberStatus(Enum):
    CANDIDATE = "candidate"
    MEMBER = "member"
    DISABLED = "disabled"


class FulfillmentStatus(Enum):
    PENDING = "pending"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    FAILED = "failed"


class VoucherUsageStatus(Enum):
    USED = "used"
    UNUSED = "unused"
    UNTRACKED = "untracked"


strawberry.enum(EarningLimitType, description="What an earning limit counts over.")
strawberry.enum(RewardExchangeType, description="Whether a reward has one price or grows with the points spent.")
strawberry.enum(LoyaltyMemberStatus, description="Whether a shopper takes part in the programme.")
strawberry.enum(FulfillmentStatus, description="Whether a redeemed reward has been handed out.")
strawberry.enum(VoucherUsageStatus, description="Whether a voucher was used.")


@strawberry.type(description="What the shop calls its points.")
class PointsLabel:
    one: str = strawberry.field(description="The word for one.")
    other: str = strawberry.field(description="The word for several.")


@strawberry.type(description="A level of the programme.")
class LoyaltyTier:
    id: strawberry.ID = strawberry.field(description="Global id.")
    name: str = strawberry.field(description="Its name.")
    milestone: Decimal = strawberry.field(description="What has to be reached for it, in the programme's own measure.")
    image: Image | None = strawberry.field(description="Its badge.")
    perks: list[str] = strawberry.field(description="What its members enjoy.")
    entry_rewards: list[str] = strawberry.field(description="What a member gets on entering.")

    @classmethod
    def of(cls, row: models.VipTier) -> Self:
        return cls(
            id=gid(SMILE, "LoyaltyTier", row.id),
            name=row.name,
            milestone=row.milestone,
            image=image(row.image_url, row.name),
            perks=[perk.name for perk in row.perks],
            entry_rewards=[reward.name for reward in row.entry_rewards],
        )

    @classmethod
    def maybe(cls, row: models.VipTier | None) -> Self | None:
        return cls.of(row) if row else None


@strawberry.type(description="How often an action may be rewarded.")
class EarningLimit:
    type: EarningLimitType = strawberry.field(description="What it counts over.")
    max: int = strawberry.field(description="How often.")
    rolling_days: int | None = strawberry.field(description="The window in days, when it is rolling.")

    @classmethod
    def maybe(cls, row: models.EarningLimit | None) -> Self | None:
        if row is None:
            return None
        days = row.rolling.unit_count if row.rolling else None
        return cls(type=EarningLimitType(row.type), max=row.max, rolling_days=days)


@strawberry.type(description="Something that earns points.")
class EarningRule:
    id: strawberry.ID = strawberry.field(description="Global id.")
    name: str = strawberry.field(description="What earns the points.")
    image: Image | None = strawberry.field(description="Its icon.")
    action_text: str | None = strawberry.field(description="The words of a button that leads there.")
    action_url: URL | None = strawberry.field(description="Where the button leads.")
    limit: EarningLimit | None = strawberry.field(description="How often it counts.")
    points_fixed: int | None = strawberry.field(description="Points for the action.")
    points_per_amount: Decimal | None = strawberry.field(description="Points for each `perAmount` spent.")
    per_amount: MoneyV2 | None = strawberry.field(description="The amount that earns `pointsPerAmount`.")

    @classmethod
    def of(cls, row: models.EarningRule, currency: str) -> Self:
        fixed = row.reward_value.fixed if row.reward_value else None
        variable = row.reward_value.variable if row.reward_value else None
        return cls(
            id=gid(SMILE, "EarningRule", row.id),
            name=row.name,
            image=image(row.image_url, row.name),
            action_text=row.action_text,
            action_url=URL(row.action_url) if row.action_url else None,
            limit=EarningLimit.maybe(row.earning_limit),
            points_fixed=fixed.value if fixed else None,
            points_per_amount=variable.value if variable else None,
            per_amount=MoneyV2.maybe(variable.per_amount if variable else None, currency),
        )


@strawberry.type(description="Something that points buy.")
class Reward:
    id: strawberry.ID = strawberry.field(description="Global id.")
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is.")
    image: Image | None = strawberry.field(description="Its picture.")
    exchange_type: RewardExchangeType = strawberry.field(description="One price, or growing with the points spent.")
    exchange_description: str = strawberry.field(description="The exchange in words, such as `500 points = $5`.")
    points_price: int | None = strawberry.field(description="What it costs, when it has one price.")
    points_step: int | None = strawberry.field(description="Points of one step, when it grows.")
    points_step_value: int | None = strawberry.field(description="What one step is worth.")
    points_min: int | None = strawberry.field(description="The fewest points that can be spent on it.")
    points_max: int | None = strawberry.field(description="The most points that can be spent on it.")

    @classmethod
    def of(cls, row: models.PointsProduct) -> Self:
        return cls(
            id=gid(SMILE, "Reward", row.id),
            name=row.reward.name,
            description=row.reward.description,
            image=image(row.reward.image_url, row.reward.name),
            exchange_type=RewardExchangeType(row.exchange_type),
            exchange_description=row.exchange_description,
            points_price=row.points_price,
            points_step=row.variable_points_step,
            points_step_value=row.variable_points_step_reward_value,
            points_min=row.variable_points_min,
            points_max=row.variable_points_max,
        )


_PROGRAM = PageKey(owner=None, size=PROGRAM_READ)


@strawberry.type(description="The shop's points programme; the same for every shopper.")
class LoyaltyProgram:
    id: strawberry.ID = strawberry.field(description="Global id.")

    @strawberry.field(description="What the shop calls its points.")
    async def points_label(self, info: Info) -> PointsLabel | None:
        row = await info.context.loyalty.points_settings_by_shop_id.load(info.context.shop.id)
        return PointsLabel(one=row.points_label.one, other=row.points_label.other) if row else None

    @strawberry.field(description="Its levels, lowest first.")
    async def tiers(self, info: Info) -> list[LoyaltyTier] | None:
        page = await info.context.loyalty.vip_tier_pages.load(_PROGRAM)
        return [LoyaltyTier.of(row) for row in sorted(page.rows, key=lambda row: row.milestone)] if page else None

    @strawberry.field(description="What earns points.")
    async def earning_rules(self, info: Info) -> list[EarningRule] | None:
        page = await info.context.loyalty.earning_rule_pages.load(_PROGRAM)
        currency = info.context.shop.currency_code
        return [EarningRule.of(row, currency) for row in page.rows] if page else None

    @strawberry.field(description="What points buy.")
    async def rewards(self, info: Info) -> list[Reward] | None:
        page = await info.context.loyalty.points_product_pages.load(_PROGRAM)
        return [Reward.of(row) for row in page.rows] if page else None


@strawberry.type(description="Which level a member has, and how far the next one is.")
class TierStatus:
    tier: LoyaltyTier | None = strawberry.field(description="The level now.")
    next_tier: LoyaltyTier | None = strawberry.field(description="The level after it.")
    progress: Decimal | None = strawberry.field(description="What has been reached, in the programme's own measure.")
    delta_to_next_tier: Decimal | None = strawberry.field(description="What is missing for the next level.")
    delta_to_retain: Decimal | None = strawberry.field(description="What is missing to keep this level.")
    expires_at: datetime | None = strawberry.field(description="When this level ends.")
    period_ends_at: datetime | None = strawberry.field(description="When progress starts anew.")

    @classmethod
    def maybe(cls, row: models.VipStatus | None) -> Self | None:
        if row is None:
            return None
        return cls(
            tier=LoyaltyTier.maybe(row.vip_tier),
            next_tier=LoyaltyTier.maybe(row.next_vip_tier),
            progress=row.progress_value,
            delta_to_next_tier=row.delta_to_next_vip_tier,
            delta_to_retain=row.delta_to_retain_vip_tier,
            expires_at=row.vip_tier_expires_at,
            period_ends_at=row.current_vip_period_end,
        )


@strawberry.type(description="A reward as one member sees it.")
class MemberReward:
    reward: Reward = strawberry.field(description="The reward.")
    is_redeemable: bool = strawberry.field(description="Whether the member has the points for it.")
    points_missing: int = strawberry.field(description="How many points are missing; 0 when it is redeemable.")

    @classmethod
    def of(cls, row: models.PointsProduct, member: models.Member) -> Self:
        price = row.points_price if row.points_price is not None else row.variable_points_min or 0
        missing = max(price - member.points_balance, 0)
        return cls(
            reward=Reward.of(row),
            is_redeemable=missing == 0 and member.state == "member",
            points_missing=missing,
        )


@strawberry.type(description="A reward that points were spent on.")
class RewardRedemption:
    id: strawberry.ID = strawberry.field(description="Global id.")
    name: str = strawberry.field(description="What it is.")
    code: str | None = strawberry.field(description="The voucher's code for the checkout.")
    fulfillment_status: FulfillmentStatus = strawberry.field(description="Whether it has been handed out.")
    usage_status: VoucherUsageStatus = strawberry.field(description="Whether it was used.")
    usage_instructions: str | None = strawberry.field(description="How to use it.")
    terms_and_conditions: str | None = strawberry.field(description="On what terms.")
    expires_at: datetime | None = strawberry.field(description="When it ends.")
    used_at: datetime | None = strawberry.field(description="When it was used.")
    created_at: datetime | None = strawberry.field(description="When it was redeemed, where the backend says so.")

    @classmethod
    def of(cls, row: models.RewardFulfillment) -> Self:
        return cls(
            id=gid(SMILE, "RewardRedemption", row.id),
            name=row.name,
            code=row.code,
            fulfillment_status=FulfillmentStatus(row.fulfillment_status),
            usage_status=VoucherUsageStatus(row.usage_status),
            usage_instructions=row.usage_instructions,
            terms_and_conditions=row.terms_and_conditions,
            expires_at=row.expires_at,
            used_at=row.used_at,
            created_at=row.created_at,
        )


@strawberry.type(description="One change of a points balance.")
class PointsTransaction:
    id: strawberry.ID = strawberry.field(description="Global id.")
    points_change: int = strawberry.field(description="Points earned, or spent when negative.")
    description: str = strawberry.field(description="What for.")
    created_at: datetime = strawberry.field(description="When.")

    @classmethod
    def of(cls, row: models.PointsTransaction) -> Self:
        return cls(
            id=gid(SMILE, "PointsTransaction", row.id),
            points_change=row.points_change,
            description=row.description,
            created_at=row.created_at,
        )


@strawberry.type(description="A shopper in the points programme.")
class LoyaltyMember:
    id: strawberry.ID = strawberry.field(description="Global id.")
    status: LoyaltyMemberStatus = strawberry.field(description="Whether the shopper takes part.")
    points_balance: int = strawberry.field(description="Points that can be spent.")
    tier_status: TierStatus | None = strawberry.field(description="The level; null in a programme without levels.")
    referral_url: URL | None = strawberry.field(description="The link to invite others with.")
    row: strawberry.Private[models.Member]

    @strawberry.field(description="What points buy, with what the member lacks for it.")
    async def available_rewards(self, info: Info) -> list[MemberReward] | None:
        page = await info.context.loyalty.points_product_pages.load(_PROGRAM)
        return [MemberReward.of(row, self.row) for row in page.rows] if page else None

    @strawberry.field(description="Rewards redeemed, newest first.")
    async def redemptions(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        usage_status: VoucherUsageStatus | None = strawberry.UNSET,
    ) -> Connection[RewardRedemption] | None:
        filters = (("usage_status", usage_status.value),) if usage_status else ()
        of = PageKey(owner=self.row.id, size=0, filters=filters)
        pages = info.context.loyalty.fulfillment_pages_by_member
        rows = await slice_of(pages, of, first=given(first), after=given(after), name="redemptions")
        return Connection.of(rows, RewardRedemption.of)

    @strawberry.field(description="How the balance came about, newest first.")
    async def activity(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
    ) -> Connection[PointsTransaction] | None:
        of = PageKey(owner=self.row.id, size=0)
        pages = info.context.loyalty.transaction_pages_by_member
        rows = await slice_of(pages, of, first=given(first), after=given(after), name="activity")
        return Connection.of(rows, PointsTransaction.of)

    @classmethod
    def of(cls, row: models.Member) -> Self:
        return cls(
            id=gid(SMILE, "LoyaltyMember", row.id),
            status=LoyaltyMemberStatus(row.state),
            points_balance=row.points_balance,
            tier_status=TierStatus.maybe(row.vip_status),
            referral_url=URL(row.referral_url) if row.referral_url else None,
            row=row,
        )
