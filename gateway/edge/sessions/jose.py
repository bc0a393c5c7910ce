"""What a JWT says about itself before anybody believes it."""

import base64
import binascii

import msgspec

HEADER_CHARACTERS = 1_024


class _Header(msgspec.Struct):
    kid: str = ""


_DECODER = msgspec.json.Decoder(_Header)


def key_id_of(token: str) -> str | None:
    """Which key a compact JWT says it was signed with, unverified: good for choosing a key, and for nothing else.

    Empty for one that does not say it; None for what is no JWT at all.
    """
    encoded, dot, rest = token.partition(".")
    if not dot or rest.count(".") != 1 or len(encoded) > HEADER_CHARACTERS:
        return None
    try:
        return _DECODER.decode(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))).kid
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        return None
