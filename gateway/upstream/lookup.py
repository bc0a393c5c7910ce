"""Look-ups as data: which REST call finds a key, where its rows are, whose they are.

`Record` is one object by its path, `Lookup` rows by the keys they carry, many keys a call where the backend takes a
list; `Listing`, beside this module, a page of what an owner has. Each has `fetch`, which never mixes what one key asked
for with another's: a row is handed out under a key that it bears itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec

from gateway.errors import BackendError, BackendMalformed
from gateway.upstream.answers import Answer, ListDecoder, RecordDecoder
from gateway.upstream.bulk import KEYS_A_CALL, bulk_rows
from gateway.upstream.kind import Kind, chunks_of, each, log_foreign
from gateway.upstream.upstream import Upstream

K = TypeVar("K", int, str)
R = TypeVar("R", bound=msgspec.Struct)

PAGES_A_CALL = 20
"""How many pages of one look-up are followed before the backend's cursors are taken for a loop."""


@dataclass(frozen=True, kw_only=True)
class Record(Kind[R]):
    """One object by its path, such as `/customers/{key}`."""

    key_of: Callable[[R], int] = lambda row: row.id  # type: ignore[attr-defined]  # most records are keyed by their id
    """The key that a record answers; used where several come in one answer."""

    async def fetch(self, upstream: Upstream, keys: Sequence[int]) -> Mapping[int, R | Exception]:
        """One call a key. A 404, or another customer's object, is a key that does not exist."""
        if self.is_nobodys(upstream):
            return {}
        if self.bulk and upstream.bulk != "none":
            parts = await asyncio.gather(*(self._bulk(upstream, chunk) for chunk in chunks_of(keys)))
            return {key: row for part in parts for key, row in part.items()}
        return await each(keys, lambda key: self._one(upstream, key))

    async def _bulk(self, upstream: Upstream, keys: Sequence[int]) -> Mapping[int, R | Exception]:
        """Many records a call, where the backend offers it."""
        assert self.bulk, "asked for only where there is a form"  # noqa: S101  # for mypy
        try:
            answer = await bulk_rows(
                upstream, self.bulk, keys, self._rows_decoder, params=self.params, headers=self.headers
            )
        except BackendError as error:
            return dict.fromkeys(keys, error)
        found: dict[int, R | Exception] = {}
        if answer.malformed:
            found = dict.fromkeys(keys, BackendMalformed(upstream.service, cause="malformed rows"))
        for row in answer.rows:
            if not self.is_foreign(upstream, row):
                found[self.key_of(row)] = row
        return {key: found[key] for key in keys if key in found}

    async def _one(self, upstream: Upstream, key: int) -> R | None:
        path = self.path.format(key=quote(str(key), safe=""))
        body = await upstream.get(path, self.params, headers=self.headers)
        if body is None:
            return None
        row = self._decoder.decode(upstream.service, body)
        return None if self.is_foreign(upstream, row) else row

    @cached_property
    def _decoder(self) -> RecordDecoder[R]:
        return RecordDecoder(self.rows, self.into)

    @cached_property
    def _rows_decoder(self) -> ListDecoder[R]:
        return ListDecoder(self.bulk.rows if self.bulk else self.rows, self.into)


@dataclass(frozen=True, kw_only=True)
class Lookup(Kind[R], Generic[K, R]):
    """Rows by the keys they carry."""

    asked_by: Callable[[R], Iterable[K]]
    """The keys that a row answers."""
    one: str
    """The parameter for one key."""
    many: str | None = None
    """The parameter for a comma-joined list; None where the backend takes one key a call."""
    is_personal: bool = False
    """Keys are personal data, such as e-mail addresses: kept out of logs and journal."""

    async def fetch(self, upstream: Upstream, keys: Sequence[K]) -> Mapping[K, tuple[R, ...] | Exception]:
        """As few calls as the backend allows, all at once. Keys without rows are left out."""
        if self.is_nobodys(upstream):
            return {}
        is_bulk = self.bulk is not None and upstream.bulk != "none"
        chunks = chunks_of(keys) if self.many or is_bulk else [(key,) for key in keys]
        found: dict[K, tuple[R, ...] | Exception] = {}
        for part in await asyncio.gather(*(self._chunk(upstream, chunk) for chunk in chunks)):
            found.update(part)
        return found

    async def _chunk(self, upstream: Upstream, keys: tuple[K, ...]) -> Mapping[K, tuple[R, ...] | Exception]:
        rows: dict[K, list[R]] = {key: [] for key in keys}
        malformed = 0
        try:
            async for answer in self._answers(upstream, keys):
                malformed += answer.malformed
                for row in answer.rows:
                    self._hand_out(upstream, row, rows)
        except BackendError as error:
            return dict.fromkeys(keys, error)
        doubt = BackendMalformed(upstream.service, cause="malformed rows") if malformed else None
        return {key: tuple(found) if found else doubt for key, found in rows.items() if found or doubt}  # type: ignore[misc]  # mypy does not see that doubt is set there

    async def _answers(self, upstream: Upstream, keys: tuple[K, ...]) -> AsyncIterator[Answer[R]]:
        """The answers that hold the keys' rows: one where the backend takes many owners, else a page after another."""
        if self.bulk and upstream.bulk != "none":
            yield await bulk_rows(
                upstream,
                self.bulk,
                keys,
                self._decoder,
                params=self.params,
                headers=self.headers,
                is_personal=self.is_personal,
            )
            return
        name = self.many or self.one
        hidden = name if self.is_personal else None
        params = {name: ",".join(str(key) for key in keys), **self.params, "limit": str(KEYS_A_CALL)}
        for _ in range(PAGES_A_CALL):
            body = await upstream.get(self.path, params, headers=self.headers, hidden=hidden)
            answer = self._decoder.decode(upstream.service, body or b"")
            yield answer
            if answer.next_cursor is None:
                return
            # The backends take nothing but a limit beside a cursor.
            params = {"cursor": answer.next_cursor, "limit": str(KEYS_A_CALL)}
        raise BackendMalformed(upstream.service, cause="its cursors never end")

    def _hand_out(self, upstream: Upstream, row: R, rows: dict[K, list[R]]) -> None:
        """Put a row under each asked key that it bears; one that bears none was never asked for."""
        if self.is_foreign(upstream, row):
            return
        asked = [rows[key] for key in self.asked_by(row) if key in rows]
        if not asked:
            log_foreign(upstream, self.rows, known=True)
        for found in asked:
            found.append(row)

    @cached_property
    def _decoder(self) -> ListDecoder[R]:
        return ListDecoder(self.rows, self.into)
