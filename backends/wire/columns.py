"""Column types whose values leave the database in the form that goes over the wire."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT, VARCHAR
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from backends.store.prices import amount

LARGEST_ID = 2**63 - 1
"""What a BIGINT holds; a larger id names nothing."""

ROW_ID = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite keeps rows in the order of a key only when its type is called INTEGER; it holds 64 bits there, too."""


def parse_instant(value: str) -> datetime:
    """An ISO 8601 date or date and time as a naive UTC time of whole seconds; raises ValueError."""
    parsed = datetime.fromisoformat(value)
    try:
        aware = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(value) from error
    return aware.replace(tzinfo=None, microsecond=0)


class Money(TypeDecorator[str]):
    """Minor units in the database, `"10.00"` on the wire."""

    impl = Integer
    cache_ok = True

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Minor units to a decimal string with two places."""
        return None if value is None else amount(value)


class Stamp(TypeDecorator[str]):
    """A UTC instant of whole seconds, written with the given ending on the wire."""

    impl = DateTime
    cache_ok = True

    def __init__(self, ending: str = "+00:00") -> None:
        super().__init__()
        self.ending = ending

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Accepts instants and the strings that this type gives out."""
        return parse_instant(value) if isinstance(value, str) else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """ISO 8601 with this column's ending."""
        return None if value is None else value.isoformat(timespec="seconds") + self.ending


class Day(TypeDecorator[str]):
    """A calendar date, `"2026-03-09"` on the wire."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> date | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Accepts dates and anything that `parse_instant` reads."""
        return parse_instant(value).date() if isinstance(value, str) else value

    def process_result_value(self, value: date | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """ISO 8601."""
        return None if value is None else value.isoformat()


class External(TypeDecorator[dict[str, str | None]]):
    """An id of the shop platform, `{"ecommerce": "7301…"}` on the wire even when there is none."""

    impl = String(32)
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, str | None]:  # noqa: ARG002 - SQLAlchemy's signature
        """Wraps the id."""
        return {"ecommerce": value}


class Document(TypeDecorator[Any]):
    """A JSON value kept as text, so that its keys keep their order on every database.

    Comes out as bytes for the encoder to paste, or decoded where `decoded` is asked for.
    """

    impl = Text().with_variant(MEDIUMTEXT(charset="utf8mb4"), "mysql", "mariadb")
    cache_ok = True

    def __init__(self, *, decoded: bool = False) -> None:
        super().__init__()
        self.decoded = decoded

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's signature
        """None is stored as JSON's null."""
        return msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Raw JSON, or the decoded value."""
        text = value or "null"
        return msgspec.json.decode(text) if self.decoded else msgspec.Raw(text.encode())


# Shorthand for tables: a table then reads as the list of what a resource sends, in the order of the wire.


def key() -> Column[int]:
    """The resource's own id."""
    return Column("id", ROW_ID, primary_key=True, autoincrement=False)


def shop_key() -> Column[int]:
    """The owner of the row: every query of the services names it."""
    return Column("shop_id", Integer, nullable=False, info={"private": True})


def big(name: str, *, nullable: bool = False, private: bool = False) -> Column[int]:
    """An id of another object."""
    return Column(name, BigInteger, nullable=nullable, info={"private": private})


def owned(name: str, parent: str) -> Column[int]:
    """A private id that goes away together with its parent row."""
    return Column(name, ForeignKey(parent, ondelete="CASCADE"), nullable=False, info={"private": True})


def whole(name: str, *, nullable: bool = False, private: bool = False) -> Column[int]:
    """A number without fraction."""
    return Column(name, Integer, nullable=nullable, info={"private": private})


def flag(name: str, *, nullable: bool = False, private: bool = False) -> Column[bool]:
    """True or false."""
    return Column(name, Boolean, nullable=nullable, info={"private": private})


def text(name: str, length: int = 191, *, nullable: bool = False, private: bool = False) -> Column[str]:
    """A short string, compared to the letter on every database."""
    exact = VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    kind = String(length).with_variant(exact, "mysql", "mariadb")
    return Column(name, kind, nullable=nullable, info={"private": private})


def money(name: str) -> Column[str]:
    """Minor units in, decimal string out."""
    return Column(name, Money, nullable=False)


def stamp(name: str, *, nullable: bool = False, ending: str = "+00:00", private: bool = False) -> Column[str]:
    """An instant."""
    return Column(name, Stamp(ending), nullable=nullable, info={"private": private})


def day(name: str, *, nullable: bool = False) -> Column[str]:
    """A calendar date."""
    return Column(name, Day, nullable=nullable)


def external(name: str, *, nullable: bool = False) -> Column[dict[str, str | None]]:
    """An id of the shop platform."""
    return Column(name, External, nullable=nullable)


def document(name: str, *, decoded: bool = False, private: bool = False) -> Column[Any]:
    """Nested JSON."""
    return Column(name, Document(decoded=decoded), nullable=False, info={"private": private})
