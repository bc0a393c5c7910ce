"""What a request carries to say who asks, and what comes of it."""

from dataclasses import dataclass
from typing import Protocol

from gateway.errors import Unauthenticated
from gateway.viewer import Viewer

TOKEN_CHARACTERS = 8_192
"""Longest token that is looked at; a real one has about 300."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The parts of a request by which somebody is known. Nothing else of it is ever looked at for that."""

    authorization: str | None = None
    """The header of that name."""
    shop: str | None = None
    """What `?shop=` says: a visitor's tenant, else a check on the token."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who was verified, and for how long that holds."""

    viewer: Viewer
    issued_at: float
    """Seconds since 1970: what was revoked for the whole customer since then covers this session."""
    until: float
    """Seconds since 1970."""


class Verifies(Protocol):
    """One way of being known, by a bearer token."""

    def recognizes(self, token: str) -> bool:
        """Whether a token is of this kind, by its looks alone."""

    async def verified(self, token: str) -> Session:
        """Whose token it is.

        Raises:
            Unauthenticated: Nobody's, by `invalid()` whatever the reason.
        """


def invalid() -> Unauthenticated:
    """One message for every way of being wrong, so that it teaches a forger nothing."""
    return Unauthenticated("The session token is not valid here: log in again.")
