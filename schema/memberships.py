"""Paid memberships."""

from datetime import date, datetime
from enum import Enum

import strawberry

from gateway.deferred import Deferred
from resolvers.memberships import models
from schema.context import Info
from schema.ids import RECHARGE, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node
from schema.reading import Reading, computed


class MembershipStatus(Enum):
    ACTIVE = "active"
    INACTIVE = "inactive"


strawberry.enum(MembershipStatus, description="Whether a membership counts.")


of_program = Reading(models.MembershipProgram)


@strawberry.type(description="A membership that can be bought.")
class MembershipProgram(Node):
    row: strawberry.Private[models.MembershipProgram]
    id: strawberry.ID = of_program(lambda row: gid(RECHARGE, "MembershipProgram", row.id), description="Global id.")
    name: str = of_program(lambda row: row.name, description="Its name.")
    description: str | None = of_program(lambda row: row.description, description="What it is.")
    benefits: list[str] = of_program(
        lambda row: [benefit.name for benefit in row.include.membership_benefits], description="What it brings."
    )


of_membership = Reading(models.Membership)


def _price(membership: "Membership") -> MoneyV2:
    return MoneyV2.of(membership.row.price, membership.row.presentment_currency or membership.shop_currency)


@strawberry.type(description="A shopper's membership.")
class Membership(Node):
    row: strawberry.Private[models.Membership]
    shop_currency: strawberry.Private[str]
    id: strawberry.ID = of_membership(lambda row: gid(RECHARGE, "Membership", row.id), description="Global id.")
    status: MembershipStatus = of_membership(lambda row: MembershipStatus(row.status), description="Whether it counts.")
    expires_at: datetime | None = of_membership(lambda row: row.expires_at, description="When it ends.")
    next_charge_date: date | None = of_membership(
        lambda row: row.next_charge_scheduled_at, description="When it is charged next, by calendar date."
    )
    price: MoneyV2 = computed(_price, description="What it costs each time.")

    @strawberry.field(description="What it is a membership of.")
    def program(self, info: Info) -> Later[MembershipProgram | None]:
        return program_by_id(info, self.row.membership_program_id)


def program_by_id(info: Info, number: int) -> Deferred[MembershipProgram | None]:
    """One of the shop's programmes."""
    found = info.context.memberships.programs_by_id.load(number)
    return found.then(lambda row: MembershipProgram(row=row) if row else None)
