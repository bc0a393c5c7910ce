"""Shopify's word for who is logged in at a shop: its app proxy's signature, and its session tokens."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from gateway.edge.sessions.carried import Session, invalid
from gateway.edge.sessions.customers import Customers
from gateway.edge.sessions.jose import claims_of, key_id_of
from gateway.edge.sessions.signed_tokens import ALGORITHM, LONGEST_SECONDS

_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_CUSTOMER = re.compile(r"[1-9][0-9]{0,18}")
_CUSTOMER_GID = re.compile(r"gid://shopify/Customer/(?P<number>[1-9][0-9]{0,18})")

_SIGNED_NAMES = ("shop", "logged_in_customer_id", "path_prefix", "timestamp")
"""What Shopify adds to every request through the app proxy."""


@dataclass(frozen=True, slots=True)
class ShopifyApp:
    """The app through which Shopify speaks for a shop."""

    api_key: str
    secrets: Sequence[str]
    """Several while one takes over from another."""


@dataclass(frozen=True, slots=True)
class Apps:
    """Which app speaks for which shop."""

    by_shop: Mapping[str, ShopifyApp]
    """By the shop's own domain."""
    shops: Mapping[str, str]
    """The shop's own domain by each domain that it goes by."""

    def of(self, domain: object) -> tuple[str, ShopifyApp]:
        """The shop of a domain, and its app.

        Raises:
            Unauthenticated: There is none.
        """
        shop = self.shops.get(domain) if isinstance(domain, str) else None
        app = self.by_shop.get(shop) if shop is not None else None
        if shop is None or app is None:
            raise invalid()
        return shop, app


@dataclass(frozen=True, slots=True)
class AppProxy:
    """Requests that Shopify has forwarded from a shop's own domain, with who is logged in there."""

    apps: Apps
    customers: Customers
    window_seconds: int
    """How old, or how far ahead, the moment of forwarding may be."""

    async def verified(self, query: Sequence[tuple[str, str]]) -> Session:
        """Who is logged in at the shop, or its visitor.

        Args:
            query: All of the query string's names and values, decoded. Bodies are not signed by Shopify.

        Raises:
            Unauthenticated: Shopify did not sign this, or not now.
        """
        given = dict(query)
        shop, app = self.apps.of(given.get("shop"))
        signed = signed_text(query)
        if (
            not _is_signed(given.get("signature", ""), signed, app)
            or not _is_unambiguous(signed)
            or not given.keys() >= set(_SIGNED_NAMES)
        ):
            raise invalid()
        timestamp, customer = given["timestamp"], given["logged_in_customer_id"]
        if not _SECONDS.fullmatch(timestamp) or abs(time.time() - int(timestamp)) > self.window_seconds:
            raise invalid()
        if customer and not _CUSTOMER.fullmatch(customer):
            raise invalid()
        until = float(timestamp) + self.window_seconds
        return await self.customers.session(shop, customer or None, None, issued_at=float(timestamp), until=until)


def signed_text(query: Sequence[tuple[str, str]]) -> bytes:
    """What Shopify signs: each `name=value` but the signature, sorted, joined by nothing; equal names by a comma."""
    values: dict[str, list[str]] = {}
    for name, value in query:
        if name != "signature":
            values.setdefault(name, []).append(value)
    return "".join(sorted(f"{name}={','.join(found)}" for name, found in values.items())).encode()


def _is_signed(signature: str, signed: bytes, app: ShopifyApp) -> bool:
    if not _SIGNATURE.fullmatch(signature):
        return False
    sent = signature.encode()
    return any(
        hmac.compare_digest(sent, hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode())
        for secret in app.secrets
    )


def _is_unambiguous(signed: bytes) -> bool:
    """Whether the text that was signed can be read in one way only.

    Since nothing separates the pairs, a shopper could have Shopify sign a parameter of his own whose value holds
    `logged_in_customer_id=…`, and cut the text at other places afterwards.
    """
    return all(signed.count(f"{name}=".encode()) == 1 for name in _SIGNED_NAMES)


@dataclass(frozen=True, slots=True)
class ShopifyTokens:
    """The tokens that Shopify gives to extensions of checkout and customer account pages, as bearer tokens."""

    apps: Apps
    customers: Customers
    leeway_seconds: int

    def recognizes(self, token: str) -> bool:
        """Whether it is a JWT without a key's id: Shopify names none."""
        return key_id_of(token) == ""

    async def verified(self, token: str) -> Session:
        """Who is logged in at the shop, or its visitor."""
        # Which app's key it is depends on the shop that the token names, which counts once that key has signed it.
        shop, app = self.apps.of(_domain(claims_of(token).get("dest")))
        claims = self._claims(token, app)
        life = claims["exp"] - claims["iat"]
        jti = claims.get("jti")
        if _domain(claims.get("dest")) is None or life > LONGEST_SECONDS or not isinstance(jti, str | None):
            raise invalid()
        subject = claims.get("sub")
        # Other subjects are people of the shop's staff, who are no customers.
        customer = _CUSTOMER_GID.fullmatch(subject) if isinstance(subject, str) else None
        return await self.customers.session(
            shop,
            customer["number"] if customer else None,
            jti,
            issued_at=float(claims["iat"]),
            until=claims["exp"] + self.leeway_seconds,
        )

    def _claims(self, token: str, app: ShopifyApp) -> dict[str, Any]:
        for secret in app.secrets:
            try:
                claims: dict[str, Any] = jwt.decode(token, OctKey.import_key(secret), algorithms=[ALGORITHM]).claims
                jwt.JWTClaimsRegistry(
                    leeway=self.leeway_seconds,
                    exp={"essential": True},
                    iat={"essential": True},
                    dest={"essential": True},
                ).validate(claims)
            except (JoseError, ValueError, TypeError, RecursionError):
                continue
            # For this app, and for no other beside it.
            if claims.get("aud") in (app.api_key, [app.api_key]):
                return claims
        raise invalid()


def _domain(dest: object) -> str | None:
    """The shop's domain in `dest`, which has a scheme in some kinds of tokens and none in others."""
    return dest.removeprefix("https://") if isinstance(dest, str) else None
