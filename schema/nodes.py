"""`node` and `nodes`: any object by its global id."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

import strawberry

from gateway.errors import BadUserInput
from resolvers.paging import FIRST, FIRST_MAX
from schema.addresses import address_by_id
from schema.bundles import BundleSelection
from schema.catalogue import product_by_id
from schema.charges import charge_by_id
from schema.context import Info
from schema.costs import by_ids
from schema.credits import CreditAccount
from schema.customer import Customer
from schema.ids import RECHARGE, SHOPIFY, SMILE
from schema.loyalty import LoyaltyMember
from schema.loyalty_program import WHOLE_PROGRAM, EarningRule, LoyaltyTier, Reward
from schema.memberships import Membership, program_by_id
from schema.node import Node
from schema.onetimes import onetime_by_id
from schema.subscriptions import subscription_by_id

_GID = re.compile(r"gid://(?P<owner>[a-z]+)/(?P<kind>[A-Za-z]+)/(?P<number>[0-9]{1,19})")


async def _customer(info: Info, number: int) -> Customer | None:
    return Customer.of(number) if number == info.context.viewer.customer_id else None


async def _bundle_selection(info: Info, number: int) -> BundleSelection | None:
    if info.context.viewer.customer_id is None:
        return None
    row = await info.context.bundles.selections_by_id.load(number)
    # A selection does not say whose it is; its subscription does. Where there is none another one's is asked for, since
    # a call less would tell, by its time, which numbers are those of others' selections.
    mine = await info.context.subscriptions.by_id.load(row.purchase_item_id if row else _stand_in(number))
    return BundleSelection(row=row) if row and mine else None


def _stand_in(number: int) -> int:
    """The same number each time, which nobody can guess and ask for before: texts' hashes differ between processes."""
    return hash(f"BundleSelection/{number}") % 10**9


async def _credit_account(info: Info, number: int) -> CreditAccount | None:
    customer_id = info.context.viewer.customer_id
    if customer_id is None:
        return None
    summary = await info.context.subscriptions.credit_summaries_by_customer_id.load(customer_id)
    accounts = summary.include.credit_details if summary else ()
    return next((CreditAccount(row=row) for row in accounts if row.id == number), None)


async def _membership(info: Info, number: int) -> Membership | None:
    row = await info.context.memberships.by_id.load(number)
    return Membership(row=row, shop_currency=info.context.shop.currency_code) if row else None


async def _loyalty_member(info: Info, number: int) -> LoyaltyMember | None:
    customer_id = info.context.viewer.customer_id
    member = None if customer_id is None else await Customer.of(customer_id).member(info)
    return LoyaltyMember(row=member) if member and member.id == number else None


async def _tier(info: Info, number: int) -> LoyaltyTier | None:
    page = await info.context.loyalty.vip_tier_pages.load(WHOLE_PROGRAM)
    return next((LoyaltyTier.of(row) for row in (page.rows if page else ()) if row.id == number), None)


async def _earning_rule(info: Info, number: int) -> EarningRule | None:
    page = await info.context.loyalty.earning_rule_pages.load(WHOLE_PROGRAM)
    rows = (row for row in (page.rows if page else ()) if row.id == number)
    return next((EarningRule.of(row, info.context.shop.currency_code) for row in rows), None)


async def _reward(info: Info, number: int) -> Reward | None:
    page = await info.context.loyalty.points_product_pages.load(WHOLE_PROGRAM)
    return next((Reward.of(row) for row in (page.rows if page else ()) if row.id == number), None)


async def _product(info: Info, number: int) -> Node | None:
    return await product_by_id(info, str(number))


FINDERS: Mapping[tuple[str, str], Callable[[Info, int], Awaitable[Node | None]]] = {
    (RECHARGE, "Address"): address_by_id,
    (RECHARGE, "BundleSelection"): _bundle_selection,
    (RECHARGE, "Charge"): charge_by_id,
    (RECHARGE, "CreditAccount"): _credit_account,
    (RECHARGE, "Customer"): _customer,
    (RECHARGE, "Membership"): _membership,
    (RECHARGE, "MembershipProgram"): program_by_id,
    (RECHARGE, "Onetime"): onetime_by_id,
    (RECHARGE, "SubscriptionContract"): subscription_by_id,
    (SHOPIFY, "Product"): _product,
    (SMILE, "EarningRule"): _earning_rule,
    (SMILE, "LoyaltyMember"): _loyalty_member,
    (SMILE, "LoyaltyTier"): _tier,
    (SMILE, "Reward"): _reward,
}
"""How each type is found; a test demands one for every type that implements Node."""


async def find(info: Info, global_id: str) -> Node | None:
    """The object with a global id; null when there is none, or when it is somebody else's.

    Raises:
        BadUserInput: It is no global id of a type that can be looked up.
    """
    parts = _GID.fullmatch(global_id)
    finder = FINDERS.get((parts["owner"], parts["kind"])) if parts else None
    if parts is None or finder is None:
        raise BadUserInput("Not an id that can be looked up: send gid://<owner>/<Type>/<number>, as an `id` has it.")
    found = await finder(info, int(parts["number"]))
    if found is None and (unresolved := info.context.viewer.unresolved) is not None:
        raise unresolved
    return found


@strawberry.type
class NodeQuery:
    @strawberry.field(description="Any object by its global id; null when there is none, or it is somebody else's.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002  # the argument's name in the graph
        return await find(info, id)

    @strawberry.field(
        description="Objects by their global ids; null where there is none, or it is somebody else's.",
        directives=[by_ids(FIRST)],
    )
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        if len(ids) > FIRST_MAX:
            raise BadUserInput(f"At most {FIRST_MAX} ids can be asked for at once.")
        return await asyncio.gather(*(find(info, each) for each in ids))
