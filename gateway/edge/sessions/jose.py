"""What a JWT says about itself before anybody believes it."""

import base64
import binascii
from typing import Any

import msgspec

HEADER_CHARACTERS = 1_024


class _Header(msgspec.Struct):
    kid: str = ""


_CLAIMS = msgspec.json.Decoder(dict[str, Any])
_HEADER = msgspec.json.Decoder(_Header)


def key_id_of(token: str) -> str | None:
    """Which key a compact JWT says it was signed with, unverified: good for choosing a key, and for nothing else.

    Empty for one that does not say it; None for what is no JWT at all.
    """
    header, _, rest = token.partition(".")
    if rest.count(".") != 1 or len(header) > HEADER_CHARACTERS:
        return None
    try:
        return _HEADER.decode(decoded(header)).kid
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        return None


def claims_of(token: str) -> dict[str, Any]:
    """What a compact JWT claims, unverified: good for choosing a key, and for nothing else. Empty where unreadable."""
    try:
        return _CLAIMS.decode(decoded(token.split(".")[1]))
    except (IndexError, ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        return {}


def decoded(part: str) -> bytes:
    """A part of a compact JWT.

    Raises:
        ValueError: It is not base64.
    """
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
