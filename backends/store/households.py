"""One customer with everything that hangs from it."""

from collections.abc import Iterator
from dataclasses import dataclass

from backends.store.accounts import gift_purchases, memberships, payment_methods
from backends.store.catalogue import Catalogue, catalogue
from backends.store.chance import Row, World
from backends.store.charges import charges
from backends.store.credits import credit_accounts
from backends.store.onetimes import onetimes
from backends.store.orders import orders
from backends.store.people import Person, person
from backends.store.selections import selections
from backends.store.shops import SHOPS
from backends.store.subscriptions import Bundle, Contract, addresses, contracts


@dataclass(frozen=True, slots=True)
class Household:
    """Rows as the tables of the services take them."""

    person: Person
    customer: Row
    addresses: list[Row]
    subscriptions: list[Row]
    charges: list[Row]
    credit_accounts: list[Row]
    bundle_selections: list[Row]
    onetimes: list[Row]
    orders: list[Row]
    payment_methods: list[Row]
    memberships: list[Row]
    gift_purchases: list[Row]


def households(world: World) -> Iterator[Household]:
    """All customers, in the order of their ids."""
    goods = {shop.id: catalogue(world, shop) for shop in SHOPS}
    for index in range(world.customers):
        someone = person(world, index)
        yield household(world, goods[someone.shop.id], someone)


def household(world: World, goods: Catalogue, someone: Person) -> Household:
    """One customer's rows."""
    homes = addresses(world, someone)
    deals = contracts(world, goods, someone, homes)
    extras = onetimes(world, goods, someone, homes, deals)
    billed = charges(world, goods, someone, homes, deals, extras)
    credit = credit_accounts(world, someone)
    bundles: list[tuple[Contract, Bundle]] = [(deal, deal.bundle) for deal in deals if deal.bundle]
    return Household(
        person=someone,
        customer=_customer(world, someone, homes, deals, billed, credit),
        addresses=homes,
        subscriptions=[deal.row for deal in deals],
        charges=billed,
        credit_accounts=credit,
        bundle_selections=selections(world, someone, bundles, billed),
        onetimes=extras,
        orders=orders(billed),
        payment_methods=payment_methods(world, someone, homes),
        memberships=memberships(world, goods, someone, homes),
        gift_purchases=gift_purchases(world, goods, someone, credit),
    )


def _customer(
    world: World, someone: Person, homes: list[Row], deals: list[Contract], billed: list[Row], credit: list[Row]
) -> Row:
    active = [deal for deal in deals if deal.row["status"] == "active"]
    paid = [charge for charge in billed if charge["processed_at"]]
    chance = world.chance("customer", someone.index)
    return {
        "id": someone.id,
        "shop_id": someone.shop.id,
        "analytics_data": {"utm_params": []},
        "apply_credit_to_next_recurring_charge": bool(credit) and chance.random() < 0.5,
        "apply_credit_to_next_recurring_charge_channel": "customer_portal" if credit else None,
        "backup_payment_methods_enabled": None,
        "can_add_payment_method": True,
        "created_at": someone.created_at,
        "email": someone.email,
        "external_customer_id": someone.external_id,
        "first_charge_processed_at": min((charge["processed_at"] for charge in paid), default=None),
        "first_name": someone.first_name,
        "has_payment_method_in_dunning": someone.in_dunning,
        "has_valid_payment_method": bool(homes) and not someone.in_dunning,
        "hash": someone.hash,
        "last_name": someone.last_name,
        "payment_method_fallback_on_failure_disabled": False,
        "phone": someone.phone,
        "referral_slug": f"{someone.first_name.lower()}-{someone.hash[:6]}",
        "subscription_related_charge_streak": len(paid) if active else 0,
        "subscriptions_active_count": len(active),
        "subscriptions_total_count": len(deals),
        "tax_exempt": False,
        "updated_at": world.instant(chance.uniform(0.1, someone.days_old / 4)),
    }
