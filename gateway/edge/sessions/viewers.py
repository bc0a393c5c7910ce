"""Who asks, whichever way a request says so."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from gateway.edge.sessions.carried import TOKEN_CHARACTERS, Carried, Session, Verifies, invalid
from gateway.edge.sessions.revocations import Revocations
from gateway.edge.sessions.shopify import AppProxy
from gateway.edge.sessions.tools import KEY_PREFIX, Tools
from gateway.errors import Unauthenticated
from gateway.viewer import Viewer

KEPT = 20_000
"""How many verified tokens a process keeps, least recently used out first; a widget's page asks several times."""


class Sessions:
    """Every way of being known, and the end of sessions."""

    def __init__(
        self,
        ways: Sequence[Verifies],
        *,
        proxy: AppProxy,
        tools: Tools,
        shops: Mapping[str, str],
        revocations: Revocations,
    ) -> None:
        """`shops` has a shop's own domain by each domain that it goes by."""
        self._ways = ways
        self._proxy = proxy
        self._tools = tools
        self._shops = shops
        self._revocations = revocations
        self._kept: OrderedDict[bytes, Session] = OrderedDict()

    async def viewer_of(self, carried: Carried) -> Viewer:
        """Who asks.

        Raises:
            Unauthenticated: Nobody whom the gateway knows.
        """
        if carried.authorization is None and carried.proxied is None:
            return Viewer(shop=self.shop_named(carried.shop))
        return (await self.session_of(carried)).viewer

    async def session_of(self, carried: Carried) -> Session:
        """Whose session a request carries.

        Raises:
            Unauthenticated: Nobody's, or one that is over.
        """
        if carried.proxied is not None:
            session = await self._proxy.verified(carried.proxied)
            if self._revocations.cover(session):
                raise invalid()
            return session
        scheme, _, token = (carried.authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not 0 < len(token) <= TOKEN_CHARACTERS or not token.isascii():
            raise invalid()
        if token.startswith(KEY_PREFIX):
            return self._tools.session_of(token, carried)
        session = await self._by_token(token)
        if session.viewer.tool is not None:
            return self._tools.for_request(session, carried)
        if carried.shop is not None and session.viewer.shop != self._shops.get(carried.shop):
            raise invalid()
        return session

    async def _by_token(self, token: str) -> Session:
        # By its digest: whoever reads the process's memory finds no token that is good elsewhere.
        digest = hashlib.sha256(token.encode()).digest()
        session = self._kept.get(digest)
        if session is None:
            session = await self._verified(token)
            if session.is_kept:
                self._kept[digest] = session
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(digest)
        if session.until <= time.time() or self._revocations.cover(session):
            self._kept.pop(digest, None)
            raise invalid()
        return session

    async def _verified(self, token: str) -> Session:
        for way in self._ways:
            if way.recognizes(token):
                return await way.verified(token)
        raise invalid()

    def shop_named(self, shop: str | None) -> str:
        """The shop's own domain.

        Raises:
            Unauthenticated: There is none of that name, or none is named.
        """
        if shop is None:
            raise invalid()
        if shop not in self._shops:
            raise Unauthenticated("There is no such shop here: `?shop=` takes its domain, such as name.myshopify.com.")
        return self._shops[shop]
