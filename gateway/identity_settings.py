"""The knobs of who asks, and of what they may."""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr

from gateway.settings_group import Group


class SessionSettings(Group):
    """How shoppers' session tokens are made and checked."""

    secret: SecretStr = Field(min_length=32)
    """HS256 key of at least 32 characters. Whoever has it can be any shopper: make it with `openssl rand -hex 32`."""
    retired_secrets: tuple[SecretStr, ...] = ()
    """Keys that sign no more, while tokens of theirs are about: put `secret` here when you set a new one, and take it
    out after `lifetime_seconds`. A token of any other key is refused."""
    lifetime_seconds: int = Field(default=3_600, gt=0, le=86_400)
    """How long a token is good that the gateway makes. One that lives longer than a day is refused, whoever made it."""
    leeway_seconds: int = Field(default=5, ge=0, le=30)
    """How far clocks may differ when times in a token are checked."""


class ShopifyAppSettings(Group):
    """The Shopify app through which Shopify vouches for who is logged in: by its app proxy and its session tokens."""

    api_key: str = Field(min_length=1)
    """The app's client id, for which session tokens are made (`aud`)."""
    secret: SecretStr = Field(min_length=16)
    """The app's client secret, with which Shopify signs. Whoever has it can be any shopper of its shops."""
    retired_secrets: tuple[SecretStr, ...] = ()
    """Secrets that are being rotated out: Shopify goes on signing with the old one until it is revoked."""


class ShopifySettings(Group):
    """How Shopify's word for who is logged in is taken."""

    app: ShopifyAppSettings | None = None
    """The app of all shops that have none of their own; without either, a shop takes no word of Shopify's."""
    proxy_window_seconds: int = Field(default=60, gt=0, le=300)
    """How old a request through the app proxy may be: so long could somebody who has seen one send it again."""


class ToolSettings(Group):
    """An internal tool that asks with a key of its own, or with tokens that name it (`tool_tokens`)."""

    key_sha256: tuple[str, ...] = ()
    """SHA-256 of its key in hex: `printf %s "$KEY" | sha256sum`, where the key is `sgk_` and `openssl rand -hex 32`.
    Several while one takes over from another. A key that is taken out is refused after the reload."""
    scopes: frozenset[str] = frozenset()
    """What it may, its tokens at most: `explain`, `introspection`, `customers:read` (look up any customer of its
    shops), `shops:read` (list its shops), `customers:act` (act on behalf of customers, with a record of it),
    `subscriptions:write` (change what is theirs, while it acts on their behalf)."""
    shops: tuple[str, ...] = ()
    """The shops, by any of their domains, that it is good for; none means all of them."""


class ToolTokenSettings(Group):
    """Whose JWTs internal tools may ask with: `sub` is the name of a tool, `scope` what of its scopes the token has."""

    issuer: str = Field(min_length=1)
    """Their `iss`."""
    audience: str = Field(min_length=1)
    """Their `aud`: this gateway. A token that is for others too is refused."""
    keys: tuple[dict[str, Any], ...] = ()
    """The issuer's public keys as JWKs, each with its `kid`: RSA of 2048 bits at least (RS256, or PS256 where `alg`
    says so), P-256 (ES256), P-384 (ES384) or Ed25519. Each is good for its one algorithm. Several while one takes
    over from another; nothing is ever fetched."""
    keys_file: Path | None = None
    """A file of them, `{"keys": […]}`, read at start and on SIGHUP."""
    longest_seconds: int = Field(default=3_600, gt=0, le=86_400)
    """How far ahead their end may be at most."""


class AuditSettings(Group):
    """The record of what tools do on behalf of customers. Without one they cannot."""

    file: Path | None = None
    """JSON lines: one before each operation runs, and one that says what became of it. The processes of a machine may
    share it. It may be rotated by renaming it."""
    synced: bool = True
    """Whether a line must be on the disk before the operation runs, and not only in the system's memory."""
    redis: bool = False
    """Keep the record in Redis, as the stream `storefront:audit`, which nothing here ever shortens. Beside `file` both
    are written, and what one of them does not take is not done."""
