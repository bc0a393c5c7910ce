"""The gateway's own tokens for shoppers: short-lived, signed, with keys that rotate."""

import re
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, Self

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from gateway.edge.sessions.carried import Session, invalid
from gateway.edge.sessions.jose import decoded, key_id_of
from gateway.viewer import SHOPPERS_OWN, TOOLS_ONLY, Viewer

ALGORITHM = "HS256"
_REGISTRY = JWSRegistry(algorithms=[ALGORITHM])

LONGEST_SECONDS = 86_400
"""Longest life of a token, whoever made it: so long is remembered which ones were revoked."""

_ID = re.compile(r"[1-9][0-9]{0,18}")
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    """All that a header may say: nothing that would change how the token is read, and no key."""

    alg: Literal["HS256"]
    kid: str
    typ: str = "JWT"


class _Claims(msgspec.Struct):
    """Times are seconds since 1970."""

    shop: str
    sub: str
    sid: str
    iat: float
    exp: float
    nbf: float = 0.0
    scope: str | None = None


_HEADER = msgspec.json.Decoder(_Header)
_CLAIMS = msgspec.json.Decoder(_Claims)


class SignedTokens:
    """Makes and checks JWTs: HS256, `kid`, and the claims `shop`, `sub` (customer id), `sid`, `iat`, `exp`, `scope`.

    The first key signs. All of them verify, so that a new key may take over while tokens of the old one are about.
    """

    def __init__(self, keys: Sequence[OctKey], *, shops: Mapping[str, str], leeway_seconds: int) -> None:
        """`shops` has a shop's own domain by each domain that it goes by: a viewer's shop is always the former."""
        self._keys = {key_id(key): key for key in keys}
        self._signing_id = key_id(keys[0])
        self._shops = shops
        self._leeway_seconds = leeway_seconds

    @classmethod
    def of(cls, secrets: Sequence[str], *, shops: Mapping[str, str], leeway_seconds: int) -> Self:
        """By their secrets, the one that signs first.

        Raises:
            ValueError: One is a public key, which is no secret.
        """
        return cls([OctKey.import_key(secret) for secret in secrets], shops=shops, leeway_seconds=leeway_seconds)

    def mint(
        self,
        shop: str,
        customer_id: int,
        *,
        scopes: Collection[str] = (),
        lifetime_seconds: int,
        session_id: str | None = None,
    ) -> str:
        """A session's token; of a fresh one where no id is given."""
        now = time.time()
        claims = {
            "shop": shop,
            "sub": str(customer_id),
            "sid": session_id or uuid.uuid4().hex,
            # In milliseconds: a session that began after all of a customer's were ended is not one of them.
            "iat": round(now, 3),
            "exp": int(now) + lifetime_seconds,
            "scope": " ".join(sorted(scopes)),
        }
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self._signing_id}
        return jwt.encode(header, claims, self._keys[self._signing_id])

    def recognizes(self, token: str) -> bool:
        """Whether its header names one of the keys."""
        return key_id_of(token) in self._keys

    async def verified(self, token: str) -> Session:
        """Whose token it is."""
        return self.read(token)

    def read(self, token: str) -> Session:
        """Whose token it is; what `verified` answers.

        Raises:
            Unauthenticated: Nobody's.
        """
        claims = self._signed(token)
        now = time.time()
        if (
            claims.shop not in self._shops
            or not _ID.fullmatch(claims.sub)
            or not _SESSION_ID.fullmatch(claims.sid)
            or not now - self._leeway_seconds < claims.exp <= claims.iat + LONGEST_SECONDS
            or max(claims.iat, claims.nbf) > now + self._leeway_seconds
        ):
            raise invalid()
        viewer = Viewer(
            shop=self._shops[claims.shop],
            customer_id=int(claims.sub),
            session_id=claims.sid,
            scopes=SHOPPERS_OWN.union(claims.scope.split()) - TOOLS_ONLY if claims.scope else SHOPPERS_OWN,
        )
        return Session(viewer, issued_at=claims.iat, until=claims.exp + self._leeway_seconds)

    def _signed(self, token: str) -> _Claims:
        """The claims of a token that one of the keys signed.

        joserfc checks the signature; what it has for claims would take twice as long, for rules that are a type here.
        """
        try:
            key = self._keys[_HEADER.decode(decoded(token.partition(".")[0])).kid]
            return _CLAIMS.decode(jws.deserialize_compact(token, key, registry=_REGISTRY).payload)
        except (KeyError, JoseError, ValueError, msgspec.MsgspecError, RecursionError):
            raise invalid() from None


def key_id(key: OctKey) -> str:
    """The name that tokens carry for a key: the beginning of its RFC 7638 thumbprint, so nobody has to choose one."""
    return key.thumbprint()[:8]
