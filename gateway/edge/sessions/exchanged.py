"""Recharge's storefront sessions, each exchanged once for a session of the gateway's own, and kept at the server."""

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakValueDictionary

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.edge.sessions.carried import Session, invalid
from gateway.edge.sessions.revocations import Revocations
from gateway.viewer import SHOPPERS_OWN, Viewer

logger = structlog.get_logger(__name__)

LASTS_SECONDS = 3_600
"""How long a session of Recharge's lasts, and so at most what is begun by it."""
KEPT = 50_000
"""How many exchanges a process remembers that has no Redis, the oldest forgotten first."""

_CUSTOMER = re.compile(r"[1-9][0-9]{0,18}")
_TOKEN = re.compile(r"[\x21-\x7e]{16,2048}")

IsSessionOf = Callable[[str, int, str], Awaitable[bool]]
"""Whether a token (last) is at the backend a session of this customer of this shop, asked with that token alone.

Raises BackendError where the backend does not say, TwoFactorRequired where the session lacks its second factor.
"""


class Exchange(msgspec.Struct, frozen=True):
    """What is kept of one: whose session it was, and never the token."""

    customer_id: int
    at: float
    """Seconds since 1970."""


class Exchanges(Protocol):
    """Where exchanges are remembered for as long as a token may last, by a digest that tells nothing of it."""

    async def get(self, digest: str) -> Exchange | None:
        """What is known of one."""

    async def put(self, digest: str, exchange: Exchange) -> Exchange:
        """Remember one, unless it is known already; what is known from now on."""


class ExchangesInMemory:
    """Of one process."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._known: OrderedDict[str, Exchange] = OrderedDict()

    async def get(self, digest: str) -> Exchange | None:
        """What is known of one."""
        known = self._known.get(digest)
        return known if known is not None and known.at + LASTS_SECONDS > time.time() else None

    async def put(self, digest: str, exchange: Exchange) -> Exchange:
        """Remember one, unless it is known already; what is known from now on."""
        if (known := await self.get(digest)) is not None:
            return known
        self._known[digest] = exchange
        self._known.move_to_end(digest)
        if len(self._known) > self._kept:
            self._known.popitem(last=False)
        return exchange


class ExchangesInRedis:
    """Of all processes. While Redis is away nothing is known, and the backend is asked each time."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, digest: str) -> Exchange | None:
        """What is known of one."""
        try:
            kept = await self._redis.get(_key(digest))
        except (RedisError, OSError) as error:
            logger.warning("exchanged sessions cannot be read", cause=type(error).__name__)
            return None
        return None if kept is None else _read(kept)

    async def put(self, digest: str, exchange: Exchange) -> Exchange:
        """Remember one, unless it is known already; what is known from now on."""
        try:
            is_new = await self._redis.set(_key(digest), msgspec.json.encode(exchange), nx=True, ex=LASTS_SECONDS)
        except (RedisError, OSError) as error:
            logger.warning("exchanged sessions cannot be kept", cause=type(error).__name__)
            return exchange
        return exchange if is_new else await self.get(digest) or exchange


@dataclass(frozen=True, slots=True)
class RechargeSessions:
    """What the storefront's own script has from Recharge: a token of an hour, and the customer's id beside it.

    The gateway's session has an id that follows from the token, so the same token begins the same session in whichever
    process, and none once that one is ended.
    """

    is_session_of: IsSessionOf
    exchanges: Exchanges
    revocations: Revocations
    _asking: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def session(self, shop: str, customer: str, token: str) -> Session:
        """The session that a token stands for; asks the backend where the token was never seen.

        Args:
            shop: The shop's own domain.
            customer: The customer's id, as it came.
            token: As it came.

        Raises:
            Unauthenticated: It is none of this customer's in this shop, or was ended here.
            TwoFactorRequired: It lacks its second factor.
            BackendError: The backend does not say.
        """
        if not _CUSTOMER.fullmatch(customer) or not _TOKEN.fullmatch(token):
            raise invalid()
        customer_id = int(customer)
        digest = hashlib.sha256(f"{shop}\n{customer_id}\n{token}".encode()).hexdigest()
        # The widgets of one page come at the same time, each with the same token.
        async with self._asking.setdefault(digest, asyncio.Lock()):
            known = await self.exchanges.get(digest)
            if known is None:
                if not await self.is_session_of(shop, customer_id, token):
                    raise invalid()
                known = await self.exchanges.put(digest, Exchange(customer_id, time.time()))
        session_id = digest[:32]
        session = Session(
            Viewer(shop=shop, customer_id=customer_id, session_id=session_id, scopes=SHOPPERS_OWN),
            issued_at=known.at,
            until=known.at + LASTS_SECONDS,
            is_exchangeable=True,
            becomes=session_id,
        )
        if self.revocations.cover(session):
            raise invalid()
        return session


def _key(digest: str) -> str:
    return f"gateway:exchanged:1:{digest}"


def _read(kept: bytes | str) -> Exchange | None:
    try:
        return msgspec.json.decode(kept, type=Exchange)
    except msgspec.MsgspecError:
        return None
