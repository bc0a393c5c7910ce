"""How fast a backend may be asked with one credential, by all processes together."""

import asyncio
import hashlib
import math

from gateway.buckets import Bucket, Buckets, Quota
from gateway.errors import BackendThrottled
from gateway.upstream.deadline import Deadline


class RateLimit:
    """One credential's bucket: calls wait for their turn, so that the backend's own bucket never overflows.

    Turns are given in the order in which they are asked for, whichever process asks.
    """

    def __init__(self, rate: Quota, buckets: Buckets, *, service: str, base_url: str, shop: str) -> None:
        """A shop's credential at a backend; the bucket's name tells neither.

        Args:
            rate: So many calls at once, then so many a second (a leaky bucket).
            buckets: Where it is counted.
            service: With the address and the shop, whose credential it is.
            base_url: As above.
            shop: As above.
        """
        self._per_second = rate.per_second
        digest = hashlib.blake2b(f"{service}\n{base_url}\n{shop}".encode(), digest_size=12).hexdigest()
        self._bucket = Bucket(f"rate:{{{digest}}}", rate)
        self._buckets = buckets

    async def turn(self, service: str, deadline: Deadline) -> None:
        """Wait for a place in the bucket.

        Raises:
            BackendThrottled: There is none before the deadline; nothing is sent.
        """
        patience_seconds = max(0.0, deadline.remaining_seconds())
        taken = await self._buckets.take([self._bucket], 1, patience_seconds=patience_seconds)
        if not taken.is_taken:
            raise BackendThrottled(
                service, cause="its rate limit is used up", retry_after_seconds=round(taken.wait_seconds, 2)
            )
        if taken.wait_seconds > 0:
            await asyncio.sleep(taken.wait_seconds)

    async def hold(self, seconds: float) -> None:
        """The backend said to wait (429): its bucket is fuller than we knew, for whichever process asks next."""
        most = 1 - seconds * self._per_second
        await self._buckets.take([self._bucket], 0, patience_seconds=math.inf, at_most=most)
