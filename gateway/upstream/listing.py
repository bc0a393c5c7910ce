"""Pages as data: which REST call finds a page of what an owner has."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from gateway.errors import BackendError, BackendMalformed
from gateway.upstream.answers import Answer, ListDecoder
from gateway.upstream.ask import Ask
from gateway.upstream.bulk import KEYS_A_CALL, bulk_rows
from gateway.upstream.calls import Calls
from gateway.upstream.kind import Kind, alone, log_foreign, together
from gateway.upstream.tenant import Tenant

R = TypeVar("R", bound=msgspec.Struct)


class PageKey(NamedTuple):
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Listing(Kind[PageKey, R, Page[R]]):
    """A page of what an owner has, or of what the shop has."""

    owned_by: str | None = None
    """The parameter that names the owner; None for what belongs to the shop."""
    owner: Callable[[R], int] | None = None
    """The owner that a row bears."""

    @property
    def value(self) -> Any:
        """A page."""
        return Page[self.into]  # type: ignore[name-defined]  # built at run time

    def merges(self, ask: Ask[PageKey]) -> bool:
        """First pages, where the backend takes many owners; a page whose own cursor is needed is asked for alone."""
        is_first = ask.key.cursor is None and not ask.key.is_single
        return is_first and self.bulk is not None and ask.tenant.bulk != "none"

    async def fetch(self, calls: Calls, asks: Sequence[Ask[PageKey]]) -> Mapping[Ask[PageKey], Page[R] | Exception]:
        """One call a page; first pages that differ in their owner only are one call where the backend offers it."""
        if not self.merges(asks[0]):
            return await alone(asks[0], self._page(calls, asks[0]))
        merged: dict[PageKey, list[Ask[PageKey]]] = {}
        for ask in asks:
            merged.setdefault(ask.key._replace(owner=None), []).append(ask)
        parts = await together(
            self._first_pages(calls, alike, batch) for alike, group in merged.items() for batch in self._batches(group)
        )
        return {ask: page for part in parts for ask, page in part.items()}

    def _batches(self, asks: Sequence[Ask[PageKey]]) -> Iterator[list[Ask[PageKey]]]:
        """Asks that one call can carry: where `limit` counts for a shop's owners together, one owner of each shop."""
        assert self.bulk, "asked for only where there is a form"  # noqa: S101  # for mypy
        rounds: dict[int, list[Ask[PageKey]]] = {}
        seen: dict[Tenant, dict[int | None, int]] = {}
        for ask in asks:
            owners = seen.setdefault(ask.tenant, {})
            number = owners.setdefault(ask.key.owner, len(owners))
            rounds.setdefault(0 if self.bulk.limits_each else number, []).append(ask)
        for batch in rounds.values():
            for at in range(0, len(batch), KEYS_A_CALL):
                yield batch[at : at + KEYS_A_CALL]

    async def _first_pages(
        self, calls: Calls, alike: PageKey, asks: Sequence[Ask[PageKey]]
    ) -> Mapping[Ask[PageKey], Page[R] | Exception]:
        """First pages of several owners. One row more than asked for tells whether there is more.

        A page as large as the backends give leaves no room for it; such a page counts as all there is.
        """
        assert self.bulk, "asked for only where there is a form"  # noqa: S101  # for mypy
        filters = dict(alike.filters)
        owners: dict[Tenant, dict[int | None, None]] = {}
        for ask in asks:
            owners.setdefault(ask.tenant, {})[ask.key.owner] = None
        params = {**filters, **self.params, "limit": str(min(alike.size + 1, KEYS_A_CALL))}
        asked = {tenant: sorted(owner for owner in own if owner is not None) for tenant, own in owners.items()}
        try:
            answers = await bulk_rows(calls, self.bulk, asked, self._decoder, params=params, headers=self.headers)
        except BackendError as error:
            return dict.fromkeys(asks, error)
        rows = {tenant: self._by_owner(tenant, answer) for tenant, answer in answers.items()}
        pages: dict[Ask[PageKey], Page[R] | Exception] = {}
        for ask in asks:
            own = rows[ask.tenant]
            if isinstance(own, Exception):
                pages[ask] = own
                continue
            mine = [row for row in own.get(ask.key.owner, ()) if not self.is_foreign(ask, row)]
            mine = _in_order(mine, filters.get("sort_by"))
            pages[ask] = Page(tuple(mine[: alike.size]), next_cursor=None, has_more=len(mine) > alike.size)
        return pages

    def _by_owner(
        self, tenant: Tenant, answer: Answer[R] | BackendMalformed
    ) -> dict[int | None, list[R]] | BackendMalformed:
        """A shop's rows by the owner that they bear."""
        if isinstance(answer, BackendMalformed):
            return answer
        if answer.malformed or self.owner is None:
            return BackendMalformed(tenant.service, cause="malformed rows")  # as any failure of this shop's
        rows: dict[int | None, list[R]] = {}
        for row in answer.rows:
            rows.setdefault(self.owner(row), []).append(row)
        return rows

    async def _page(self, calls: Calls, ask: Ask[PageKey]) -> Page[R]:
        key, service = ask.key, ask.tenant.service
        if key.cursor is not None:
            params = {"cursor": key.cursor}
        else:
            owned = {self.owned_by: str(key.owner)} if self.owned_by else {}
            params = {**owned, **dict(key.filters), **self.params}
        params["limit"] = str(key.size)
        body = await calls.get(ask.tenant, ask.customer_id, self.path, params, headers=self.headers)
        answer = self._decoder.decode(service, body or b"")
        if answer.malformed:
            # A hole in a list is a wrong answer: the shopper would miss what he owns without a word.
            raise BackendMalformed(service, cause="malformed rows")
        rows = tuple(row for row in answer.rows if self._is_asked_for(ask, row))
        return Page(rows, answer.next_cursor)

    def _is_asked_for(self, ask: Ask[PageKey], row: R) -> bool:
        if self.is_foreign(ask, row):
            return False
        if self.owner is not None and self.owner(row) != ask.key.owner:
            log_foreign(ask.tenant, self.rows, known=True)
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
