"""What can be set about a service."""

import secrets
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backends.store.chance import World
from backends.store.shops import SHOPS


class BackendSettings(BaseSettings):
    """One service's settings, from arguments or from variables that begin with `BACKEND_`."""

    model_config = SettingsConfigDict(env_prefix="BACKEND_", extra="forbid", frozen=True)

    database_url: str = "sqlite+aiosqlite://"
    """Without a path everything is in memory, on one connection. MySQL: `mysql+aiomysql://user@host/name`."""
    tokens: Annotated[dict[str, SecretStr], Field(validate_default=True)] = {}
    """Service tokens by the domain of their shop; when empty each seeded shop gets a random one."""
    fleet_token: SecretStr | None = None
    """Opens `POST /bulk/{resource}` for all shops at once; None switches that off."""
    subscriptions_url: str | None = None
    """Where the bundles service finds the subscriptions service; without it bundles can be read and not written."""
    subscriptions_tokens: dict[str, SecretStr] = {}
    """The subscriptions service's tokens by shop: what bundles asks it with, and checks shoppers' sessions with."""
    app_secret: SecretStr | None = None
    """What Shopify's app proxy signs with; None refuses everything that comes through the proxy."""
    login_code: str | None = Field(default=None, pattern=r"^\d{6}$")
    """The code that belongs to every login by e-mail; None makes one for each, which is written to the log."""
    two_factor: bool = False
    """Whether sessions from Shopify's logins need an e-mailed code before they open anything; until then 423."""
    client_secrets: dict[str, SecretStr] = {}
    """What webhooks are signed with, by the domain of their shop; a shop without one cannot register any."""
    webhook_pause_seconds: float = Field(default=1.0, gt=0, le=60)
    """Before a webhook that did not arrive is sent again; each pause is twice the one before, up to ten hours."""
    rate_limit: bool = False
    """Whether each token has a leaky bucket (40 requests, 2 a second; loyalty 10 and 10)."""
    retry_after: bool = True
    """Whether a 429 says in `Retry-After` how long to wait."""
    faults: bool = False
    """Whether `/faults` takes orders to misbehave. It needs no token: never where others can reach it."""
    regeneration_seconds: float = Field(default=5.0, ge=0, le=60)
    """How long after an uncommitted write the charges of its address follow."""
    seed: int = 2026
    """Two services with equal seed, customers and today agree about every id."""
    customers: int = Field(default=1_000, ge=1, le=1_000_000)
    """Over all shops."""
    today: date | None = None
    """What all seeded dates count from, and what counts as today; None is the current date in UTC."""

    @field_validator("tokens")
    @classmethod
    def _one_token_for_each_shop(cls, tokens: dict[str, SecretStr]) -> dict[str, SecretStr]:
        domains = [shop.domain for shop in SHOPS]
        if strange := sorted(set(tokens) - set(domains)):
            raise ValueError(f"no such shop: {', '.join(strange)}")
        values = [token.get_secret_value() for token in tokens.values()]
        if not all(values) or len(set(values)) < len(values):
            raise ValueError("each shop needs its own token, and none may be empty")
        return tokens or {domain: SecretStr(f"sk_{secrets.token_urlsafe(24)}") for domain in domains}

    @property
    def world(self) -> World:
        """What the seeded rows follow from."""
        return World(self.seed, self.customers, self.today or datetime.now(UTC).date())
