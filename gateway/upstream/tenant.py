"""A backend as one shop reaches it."""

from dataclasses import dataclass, field
from typing import Literal

from gateway.upstream.access import Access
from gateway.upstream.client import Backend
from gateway.upstream.rates import RateLimit
from gateway.upstream.sessions import SessionTokens

Bulk = Literal["none", "shop", "fleet"]
"""Which look-ups by several customers a backend offers: none (the public APIs), one shop a call, all shops a call."""


@dataclass(frozen=True, slots=True, eq=False)
class Tenant:
    """A backend, and what makes a call to it this shop's. There is one of each for as long as the settings hold."""

    backend: Backend
    shop: str
    """The shop's domain, as fleet look-ups name it."""
    access: Access
    bulk: Bulk = "none"
    fleet: Access | None = None
    """The credential for all shops; needed where `bulk` is "fleet"."""
    sessions: SessionTokens | None = None
    """Where a shopper's own session is sent instead of the shop's credential, as long as there is a shopper."""
    shop_id: int = 0
    """Shopify's id of the shop."""
    rate_limit: RateLimit | None = None
    """How fast the backend may be asked with the shop's token."""
    service: str = field(init=False)
    """The domain's name, as errors and logs carry it."""
    name: str = field(init=False)
    """Which shop's data, from where: the same after a change of credentials."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "service", self.backend.service)
        object.__setattr__(self, "name", f"{self.service} {self.backend.base_url} {self.shop}")
