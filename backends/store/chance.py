"""Chance that always falls the same way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")
Row = dict[str, Any]
Tables = Iterable[tuple[str, list[Row]]]
"""Rows by the name of their table."""


HOUSEHOLDS_AT_ONCE = 250
"""Customers whose rows are made and written together."""


@dataclass(frozen=True, slots=True)
class World:
    """What a whole world follows from: two that are equal have equal rows."""

    seed: int
    customers: int
    today: date

    def chance(self, *path: str | int) -> Random:
        """A source for one thing in this world, independent of all others."""
        return Random(f"{self.seed}/{'/'.join(map(str, path))}")  # noqa: S311 - shapes demo data, guards nothing

    def instant(self, days_ago: float) -> datetime:
        """Naive UTC, whole seconds, counted back from today's midnight."""
        midnight = datetime.combine(self.today, time(), UTC).replace(tzinfo=None)
        return (midnight - timedelta(days=days_ago)).replace(microsecond=0)

    def day(self, days_ahead: int) -> date:
        """A calendar date."""
        return self.today + timedelta(days=days_ahead)


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of up to `size`, so that a large world is never in memory at once."""
    left = iter(things)
    while batch := list(islice(left, size)):
        yield batch
