"""Both of Recharge's signatures, made with the secret of the API client."""

import hashlib
import hmac


def signed(secret: str, body: bytes, at_seconds: int) -> dict[str, str]:
    """The headers of a webhook that is sent at a time in seconds since 1970.

    `X-Recharge-Webhook-Signature` is HMAC-SHA256 over `<epoch>.` and the body; the older `X-Recharge-Hmac-Sha256` is
    SHA-256 over secret and body, whatever its name says.
    """
    digest = hmac.digest(secret.encode(), f"{at_seconds}.".encode() + body, "sha256").hex()
    return {
        "X-Recharge-Webhook-Signature": f"t={at_seconds},v1={digest}",
        "X-Recharge-Hmac-Sha256": hashlib.sha256(secret.encode() + body).hexdigest(),
    }
