"""Look-ups as data: which REST call finds what a key stands for, and how to know whose it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from gateway.errors import BackendError, BackendMalformed
from gateway.upstream.answers import Answer, ListDecoder, RecordDecoder
from gateway.upstream.ask import Ask
from gateway.upstream.bulk import KEYS_A_CALL, ByTenant, bulk_rows, chunks_of, keys_of
from gateway.upstream.calls import Calls
from gateway.upstream.kind import Kind, alone, log_foreign, together
from gateway.upstream.tenant import Tenant

K = TypeVar("K", int, str)
R = TypeVar("R", bound=msgspec.Struct)

PAGES_A_CALL = 20
"""How many pages of one look-up are followed before the backend's cursors are taken for a loop."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Record(Kind[int, R, R]):
    """One object by its path, such as `/customers/{key}`."""

    key_of: Callable[[R], int] = lambda row: row.id  # type: ignore[attr-defined]  # most records are keyed by their id
    """The key that a record answers; used where several come in one answer."""

    @property
    def value(self) -> Any:
        """A row."""
        return self.into

    def merges(self, ask: Ask[int]) -> bool:
        """Where the backend takes many keys."""
        return self.bulk is not None and ask.tenant.bulk != "none"

    async def fetch(self, calls: Calls, asks: Sequence[Ask[int]]) -> Mapping[Ask[int], R | Exception]:
        """One call a key, or one for many. A 404, or another customer's object, is a key that does not exist."""
        if not self.merges(asks[0]):
            return await alone(asks[0], self._one(calls, asks[0]))
        chunks = chunks_of(asks)
        if len(chunks) == 1:
            return await self._bulk(calls, chunks[0])
        parts = await together(self._bulk(calls, chunk) for chunk in chunks)
        return {ask: row for part in parts for ask, row in part.items()}

    async def _bulk(self, calls: Calls, tenants: ByTenant[int]) -> Mapping[Ask[int], R | Exception]:
        """Many records a call, where the backend offers it."""
        assert self.bulk, "asked for only where there is a form"  # noqa: S101  # for mypy
        asked = {tenant: keys_of(own) for tenant, own in tenants}
        try:
            answers = await bulk_rows(
                calls, self.bulk, asked, self._rows_decoder, params=self.params, headers=self.headers
            )
        except BackendError as error:
            return {ask: error for _, own in tenants for ask in own}
        found: dict[Ask[int], R | Exception] = {}
        for tenant, own in tenants:
            answer = answers[tenant]
            if isinstance(answer, Exception):
                found |= dict.fromkeys(own, answer)
                continue
            if answer.malformed:
                found |= dict.fromkeys(own, BackendMalformed(tenant.service, cause="malformed rows"))
            rows = {self.key_of(row): row for row in answer.rows}
            for ask in own:
                row = rows.get(ask.key)
                if row is not None and not self.is_foreign(ask, row):
                    found[ask] = row
        return found

    async def _one(self, calls: Calls, ask: Ask[int]) -> R | None:
        path = self.path.format(key=quote(str(ask.key), safe=""))
        body = await calls.get(ask.tenant, ask.customer_id, path, self.params, headers=self.headers)
        if body is None:
            return None
        row = self._decoder.decode(ask.tenant.service, body)
        return None if self.is_foreign(ask, row) else row

    @cached_property
    def _decoder(self) -> RecordDecoder[R]:
        return RecordDecoder(self.rows, self.into)

    @cached_property
    def _rows_decoder(self) -> ListDecoder[R]:
        return ListDecoder(self.bulk.rows if self.bulk else self.rows, self.into)


@dataclass(frozen=True, kw_only=True, eq=False)
class Lookup(Kind[K, R, tuple[R, ...]]):
    """Rows by the keys they carry."""

    asked_by: Callable[[R], Iterable[K]]
    """The keys that a row answers."""
    one: str
    """The parameter for one key."""
    many: str | None = None
    """The parameter for a comma-joined list; None where the backend takes one key a call."""
    is_personal: bool = False
    """Keys are personal data, such as e-mail addresses: kept out of logs and journal."""

    @property
    def value(self) -> Any:
        """Rows."""
        return tuple[self.into, ...]  # type: ignore[name-defined]  # built at run time

    def merges(self, ask: Ask[K]) -> bool:
        """Where the backend takes many keys; those of several shoppers only without a session of one's own."""
        return self.many is not None or (self.bulk is not None and ask.tenant.bulk != "none")

    async def fetch(self, calls: Calls, asks: Sequence[Ask[K]]) -> Mapping[Ask[K], tuple[R, ...] | Exception]:
        """As few calls as the backend allows, all at once. Keys without rows are left out."""
        chunks = chunks_of(asks)
        if len(chunks) == 1:
            return await self._chunk(calls, chunks[0])
        parts = await together(self._chunk(calls, chunk) for chunk in chunks)
        return {ask: rows for part in parts for ask, rows in part.items()}

    async def _chunk(self, calls: Calls, tenants: ByTenant[K]) -> Mapping[Ask[K], tuple[R, ...] | Exception]:
        first, of_first = tenants[0]
        if self.bulk is None or first.bulk == "none":
            return await self._paged(calls, of_first)
        try:
            answers = await bulk_rows(
                calls,
                self.bulk,
                {tenant: keys_of(own) for tenant, own in tenants},
                self._decoder,
                params=self.params,
                headers=self.headers,
                is_personal=self.is_personal,
            )
        except BackendError as error:
            return {ask: error for _, own in tenants for ask in own}
        found: dict[Ask[K], tuple[R, ...] | Exception] = {}
        for tenant, own in tenants:
            answer = answers[tenant]
            if isinstance(answer, Exception):
                found |= dict.fromkeys(own, answer)
            elif self.many and len(answer.rows) + answer.malformed >= KEYS_A_CALL:
                # As many as a call gives: there may be more, and such an answer has no cursor to them.
                found |= await self._paged(calls, own)
            else:
                found |= self._handed_out(tenant, own, answer)
        return found

    async def _paged(self, calls: Calls, asks: Sequence[Ask[K]]) -> Mapping[Ask[K], tuple[R, ...] | Exception]:
        """The rows of one shop's keys, a page after another."""
        tenant = asks[0].tenant
        try:
            whole = await self._whole(calls, asks)
        except BackendError as error:
            return dict.fromkeys(asks, error)
        return self._handed_out(tenant, asks, whole)

    async def _whole(self, calls: Calls, asks: Sequence[Ask[K]]) -> Answer[R]:
        """All pages as one."""
        tenant, customer_id = asks[0].tenant, asks[0].customer_id
        name = self.many or self.one
        hidden = name if self.is_personal else None
        keys = ",".join(map(str, keys_of(asks)))
        params = {name: keys, **self.params, "limit": str(KEYS_A_CALL)}
        before: tuple[R, ...] = ()
        malformed = 0
        for _ in range(PAGES_A_CALL):
            body = await calls.get(tenant, customer_id, self.path, params, headers=self.headers, hidden=hidden)
            answer = self._decoder.decode(tenant.service, body or b"")
            malformed += answer.malformed
            if answer.next_cursor is None:
                return Answer(before + answer.rows, None, malformed) if before or malformed else answer
            before += answer.rows
            # The backends take nothing but a limit beside a cursor.
            params = {"cursor": answer.next_cursor, "limit": str(KEYS_A_CALL)}
        raise BackendMalformed(tenant.service, cause="its cursors never end")

    def _handed_out(
        self, tenant: Tenant, asks: Sequence[Ask[K]], answer: Answer[R]
    ) -> dict[Ask[K], tuple[R, ...] | Exception]:
        """Each row to the asks whose key it bears and whose shopper's it is; one that bears none was not asked for."""
        rows: dict[Ask[K], list[R]] = {ask: [] for ask in asks}
        asks_by_key: dict[K, list[Ask[K]]] = {}
        for ask in asks:
            asks_by_key.setdefault(ask.key, []).append(ask)
        for row in answer.rows:
            is_asked_for = False
            for key in self.asked_by(row):
                for ask in asks_by_key.get(key, ()):
                    is_asked_for = True
                    if not self.is_foreign(ask, row):
                        rows[ask].append(row)
            if not is_asked_for:
                log_foreign(tenant, self.rows, known=True)
        doubt = BackendMalformed(tenant.service, cause="malformed rows") if answer.malformed else None
        return {ask: tuple(own) if own else doubt for ask, own in rows.items() if own or doubt}  # type: ignore[misc]  # mypy does not see that doubt is set there

    @cached_property
    def _decoder(self) -> ListDecoder[R]:
        return ListDecoder(self.rows, self.into)
