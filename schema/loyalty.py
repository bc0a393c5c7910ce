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
from schema.reading import Reading


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


of_fulfillment = Reading(models.RewardFulfillment)


@strawberry.type(description="A reward that points were spent on.")
class RewardRedemption:
    row: strawberry.Private[models.RewardFulfillment]
    id: strawberry.ID = of_fulfillment(lambda row: gid(SMILE, "RewardRedemption", row.id), description="Global id.")
    name: str = of_fulfillment(lambda row: row.name, description="What it is.")
    code: str | None = of_fulfillment(lambda row: row.code, description="The voucher's code for the checkout.")
    fulfillment_status: FulfillmentStatus = of_fulfillment(
        lambda row: FulfillmentStatus(row.fulfillment_status), description="Whether it has been handed out."
    )
    usage_status: VoucherUsageStatus = of_fulfillment(
        lambda row: VoucherUsageStatus(row.usage_status), description="Whether it was used."
    )
    usage_instructions: str | None = of_fulfillment(lambda row: row.usage_instructions, description="How to use it.")
    terms_and_conditions: str | None = of_fulfillment(
        lambda row: row.terms_and_conditions, description="On what terms."
    )
    expires_at: datetime | None = of_fulfillment(lambda row: row.expires_at, description="When it ends.")
    used_at: datetime | None = of_fulfillment(lambda row: row.used_at, description="When it was used.")
    created_at: datetime | None = of_fulfillment(
        lambda row: row.created_at, description="When it was redeemed, where the backend says so."
    )


of_transaction = Reading(models.PointsTransaction)


@strawberry.type(description="One change of a points balance.")
class PointsTransaction:
    row: strawberry.Private[models.PointsTransaction]
    id: strawberry.ID = of_transaction(lambda row: gid(SMILE, "PointsTransaction", row.id), description="Global id.")
    points_change: int = of_transaction(
        lambda row: row.points_change, description="Points earned, or spent when negative."
    )
    description: str = of_transaction(lambda row: row.description, description="What for.")
    created_at: datetime = of_transaction(lambda row: row.created_at, description="When.")


of_member = Reading(models.Member)


@strawberry.type(description="A shopper in the points programme.")
class LoyaltyMember(Node):
    row: strawberry.Private[models.Member]
    id: strawberry.ID = of_member(lambda row: gid(SMILE, "LoyaltyMember", row.id), description="Global id.")
    status: LoyaltyMemberStatus = of_member(
        lambda row: LoyaltyMemberStatus(row.state), description="Whether the shopper takes part."
    )
    points_balance: int = of_member(lambda row: row.points_balance, description="Points that can be spent.")
    tier_status: TierStatus | None = of_member(
        lambda row: TierStatus.maybe(row.vip_status), description="The level; null in a programme without levels."
    )
    referral_url: URL | None = of_member(
        lambda row: URL(row.referral_url) if row.referral_url else None, description="The link to invite others with."
    )

    @strawberry.field(description="What points buy, with what the member lacks for it.", directives=[listed(10)])
    def available_rewards(self, info: Info) -> Later[list[MemberReward] | None]:
        found = info.context.loyalty.points_product_pages.load(WHOLE_PROGRAM)
        return found.then(lambda page: [MemberReward.of(row, self.row) for row in page.rows] if page else None)

    @strawberry.field(description="Rewards redeemed, newest first.", directives=[paged(FIRST)])
    def redemptions(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        usage_status: VoucherUsageStatus | None = strawberry.UNSET,
    ) -> Later[Connection[RewardRedemption] | None]:
        filters = (("usage_status", usage_status.value),) if usage_status else ()
        of = PageKey(owner=self.row.id, size=0, filters=filters)
        pages = info.context.loyalty.fulfillment_pages_by_member
        found = slice_of(pages, of, first=given(first), after=given(after), name="redemptions")
        return found.then(lambda rows: Connection.of(rows, lambda row: RewardRedemption(row=row)))

    @strawberry.field(description="How the balance came about, newest first.", directives=[paged(FIRST)])
    def activity(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
    ) -> Later[Connection[PointsTransaction] | None]:
        of = PageKey(owner=self.row.id, size=0)
        pages = info.context.loyalty.transaction_pages_by_member
        found = slice_of(pages, of, first=given(first), after=given(after), name="activity")
        return found.then(lambda rows: Connection.of(rows, lambda row: PointsTransaction(row=row)))
