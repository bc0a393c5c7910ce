"""Customers, subscriptions, charges, addresses, credits: Recharge's API 2021-11."""

from resolvers.subscriptions.resolver import Subscriptions

__all__ = ["Subscriptions"]
