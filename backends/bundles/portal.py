"""What a shop lets its customers change about their boxes; the shop itself may do all."""

from datetime import date
from typing import Any

from backends.bundles.upstream import subscriptions_of
from backends.wire.calls import Call
from backends.wire.errors import RefusedError, unfit
from backends.wire.fields import Fields
from backends.wire.resources import Row

CLOSED = "The contents of this bundle can no longer be changed."


def require_open(call: Call, bundle: Row | None, subscription: Row) -> None:
    """Raises 422 when a customer may not choose, or may no longer choose for what is charged next.

    Choosing ends `customization_window` days before the charge.
    """
    if call.customer_id is None or bundle is None:
        return
    if not bundle["is_customizable"]:
        raise unfit("The contents of this bundle cannot be chosen.")
    window, on = bundle["customization_window"], subscription["next_charge_scheduled_at"]
    if window is not None and on and (date.fromisoformat(on[:10]) - call.today).days <= window:
        raise unfit(bundle["customization_window_disabled_message"] or CLOSED)


async def require_change(call: Call, fields: Fields, subscription: Row, product_id: str, variant_id: str) -> None:
    """Raises 403 for the first change of product, size or plan that the shop's portal does not offer."""
    if call.customer_id is None:
        return
    allowed: dict[str, Any] = await subscriptions_of(call.state).portal(call.shop)
    names = []
    if fields.has("plan_id"):
        names.append("edit_order_frequency")
    if product_id != subscription["external_product_id"]["ecommerce"]:
        names.append("change_product")
    elif variant_id != subscription["external_variant_id"]["ecommerce"]:
        names.append("change_variant")
    for name in names:
        if allowed[name] not in {True, "Any", "Plan"}:
            raise RefusedError(403, f"The store's customer portal settings do not allow this: {name}")
