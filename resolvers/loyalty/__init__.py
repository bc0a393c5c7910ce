"""Points, tiers, rewards, vouchers: Smile's API."""

from resolvers.loyalty.commands import LoyaltyCommands
from resolvers.loyalty.resolver import Loyalty

__all__ = ["Loyalty", "LoyaltyCommands"]
