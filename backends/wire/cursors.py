"""Keyset cursors: where a page ends, in base64 of JSON."""

import base64
import binascii
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import BigInteger, Column, ColumnElement, Integer, and_, or_

from backends.wire.columns import LARGEST_ID, Day, Stamp, parse_instant
from backends.wire.errors import RefusedError

Id = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ID)]
Direction = Literal["next", "prev"]


class Cursor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The last row that the caller has seen, and which list it was in.

    `filters` are the parameters of the first page, since no page after it may repeat them; a list without any leaves
    the key out. Cursors are not signed: which shop is asked is decided by the token alone, never by a cursor.
    """

    starting_before_id: Id
    last_value: Id | str | None
    sort_by: str
    cursor_dir: Direction
    filters: dict[str, str] = {}

    def encode(self) -> str:
        """The cursor's text, safe in a query string."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()

    def condition(self, column: Column[Any], key: Column[int], *, descending: bool) -> ColumnElement[bool]:
        """Rows after this position in the order of `column`, then `key`; nulls count as smallest."""
        beyond = key < self.starting_before_id if descending else key > self.starting_before_id
        if column is key:
            return beyond
        if self.last_value is None:
            return and_(column.is_(None), beyond) if descending else or_(column.is_not(None), beyond)
        further = column < self.last_value if descending else column > self.last_value
        if descending and column.nullable:
            further = or_(further, column.is_(None))
        return or_(further, and_(column == self.last_value, beyond))


def decode(value: str) -> Cursor:
    """A cursor's content; raises the documented 422."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(value.encode().translate(_TO_URL_SAFE)), type=Cursor)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise bad_cursor() from error


def fits(value: Any, column: Column[Any]) -> bool:
    """Whether `value` can be compared with `column`."""
    if value is None:
        return bool(column.nullable)
    if isinstance(column.type, BigInteger | Integer):
        return isinstance(value, int)
    if not isinstance(value, str):
        return False
    if isinstance(column.type, Stamp | Day):
        try:
            parse_instant(value)
        except ValueError:
            return False
    return True


def bad_cursor() -> RefusedError:
    """The documented answer to a cursor that no page gave out."""
    return RefusedError(422, {"cursor": ["Invalid value"]})


_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
