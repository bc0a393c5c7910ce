"""The gateway's own cursors, over the backends' cursors of whole pages.

A backend's cursor opens a page and allows no other parameter beside it. Ours points behind one row, so it carries the
backend's cursor of that row's page, the page's size, the row's place in it, and a digest of the list that it is of. A
row that ends its page carries the next page's cursor instead, which is what makes paging on cost one call.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

import msgspec

from gateway.errors import BadUserInput
from gateway.upstream import Loader, Page, PageKey

R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")

FIRST = 20
"""Page size when `first` is left out."""
FIRST_MAX = 100
ROWS_MAX = 10_000
"""Longest list that is known whole; a collection that a bundle is filled from."""
_PAGES_JOINED = 5
"""How many of the backend's pages one of ours may be joined from."""


class _Position(msgspec.Struct, frozen=True, array_like=True):
    """What a cursor says."""

    digest: str
    page_cursor: str | None = None
    page_size: int = 0
    index: int = -1
    """Place of the row in its page; -1 for before the first."""


class Item(NamedTuple, Generic[T]):
    """A row with its place."""

    row: T
    place: _Position

    @property
    def cursor(self) -> str:
        """Points behind the row. Written when it is asked for: most ask for the last one only."""
        return urlsafe_b64encode(msgspec.msgpack.encode(self.place)).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Consecutive rows of a list."""

    items: tuple[Item[T], ...]
    has_next: bool
    has_previous: bool


async def slice_of(
    pages: Loader[PageKey, Page[R]],
    of: PageKey,
    *,
    first: int | None,
    after: str | None,
    name: str,
) -> Slice[R]:
    """The `first` rows of a list behind the cursor `after`.

    Args:
        pages: Where its pages come from.
        of: Its owner and filters; the size is set here.
        first: From 1 to 100; 20 when left out.
        after: A cursor of the same list.
        name: The list's name, so that cursors of two lists of one owner differ.

    Raises:
        BadUserInput: `first` is out of range, or `after` is no cursor of this list.
    """
    wanted = FIRST if first is None else first
    _check_size(wanted)
    digest = _digest(name, of)
    position = _Position(digest) if after is None else _read(after, digest)

    items: list[Item[R]] = []
    size = min(position.page_size, FIRST_MAX) or wanted
    # Behind a cursor the backend's own cursors are needed, and an answer for several owners carries none.
    key = of._replace(cursor=position.page_cursor, size=size, is_single=after is not None)
    skip = position.index + 1
    for _ in range(_PAGES_JOINED):
        page = await pages.load(key)
        rows = page.rows if page else ()
        following = page.next_cursor if page else None
        has_more = page.has_more if page else False
        for index, row in enumerate(rows[skip:], start=skip):
            if len(items) == wanted:
                return Slice(tuple(items), has_next=True, has_previous=after is not None)
            ends_page = index == len(rows) - 1 and following is not None
            place = _Position(digest, following) if ends_page else _Position(digest, key.cursor, key.size, index)
            items.append(Item(row, place))
        if following is None or len(items) == wanted:
            return Slice(tuple(items), has_next=has_more or following is not None, has_previous=after is not None)
        key, skip = of._replace(cursor=following, size=wanted - len(items)), 0
    return Slice(tuple(items), has_next=True, has_previous=after is not None)


def slice_of_known(rows: Sequence[T], *, first: int, after: str | None, name: str) -> Slice[T]:
    """The same over a list that is known whole.

    Args:
        rows: All of it, in an order that stays.
        first: From 1 to 100.
        after: A cursor of the same list.
        name: The list's name, so that cursors of two lists differ.

    Raises:
        BadUserInput: `first` is out of range, or `after` is no cursor of this list.
    """
    _check_size(first)
    digest = _digest(name, PageKey(owner=None, size=0))
    start = 0 if after is None else _read(after, digest).index + 1
    page = rows[start : start + first]
    items = tuple(
        Item(row, _Position(digest, page_size=len(rows), index=index)) for index, row in enumerate(page, start)
    )
    return Slice(items, has_next=start + first < len(rows), has_previous=after is not None)


def _check_size(first: int) -> None:
    if not 1 <= first <= FIRST_MAX:
        raise BadUserInput(f"`first` must be from 1 to {FIRST_MAX}.")


def _digest(name: str, of: PageKey) -> str:
    identity = msgspec.json.encode([name, of.owner, of.filters])
    return blake2b(identity, digest_size=9).hexdigest()


def _read(cursor: str, digest: str) -> _Position:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = msgspec.msgpack.decode(urlsafe_b64decode(padded), type=_Position)
    except (ValueError, msgspec.MsgspecError):
        raise BadUserInput("`after` is not a cursor: send an endCursor or an edge's cursor of this list.") from None
    if position.digest != digest:
        raise BadUserInput("`after` is a cursor of another list: it goes with the arguments that it was made with.")
    if not (0 <= position.page_size <= ROWS_MAX and -1 <= position.index < ROWS_MAX):
        raise BadUserInput("`after` is not a cursor: send an endCursor or an edge's cursor of this list.")
    return position
