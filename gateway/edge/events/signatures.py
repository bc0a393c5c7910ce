"""Who signed a webhook: checked on the bytes as they came, before anybody reads them."""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Sequence

from starlette.datastructures import Headers

LONGEST_SECONDS = 48 * 3_600
"""Recharge tries for so long; an older signature is a replay."""
AHEAD_SECONDS = 300
"""How far the sender's clock may be ahead."""

_TIMED = re.compile(r"t=(?P<seconds>[0-9]{1,12}),v1=(?P<digest>[0-9a-f]{64})")


def recharge_signed(headers: Headers, body: bytes, secrets: Sequence[bytes], *, legacy: bool) -> bool:
    """Whether Recharge signed a body with one of the secrets of its API client.

    `X-Recharge-Webhook-Signature: t=<epoch>,v1=<hex>` is HMAC-SHA256 over `<epoch>.` and the body. Where it is missing,
    and only then, `legacy` allows `X-Recharge-Hmac-Sha256`: SHA-256 over secret and body, which is no HMAC.
    """
    timed = headers.getlist("x-recharge-webhook-signature")
    if timed:
        return len(timed) == 1 and _timed(timed[0], body, secrets)
    sent = headers.getlist("x-recharge-hmac-sha256")
    return legacy and len(sent) == 1 and _equals_any(sent[0], [_legacy(secret, body) for secret in secrets])


def shopify_signed(headers: Headers, body: bytes, secrets: Sequence[bytes]) -> bool:
    """Whether Shopify signed a body: `X-Shopify-Hmac-Sha256`, HMAC-SHA256 with the app's client secret, in base64."""
    sent = headers.getlist("x-shopify-hmac-sha256")
    digests = [base64.b64encode(hmac.digest(secret, body, "sha256")).decode() for secret in secrets]
    return len(sent) == 1 and _equals_any(sent[0], digests)


def _timed(header: str, body: bytes, secrets: Sequence[bytes]) -> bool:
    parts = _TIMED.fullmatch(header)
    if parts is None:
        return False
    seconds, digest = parts.groups()
    signed = f"{seconds}.".encode() + body
    matches = _equals_any(digest, [hmac.digest(secret, signed, "sha256").hex() for secret in secrets])
    return matches and -AHEAD_SECONDS <= time.time() - int(seconds) <= LONGEST_SECONDS


def _legacy(secret: bytes, body: bytes) -> str:
    return hashlib.sha256(secret + body).hexdigest()


def _equals_any(sent: str, digests: Sequence[str]) -> bool:
    """Without a way to learn from the time it takes which of them came close."""
    given = sent.encode()
    return any([hmac.compare_digest(given, digest.encode()) for digest in digests])  # noqa: C419  # all are compared
