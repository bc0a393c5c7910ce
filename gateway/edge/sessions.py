"""From a session token to a `Viewer`."""

import re
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey

from gateway.errors import Unauthenticated
from gateway.viewer import Viewer

TOKEN_BYTES = 8_192
"""Longest token that is looked at; a real one has about 300 characters."""

_ID = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Sessions:
    """Makes and checks shoppers' tokens: JWT, HS256, claims `shop`, `sub` (customer id), `sid`, `exp`, `scope`."""

    key: OctKey
    shops: Mapping[str, str]
    """The shop's own domain by each domain that it goes by: a viewer's shop is always the former."""
    leeway_seconds: int

    def viewer_of(self, authorization: str | None, shop: str | None) -> Viewer:
        """Who asks.

        Args:
            authorization: The header of that name, if there is one.
            shop: What `?shop=` says: for a visitor without a token the tenant, else a check on the token. Any of the
                shop's domains.

        Raises:
            Unauthenticated: Nobody whom the gateway knows.
        """
        if shop is not None and shop not in self.shops:
            raise Unauthenticated("There is no such shop here: `?shop=` takes its domain, such as name.myshopify.com.")
        if authorization is None:
            if shop is None:
                raise Unauthenticated("Send a session token as `Authorization: Bearer …`, or `?shop=` for public data.")
            return Viewer(shop=self.shops[shop])
        viewer = self._verified(authorization)
        if shop is not None and viewer.shop != self.shops[shop]:
            raise _invalid()
        return viewer

    def mint(self, shop: str, customer_id: int, *, scopes: Collection[str], lifetime_seconds: int) -> str:
        """A fresh session's token."""
        claims = {
            "shop": shop,
            "sub": str(customer_id),
            "sid": uuid.uuid4().hex,
            "exp": int(time.time()) + lifetime_seconds,
            "scope": " ".join(sorted(scopes)),
        }
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, self.key)

    def _verified(self, authorization: str) -> Viewer:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= TOKEN_BYTES:
            raise _invalid()
        try:
            claims: dict[str, Any] = jwt.decode(token.strip(), self.key, algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(leeway=self.leeway_seconds, exp={"essential": True}).validate(claims)
        except ExpiredTokenError:
            raise Unauthenticated("The session has expired: log in again.") from None
        except (JoseError, ValueError, TypeError):
            raise _invalid() from None
        shop, customer, session, scope = (claims.get(name) for name in ("shop", "sub", "sid", "scope"))
        if (
            not isinstance(shop, str)
            or shop not in self.shops
            or not isinstance(customer, str)
            or not _ID.fullmatch(customer)
            or not isinstance(session, str)
            or not isinstance(scope, str | None)
        ):
            raise _invalid()
        return Viewer(
            shop=self.shops[shop],
            customer_id=int(customer),
            session_id=session,
            scopes=frozenset((scope or "").split()),
        )


def _invalid() -> Unauthenticated:
    """One message for every way of being wrong, so that it teaches a forger nothing."""
    return Unauthenticated("The session token is not valid here: log in again.")
