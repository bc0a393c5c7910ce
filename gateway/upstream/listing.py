"""Pages as data: which REST call finds a page of what an owner has."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, TypeVar

import msgspec

from gateway.errors import BackendError, BackendMalformed
from gateway.upstream.answers import ListDecoder
from gateway.upstream.bulk import KEYS_A_CALL, bulk_rows
from gateway.upstream.kind import Kind, each, log_foreign
from gateway.upstream.upstream import Upstream

R = TypeVar("R", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class PageKey:
    """One page of what an owner has: the whole of the question, so that equal questions are one."""

    owner: int | None
    """None for what belongs to the shop."""
    size: int
    filters: tuple[tuple[str, str], ...] = ()
    cursor: str | None = None
    """The backend's own cursor, from the page before."""
    is_single: bool = False
    """Asked for alone, since its cursor will be needed: answers for several owners carry none."""


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows in the backend's order."""

    rows: tuple[R, ...]
    next_cursor: str | None
    """Opens the page after this one; None where there is none, or where the answer carries none."""
    has_more: bool = False
    """There is more, though the answer carries no cursor to it."""


@dataclass(frozen=True, kw_only=True)
class Listing(Kind[R]):
    """A page of what an owner has, or of what the shop has."""

    owned_by: str | None = None
    """The parameter that names the owner; None for what belongs to the shop."""
    owner: Callable[[R], int] | None = None
    """The owner that a row bears."""

    async def fetch(self, upstream: Upstream, keys: Sequence[PageKey]) -> Mapping[PageKey, Page[R] | Exception]:
        """One call a page; first pages that differ in their owner only are one call where the backend offers it."""
        if self.is_nobodys(upstream):
            return {}
        if self.bulk is None or upstream.bulk == "none":
            return await each(keys, lambda key: self._page(upstream, key))
        single = [key for key in keys if key.cursor is not None or key.is_single]
        merged: dict[PageKey, list[PageKey]] = {}
        for key in keys:
            if key not in single:
                merged.setdefault(replace(key, owner=None), []).append(key)
        owners_a_call = KEYS_A_CALL if self.bulk.limits_each else 1
        parts = await asyncio.gather(
            each(single, lambda key: self._page(upstream, key)),
            *(
                self._first_pages(upstream, alike[at : at + owners_a_call])
                for alike in merged.values()
                for at in range(0, len(alike), owners_a_call)
            ),
        )
        return {key: page for part in parts for key, page in part.items()}

    async def _first_pages(self, upstream: Upstream, keys: Sequence[PageKey]) -> Mapping[PageKey, Page[R] | Exception]:
        """First pages of several owners. One row more than asked for tells whether there is more.

        A page as large as the backends give leaves no room for it; such a page counts as all there is.
        """
        assert self.bulk, "asked for only where there is a form"  # noqa: S101  # for mypy
        size, filters = keys[0].size, dict(keys[0].filters)
        owners = [key.owner for key in keys if key.owner is not None]
        params = {**filters, **self.params, "limit": str(min(size + 1, KEYS_A_CALL))}
        try:
            answer = await bulk_rows(upstream, self.bulk, owners, self._decoder, params=params, headers=self.headers)
            if answer.malformed:
                raise BackendMalformed(upstream.service, cause="malformed rows")  # as any failure of this call
        except BackendError as error:
            return dict.fromkeys(keys, error)
        pages: dict[PageKey, Page[R] | Exception] = {}
        for key in keys:
            rows = [row for row in answer.rows if self.owner is not None and self.owner(row) == key.owner]
            mine = _in_order([row for row in rows if not self.is_foreign(upstream, row)], filters.get("sort_by"))
            pages[key] = Page(tuple(mine[:size]), next_cursor=None, has_more=len(mine) > size)
        return pages

    async def _page(self, upstream: Upstream, key: PageKey) -> Page[R]:
        if key.cursor is not None:
            params = {"cursor": key.cursor}
        else:
            owned = {self.owned_by: str(key.owner)} if self.owned_by else {}
            params = {**owned, **dict(key.filters), **self.params}
        body = await upstream.get(self.path, {**params, "limit": str(key.size)}, headers=self.headers)
        answer = self._decoder.decode(upstream.service, body or b"")
        if answer.malformed:
            # A hole in a list is a wrong answer: the shopper would miss what he owns without a word.
            raise BackendMalformed(upstream.service, cause="malformed rows")
        rows = tuple(row for row in answer.rows if self._is_asked_for(upstream, key, row))
        return Page(rows, answer.next_cursor)

    def _is_asked_for(self, upstream: Upstream, key: PageKey, row: R) -> bool:
        if self.is_foreign(upstream, row):
            return False
        if self.owner is not None and self.owner(row) != key.owner:
            log_foreign(upstream, self.rows, known=True)
            return False
        return True

    @cached_property
    def _decoder(self) -> ListDecoder[R]:
        return ListDecoder(self.rows, self.into)


def _in_order(rows: list[R], sort_by: str | None) -> list[R]:
    """One owner's rows in the order that was asked for; rows of several owners come in any order."""
    name, _, direction = (sort_by or "").partition("-")
    if not rows or not name or not hasattr(rows[0], name):
        return rows
    return sorted(rows, key=lambda row: (getattr(row, name), row.id), reverse=direction == "desc")  # type: ignore[attr-defined]  # every listed row has one
