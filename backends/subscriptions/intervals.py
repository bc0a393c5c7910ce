"""Dates on which things come round again."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any


def step(on: date, unit: str | None, count: int | None) -> date:
    """One interval later; a day that a month lacks becomes its last."""
    many = (count or 1) * (12 if unit == "year" else 1)
    if unit not in {"month", "year"}:
        return on + timedelta(days=many * {"day": 1, "week": 7}.get(unit or "day", 1))
    months = on.year * 12 + on.month - 1 + many
    year, month = divmod(months, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def next_charge(subscription: dict[str, Any], after: date, skipped: frozenset[date] = frozenset()) -> date:
    """The first day after `after` on which a subscription is charged and that was not skipped in advance."""
    on = after
    for _ in range(1_000):
        on = step(on, subscription["order_interval_unit"], subscription["charge_interval_frequency"])
        if on not in skipped:
            break
    return on


def deliveries(subscription: dict[str, Any], first: date) -> Iterator[date]:
    """Every day on which a subscription is delivered, from the first."""
    on = first
    while on.year < date.max.year:
        yield on
        on = step(on, subscription["order_interval_unit"], subscription["order_interval_frequency"])


def day_of(value: Any) -> date:
    """A date as a column gives it out."""
    return date.fromisoformat(value)
