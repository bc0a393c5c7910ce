"""Amounts with their currency."""

from decimal import Decimal

import strawberry

from schema.costs import VALUE
from schema.iso import CurrencyCode
from schema.kept import Kept

_CURRENCIES = dict(CurrencyCode.__members__)


_kept: Kept[tuple[int, str], "MoneyV2"] = Kept(most=8_192)
"""By the id of the decimal: 1.0 and 1.00 are equal, and are not shown alike."""


@strawberry.type(description="An amount in a currency.", directives=[VALUE])
class MoneyV2:
    __shared__ = True  # see schema/kept.py

    amount: Decimal = strawberry.field(description="The amount, as a decimal in the currency's major unit.")
    currency_code: CurrencyCode = strawberry.field(description="The amount's currency.")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "MoneyV2":
        """The same object for the same decimal, of which a process has few: backends' amounts are read once."""
        key = id(amount), currency
        found = _kept.get(key)
        if found is None:
            found = _kept.keep(key, cls(amount=amount, currency_code=_CURRENCIES[currency]))
        return found

    @classmethod
    def maybe(cls, amount: Decimal | None, currency: str) -> "MoneyV2 | None":
        return None if amount is None else cls.of(amount, currency)
