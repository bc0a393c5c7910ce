"""The points programme, the same for every shopper."""

from decimal import Decimal
from enum import Enum
from typing import Self

import strawberry

from gateway.upstream import Page, PageKey
from resolvers.loyalty import models
from schema.common import URL, Image, image
from schema.context import Info
from schema.costs import listed
from schema.ids import SMILE, gid
from schema.kept import Kept
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node
from schema.reading import Reading

WHOLE_PROGRAM = PageKey(owner=None, size=250)
"""All of a programme's tiers, rules or rewards; merchants have a handful of each."""


class EarningLimitType(Enum):
    ROLLING = "rolling"
    LIFETIME = "lifetime"


class RewardExchangeType(Enum):
    FIXED = "fixed"
    VARIABLE = "variable"


strawberry.enum(EarningLimitType, description="What an earning limit counts over.")
strawberry.enum(RewardExchangeType, description="Whether a reward has one price or grows with the points spent.")


@strawberry.type(description="What the shop calls its points.")
class PointsLabel:
    one: str = strawberry.field(description="The word for one.")
    other: str = strawberry.field(description="The word for several.")


@strawberry.type(description="A level of the programme.")
class LoyaltyTier(Node):
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
    __shared__ = True  # as part of its rule

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
class EarningRule(Node):
    __shared__ = True  # see schema/kept.py

    name: str = strawberry.field(description="What earns the points.")
    image: Image | None = strawberry.field(description="Its icon.")
    action_text: str | None = strawberry.field(description="The words of a button that leads there.")
    action_url: URL | None = strawberry.field(description="Where the button leads.")
    limit: EarningLimit | None = strawberry.field(description="How often it counts.")
    points_fixed: int | None = strawberry.field(description="Points for the action.")
    points_per_amount: Decimal | None = strawberry.field(description="Points for each `perAmount` spent.")
    per_amount: MoneyV2 | None = strawberry.field(description="The amount that earns `pointsPerAmount`.")
    row: strawberry.Private[models.EarningRule]

    @strawberry.field(description="The levels that it is for; empty when it is for everyone.", directives=[listed(2)])
    async def restricted_to_tiers(self, info: Info) -> list[LoyaltyTier] | None:
        wanted = self.row.restricted_to_vip_tier_ids
        if not wanted:
            return []
        page = await info.context.loyalty.vip_tier_pages.load(WHOLE_PROGRAM)
        return [LoyaltyTier.of(row) for row in page.rows if row.id in wanted] if page else None

    @classmethod
    def of(cls, row: models.EarningRule, currency: str) -> "EarningRule":
        """The same object for the same row: a programme is kept and shown to everybody."""
        key = id(row), currency
        found = _rules.get(key)
        return _rules.keep(key, cls.made_of(row, currency)) if found is None else found

    @classmethod
    def made_of(cls, row: models.EarningRule, currency: str) -> Self:
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
            row=row,
        )


_rules: Kept[tuple[int, str], EarningRule] = Kept(most=8_192)

of_reward = Reading(models.PointsProduct)


@strawberry.type(description="Something that points buy.")
class Reward(Node):
    __shared__ = True  # see schema/kept.py

    row: strawberry.Private[models.PointsProduct]
    id: strawberry.ID = of_reward(lambda row: gid(SMILE, "Reward", row.id), description="Global id.")
    name: str = of_reward(lambda row: row.reward.name, description="Its name.")
    description: str | None = of_reward(lambda row: row.reward.description, description="What it is.")
    image: Image | None = of_reward(
        lambda row: image(row.reward.image_url, row.reward.name), description="Its picture."
    )
    exchange_type: RewardExchangeType = of_reward(
        lambda row: RewardExchangeType(row.exchange_type), description="One price, or growing with the points spent."
    )
    exchange_description: str = of_reward(
        lambda row: row.exchange_description, description="The exchange in words, such as `500 points = $5`."
    )
    points_price: int | None = of_reward(
        lambda row: row.points_price, description="What it costs, when it has one price."
    )
    points_step: int | None = of_reward(
        lambda row: row.variable_points_step, description="Points of one step, when it grows."
    )
    points_step_value: int | None = of_reward(
        lambda row: row.variable_points_step_reward_value, description="What one step is worth."
    )
    points_min: int | None = of_reward(
        lambda row: row.variable_points_min, description="The fewest points that can be spent on it."
    )
    points_max: int | None = of_reward(
        lambda row: row.variable_points_max, description="The most points that can be spent on it."
    )

    @classmethod
    def of(cls, row: models.PointsProduct) -> "Reward":
        """The same object for the same row."""
        found = _rewards.get(id(row))
        return _rewards.keep(id(row), cls(row=row)) if found is None else found


_rewards: Kept[int, Reward] = Kept(most=8_192)


@strawberry.type(description="The shop's points programme; the same for every shopper.")
class LoyaltyProgram:
    id: strawberry.ID = strawberry.field(description="Global id.")

    @strawberry.field(description="What the shop calls its points.")
    def points_label(self, info: Info) -> Later[PointsLabel | None]:
        found = info.context.loyalty.points_settings_by_shop_id.load(info.context.shop.id)
        return found.then(
            lambda row: PointsLabel(one=row.points_label.one, other=row.points_label.other) if row else None
        )

    @strawberry.field(description="Its levels, lowest first.", directives=[listed(5)])
    def tiers(self, info: Info) -> Later[list[LoyaltyTier] | None]:
        return info.context.loyalty.vip_tier_pages.load(WHOLE_PROGRAM).then(_lowest_first)

    @strawberry.field(description="What earns points.", directives=[listed(10)])
    def earning_rules(self, info: Info) -> Later[list[EarningRule] | None]:
        currency = info.context.shop.currency_code
        found = info.context.loyalty.earning_rule_pages.load(WHOLE_PROGRAM)
        return found.then(lambda page: [EarningRule.of(row, currency) for row in page.rows] if page else None)

    @strawberry.field(description="What points buy.", directives=[listed(10)])
    def rewards(self, info: Info) -> Later[list[Reward] | None]:
        found = info.context.loyalty.points_product_pages.load(WHOLE_PROGRAM)
        return found.then(lambda page: [Reward.of(row) for row in page.rows] if page else None)


def _lowest_first(page: Page[models.VipTier] | None) -> list[LoyaltyTier] | None:
    return [LoyaltyTier.of(row) for row in sorted(page.rows, key=lambda row: row.milestone)] if page else None


@strawberry.type
class LoyaltyQuery:
    @strawberry.field(description="The points programme. Public.")
    def loyalty_program(self, info: Info) -> LoyaltyProgram | None:
        return LoyaltyProgram(id=gid(SMILE, "LoyaltyProgram", info.context.shop.id))
