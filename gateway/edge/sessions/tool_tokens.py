"""JWTs by which internal tools are known, of an issuer whose public keys are in the settings."""

import re
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from gateway.edge.sessions.carried import Session, invalid
from gateway.edge.sessions.jose import key_id_of
from gateway.edge.sessions.tools import Tool
from gateway.viewer import Viewer

RSA_BITS = 2_048
"""Shortest RSA key that is taken."""

_TOKEN_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_ALGORITHMS: Mapping[tuple[str, str | None], Sequence[str]] = {
    ("RSA", None): ("RS256", "PS256"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("OKP", "Ed25519"): ("Ed25519",),
}
"""By the kind of a key and its curve: what it may sign with, and the first where it does not say so itself."""


@dataclass(frozen=True, slots=True)
class ToolKey:
    """A public key, and the one algorithm that it is good for, whatever a token says."""

    key: Key
    algorithm: str


def keys_in(jwks: Iterable[Mapping[str, Any]]) -> dict[str, ToolKey]:
    """The keys of a JWK set by their ids.

    Raises:
        ValueError: One is private, secret, weak, of another use, or without an id of its own.
    """
    found: dict[str, ToolKey] = {}
    for jwk in jwks:
        kid = jwk.get("kid")
        if not isinstance(kid, str) or not kid or kid in found:
            raise ValueError("each key has a `kid` of its own")
        kind, curve = jwk.get("kty"), jwk.get("crv")
        algorithms = _ALGORITHMS.get((kind, curve)) if isinstance(kind, str) and isinstance(curve, str | None) else None
        if algorithms is None:
            raise ValueError(f"key {kid}: RSA, P-256, P-384 and Ed25519 are known; a shared secret is none")
        if "d" in jwk:
            raise ValueError(f"key {kid} is private: the gateway takes public keys only")
        algorithm = jwk.get("alg", algorithms[0])
        if algorithm not in algorithms or jwk.get("use", "sig") != "sig":
            raise ValueError(f"key {kid}: `use` is sig, and `alg` one of {', '.join(algorithms)}")
        found[kid] = ToolKey(_imported(kid, jwk), algorithm)
    return found


def _imported(kid: str, jwk: Mapping[str, Any]) -> Key:
    try:
        with warnings.catch_warnings():
            # The library warns of what is refused below.
            warnings.simplefilter("ignore", SecurityWarning)
            key = import_key({**jwk})
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError(f"key {kid} cannot be read: {type(error).__name__}") from None
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        raise ValueError(f"key {kid} is no public key")  # noqa: TRY004  # a wrong value in the settings
    if isinstance(key, RSAKey) and key.raw_value.key_size < RSA_BITS:
        raise ValueError(f"key {kid}: an RSA key has {RSA_BITS} bits at least")
    return key


@dataclass(frozen=True, slots=True)
class ToolTokens:
    """Checks JWTs with the claims `iss`, `aud`, `sub` (a tool of the settings), `exp`, `scope`, `shop`, `jti`.

    No key is ever fetched, and none taken from a token: its header chooses among those that are known, and that is all.
    """

    keys: Mapping[str, ToolKey]
    issuer: str
    audience: str
    tools: Mapping[str, Tool]
    """By name. A token never gives more than its tool's settings do."""
    shops: Mapping[str, str]
    """The shop's own domain by each domain that it goes by."""
    longest_seconds: int
    leeway_seconds: int

    def recognizes(self, token: str) -> bool:
        """Whether its header names one of the keys."""
        return key_id_of(token) in self.keys

    async def verified(self, token: str) -> Session:
        """Which tool's it is: of the shop that it names, or of none (""), so that the request says which."""
        key = self.keys.get(key_id_of(token) or "")
        if key is None:
            raise invalid()
        claims = self._claims(token, key)
        tool = self.tools.get(claims["sub"])
        scope, shop, token_id = (claims.get(name) for name in ("scope", "shop", "jti"))
        if (
            tool is None
            or not isinstance(scope, str | None)
            or not isinstance(shop, str | None)
            or not (token_id is None or (isinstance(token_id, str) and _TOKEN_ID.fullmatch(token_id)))
            or not (shop is None or self.shops.get(shop) in tool.shops)
        ):
            raise invalid()
        viewer = Viewer(
            shop="" if shop is None else self.shops[shop],
            # No session of a shopper's has such an id.
            session_id=None if token_id is None else f"tool:{tool.name}:{token_id}",
            scopes=tool.scopes.intersection((scope or "").split()),
            tool=tool.name,
        )
        return Session(viewer, issued_at=time.time(), until=claims["exp"] + self.leeway_seconds)

    def _claims(self, token: str, key: ToolKey) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(token, key.key, algorithms=[key.algorithm]).claims
            jwt.JWTClaimsRegistry(
                leeway=self.leeway_seconds,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True},
                sub={"essential": True},
                exp={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError, TypeError, RecursionError):
            raise invalid() from None
        # For the gateway alone: who else it is for could show it here.
        if claims["aud"] not in (self.audience, [self.audience]) or not isinstance(claims["sub"], str):
            raise invalid()
        if claims["exp"] - time.time() > self.longest_seconds + self.leeway_seconds:
            raise invalid()
        return claims
