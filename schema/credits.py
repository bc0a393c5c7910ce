"""Store credit."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from resolvers.subscriptions import models
from schema.context import Info
from schema.costs import listed
from schema.ids import RECHARGE, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node


class CreditType(Enum):
    REWARD = "reward"
    MANUAL = "manual"
    GIFT = "gift"


strawberry.enum(CreditType, description="Where credit comes from.")


@strawberry.type(description="One source of store credit.")
class CreditAccount(Node):
    type: CreditType = strawberry.field(description="Where it comes from.")
    name: str | None = strawberry.field(description="What the merchant calls it.")
    balance: MoneyV2 = strawberry.field(description="What is left.")
    initial_balance: MoneyV2 = strawberry.field(description="What there was at first.")
    expires_at: datetime | None = strawberry.field(description="When what is left is lost.")

    @classmethod
    def of(cls, row: models.CreditAccount) -> Self:
        return cls(
            id=gid(RECHARGE, "CreditAccount", row.id),
            type=CreditType(row.type),
            name=row.name,
            balance=MoneyV2.of(row.available_balance, row.currency_code),
            initial_balance=MoneyV2.of(row.initial_balance, row.currency_code),
            expires_at=row.expires_at,
        )


@strawberry.type(description="A shopper's store credit.")
class CreditSummary:
    total_available: MoneyV2 = strawberry.field(description="What can be spent now.")
    max_redemption_per_charge: MoneyV2 | None = strawberry.field(description="The most that one charge may use.")
    accounts: list[CreditAccount] = strawberry.field(description="Where the credit comes from.", directives=[listed(3)])
    row: strawberry.Private[models.CreditSummary]

    @strawberry.field(description="Whether the next charge uses it. Null when the customer cannot be looked up.")
    def applies_to_next_charge(self, info: Info) -> Later[bool | None]:
        found = info.context.subscriptions.customers_by_id.load(self.row.customer_id)
        return found.then(lambda customer: customer.apply_credit_to_next_recurring_charge if customer else None)

    @classmethod
    def of(cls, row: models.CreditSummary) -> Self:
        return cls(
            total_available=MoneyV2.of(row.total_available_balance, row.currency_code),
            max_redemption_per_charge=MoneyV2.maybe(row.max_redemption_limit, row.currency_code),
            accounts=[CreditAccount.of(account) for account in row.include.credit_details],
            row=row,
        )
