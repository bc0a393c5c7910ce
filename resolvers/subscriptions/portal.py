"""What a merchant's portal lets shoppers change."""

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
        portal, own = self.customer_portal, self.customer_portal.subscription
        frequency = str(own.edit_order_frequency).lower()
        return {
            "skip": bool(own.skip_scheduled_order),
            "cancel": bool(own.cancel_subscription),
            "reactivate": bool(own.reactivate_subscription),
            "reschedule": bool(own.edit_scheduled_date),
            "swap the variant of": bool(own.change_variant),
            "swap the product of": bool(own.change_product),
            "change the quantity of": bool(own.change_quantity),
            # Recharge types this one flag as a string: any interval, or those of the product's plans.
            "change the plan of": frequency in {"true", "1", "any", "yes", "plan"},
            "change the interval of": frequency in {"true", "1", "any", "yes"},
            "add to": bool(portal.onetime.enabled),
            "change the discount of": bool(portal.discount_input),
        }[change]
