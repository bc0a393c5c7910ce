"""The knobs of who asks, and of what they may."""

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
