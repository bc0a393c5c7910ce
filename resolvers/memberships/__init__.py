"""Paid memberships and what they bring: Recharge's API 2021-11."""

from resolvers.memberships.resolver import Memberships

__all__ = ["Memberships"]
