"""Three reference services: subscriptions, bundles, loyalty."""

from backends.app import BACKENDS, create_backend
from backends.settings import BackendSettings
from backends.store.people import demo_customer_id
from backends.store.shops import SHOPS, Market, Shop
from backends.subscriptions.logins import shopify_customer_token

__all__ = [
    "BACKENDS",
    "SHOPS",
    "BackendSettings",
    "Market",
    "Shop",
    "create_backend",
    "demo_customer_id",
    "shopify_customer_token",
]
