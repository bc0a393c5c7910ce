"""Webhooks as their senders sign them."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

RECHARGE_SECRET = "recharge-client-secret"
SHOPIFY_SECRET = "shopify-client-secret"


def recharge(body: bytes, *, secret: str = RECHARGE_SECRET, at: int | None = None) -> dict[str, str]:
    """The headers of both of Recharge's signatures."""
    seconds = int(time.time()) if at is None else at
    digest = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256").hex()
    return {
        "X-Recharge-Webhook-Signature": f"t={seconds},v1={digest}",
        "X-Recharge-Hmac-Sha256": hashlib.sha256(secret.encode() + body).hexdigest(),
    }


def shopify(body: bytes, *, shop: str, topic: str, secret: str = SHOPIFY_SECRET) -> dict[str, str]:
    """The headers that Shopify sends."""
    return {
        "X-Shopify-Hmac-Sha256": base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode(),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Topic": topic,
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    }


def encoded(value: Any) -> bytes:
    """JSON with spaces, as no encoder of ours writes it: only the bytes that came are what was signed."""
    return json.dumps(value, indent=1).encode()
