"""The knobs of events that come in, and of the CDN that is told of them."""

from pydantic import Field, HttpUrl, SecretStr

from gateway.settings_group import Group


class WebhookSettings(Group):
    """How webhooks are taken; the secrets stand with the shops."""

    body_bytes: int = Field(default=1_048_576, gt=0)
    """Largest event; above it 413."""
    legacy_signatures: bool = True
    """Whether `X-Recharge-Hmac-Sha256` is enough where `X-Recharge-Webhook-Signature` is missing. It has no time in it:
    switch it off once all registrations send the newer one."""


class CdnSettings(Group):
    """How the CDN is told to let go of what has changed. Without a `url` it is not."""

    url: HttpUrl | None = None
    """Where a purge by surrogate key is asked for, such as `https://api.fastly.com/service/ID/purge`."""
    method: str = Field(default="POST", pattern="^[A-Z]{3,16}$")
    """`POST` for Fastly, `PURGE` for Varnish."""
    tags_header: str = "Surrogate-Key"
    """The header that takes the keys, separated by spaces; `xkey-purge` is usual for Varnish."""
    token_header: str | None = None
    """The header that takes `token`, such as `Fastly-Key`."""
    token: SecretStr | None = None
    """The credential, as it is sent."""
    timeout_seconds: float = Field(default=2.0, gt=0, le=30)
    """Longest wait for one purge."""
    attempts: int = Field(default=5, gt=0, le=20)
    """How often a purge is tried, with growing pauses; then it is a line in the log."""
    again_after_seconds: float = Field(default=2.0, ge=0, le=30)
    """How long after a purge it is asked for once more, for what was on its way to the CDN meanwhile, or came from a
    process that had not heard of the change yet. 0 asks once."""
