"""The gateway's own cursors, over the backends' cursors of whole pages.

A backend's cursor opens a page and allows no other parameter beside it. Ours points behind one row, so it carries the
backend's cursor of that row's page, the page's size, the row's place in it, and a digest of the list that it is of. A
row that ends its page carries the next page's cursor instead, which is what makes paging on cost one call.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

import msgspec

from gateway.deferred import Deferred
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


def slice_of(
    pages: Loader[PageKey, Page[R]],
    of: PageKey,
    *,
    first: int | None,
    after: str | None,
    name: str,
) -> Deferred[Slice[R]]:
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
    # Behind a cursor the backend's own cursors are needed, and an answer for several owners carries none.
    size = min(position.page_size, FIRST_MAX) or wanted
    key = of._replace(cursor=position.page_cursor, size=size, is_single=after is not None)
    return _Joining(pages, of, digest, wanted, has_previous=after is not None).read(key, position.index + 1)


class _Joining(Generic[R]):
    """A slice on its way, of as many pages as it takes."""

    def __init__(
        self, pages: Loader[PageKey, Page[R]], of: PageKey, digest: str, wanted: int, *, has_previous: bool
    ) -> None:
        self._pages = pages
        self._of = of
        self._digest = digest
        self._wanted = wanted
        self._has_previous = has_previous
        self._items: list[Item[R]] = []
        self._pages_left = _PAGES_JOINED

    def read(self, key: PageKey, skip: int) -> Deferred[Slice[R]]:
        """What is there with the rows of a page behind the first few."""
        return self._pages.load(key).then_wait(partial(self._take, key, skip))

    def _take(self, key: PageKey, skip: int, page: Page[R] | None) -> Deferred[Slice[R]]:
        rows = page.rows if page else ()
        following = page.next_cursor if page else None
        items = self._items
        for index, row in enumerate(rows[skip:], start=skip):
            if len(items) == self._wanted:
                return self._slice(has_next=True)
            ends_page = index == len(rows) - 1 and following is not None
            place = (
                _Position(self._digest, following)
                if ends_page
                else _Position(self._digest, key.cursor, key.size, index)
            )
            items.append(Item(row, place))
        missing = self._wanted - len(items)
        if following is None or not missing:
            return self._slice(has_next=following is not None or (page is not None and page.has_more))
        self._pages_left -= 1
        if not self._pages_left:
            return self._slice(has_next=True)
        return self.read(self._of._replace(cursor=following, size=missing), 0)

    def _slice(self, *, has_next: bool) -> Deferred[Slice[R]]:
        return Deferred.of(Slice(tuple(self._items), has_next=has_next, has_previous=self._has_previous))


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
