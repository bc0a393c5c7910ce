"""Amounts with their currency."""

from decimal import Decimal

import strawberry

from schema.costs import VALUE
from schema.iso import CurrencyCode

_CURRENCIES = dict(CurrencyCode.__members__)


_kept: dict[tuple[int, str], "MoneyV2"] = {}
"""Amounts by the id of their decimal: 1.0 and 1.00 are equal, and are not shown alike. It is kept beside its id."""

AMOUNTS_KEPT = 8_192


@strawberry.type(description="An amount in a currency.", directives=[VALUE])
class MoneyV2:
    __shared__ = True  # given to many: what it answers is kept

    amount: Decimal = strawberry.field(description="The amount, as a decimal in the currency's major unit.")
    currency_code: CurrencyCode = strawberry.field(description="The amount's currency.")

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "MoneyV2":
        """The same object for the same decimal, of which a process has few: backends' amounts are read once."""
        key = id(amount), currency
        found = _kept.get(key)
        if found is None:
            if len(_kept) >= AMOUNTS_KEPT:
                _kept.clear()
            found = _kept[key] = cls(amount=amount, currency_code=_CURRENCIES[currency])
        return found

    @classmethod
    def maybe(cls, amount: Decimal | None, currency: str) -> "MoneyV2 | None":
        return None if amount is None else cls.of(amount, currency)
