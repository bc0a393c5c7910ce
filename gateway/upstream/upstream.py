"""One backend as one request may use it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol, TypeVar
from urllib.parse import unquote, urlencode

from gateway.errors import BackendRejected
from gateway.upstream.access import Access
from gateway.upstream.client import Backend
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal
from gateway.upstream.sessions import SessionTokens

K = TypeVar("K")
V_co = TypeVar("V_co", covariant=True)
V = TypeVar("V")

Batch = Callable[[Sequence[K]], Awaitable[Mapping[K, V | Exception]]]
"""Keys in; out comes what was found, or why it was not. A key that is left out does not exist."""


class FetchesKeys(Protocol[K, V_co]):
    """A look-up as data; see `lookup.py` for the three kinds."""

    async def fetch(self, upstream: "Upstream", keys: Sequence[K]) -> Mapping[K, V_co | Exception]:
        """Look the keys up."""


Bulk = Literal["none", "shop", "fleet"]
"""Which look-ups by several customers a backend offers: none (the public APIs), one shop a call, all shops a call."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A backend bound to a shop's access, to the shopper who asks, and to the request's deadline and journal."""

    backend: Backend
    access: Access
    customer_id: int | None
    deadline: Deadline
    journal: Journal
    shop: str = ""
    """The shop's domain, as fleet look-ups name it."""
    bulk: Bulk = "none"
    fleet: Access | None = None
    """The credential for all shops; needed where `bulk` is "fleet"."""
    sessions: SessionTokens | None = None
    """Where the shopper's own session is sent instead of the shop's credential, as long as there is a shopper."""

    @property
    def service(self) -> str:
        """The domain's name, as errors and logs carry it."""
        return self.backend.service

    def looking_up(self, lookup: FetchesKeys[K, V]) -> Batch[K, V]:
        """The batch function of a look-up, for a `Loader`."""
        return partial(lookup.fetch, self)

    async def get(
        self,
        path: str,
        params: Mapping[str, str],
        *,
        headers: Mapping[str, str],
        hidden: str | None = None,
    ) -> bytes | None:
        """GET a path; the shop's headers and parameters are added.

        Args:
            path: Percent-encoded.
            params: The query, values as they are.
            headers: Beside those of the shop's access.
            hidden: The parameter whose value is personal data and stays out of logs and journal.

        Returns:
            The body, or None for 404.
        """
        query = {**params, **self.access.params}
        # Recharge joins lists with a raw comma, and so do we: a proxy's log stays readable.
        target = f"{path}?{urlencode(query, safe=',:')}" if query else path
        shown = unquote(urlencode({**params, hidden: "…"} if hidden else params, safe=",:"))
        shown = f"{path}?{shown}" if shown else path
        if self.sessions is None or self.customer_id is None:
            return await self._get(target, shown, {**self.access.headers, **headers})
        own = await self.sessions.headers(self.customer_id, self.deadline, self.journal)
        try:
            return await self._get(target, shown, {**self.access.headers, **own, **headers})
        except BackendRejected as error:
            if error.status != 401:
                raise
        # The session ended before its time; one that is new is asked once.
        self.sessions.forget(self.customer_id, own)
        own = await self.sessions.headers(self.customer_id, self.deadline, self.journal)
        return await self._get(target, shown, {**self.access.headers, **own, **headers})

    async def _get(self, target: str, shown: str, headers: Mapping[str, str]) -> bytes | None:
        return await self.backend.send(
            "GET", target, shown=shown, headers=headers, deadline=self.deadline, journal=self.journal
        )

    async def post_fleet(self, path: str, body: bytes, *, headers: Mapping[str, str]) -> bytes | None:
        """POST a look-up for the fleet, with the credential that is good for all shops."""
        if self.fleet is None:
            raise BackendRejected(self.service, cause="there is no fleet token in the settings")
        return await self.backend.send(
            "POST",
            path,
            shown=path,
            body=body,
            headers={**self.fleet.headers, **headers, "Content-Type": "application/json"},
            deadline=self.deadline,
            journal=self.journal,
        )
