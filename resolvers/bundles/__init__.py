"""Products with their plans and prices, and what is in a shopper's bundle: Recharge's API 2021-11."""

from resolvers.bundles.commands import Box, BundleCommands
from resolvers.bundles.resolver import Bundles

__all__ = ["Box", "BundleCommands", "Bundles"]
