"""What a merchant's portal lets shoppers change."""

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from resolvers.wire import Count

Change = Literal[
    "skip",
    "cancel",
    "reactivate",
    "reschedule",
    "swap the variant of",
    "swap the product of",
    "change the quantity of",
    "change the plan of",
    "change the interval of",
    "add to",
    "change the discount of",
]
"""What may be allowed, as a verb before "a subscription"."""


class SubscriptionPermissions(msgspec.Struct, frozen=True):
    """What a shopper may do in the portal; flags come as booleans or as 0 and 1."""

    add_product: bool | int = False
    cancel_subscription: bool | int = False
    cancellation_minimum_order_count: Count = 0
    """How many orders a subscription must have had before it may be cancelled."""
    cancellation_reason_optional: bool | int = True
    change_product: bool | int = False
    change_quantity: bool | int = False
    change_variant: bool | int = False
    edit_order_frequency: str | bool | int = False
    edit_scheduled_date: bool | int = False
    reactivate_subscription: bool | int = False
    skip_scheduled_order: bool | int = False


class OnetimePermissions(msgspec.Struct, frozen=True):
    """What a shopper may do with what comes once."""

    enabled: bool | int = False


class PortalSettings(msgspec.Struct, frozen=True):
    """The part of the portal's settings that is about what shoppers may change."""

    subscription: SubscriptionPermissions
    onetime: OnetimePermissions = OnetimePermissions()
    discount_input: bool | int = False
    """Whether a discount's code may be entered and taken out."""


class StoreSettings(msgspec.Struct, frozen=True):
    """GET /shop/settings (version 2021-01)."""

    customer_portal: PortalSettings

    def allows(self, change: Change) -> bool:
        """Whether shoppers may do it."""
        return _ALLOWED[change](self.customer_portal)


def _frequencies(portal: PortalSettings) -> str:
    """Recharge types this one flag as a string: any interval, or those of the product's plans."""
    return str(portal.subscription.edit_order_frequency).lower()


_ALLOWED: Mapping[Change, Callable[[PortalSettings], bool]] = {
    "skip": lambda portal: bool(portal.subscription.skip_scheduled_order),
    "cancel": lambda portal: bool(portal.subscription.cancel_subscription),
    "reactivate": lambda portal: bool(portal.subscription.reactivate_subscription),
    "reschedule": lambda portal: bool(portal.subscription.edit_scheduled_date),
    "swap the variant of": lambda portal: bool(portal.subscription.change_variant),
    "swap the product of": lambda portal: bool(portal.subscription.change_product),
    "change the quantity of": lambda portal: bool(portal.subscription.change_quantity),
    "change the plan of": lambda portal: _frequencies(portal) in {"true", "1", "any", "yes", "plan"},
    "change the interval of": lambda portal: _frequencies(portal) in {"true", "1", "any", "yes"},
    "add to": lambda portal: bool(portal.onetime.enabled),
    "change the discount of": lambda portal: bool(portal.discount_input),
}
