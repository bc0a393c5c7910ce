"""Paid memberships."""

from datetime import date, datetime
from enum import Enum
from typing import Self

import strawberry

from gateway.deferred import Deferred
from resolvers.memberships import models
from schema.context import Info
from schema.ids import RECHARGE, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node


class MembershipStatus(Enum):
    ACTIVE = "active"
    INACTIVE = "inactive"


strawberry.enum(MembershipStatus, description="Whether a membership counts.")


@strawberry.type(description="A membership that can be bought.")
class MembershipProgram(Node):
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is.")
    benefits: list[str] = strawberry.field(description="What it brings.")

    @classmethod
    def of(cls, row: models.MembershipProgram) -> Self:
        return cls(
            id=gid(RECHARGE, "MembershipProgram", row.id),
            name=row.name,
            description=row.description,
            benefits=[benefit.name for benefit in row.include.membership_benefits],
        )


@strawberry.type(description="A shopper's membership.")
class Membership(Node):
    status: MembershipStatus = strawberry.field(description="Whether it counts.")
    expires_at: datetime | None = strawberry.field(description="When it ends.")
    next_charge_date: date | None = strawberry.field(description="When it is charged next, by calendar date.")
    price: MoneyV2 = strawberry.field(description="What it costs each time.")
    row: strawberry.Private[models.Membership]

    @strawberry.field(description="What it is a membership of.")
    def program(self, info: Info) -> Later[MembershipProgram | None]:
        return program_by_id(info, self.row.membership_program_id)

    @classmethod
    def of(cls, row: models.Membership, shop_currency: str) -> Self:
        return cls(
            id=gid(RECHARGE, "Membership", row.id),
            status=MembershipStatus(row.status),
            expires_at=row.expires_at,
            next_charge_date=row.next_charge_scheduled_at,
            price=MoneyV2.of(row.price, row.presentment_currency or shop_currency),
            row=row,
        )


def program_by_id(info: Info, number: int) -> Deferred[MembershipProgram | None]:
    """One of the shop's programmes."""
    found = info.context.memberships.programs_by_id.load(number)
    return found.then(lambda row: MembershipProgram.of(row) if row else None)
