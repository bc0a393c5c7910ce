"""Memberships and their programmes, as far as the graph reads them."""

from typing import Literal

import msgspec

from resolvers.wire import Currency, Day, Instant, Money


class Benefit(msgspec.Struct, frozen=True, gc=False):
    """What a membership brings."""

    name: str


class ProgramIncludes(msgspec.Struct, frozen=True, gc=False):
    """`include=membership_benefits`."""

    membership_benefits: tuple[Benefit, ...] = ()


class MembershipProgram(msgspec.Struct, frozen=True, gc=False):
    """GET /membership_programs."""

    id: int
    name: str
    description: str | None = None
    include: ProgramIncludes = ProgramIncludes()


class Membership(msgspec.Struct, frozen=True, gc=False):
    """GET /memberships. Its price is a number, unlike every other."""

    id: int
    customer_id: int
    membership_program_id: int
    status: Literal["active", "inactive"]
    price: Money
    expires_at: Instant | None = None
    next_charge_scheduled_at: Day | None = None
    presentment_currency: Currency | None = None
