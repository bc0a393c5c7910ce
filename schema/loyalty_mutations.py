"""What a shopper spends points on."""

from enum import Enum
from typing import Annotated

import strawberry

from schema.common import given
from schema.context import Info
from schema.customer import Customer
from schema.ids import SMILE, number_of
from schema.loyalty import LoyaltyMember, RewardRedemption
from schema.user_errors import DisplayableError, is_done, said, shopper


class LoyaltyErrorCode(Enum):
    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    INSUFFICIENT_POINTS = "INSUFFICIENT_POINTS"
    REWARD_UNAVAILABLE = "REWARD_UNAVAILABLE"
    CONFLICT = "CONFLICT"


strawberry.enum(LoyaltyErrorCode, description="Why points were not spent.")


@strawberry.type(description="Why points were not spent, so that the shopper can mend it.")
class LoyaltyUserError(DisplayableError):
    code: LoyaltyErrorCode = strawberry.field(description="The reason.")


@strawberry.type(description="What became of `rewardRedeem`.")
class RewardRedeemPayload:
    redemption: RewardRedemption | None = strawberry.field(
        description="What the points were spent on, with its code; null when none were spent."
    )
    user_errors: list[LoyaltyUserError] = strawberry.field(description="Why no points were spent.")

    @strawberry.field(description="The shopper with the points that are left.")
    async def member(self, info: Info) -> LoyaltyMember | None:
        row = await Customer.of(shopper(info)).member(info)
        return LoyaltyMember(row=row) if row else None


@strawberry.type
class LoyaltyMutation:
    @strawberry.mutation(
        description="Spend points on a reward. They cannot be got back, so a key is needed: see `idempotencyKey`."
    )
    async def reward_redeem(
        self,
        info: Info,
        reward_id: Annotated[strawberry.ID, strawberry.argument(description="gid://smile/Reward/N, or N.")],
        idempotency_key: Annotated[
            str,
            strawberry.argument(description="Names this intent, such as a UUID: sent however often, it is done once."),
        ],
        points: Annotated[
            int | None, strawberry.argument(description="How many, for a reward of which the shopper chooses the size.")
        ] = strawberry.UNSET,
    ) -> RewardRedeemPayload | None:
        customer = Customer.of(shopper(info))
        outcome = await info.context.loyalty_commands.redeem(
            number_of(reward_id, SMILE, "Reward"),
            given(points),
            lambda: customer.member(info),
            key=idempotency_key,
        )
        row = outcome.row if is_done(outcome) else None
        return RewardRedeemPayload(
            redemption=RewardRedemption(row=row) if row else None,
            user_errors=[LoyaltyUserError(**said(error, LoyaltyErrorCode, {})) for error in outcome.errors],
        )
