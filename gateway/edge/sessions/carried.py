"""What a request carries to say who asks, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.edge.messages import HttpRequest
from gateway.errors import Unauthenticated
from gateway.viewer import Viewer

PROXIED = "/proxy/"
"""Where requests through Shopify's app proxy come in."""
TOKEN_CHARACTERS = 8_192
"""Longest token that is looked at; a real one has about 300."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The parts of a request by which somebody is known. Nothing else of it is ever looked at for that."""

    authorization: str | None = None
    """The header of that name."""
    shop: str | None = None
    """What `?shop=` says: a visitor's tenant, else a check on the token."""
    on_behalf_of: str | None = None
    """For internal tools: the customer for whom they act."""
    reason: str | None = None
    """And why."""
    proxied: Sequence[tuple[str, str]] | None = None
    """The whole query string of a request that came through Shopify's app proxy, by which alone it is judged."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who was verified, and for how long that holds."""

    viewer: Viewer
    issued_at: float
    """Seconds since 1970: what was revoked for the whole customer since then covers this session."""
    until: float
    """Seconds since 1970."""
    is_kept: bool = True
    """Whether the same token is the same session the next time; else it is looked into again."""
    is_exchangeable: bool = False
    """Whether it may become a session of the gateway's own. One of those may not, or it would never end."""
    becomes: str | None = None
    """The id of the only session that it may become, which ends with it; else each time another one."""


class Verifies(Protocol):
    """One way of being known, by a bearer token."""

    def recognizes(self, token: str) -> bool:
        """Whether a token is of this kind, by its looks alone."""

    async def verified(self, token: str) -> Session:
        """Whose token it is.

        Raises:
            Unauthenticated: Nobody's, by `invalid()` whatever the reason.
        """


def carried_by(request: HttpRequest) -> Carried:
    """What a request carries."""
    query = request.query
    if request.path.startswith(PROXIED):
        return Carried(proxied=query)
    shops = [value for name, value in query if name == "shop"]
    # Said twice it is nobody's: another reader may take the other one.
    return Carried(
        request.header(b"authorization"),
        ",".join(shops) if shops else None,
        on_behalf_of=request.header(b"x-on-behalf-of"),
        reason=request.header(b"x-reason"),
    )


def invalid() -> Unauthenticated:
    """One message for every way of being wrong, and for none at all, so that it teaches a forger nothing."""
    return Unauthenticated("No valid session: send a token of this shop's, or `?shop=` alone for public data.")
