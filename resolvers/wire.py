"""Values as backends write them, each checked where it is read.

A row that decodes holds only values that the graph can show, so mapping it never fails: money is finite, dates exist,
counts fit GraphQL's 32 bits.
"""

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

import msgspec

from resolvers.iso import CURRENCIES

Count = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""A whole number that GraphQL's Int can carry."""

PlanType = Literal["subscription", "prepaid", "prepaid_v2", "onetime", "membership_subscription"]
DiscountType = Literal["percentage", "fixed_amount", "shipping"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")


class Money(Decimal):
    """An amount without its currency. Recharge writes a string ("10.00"), on some endpoints a number."""

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read an amount; "NaN", "Infinity" and exponents are refused."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError("money is a string or a number")  # noqa: TRY004  # msgspec reports ValueError with its path
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("money is finite")
        # Plus nothing, which takes the sign away from nothing.
        text = str(value + 0.0 if isinstance(value, float) else value)
        if not _NUMBER.fullmatch(text):
            raise ValueError("money is a decimal number")
        return cls(text)


class Currency(str):
    """An ISO 4217 code."""

    __slots__ = ()

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read a code; one that the graph's enum lacks is refused."""
        if value not in CURRENCIES:
            raise ValueError("a currency is an ISO 4217 code")
        return cls(value)


class Shopify(str):
    """A number of Shopify's, as text; some documents write it as a number."""

    __slots__ = ()

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read digits."""
        text = str(value)
        if isinstance(value, bool) or not isinstance(value, str | int) or not text.isdecimal() or len(text) > 19:
            raise ValueError("an id of Shopify's is a number")
        return cls(text)


class Day(date):
    """A calendar date. Recharge schedules by date, whatever its types say, and sends some with a time."""

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read the date at the beginning of a string."""
        if not isinstance(value, str) or not _DATE.match(value):
            raise ValueError("a date is written YYYY-MM-DD")
        return cls.fromisoformat(value[:10])


class Instant(datetime):
    """A point in time, in UTC. Recharge sends some without an offset; they are UTC too."""

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read an ISO 8601 instant or, as its first moment, a date."""
        if not isinstance(value, str) or not _DATE.match(value):
            raise ValueError("an instant is written YYYY-MM-DDTHH:MM:SS")
        moment = cls.fromisoformat(value)
        if moment.tzinfo is UTC:
            return moment
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class External(msgspec.Struct, frozen=True, gc=False):
    """An id on the ecommerce platform, as Recharge wraps it."""

    ecommerce: str | None = None
