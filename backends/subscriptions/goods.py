"""What a purchase is of: variants, plans and the prices that follow."""

from dataclasses import dataclass

from sqlalchemy import select

from backends.store.prices import cents_of, discounted, in_currency
from backends.subscriptions.purchases import PRODUCTS, plain
from backends.subscriptions.tables import TABLES
from backends.wire.calls import Call
from backends.wire.errors import invalid
from backends.wire.resources import Row

PLANS, VARIANTS = TABLES.tables["plans"], TABLES.tables["product_variants"]
INTERVALS = ("order_interval_unit", "order_interval_frequency", "charge_interval_frequency")


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant with its product and the product's plans."""

    product: Row
    variant: Row
    plans: list[Row]

    @property
    def is_dynamic(self) -> bool:
        """Whether its price is that of what is in the box."""
        return bool((self.product["bundle_product"] or {}).get("price_rule") == "dynamic")

    def plan(self, plan_id: int) -> Row:
        """One of the product's plans; raises 422."""
        found = next((plan for plan in self.plans if plan["id"] == plan_id), None)
        if found is None:
            raise invalid(plan_id="Not a plan of this product.")
        return found

    def plan_every(self, unit: str | None, order: int | None, charge: int | None) -> Row | None:
        """The plan with these intervals."""
        return next((plan for plan in self.plans if intervals(plan) == (unit, order, charge)), None)

    def cents(self, call: Call, currency: str | None, plan: Row | None) -> int:
        """The price under a plan, in minor units of `currency` or else the shop's."""
        rate = call.shop.rate(currency or call.shop.currency)
        cents = in_currency(self.variant["unit_cents"], rate)
        if plan is None or plan["discount_amount"] is None:
            return cents
        return discounted(cents, plan["discount_type"], cents_of(plan["discount_amount"]), rate)

    def named(self) -> Row:
        """The columns that say what a purchase is of."""
        title = self.variant["title"]
        return {
            "external_product_id": str(self.product["id"]),
            "external_variant_id": self.variant["external_variant_id"],
            "product_title": self.product["title"],
            "sku": self.variant["sku"],
            "variant_title": None if title == "Default Title" else title,
        }


async def goods_of(call: Call, variant_id: str) -> Goods:
    """What a variant's id names; raises 422 for one that the shop does not sell."""
    link = select(VARIANTS.c.product_id).where(VARIANTS.c.shop_id == call.shop.id, VARIANTS.c.id == int(variant_id))
    found = (await call.connection.execute(select(PRODUCTS).where(PRODUCTS.c.id.in_(link)))).mappings().one_or_none()
    if found is None:
        raise invalid(external_variant_id="Variant not found.")
    statement = select(PLANS).where(PLANS.c.shop_id == call.shop.id, PLANS.c.external_product_id == str(found["id"]))
    plans = [dict(row) for row in (await call.connection.execute(statement.order_by(PLANS.c.sort_order))).mappings()]
    variant = next(each for each in found["variants"] if each["external_variant_id"] == variant_id)
    return Goods(dict(found), variant, plans)


def intervals(plan: Row) -> tuple[str | None, int | None, int | None]:
    """Unit, and every how many of it orders and charges come."""
    every = plain(plan["subscription_preferences"])
    return every["interval_unit"], every["order_interval_frequency"], every["charge_interval_frequency"]


def under(plan: Row) -> Row:
    """The columns of a subscription that follow from its plan."""
    unit, order, charge = intervals(plan)
    prepaid = plan["type"] == "prepaid"
    return {
        "plan_id": plan["id"],
        "order_interval_unit": unit,
        "order_interval_frequency": order,
        "charge_interval_frequency": charge,
        "expire_after_specific_number_of_charges": plain(plan["subscription_preferences"])[
            "expire_after_specific_number_of_charges"
        ],
        "is_prepaid": prepaid,
        "is_skippable": not prepaid,
    }
