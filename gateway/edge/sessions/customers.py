"""From a customer's id at Shopify to the one in the subscriptions backend."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from gateway.edge.sessions.carried import Session
from gateway.errors import BackendError
from gateway.viewer import SHOPPERS_OWN, Viewer

KEPT = 100_000
"""How many customers a process keeps the ids of, least recently used out first."""
KNOWN_SECONDS = 3_600.0
"""An id never changes; but a customer may be erased and come back."""
UNKNOWN_SECONDS = 15.0
"""A customer without subscriptions may have the first one any moment."""

FindCustomer = Callable[[str, str], Awaitable[int | None]]
"""From a shop and a customer's id at Shopify to the id in the subscriptions backend; None for one not known there.

Raises BackendError.
"""


class Customers:
    """Looks ids up, and keeps them."""

    def __init__(self, find: FindCustomer) -> None:
        self._find = find
        self._kept: OrderedDict[tuple[str, str], tuple[int | None, float]] = OrderedDict()

    async def session(
        self, shop: str, shopify_id: str | None, session_id: str | None, *, issued_at: float, until: float
    ) -> Session:
        """The session of a customer whom Shopify vouches for, or of the shop's visitor.

        Where the backend does not say who it is, what is public is answered all the same.
        """
        if shopify_id is None:
            return Session(Viewer(shop=shop, session_id=session_id), issued_at=issued_at, until=until)
        try:
            customer_id = await self._id_of(shop, shopify_id)
        except BackendError as error:
            viewer = Viewer(shop=shop, session_id=session_id, unresolved=error)
            return Session(viewer, issued_at=issued_at, until=until, is_kept=False)
        if customer_id is None:
            return Session(Viewer(shop=shop, session_id=session_id), issued_at=issued_at, until=until, is_kept=False)
        viewer = Viewer(shop=shop, customer_id=customer_id, session_id=session_id, scopes=SHOPPERS_OWN)
        return Session(viewer, issued_at=issued_at, until=until, is_exchangeable=True)

    async def _id_of(self, shop: str, shopify_id: str) -> int | None:
        key = shop, shopify_id
        known = self._kept.get(key)
        if known is not None and known[1] > time.monotonic():
            self._kept.move_to_end(key)
            return known[0]
        customer_id = await self._find(shop, shopify_id)
        good_for_seconds = UNKNOWN_SECONDS if customer_id is None else KNOWN_SECONDS
        self._kept[key] = customer_id, time.monotonic() + good_for_seconds
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return customer_id
