"""Points, tiers, rewards, vouchers: Smile's API."""

from resolvers.loyalty.resolver import Loyalty

__all__ = ["Loyalty"]
