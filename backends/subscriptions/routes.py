"""Everything that can be changed, by method and path."""

from starlette.routing import Route

from backends.subscriptions import account_writes as accounts
from backends.subscriptions import address_writes as addresses
from backends.subscriptions import charge_writes as charges
from backends.subscriptions import old_version as old
from backends.subscriptions import onetime_writes as onetimes
from backends.subscriptions import plan_writes as plans
from backends.subscriptions import subscription_writes as subscriptions
from backends.subscriptions.offers import offers
from backends.subscriptions.resources import CUSTOMER
from backends.subscriptions.writing import (
    of_address,
    of_both_addresses,
    of_charge,
    of_membership,
    of_named_address,
    of_nothing,
    of_onetime,
    of_subscription,
)
from backends.wire.calls import Call
from backends.wire.writes import write

SUBSCRIPTION = "/subscriptions/{id:int}"
CHARGE = "/charges/{id:int}"
ONETIME = "/onetimes/{id:int}"
ADDRESS = "/addresses/{id:int}"
MEMBERSHIP = "/memberships/{id:int}"
PLAN = "/plans/{id:int}"
MANY = f"{ADDRESS}/subscriptions-bulk"


async def _of_customer(call: Call) -> set[int]:
    """Customers have ids far from those of addresses, so both can stand in one set."""
    return {(await CUSTOMER.stored(call, call.path["id"]))["id"]}


WRITES: list[Route] = [
    write("POST", "/subscriptions", subscriptions.create, of_named_address),
    write("PUT", SUBSCRIPTION, subscriptions.change, of_subscription),
    write("DELETE", SUBSCRIPTION, subscriptions.remove, of_subscription, customers=False),
    write("POST", f"{SUBSCRIPTION}/set_next_charge_date", subscriptions.set_next_charge_date, of_subscription),
    write("POST", f"{SUBSCRIPTION}/change_address", subscriptions.change_address, of_both_addresses),
    write("POST", f"{SUBSCRIPTION}/cancel", subscriptions.cancel, of_subscription),
    write("POST", f"{SUBSCRIPTION}/activate", subscriptions.activate, of_subscription),
    write("POST", f"{SUBSCRIPTION}/charges/skip", charges.skip_subscription, of_subscription),
    write("POST", f"{CHARGE}/skip", charges.skip, of_charge),
    write("POST", f"{CHARGE}/unskip", charges.unskip, of_charge),
    write("POST", f"{CHARGE}/change_next_charge_date", charges.reschedule, of_charge),
    write("POST", f"{CHARGE}/apply_discount", charges.apply_discount, of_charge),
    write("POST", f"{CHARGE}/remove_discount", charges.remove_discount, of_charge),
    write("POST", f"{CHARGE}/process", charges.process, of_charge),
    write("POST", "/onetimes", onetimes.create, of_named_address),
    write("PUT", ONETIME, onetimes.change, of_onetime),
    write("DELETE", ONETIME, onetimes.remove, of_onetime),
    write("POST", "/addresses", addresses.create, of_nothing),
    write("POST", "/addresses/merge", addresses.merge, addresses.of_merged),
    write("PUT", ADDRESS, addresses.change, of_address),
    write("DELETE", ADDRESS, addresses.remove, of_address),
    write("POST", f"{ADDRESS}/charges/skip", charges.skip_address, of_address),
    write("POST", MANY, old.create_many, of_address, version="2021-01"),
    write("PUT", MANY, old.change_many, of_address, version="2021-01"),
    write("DELETE", MANY, old.remove_many, of_address, version="2021-01"),
    write("PUT", "/customers/{id:int}", accounts.change_customer, _of_customer),
    write("POST", f"{MEMBERSHIP}/cancel", accounts.cancel_membership, of_membership),
    write("POST", f"{MEMBERSHIP}/activate", accounts.activate_membership, of_membership),
    write("POST", f"{MEMBERSHIP}/change", accounts.change_membership, of_membership),
    write("PUT", "/payment_methods/{id:int}", accounts.change_payment_method, of_nothing),
    write("POST", "/plans", plans.create, of_nothing, customers=False),
    write("PUT", PLAN, plans.change, of_nothing, customers=False),
    write("DELETE", PLAN, plans.remove, of_nothing, customers=False),
    write("POST", "/incentives/tiered_discounts/offers", offers, of_nothing),
]
