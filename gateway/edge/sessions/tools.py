"""Internal tools, for themselves or on behalf of a customer."""

import hashlib
import hmac
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from gateway.edge.sessions.carried import Carried, Session, invalid
from gateway.errors import BadUserInput, Forbidden, Unauthenticated
from gateway.viewer import CUSTOMERS_ACT, Viewer

KEY_PREFIX = "sgk_"
"""What a key begins with, so that it is known for one in a log or a repository."""
REASON_CHARACTERS = 200

_CUSTOMER = re.compile(r"(?:gid://recharge/Customer/)?(?P<number>[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool, as the settings have it."""

    name: str
    digests: Collection[str]
    """SHA-256 of its keys in hex; the keys themselves are random, and nowhere."""
    scopes: frozenset[str]
    shops: Collection[str]
    """The shops' own domains."""


@dataclass(frozen=True, slots=True)
class Tools:
    """All tools."""

    tools: Mapping[str, Tool]
    """By name."""
    shops: Mapping[str, str]
    """The shop's own domain by each domain that it goes by."""

    def session_of(self, key: str, carried: Carried) -> Session:
        """The session of one request with a key.

        Raises:
            Unauthenticated: Nobody's key, or the shop is not one of the tool's.
            Forbidden: The tool may not act on behalf of anybody.
            BadUserInput: It may, and does not say for whom and why.
        """
        tool = self._tool(hashlib.sha256(key.encode()).hexdigest())
        now = time.time()
        viewer = Viewer(shop="", tool=tool.name, scopes=tool.scopes)
        return self.for_request(Session(viewer, issued_at=now, until=now + 1, is_kept=False), carried)

    def for_request(self, session: Session, carried: Carried) -> Session:
        """A tool's session for one request, which says of which shop, and on whose behalf.

        Raises:
            Unauthenticated, Forbidden, BadUserInput: As above.
        """
        viewer = session.viewer
        tool, claimed = self.tools[viewer.tool or ""], viewer.shop
        viewer = replace(
            viewer,
            shop=self._shop(tool, claimed, carried.shop),
            shops=(claimed,) if claimed else tuple(tool.shops),
        )
        if carried.on_behalf_of is not None:
            if CUSTOMERS_ACT not in viewer.scopes:
                raise Forbidden(f"Acting on behalf of a customer needs the scope `{CUSTOMERS_ACT}`.")
            customer, reason = _CUSTOMER.fullmatch(carried.on_behalf_of), (carried.reason or "").strip()
            if customer is None or not reason or len(reason) > REASON_CHARACTERS:
                raise BadUserInput(
                    "Acting on behalf of a customer takes `X-On-Behalf-Of: gid://recharge/Customer/<number>` and "
                    f"`X-Reason`, at most {REASON_CHARACTERS} characters."
                )
            viewer = replace(viewer, customer_id=int(customer["number"]), reason=reason)
        return replace(session, viewer=viewer)

    def _tool(self, digest: str) -> Tool:
        found = None
        # All are compared, so that the time says nothing about which one it was.
        for tool in self.tools.values():
            for known in tool.digests:
                if hmac.compare_digest(known.encode(), digest.encode()):
                    found = tool
        if found is None:
            raise invalid()
        return found

    def _shop(self, tool: Tool, claimed: str, named: str | None) -> str:
        """The shop that is asked for; `claimed` is the only one that a token is good for, or empty."""
        if named is not None:
            shop = self.shops.get(named)
            if shop is None or shop not in tool.shops or claimed not in {"", shop}:
                raise invalid()
            return shop
        if claimed:
            return claimed
        if len(tool.shops) != 1:
            raise Unauthenticated("This is good for several shops: say which by `?shop=`.")
        return next(iter(tool.shops))
