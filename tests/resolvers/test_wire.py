"""Values from backends are checked where they are read."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.answers import decode_value
from resolvers.wire import Count, Currency, Day, Instant, Money


def read(kind: Any, text: str) -> Any:
    """A JSON value as a model reads it."""
    return msgspec.json.decode(text, type=kind, dec_hook=decode_value)


@given(st.decimals(min_value="-1e9", max_value="1e9", places=2))
def test_money_keeps_its_digits(amount: Decimal) -> None:
    """What a backend writes is what the graph shows: "10.00" stays "10.00"."""
    text = format(amount, "f")
    assert str(read(Money, f'"{text}"')) == text


@pytest.mark.parametrize(("text", "value"), [('"10.00"', "10.00"), ("5", "5"), ("5.5", "5.5"), ('"-0.01"', "-0.01")])
def test_money_as_text_or_number(text: str, value: str) -> None:
    """Some endpoints write numbers."""
    assert str(read(Money, text)) == value


@pytest.mark.parametrize("texts", [("-0.0", "0.0"), ("0.0", "-0.0")])
def test_nothing_has_no_sign(texts: tuple[str, str]) -> None:
    """Of equal numbers the first is remembered, and this is the one number that is written in two ways."""
    decode_value.cache_clear()
    assert [str(read(Money, text)) for text in texts] == ["0.0", "0.0"]


@pytest.mark.parametrize(
    "text", ['"NaN"', '"Infinity"', '"1e9"', '""', '" 1"', '"1,00"', "true", "null", "[]", "1e300"]
)
def test_what_is_no_money(text: str) -> None:
    """Non-finite and malformed amounts never reach a page."""
    with pytest.raises(msgspec.ValidationError):
        read(Money, text)


@pytest.mark.parametrize("text", ['"2026-11-24"', '"2026-11-24T09:00:00"', '"2026-11-24T23:59:59+00:00"'])
def test_days_with_or_without_a_time(text: str) -> None:
    """A schedule is by date, whatever comes behind it."""
    assert read(Day, text) == date(2026, 11, 24)


@pytest.mark.parametrize("text", ['"2026-02-31"', '"2026-13-01"', '"24.11.2026"', '""', "1", "true", "{}"])
def test_what_is_no_day(text: str) -> None:
    """Broken dates never reach a page."""
    with pytest.raises(msgspec.ValidationError):
        read(Day, text)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001  # naive is the point
def test_instants_are_in_utc(moment: datetime, hours: int) -> None:
    """With an offset it is converted, without one it is UTC already."""
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert read(Instant, f'"{aware.isoformat()}"') == aware
    assert read(Instant, f'"{moment.isoformat()}"') == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["2147483648", "-2147483649", "1.5", '"1"', "null", "1e40"])
def test_what_is_no_count(text: str) -> None:
    """GraphQL's Int has 32 bits."""
    with pytest.raises(msgspec.ValidationError):
        read(Count, text)


@pytest.mark.parametrize("text", ['"usd"', '"XXX"', '""', "1", "null", "[]"])
def test_what_is_no_currency(text: str) -> None:
    """A code that the enum lacks would break the answer later."""
    with pytest.raises(msgspec.ValidationError):
        read(Currency, text)
