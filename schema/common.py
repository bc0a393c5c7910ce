"""Small value types that domains share."""

from dataclasses import replace
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import Literal, NewType, TypeVar

import strawberry
from strawberry.schema.types import base_scalars

from schema.costs import VALUE

T = TypeVar("T")

URL = NewType("URL", str)
URL_DEFINITION = strawberry.scalar(
    name="URL",
    description="An absolute URL, as RFC 3986 has it.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3986",
    serialize=str,
    parse_value=str,
)


TEXTS_KEPT = 8_192
"""How many days and instants a process remembers the text of: an answer is full of the same few."""


@lru_cache(maxsize=TEXTS_KEPT)
def _day(day: date) -> str:
    return day.isoformat()


@lru_cache(maxsize=TEXTS_KEPT)
def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


DATE_DEFINITION = replace(base_scalars.DateDefinition, serialize=_day)
"""Strawberry's own, with texts that are remembered."""

DATE_TIME_DEFINITION = strawberry.scalar(
    name="DateTime",
    description="An instant in UTC, as ISO 8601 writes it: 2026-11-24T09:30:00Z.",
    specified_by_url="https://scalars.graphql.org/andimarek/date-time",
    serialize=_instant,
    parse_value=datetime.fromisoformat,
)


class IntervalUnit(Enum):
    """What an interval counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


strawberry.enum(IntervalUnit, description="What an interval counts.")


@strawberry.type(description="A span of time, such as every two weeks.")
class Interval:
    __shared__ = True  # see schema/kept.py

    unit: IntervalUnit = strawberry.field(description="What is counted.")
    count: int = strawberry.field(description="How many of the unit.")


@lru_cache(maxsize=1_024)
def interval(unit: Literal["day", "week", "month"] | None, count: int | None) -> Interval | None:
    """The interval of Recharge's two fields; None unless both are set."""
    return Interval(unit=IntervalUnit(unit), count=count) if unit and count else None


@strawberry.type(description="How many are accepted.")
class QuantityRange:
    min: int = strawberry.field(description="At least so many.")
    max: int | None = strawberry.field(description="At most so many; null when there is no limit.")


IMAGES_KEPT = 8_192


@strawberry.type(description="A picture.", directives=[VALUE])
class Image:
    __shared__ = True  # see schema/kept.py

    url: URL = strawberry.field(description="Where the picture is.")
    alt_text: str | None = strawberry.field(description="What the picture shows, for those who do not see it.")


@lru_cache(maxsize=IMAGES_KEPT)
def image(url: str | None, alt_text: str | None) -> Image | None:
    """The picture at a URL, if there is one."""
    return Image(url=URL(url), alt_text=alt_text) if url else None


def given(value: T | None) -> T | None:
    """An argument's value; None where it was left out, which Strawberry tells apart from null."""
    return None if value is strawberry.UNSET else value


def sort_by(key: Enum, *, reverse: bool) -> str:
    """Recharge's way of naming an order, such as `id-desc`."""
    return f"{key.value}-{'desc' if reverse else 'asc'}"
