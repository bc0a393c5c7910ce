"""Customers, subscriptions, charges, addresses, credits: Recharge's API 2021-11."""

from resolvers.subscriptions.changing import Changing
from resolvers.subscriptions.charge_commands import ChargeCommands
from resolvers.subscriptions.commands import Every, SubscriptionCommands
from resolvers.subscriptions.onetime_commands import NewOnetime, OnetimeCommands
from resolvers.subscriptions.resolver import Subscriptions

__all__ = [
    "Changing",
    "ChargeCommands",
    "Every",
    "NewOnetime",
    "OnetimeCommands",
    "SubscriptionCommands",
    "Subscriptions",
]
