"""Products with their plans, prices and discounts: Recharge's API 2021-11."""

from resolvers.catalogue.resolver import Catalogue

__all__ = ["Catalogue"]
