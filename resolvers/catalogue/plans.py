"""Which plan a subscription is on."""

from dataclasses import dataclass

from resolvers.catalogue.models import Plan, Product


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a subscription says of its plan. Recharge's type has no plan id; where a backend sends it, it decides."""

    plan_id: int | None
    unit: str | None
    order_frequency: int | None
    charge_frequency: int | None


def plan_of(product: Product, rhythm: Rhythm) -> Plan | None:
    """The product's plan with that id, else the first with that rhythm, deleted ones last."""
    if rhythm.plan_id is not None:
        return next((plan for plan in product.plans if plan.id == rhythm.plan_id), None)
    fitting = [plan for plan in product.plans if plan.type != "onetime" and _fits(plan, rhythm)]
    return min(fitting, key=lambda plan: (plan.deleted_at is not None, plan.sort_order), default=None)


def _fits(plan: Plan, rhythm: Rhythm) -> bool:
    preferences = plan.subscription_preferences
    return (
        preferences.interval_unit == rhythm.unit
        and preferences.order_interval_frequency == rhythm.order_frequency
        and preferences.charge_interval_frequency == rhythm.charge_frequency
    )
