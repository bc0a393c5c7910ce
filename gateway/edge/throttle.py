"""Who pays for an operation, and who has to wait."""

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gateway.buckets import Bucket, Buckets, Quota, SharedBuckets
from gateway.edge.messages import HttpRequest
from gateway.edge.refusals import HttpRefusal
from gateway.errors import Throttled
from gateway.viewer import Viewer

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Quotas:
    """What each may take; None where it may take any amount."""

    session: Quota | None = None
    tool: Quota | None = None
    """Of an internal tool over all shops, in place of the shop's."""
    shop: Quota | None = None
    address: Quota | None = None
    """Of visitors without a session, by the buyer's address."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A take, for who wants to know what is left."""

    buckets: Sequence[Bucket]
    cost: int
    left: float

    def status(self, given_back: float) -> dict[str, Any]:
        """`throttleStatus` as Shopify's clients know it."""
        quota = self.buckets[0].quota
        return {
            "maximumAvailable": quota.capacity,
            "currentlyAvailable": round(min(quota.capacity, self.left + given_back), 2),
            "restoreRate": quota.per_second,
        }


class Throttle:
    """Takes an operation's cost from the buckets of who asks, before it runs, and gives back what it did not need.

    While Redis does not answer, each process goes by its own buckets, with its part of the quota: nobody is refused for
    that Redis is away, and nobody gets more than everybody's processes together would give.
    """

    def __init__(
        self,
        quotas: Quotas,
        shared: Buckets | None = None,
        *,
        processes: int = 1,
        trusted_proxies: Sequence[Network] = (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quotas = quotas
        self.has_quotas = quotas != Quotas()
        """Whether anybody has to pay at all."""
        self._kept = SharedBuckets(shared, processes=processes if shared is not None else 1, now=now)
        self._proxies = tuple(trusted_proxies)

    async def take(self, viewer: Viewer, request: HttpRequest, cost: int) -> Paid | None:
        """Take the cost; None where there is nothing to take it from.

        Args:
            viewer: Who asks.
            request: How; the buyer's address is read from its headers where a trusted proxy is connected.
            cost: The estimate.

        Raises:
            HttpRefusal: There is too little left: 429, with `Retry-After`.
        """
        buckets = self._buckets(viewer, request) if self.has_quotas else None
        if not buckets:
            return None
        taken = await self._kept.take(buckets, max(1, cost))
        if not taken.is_taken:
            seconds = math.ceil(taken.wait_seconds)
            raise HttpRefusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                Throttled(f"Too much at once: ask again in {seconds} s.", retryAfter=seconds),
                {"Retry-After": str(seconds)},
            )
        return Paid(buckets, max(1, cost), taken.left)

    async def give_back(self, paid: Paid, actual: int) -> float:
        """Give back what the operation did not need; how much that was."""
        spare = paid.cost - max(1, actual)
        if spare > 0:
            await self._kept.take(paid.buckets, -spare)
        return max(0, spare)

    def _buckets(self, viewer: Viewer, request: HttpRequest) -> list[Bucket]:
        """Those of who asks, the own one first. All lie in one slot of a cluster."""
        quotas = self._quotas
        if viewer.tool is not None and quotas.tool:
            # Of its own, over all shops: a report of support's takes nothing from the shops' shoppers.
            return [Bucket(_name("tool", "tool", viewer.tool), quotas.tool)]
        buckets = [] if viewer.tool is not None else self._own(viewer, request)
        if quotas.shop:
            buckets.append(Bucket(_name(viewer.shop, "shop", ""), quotas.shop))
        return buckets

    def _own(self, viewer: Viewer, request: HttpRequest) -> list[Bucket]:
        """The bucket of a session, or of a visitor's address."""
        quotas = self._quotas
        # Who comes by the app proxy has no session, and one address with everybody else there.
        who = viewer.session_id or (viewer.customer_id is not None and f"customer:{viewer.customer_id}")
        if who:
            return [Bucket(_name(viewer.shop, "session", who), quotas.session)] if quotas.session else []
        address = self._address(request) if quotas.address else None
        return [Bucket(_name(viewer.shop, "address", address), quotas.address)] if quotas.address and address else []

    def _address(self, request: HttpRequest) -> str | None:
        """The buyer's address: what a trusted proxy says it is, else the peer's own; None where it says nothing."""
        connected = _parsed(request.peer)
        if connected is None or not any(connected in network for network in self._proxies):
            return str(connected) if connected else None
        # The last of X-Forwarded-For is what the proxy itself saw; those before it are the client's own words.
        forwarded = (request.header(b"x-forwarded-for") or "").rpartition(",")[2]
        said = request.header(b"shopify-storefront-buyer-ip") or forwarded
        buyer = _parsed(said.strip())
        return str(buyer) if buyer else None


def _parsed(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text or "")
    except ValueError:
        return None


def _name(shop: str, kind: str, who: str) -> str:
    """A bucket's name; who it is can't be read from it."""
    return f"bucket:{{{shop}}}:{kind}:{hashlib.blake2b(who.encode(), digest_size=12).hexdigest()}"
