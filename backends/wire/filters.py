"""Query parameters as conditions on columns."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, false, select

from backends.wire.columns import LARGEST_ID, Day, parse_instant

Filter = Callable[[str], ColumnElement[bool]]
"""A parameter's text to a condition; raises ValueError with the message for the caller."""

MOST_IDS = 250
"""Ids in one list; as many as the largest page has rows."""


def number(value: str) -> int:
    """An id; raises ValueError."""
    if not (value.isascii() and value.isdigit()) or len(value) > len(str(LARGEST_ID)) or int(value) > LARGEST_ID:
        raise ValueError("Not a valid integer")
    return int(value)


def numbers(value: str) -> list[int]:
    """Ids joined by commas, at most 250; raises ValueError."""
    parts = value.split(",")
    if len(parts) > MOST_IDS:
        raise ValueError(f"Must not contain more than {MOST_IDS} ids")
    return sorted({number(part.strip()) for part in parts})


def an_id(column: Column[Any]) -> Filter:
    """`customer_id=1`."""
    return lambda value: column == number(value)


def ids(column: Column[Any]) -> Filter:
    """`ids=1,2`."""
    return lambda value: column.in_(numbers(value))


def through(column: Column[Any], link: Column[Any], target: Column[Any]) -> Filter:
    """`purchase_item_ids=1,2` through a table whose `link` holds values of `column`, and `target` the ids asked for."""
    return lambda value: column.in_(select(link).where(target.in_(numbers(value))))


def text(column: Column[Any]) -> Filter:
    """The whole value, to the letter."""
    return lambda value: column == value if len(value) < 256 else false()


def email(column: Column[Any]) -> Filter:
    """The whole address; case does not count (addresses are stored in lower case)."""
    return lambda value: text(column)(value.lower())


def emails(column: Column[Any]) -> Filter:
    """Whole addresses joined by commas, at most 250; case does not count."""

    def condition(value: str) -> ColumnElement[bool]:
        wanted = value.lower().split(",")
        if len(wanted) > MOST_IDS:
            raise ValueError(f"Must not contain more than {MOST_IDS} addresses")
        return column.in_(sorted(set(wanted)))

    return condition


def contains(column: Column[Any]) -> Filter:
    """Part of the value; case does not count."""
    return lambda value: column.icontains(value, autoescape=True)


def one_of(column: Column[Any], *allowed: str) -> Filter:
    """`status=queued,skipped`, each out of a closed list."""

    def condition(value: str) -> ColumnElement[bool]:
        wanted = value.split(",")
        if strange := [each for each in wanted if each not in allowed]:
            raise ValueError(f"Invalid value: {strange[0][:64]}. Must be one of: {', '.join(allowed)}")
        return column.in_(sorted(set(wanted)))

    return condition


def flag(condition: Callable[[bool], ColumnElement[bool]]) -> Filter:
    """`is_active=true`."""

    def parsed(value: str) -> ColumnElement[bool]:
        if value.lower() not in {"true", "false", "1", "0"}:
            raise ValueError("Not a valid boolean")
        return condition(value.lower() in {"true", "1"})

    return parsed


def dates(column: Column[Any], *, exact: bool = False) -> dict[str, Filter]:
    """`created_at_min` and `created_at_max`, both inclusive, and with `exact` the value itself.

    A date without a time means its midnight, in UTC.
    """

    def comparing(method: str) -> Filter:
        def condition(value: str) -> ColumnElement[bool]:
            try:
                moment = parse_instant(value)
            except ValueError as error:
                raise ValueError(f"Invalid date: {value[:64]}. Must be a valid ISO-8601 datetime string") from error
            bound = moment.date() if isinstance(column.type, Day) else moment
            compared: ColumnElement[bool] = getattr(column, method)(bound)
            return compared

        return condition

    suffixes: Iterable[tuple[str, str]] = [("_min", "__ge__"), ("_max", "__le__"), *([("", "__eq__")] if exact else [])]
    return {f"{column.name}{suffix}": comparing(method) for suffix, method in suffixes}
