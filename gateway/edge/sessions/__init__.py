"""From what a request carries to a `Viewer`."""

from gateway.edge.sessions.carried import Carried, Session, Verifies, invalid
from gateway.edge.sessions.revocation_log import RevocationLog
from gateway.edge.sessions.revocations import Revocations, of_customer, of_session
from gateway.edge.sessions.signed_tokens import SignedTokens
from gateway.edge.sessions.viewers import Sessions

__all__ = [
    "Carried",
    "RevocationLog",
    "Revocations",
    "Session",
    "Sessions",
    "SignedTokens",
    "Verifies",
    "invalid",
    "of_customer",
    "of_session",
]
