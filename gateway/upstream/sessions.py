"""Shoppers' own sessions at a backend, opened when first needed and kept until shortly before they end."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from gateway.errors import BackendMalformed, BackendRejected
from gateway.upstream.access import Access
from gateway.upstream.client import Backend, Recording
from gateway.upstream.rates import RateLimit

SESSIONS_KEPT = 50_000
"""A process's share of the shoppers of one hour; the least recently used goes first."""


@dataclass(frozen=True, slots=True)
class SessionForm:
    """How a backend opens a shopper's session for a shop that knows who the shopper is."""

    path: str
    """POSTed to with the shop's credential; `{key}` stands for the customer."""
    into: type[msgspec.Struct]
    token_of: Callable[[Any], str]
    header: str
    """The header that carries the session's token."""
    lifetime_seconds: float
    """How long a session is used; shorter than it lasts."""


class SessionTokens:
    """The sessions of one shop's shoppers. Nobody's token is ever sent for anyone else: they are kept by customer."""

    def __init__(self, form: SessionForm, issuer: Backend, access: Access, rate_limit: RateLimit | None = None) -> None:
        self._form = form
        self._issuer = issuer
        self._access = access
        self._rate_limit = rate_limit
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(form.into)
        self._tokens: OrderedDict[int, tuple[str, float]] = OrderedDict()
        self._opening: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def headers(self, customer_id: int, record: Recording) -> Mapping[str, str]:
        """What to send for the shopper; opens a session where there is none.

        Look-ups of one shopper that start together share one session. One that is cancelled while it opens it leaves
        that to the next.
        """
        opening = self._opening.setdefault(customer_id, asyncio.Lock())
        async with opening:
            token = self._fresh(customer_id) or await self._open(customer_id, record)
        return {self._form.header: token}

    def forget(self, customer_id: int, headers: Mapping[str, str]) -> None:
        """Drop a session that the backend no longer takes, unless it has been replaced already."""
        known = self._tokens.get(customer_id)
        if known is not None and known[0] == headers.get(self._form.header):
            del self._tokens[customer_id]

    def _fresh(self, customer_id: int) -> str | None:
        known = self._tokens.get(customer_id)
        if known is None or known[1] < time.monotonic():
            return None
        self._tokens.move_to_end(customer_id)
        return known[0]

    async def _open(self, customer_id: int, record: Recording) -> str:
        path = self._form.path.format(key=customer_id)
        body = await self._issuer.send(
            "POST",
            path,
            self._access.query,
            shown=path,
            body=b"{}",
            headers={**self._access.headers, "Content-Type": "application/json"},
            record=record,
            rate_limit=self._rate_limit,
        )
        if body is None:
            raise BackendRejected(self._issuer.service, cause="there is no such customer to open a session for")
        try:
            token = self._form.token_of(self._decoder.decode(body))
        except (msgspec.MsgspecError, ValueError) as error:
            raise BackendMalformed(self._issuer.service, cause=type(error).__name__) from None
        self._tokens[customer_id] = token, time.monotonic() + self._form.lifetime_seconds
        if len(self._tokens) > SESSIONS_KEPT:
            self._tokens.popitem(last=False)
        return token
