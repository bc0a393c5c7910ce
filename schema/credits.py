"""Store credit."""

from datetime import datetime
from enum import Enum

import strawberry

from resolvers.subscriptions import models
from schema.context import Info
from schema.costs import listed
from schema.ids import RECHARGE, gid
from schema.later import Later
from schema.money import MoneyV2
from schema.node import Node
from schema.reading import Reading


class CreditType(Enum):
    REWARD = "reward"
    MANUAL = "manual"
    GIFT = "gift"


strawberry.enum(CreditType, description="Where credit comes from.")


of_account = Reading(models.CreditAccount)


@strawberry.type(description="One source of store credit.")
class CreditAccount(Node):
    row: strawberry.Private[models.CreditAccount]
    id: strawberry.ID = of_account(lambda row: gid(RECHARGE, "CreditAccount", row.id), description="Global id.")
    type: CreditType = of_account(lambda row: CreditType(row.type), description="Where it comes from.")
    name: str | None = of_account(lambda row: row.name, description="What the merchant calls it.")
    balance: MoneyV2 = of_account(
        lambda row: MoneyV2.of(row.available_balance, row.currency_code), description="What is left."
    )
    initial_balance: MoneyV2 = of_account(
        lambda row: MoneyV2.of(row.initial_balance, row.currency_code), description="What there was at first."
    )
    expires_at: datetime | None = of_account(lambda row: row.expires_at, description="When what is left is lost.")


of_summary = Reading(models.CreditSummary)


@strawberry.type(description="A shopper's store credit.")
class CreditSummary:
    row: strawberry.Private[models.CreditSummary]
    total_available: MoneyV2 = of_summary(
        lambda row: MoneyV2.of(row.total_available_balance, row.currency_code), description="What can be spent now."
    )
    max_redemption_per_charge: MoneyV2 | None = of_summary(
        lambda row: MoneyV2.maybe(row.max_redemption_limit, row.currency_code),
        description="The most that one charge may use.",
    )
    accounts: list[CreditAccount] = of_summary(
        lambda row: [CreditAccount(row=account) for account in row.include.credit_details],
        description="Where the credit comes from.",
        directives=[listed(3)],
    )

    @strawberry.field(description="Whether the next charge uses it. Null when the customer cannot be looked up.")
    def applies_to_next_charge(self, info: Info) -> Later[bool | None]:
        found = info.context.subscriptions.customers_by_id.load(self.row.customer_id)
        return found.then(lambda customer: customer.apply_credit_to_next_recurring_charge if customer else None)
