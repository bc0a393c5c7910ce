"""Who asks: a shop with its service token, or one of its customers with a session."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr
from starlette.requests import Request

from backends.store.shops import SHOPS, Shop
from backends.wire.dialects import Dialect
from backends.wire.errors import RefusedError
from backends.wire.sessions import PREFIX, Claims, is_over, read

VERSIONS = frozenset({"2021-01", "2021-11"})
"""Versions that the subscriptions and bundles APIs know; each path answers to one of them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Without a customer it is the shop itself, which may see and do everything."""

    shop: Shop
    customer_id: int | None = None


def identify(request: Request, query: Mapping[str, str]) -> Caller:
    """Who sends a request; raises 401 for nobody, 423 for a session that lacks its second factor."""
    state = request.app.state
    dialect: Dialect = state.dialect
    sent = dialect.token(request.headers) or ""
    if dialect.sessions and sent.startswith(f"{PREFIX}_"):
        claims = read(state.session_keys, sent)
        if claims is None or claims.kind != "session":
            raise RefusedError(401, "Unauthorized")
        caller = _customer(claims, needed_factors=state.settings.two_factor + 1)
    else:
        owner = owner_of(sent, state.tokens)
        if owner is None:
            raise RefusedError(401, "Unauthorized")
        caller = Caller(owner)
    if dialect.shop_parameter and query.get(dialect.shop_parameter, caller.shop.domain) != caller.shop.domain:
        raise RefusedError(401, "Unauthorized")
    return caller


def owner_of(sent: str, tokens: Mapping[str, SecretStr]) -> Shop | None:
    """The shop that a service token belongs to."""
    owner = None
    for domain, token in tokens.items():
        if hmac.compare_digest(sent.encode(), token.get_secret_value().encode()):
            owner = domain
    return next((shop for shop in SHOPS if shop.domain == owner), None)


def check_version(request: Request, version: str) -> None:
    """Raises 426 unless the request is for the version that the path answers to."""
    header = request.app.state.dialect.version_header
    sent = request.headers.get(header, version) if header else version
    if sent not in VERSIONS:
        raise RefusedError(426, f"Unknown API version: {sent[:32]}")
    if sent != version:
        raise RefusedError(426, f"This endpoint needs API version {version}")


def _customer(claims: Claims, *, needed_factors: int) -> Caller:
    if is_over(claims):
        raise RefusedError(401, "Session expired")
    if claims.factors < needed_factors:
        raise RefusedError(423, "A second factor is needed")
    return Caller(next(shop for shop in SHOPS if shop.domain == claims.shop), claims.customer)
