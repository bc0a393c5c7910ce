"""Where a shopper stands in the points programme."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Self

import strawberry

from gateway.upstream import PageKey
from resolvers.loyalty import models
from resolvers.paging import FIRST, slice_of
from schema.common import URL, given
from schema.context import Info
from schema.costs import listed, paged
from schema.ids import SMILE, gid
from schema.later import Later
from schema.loyalty_program import WHOLE_PROGRAM, LoyaltyTier, Reward
from schema.node import Node
from schema.paging import After, Connection, First


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


strawberry.enum(LoyaltyMemberStatus, description="Whether a shopper takes part in the programme.")
strawberry.enum(FulfillmentStatus, description="Whether a redeemed reward has been handed out.")
strawberry.enum(VoucherUsageStatus, description="Whether a voucher was used.")


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
class LoyaltyMember(Node):
    status: LoyaltyMemberStatus = strawberry.field(description="Whether the shopper takes part.")
    points_balance: int = strawberry.field(description="Points that can be spent.")
    tier_status: TierStatus | None = strawberry.field(description="The level; null in a programme without levels.")
    referral_url: URL | None = strawberry.field(description="The link to invite others with.")
    row: strawberry.Private[models.Member]

    @strawberry.field(description="What points buy, with what the member lacks for it.", directives=[listed(10)])
    def available_rewards(self, info: Info) -> Later[list[MemberReward] | None]:
        found = info.context.loyalty.points_product_pages.load(WHOLE_PROGRAM)
        return found.then(lambda page: [MemberReward.of(row, self.row) for row in page.rows] if page else None)

    @strawberry.field(description="Rewards redeemed, newest first.", directives=[paged(FIRST)])
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

    @strawberry.field(description="How the balance came about, newest first.", directives=[paged(FIRST)])
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
