"""What the gateway itself knows of a shop."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as its settings describe it; no backend is asked for these."""

    id: int
    """Shopify's shop id."""
    domain: str
    currency_code: str
    """ISO 4217."""
