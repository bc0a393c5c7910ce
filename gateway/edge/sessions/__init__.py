"""From what a request carries to a `Viewer`."""

from gateway.edge.sessions.carried import PROXIED, Carried, Session, Verifies, carried_by, invalid
from gateway.edge.sessions.customers import Customers, FindCustomer
from gateway.edge.sessions.exchanged import (
    LASTS_SECONDS,
    ExchangesInMemory,
    ExchangesInRedis,
    IsSessionOf,
    RechargeSessions,
)
from gateway.edge.sessions.revocation_log import RevocationLog
from gateway.edge.sessions.revocations import Revocations, of_customer, of_session
from gateway.edge.sessions.shopify import AppProxy, Apps, ShopifyApp, ShopifyTokens
from gateway.edge.sessions.signed_tokens import SignedTokens
from gateway.edge.sessions.tool_tokens import ToolTokens, keys_in
from gateway.edge.sessions.tools import Tool, Tools
from gateway.edge.sessions.viewers import Sessions

__all__ = [
    "LASTS_SECONDS",
    "PROXIED",
    "AppProxy",
    "Apps",
    "Carried",
    "Customers",
    "ExchangesInMemory",
    "ExchangesInRedis",
    "FindCustomer",
    "IsSessionOf",
    "RechargeSessions",
    "RevocationLog",
    "Revocations",
    "Session",
    "Sessions",
    "ShopifyApp",
    "ShopifyTokens",
    "SignedTokens",
    "Tool",
    "ToolTokens",
    "Tools",
    "Verifies",
    "carried_by",
    "invalid",
    "keys_in",
    "of_customer",
    "of_session",
]
