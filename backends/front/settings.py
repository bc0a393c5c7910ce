"""What can be set about the path front."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class FrontSettings(BaseSettings):
    """From arguments or from variables that begin with `FRONT_`."""

    model_config = SettingsConfigDict(env_prefix="FRONT_", extra="forbid", frozen=True)

    subscriptions_url: str
    """Where the subscriptions service answers."""
    bundles_url: str
    """Where the bundles service answers."""
    shop: str
    """The shop whose storefront this is; what comes through the app proxy is signed for it."""
    app_secret: SecretStr
    """What the app proxy signs with; the services need the same."""
    logged_in_customer_id: str = ""
    """The Shopify customer who counts as logged in to the storefront; empty for nobody."""
    timeout_seconds: float = 30.0
    """Longest wait for a service."""
