"""Amounts with their currency."""

from decimal import Decimal
from typing import Self

import strawberry

from schema.costs import VALUE
from schema.iso import CurrencyCode

_CURRENCIES = dict(CurrencyCode.__members__)


@strawberry.type(description="An amount in a currency.", directives=[VALUE])
class MoneyV2:
    amount: Decimal = strawberry.field(description="The amount, as a decimal in the currency's major unit.")
    currency_code: CurrencyCode = strawberry.field(description="The amount's currency.")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Self:
        return cls(amount=amount, currency_code=_CURRENCIES[currency])

    @classmethod
    def maybe(cls, amount: Decimal | None, currency: str) -> Self | None:
        return None if amount is None else cls.of(amount, currency)
