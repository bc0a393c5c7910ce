"""Every knob of the gateway: nested by owner, typed, bounded, with the consequence beside it.

A setting comes from the environment (`GATEWAY_LIMITS__BODY_BYTES=65536`, `__` between the levels) or from a TOML
file (`[limits]` / `body_bytes = 65536`); the environment wins. Unknown keys are refused, so a typing error never goes
unseen. `docs/settings.md` is printed from this module.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.event_settings import CdnSettings, WebhookSettings
from gateway.identity_settings import (
    AuditSettings,
    SessionSettings,
    ShopifyAppSettings,
    ShopifySettings,
    ToolSettings,
    ToolTokenSettings,
)
from gateway.operation_settings import LimitSettings, OperationSettings, OverloadSettings, ThrottleSettings
from gateway.settings_group import Group as _Group
from gateway.store_settings import CacheSettings, IdempotencySettings, RedisSettings
from gateway.telemetry_settings import LogSettings, MetricsSettings

ENV_PREFIX = "GATEWAY_"

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


class ServerSettings(_Group):
    """Where the gateway listens."""

    host: str = "127.0.0.1"
    """Address to bind. Loopback unless something in front of the gateway needs more. A change needs a restart."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to bind; 0 takes a free one. A change needs a restart."""
    workers: int = Field(default=1, ge=0, le=256)
    """Worker processes on the one socket; 0 takes one for each core. Without Redis they know nothing of each other: a
    session that is ended in one goes on in the others. A change needs a restart."""
    keep_alive_seconds: int = Field(default=75, gt=0, le=600)
    """How long an idle connection stays open. Keep it above the load balancer's own idle time, or clients see 502. A
    change needs a restart."""
    receive_seconds: float = Field(default=5.0, gt=0, le=60)
    """Longest time for a request to arrive, its head and body together; later it is refused with 408. A client that
    does not read its answer has as long. A change needs a restart."""
    connections: int = Field(default=10_000, gt=0)
    """Most open connections of a process: beyond, the one that has been idle for longest is closed. A change needs a
    restart."""
    drain_seconds: float = Field(default=3.0, ge=0, le=60)
    """How long requests are taken after SIGTERM, with `/readyz` at 503 and `Connection: close` in each answer, so that
    clients and balancers go elsewhere. Set it above the balancer's own time to notice."""
    shutdown_seconds: int = Field(default=10, gt=0, le=120)
    """How long requests in flight may go on after that; then they are cut."""


class BackendSettings(_Group):
    """How one backend is reached."""

    url: HttpUrl
    """Base address, such as `https://api.rechargeapps.com`; paths are appended. A shop may have one of its own."""
    timeout_seconds: float = Field(default=3.0, gt=0, le=60)
    """Longest wait for one call; a field whose call takes longer is null with BACKEND_TIMEOUT."""
    connections: int = Field(default=100, gt=0, le=10_000)
    """Most calls at once, per process and address. Each address has its own pool, so a hung one never takes
    another's."""
    answer_bytes: int = Field(default=8_388_608, gt=0)
    """Largest answer that is read; a larger one counts as malformed."""
    retries: int = Field(default=1, ge=0, le=3)
    """How often a look-up that broke off is made again; over all calls at most one retry for ten. Writes never are."""
    hedges: bool = False
    """Whether a look-up by GET that takes longer than 95 of 100 do is sent once more beside the first, and the sooner
    answer taken: at most five more calls for a hundred, out of what retries may be. For a backend of several servers,
    of which one may be slow; not where `rate_calls` is set, since a second call takes another's place."""
    rate_calls: int | None = Field(default=None, gt=0)
    """How many calls the backend takes at once of one shop's token: 40 at Recharge, times what the prefix of a larger
    plan's token says. Further ones wait for their turn, or fail with THROTTLED where that is after the deadline. With
    Redis it is of all processes together; without, and while Redis is away, each of `throttle.processes` has its part.
    One place is left free: calls arrive unevenly."""
    rate_calls_a_second: float = Field(default=2.0, gt=0)
    """How fast those places become free again: 2 a second at Recharge, 10 at Smile."""
    bulk: Literal["none", "shop", "fleet"] = "none"
    """Look-ups by several customers: `none` as the public APIs of Recharge and Smile, `shop` where the backend takes
    lists of customers, `fleet` where it also takes several shops in one call."""
    fleet_token: SecretStr | None = None
    """The credential for calls over several shops; needed where `bulk` is `fleet`."""

    @model_validator(mode="after")
    def _fleet_has_a_token(self) -> Self:
        if self.bulk == "fleet" and self.fleet_token is None:
            raise ValueError("fleet_token is missing: calls over several shops need a credential of their own")
        return self


class RechargeSettings(BackendSettings):
    """A backend that speaks Recharge's API, which also knows shoppers by sessions of their own."""

    credential: Literal["service", "session"] = "service"
    """What a shopper's calls carry: the shop's `service` token, or the shopper's own `session`, opened with it.
    Sessions take no look-ups by several customers, so `bulk` has no effect beside them."""


class Backends(_Group):
    """The backends, a line a domain."""

    subscriptions: RechargeSettings
    """Customers, subscriptions, charges, credits, products; Recharge's API."""
    bundles: RechargeSettings
    """What is in shoppers' bundles, and what those may be filled with; Recharge's API."""
    loyalty: BackendSettings
    """Points, tiers, rewards; Smile's API."""


class ShopBackendSettings(_Group):
    """How a shop is known to one backend; each shop has a table for each backend."""

    token: SecretStr
    """The shop's service token there."""
    url: HttpUrl | None = None
    """The shop's own base address, instead of the backend's; its calls have a pool of their own."""
    bulk: Literal["none", "shop", "fleet"] | None = None
    """What this shop's address offers, instead of the backend's `bulk`."""
    webhook_secrets: tuple[SecretStr, ...] = ()
    """What the backend signs the shop's webhooks with (Recharge: the API client's secret); several while one takes over
    from another. Without any, the shop's webhooks from there are refused."""


class ShopSettings(_Group):
    """One shop that the gateway serves."""

    id: int = Field(gt=0)
    """Shopify's shop id."""
    currency_code: str = Field(pattern=r"^[A-Z]{3}$")
    """The store's own currency, ISO 4217; what a backend prices without naming a currency is in it."""
    domains: tuple[str, ...] = ()
    """Further domains of the shop, in lower case: `?shop=` and a token's `shop` may name it by any of them."""
    origins: tuple[Annotated[str, Field(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")], ...] = ()
    """Origins whose pages may read the shop's answers (CORS), such as `https://www.shop.example`, as browsers write
    them: lower case, no path, a port only where it is not the usual one."""
    backends: dict[str, ShopBackendSettings]
    """The shop's credentials, keyed by the backend's name."""
    shopify_app: ShopifyAppSettings | None = None
    """The shop's own app, such as a custom one, instead of the one of `shopify.app`; with the same keys."""
    shopify_webhook_secrets: tuple[SecretStr, ...] = ()
    """What Shopify signs webhooks with that were made in the shop's admin, which shows it. Those of the app are signed
    with the app's own secrets."""


class Settings(BaseSettings):
    """The whole of the gateway's settings."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    operations: OperationSettings = OperationSettings()
    throttle: ThrottleSettings = ThrottleSettings()
    overload: OverloadSettings = OverloadSettings()
    sessions: SessionSettings
    shopify: ShopifySettings = ShopifySettings()
    tools: dict[str, ToolSettings] = {}
    tool_tokens: ToolTokenSettings | None = None
    audit: AuditSettings = AuditSettings()
    backends: Backends
    shops: dict[str, ShopSettings] = Field(min_length=1)
    """The shops by domain, such as `[shops."aurora-coffee.myshopify.com"]`; in the environment as one JSON object."""
    redis: RedisSettings = RedisSettings()
    idempotency: IdempotencySettings = IdempotencySettings()
    webhooks: WebhookSettings = WebhookSettings()
    cdn: CdnSettings = CdnSettings()
    cache: CacheSettings = CacheSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()

    @model_validator(mode="after")
    def _shops_are_complete_and_told_apart(self) -> Self:
        if problems := [*_incomplete(self.shops), *_mistakable(self.shops)]:
            raise ValueError("\n".join(problems))
        return self

    @model_validator(mode="after")
    def _leases_outlast_operations(self) -> Self:
        if self.idempotency.lease_seconds <= self.operations.deadline_seconds:
            raise ValueError("idempotency.lease_seconds must be longer than operations.deadline_seconds")
        return self

    @model_validator(mode="after")
    def _audit_has_its_store(self) -> Self:
        if self.audit.redis and self.redis.url is None:
            raise ValueError("audit.redis needs a Redis: set redis.url")
        return self

    def shops_by_name(self) -> dict[str, str]:
        """The key in `shops` by every name that a shop goes by: the key itself and its further domains."""
        return {name: key for key, shop in self.shops.items() for name in (key, *shop.domains)}

    def url_of(self, backend: str, shop: str) -> str:
        """Where a shop's calls to a backend go, without a slash at the end: its own address, or the backend's."""
        settings: BackendSettings = getattr(self.backends, backend)
        return str(self.shops[shop].backends[backend].url or settings.url).rstrip("/")

    def bulk_of(self, backend: str, shop: str) -> Literal["none", "shop", "fleet"]:
        """Which look-ups by several customers a shop's backend offers; a shopper's own session opens none of them."""
        settings: BackendSettings = getattr(self.backends, backend)
        if self.credential_of(backend) == "session":
            return "none"
        return self.shops[shop].backends[backend].bulk or settings.bulk

    def credential_of(self, backend: str) -> Literal["service", "session"]:
        """What shoppers' calls to a backend carry."""
        credential: Literal["service", "session"] = getattr(getattr(self.backends, backend), "credential", "service")
        return credential

    def fleet_token_of(self, backend: str) -> str | None:
        """The backend's credential for calls over several shops."""
        settings: BackendSettings = getattr(self.backends, backend)
        return settings.fleet_token.get_secret_value() if settings.fleet_token else None


class SettingsError(Exception):
    """The settings cannot be used; the message names each key and its remedy."""


def environment_name(path: tuple[str | int, ...]) -> str:
    """The environment variable of a setting: `("limits", "body_bytes")` is `GATEWAY_LIMITS__BODY_BYTES`."""
    return ENV_PREFIX + "__".join(str(part) for part in path).upper()


def _incomplete(shops: Mapping[str, ShopSettings]) -> Iterator[str]:
    """What is wrong with the backends that shops name."""
    names = set(Backends.model_fields)
    for key, shop in shops.items():
        for name in sorted(names - set(shop.backends)):
            yield (
                f"shops.{key}.backends.{name} is missing: a shop needs a token for each of {', '.join(sorted(names))}."
            )
        for name in sorted(set(shop.backends) - names):
            yield f"shops.{key}.backends.{name}: there is no such backend.{nearest(name, names)}"


def _mistakable(shops: Mapping[str, ShopSettings]) -> Iterator[str]:
    """What keeps a domain from naming exactly one shop."""
    owners = {key: key for key in shops}
    for key, shop in shops.items():
        for domain in shop.domains:
            if not _DOMAIN.fullmatch(domain):
                yield f"shops.{key}.domains: {domain!r} is not a domain in lower case, such as shop.example.com."
            elif domain in owners:
                yield f"shops.{key}.domains: {domain} is a name of shops.{owners[domain]} already."
            else:
                owners[domain] = key


def nearest(word: str, known: set[str]) -> str:
    """What a message ends with when there is no such name: the one that may have been meant."""
    near = difflib.get_close_matches(word.lower(), [name.lower() for name in known], n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{hint} docs/settings.md lists them all."
