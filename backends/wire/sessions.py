"""Tokens of shoppers: signed statements of a service, so that no table of them is kept."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Literal

import msgspec
from pydantic import SecretStr

PREFIX = "st"
LIFETIME_SECONDS = 3_600

Kind = Literal["session", "code", "customer", "portal"]
"""A session of the API; an e-mailed code that is waited for; a token as Shopify gives it to a customer; the way
into the hosted portal."""


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a token says about its holder."""

    shop: str
    customer: int
    kind: Kind
    until: int
    """Seconds since 1970; from then on the token opens nothing."""
    factors: int = 1
    """How many proofs of who they are its holder gave."""
    nonce: str = ""
    """Tells tokens apart that were made for the same customer in the same second, where each is good once."""


def mint(key: SecretStr, claims: Claims) -> str:
    """A token; `key` is the shop's service token for the subscriptions service."""
    content = base64.urlsafe_b64encode(msgspec.json.encode(claims)).decode().rstrip("=")
    return f"{PREFIX}_{content}.{_signature(key, content)}"


def read(keys: dict[str, SecretStr], token: str) -> Claims | None:
    """What a token says, also when its time is over; None for one that no key has signed."""
    content, _, signature = token.removeprefix(f"{PREFIX}_").partition(".")
    if not token.startswith(f"{PREFIX}_") or not signature.isascii():
        return None
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)), type=Claims)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        return None
    key = keys.get(claims.shop)
    if key is None or not hmac.compare_digest(signature, _signature(key, content)):
        return None
    return claims


def from_now(seconds: int = LIFETIME_SECONDS) -> int:
    """A moment for `until`."""
    return int(datetime.now(UTC).timestamp()) + seconds


def is_over(claims: Claims) -> bool:
    """Whether a token's time has come."""
    return claims.until <= int(datetime.now(UTC).timestamp())


def code_of(key: SecretStr, token: str) -> str:
    """The six digits that belong to a login by e-mail."""
    digest = hmac.new(key.get_secret_value().encode(), b"code:" + token.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def _signature(key: SecretStr, content: str) -> str:
    digest = hmac.new(key.get_secret_value().encode(), b"token:" + content.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
