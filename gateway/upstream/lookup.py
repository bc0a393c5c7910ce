"""Look-ups as data: which REST call finds a key, where its rows are, whose they are.

Three kinds. `Record` is one object by its path, `Lookup` rows by the keys they carry, many keys a call where the
backend takes a list, `Listing` a page of what an owner has. Each has `fetch`, which never mixes what one key asked for
with another's: a row is handed out under a key that it bears itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec
import structlog

from gateway.errors import BackendError, BackendMalformed
from gateway.upstream.answers import ListDecoder, RecordDecoder
from gateway.upstream.upstream import Upstream

logger = structlog.get_logger(__name__)

K = TypeVar("K", int, str)
R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V", bound=Hashable)
F = TypeVar("F")

KEYS_A_CALL = 250
"""As many rows as the backends give a page."""
PAGES_A_CALL = 20
"""How many pages of one look-up are followed before the backend's cursors are taken for a loop."""


@dataclass(frozen=True, kw_only=True)
class _Kind(Generic[R]):
    path: str
    """`{key}` stands for the key, where the path carries it."""
    rows: str
    """The JSON key that wraps the answer."""
    into: type[R]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    customer: Callable[[R], int | None] | None = None
    """For private rows: the customer a row belongs to. A row of anyone but the viewer is dropped as foreign."""

    def _is_nobodys(self, upstream: Upstream) -> bool:
        """Whether these are private rows and there is no shopper: nothing can be his, so no backend is asked."""
        return self.customer is not None and upstream.customer_id is None

    def _is_foreign(self, upstream: Upstream, row: R) -> bool:
        if self.customer is None or (owner := self.customer(row)) == upstream.customer_id:
            return False
        _log_foreign(upstream, self.rows, known=owner is not None)
        return True


@dataclass(frozen=True, kw_only=True)
class Record(_Kind[R]):
    """One object by its path, such as `/customers/{key}`."""

    async def fetch(self, upstream: Upstream, keys: Sequence[int]) -> Mapping[int, R | Exception]:
        """One call a key. A 404, or another customer's object, is a key that does not exist."""
        if self._is_nobodys(upstream):
            return {}
        return await _each(keys, lambda key: self._one(upstream, key))

    async def _one(self, upstream: Upstream, key: int) -> R | None:
        path = self.path.format(key=quote(str(key), safe=""))
        body = await upstream.get(path, self.params, headers=self.headers)
        if body is None:
            return None
        row = self._decoder.decode(upstream.service, body)
        return None if self._is_foreign(upstream, row) else row

    @cached_property
    def _decoder(self) -> RecordDecoder[R]:
        return RecordDecoder(self.rows, self.into)


@dataclass(frozen=True, kw_only=True)
class Lookup(_Kind[R], Generic[K, R]):
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
        if self._is_nobodys(upstream):
            return {}
        if self.many is None:
            chunks: list[tuple[K, ...]] = [(key,) for key in keys]
        else:
            ordered = sorted(set(keys))
            chunks = [tuple(ordered[at : at + KEYS_A_CALL]) for at in range(0, len(ordered), KEYS_A_CALL)]
        found: dict[K, tuple[R, ...] | Exception] = {}
        for part in await asyncio.gather(*(self._chunk(upstream, chunk) for chunk in chunks)):
            found.update(part)
        return found

    async def _chunk(self, upstream: Upstream, keys: tuple[K, ...]) -> Mapping[K, tuple[R, ...] | Exception]:
        name = self.many or self.one
        params = {name: ",".join(str(key) for key in keys), **self.params, "limit": str(KEYS_A_CALL)}
        rows: dict[K, list[R]] = {key: [] for key in keys}
        malformed = 0
        try:
            for _ in range(PAGES_A_CALL):
                body = await upstream.get(
                    self.path, params, headers=self.headers, hidden=name if self.is_personal else None
                )
                answer = self._decoder.decode(upstream.service, body or b"")
                malformed += answer.malformed
                for row in answer.rows:
                    self._hand_out(upstream, row, rows)
                if answer.next_cursor is None:
                    break
                # The backends take nothing but a limit beside a cursor.
                params = {"cursor": answer.next_cursor, "limit": str(KEYS_A_CALL)}
            else:
                raise BackendMalformed(upstream.service, cause="its cursors never end")  # as any failure of this chunk
        except BackendError as error:
            return dict.fromkeys(keys, error)
        doubt = BackendMalformed(upstream.service, cause="malformed rows") if malformed else None
        return {key: tuple(found) if found else doubt for key, found in rows.items() if found or doubt}  # type: ignore[misc]  # mypy does not see that doubt is set there

    def _hand_out(self, upstream: Upstream, row: R, rows: dict[K, list[R]]) -> None:
        """Put a row under each asked key that it bears; one that bears none was never asked for."""
        if self._is_foreign(upstream, row):
            return
        asked = [rows[key] for key in self.asked_by(row) if key in rows]
        if not asked:
            _log_foreign(upstream, self.rows, known=True)
        for found in asked:
            found.append(row)

    @cached_property
    def _decoder(self) -> ListDecoder[R]:
        return ListDecoder(self.rows, self.into)


@dataclass(frozen=True, slots=True)
class PageKey:
    """One page of what an owner has: the whole of the question, so that equal questions are one."""

    owner: int | None
    """None for what belongs to the shop."""
    size: int
    filters: tuple[tuple[str, str], ...] = ()
    cursor: str | None = None
    """The backend's own cursor, from the page before."""


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows in the backend's order."""

    rows: tuple[R, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Listing(_Kind[R]):
    """A page of what an owner has, or of what the shop has."""

    owned_by: str | None = None
    """The parameter that names the owner; None for what belongs to the shop."""
    owner: Callable[[R], int] | None = None
    """The owner that a row bears."""

    async def fetch(self, upstream: Upstream, keys: Sequence[PageKey]) -> Mapping[PageKey, Page[R] | Exception]:
        """One call a page."""
        if self._is_nobodys(upstream):
            return {}
        return await _each(keys, lambda key: self._page(upstream, key))

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
        if self._is_foreign(upstream, row):
            return False
        if self.owner is not None and self.owner(row) != key.owner:
            _log_foreign(upstream, self.rows, known=True)
            return False
        return True

    @cached_property
    def _decoder(self) -> ListDecoder[R]:
        return ListDecoder(self.rows, self.into)


async def _each(keys: Sequence[V], find: Callable[[V], Awaitable[F | None]]) -> dict[V, F | Exception]:
    """One call a key, all at once; a key's failure is its own."""

    async def outcome(key: V) -> F | Exception | None:
        try:
            return await find(key)
        except BackendError as error:
            return error

    outcomes = await asyncio.gather(*(outcome(key) for key in keys))
    return {key: value for key, value in zip(keys, outcomes, strict=True) if value is not None}


def _log_foreign(upstream: Upstream, rows: str, *, known: bool) -> None:
    # A fault of the backend. Ids of other customers stay out of the log as they stay out of the answer.
    logger.error("foreign row dropped", service=upstream.service, rows=rows, owner_known=known)
