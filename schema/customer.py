"""The customer: where a shopper's subscriptions, bundles and points meet.

The session knows the customer's id already, so a `Customer` is made without a call, and nothing that is keyed by that
id waits for the customer's own record. By the rule that a field which needs a call of its own is nullable, every field
from the record is.
"""

from typing import Annotated, Self

import strawberry

from gateway.errors import BadUserInput
from gateway.upstream import PageKey
from resolvers.loyalty.models import Member
from resolvers.paging import FIRST, slice_of
from resolvers.subscriptions import models
from schema.addresses import Address
from schema.charges import Charge, ChargeSortKeys, ChargeStatus
from schema.common import URL, given, sort_by
from schema.context import Info
from schema.costs import listed, paged, sliced
from schema.credits import CreditSummary
from schema.deliveries import Delivery
from schema.ids import RECHARGE, SHOPIFY, gid, maybe_gid, number_of
from schema.loyalty import LoyaltyMember
from schema.memberships import Membership
from schema.node import Node
from schema.paging import After, Connection, First
from schema.subscriptions import (
    SubscriptionContract,
    SubscriptionSortKeys,
    SubscriptionStatus,
    subscription_by_id,
)

DELIVERIES_MAX = 12


@strawberry.type(description="The shopper whose session it is.")
class Customer(Node):
    customer_id: strawberry.Private[int]

    @strawberry.field(description="gid://shopify/Customer/N.")
    async def shopify_customer_id(self, info: Info) -> strawberry.ID | None:
        record = await self._record(info)
        return maybe_gid(SHOPIFY, "Customer", record.external_customer_id.ecommerce) if record else None

    @strawberry.field(description="E-mail address.")
    async def email(self, info: Info) -> str | None:
        record = await self._record(info)
        return record.email if record else None

    @strawberry.field(description="First name.")
    async def first_name(self, info: Info) -> str | None:
        record = await self._record(info)
        return record.first_name if record else None

    @strawberry.field(description="Last name.")
    async def last_name(self, info: Info) -> str | None:
        record = await self._record(info)
        return record.last_name if record else None

    @strawberry.field(description="Phone number.")
    async def phone(self, info: Info) -> str | None:
        record = await self._record(info)
        return record.phone if record else None

    @strawberry.field(description="Whether there is a payment method that works.")
    async def has_valid_payment_method(self, info: Info) -> bool | None:
        record = await self._record(info)
        return record.has_valid_payment_method if record else None

    @strawberry.field(description="Whether a payment failed and is being tried again.")
    async def has_payment_method_in_dunning(self, info: Info) -> bool | None:
        record = await self._record(info)
        return record.has_payment_method_in_dunning if record else None

    @strawberry.field(description="How many subscriptions are active.")
    async def active_subscriptions_count(self, info: Info) -> int | None:
        record = await self._record(info)
        return record.subscriptions_active_count if record else None

    @strawberry.field(description="How many charges in a row went through.")
    async def subscription_charge_streak(self, info: Info) -> int | None:
        record = await self._record(info)
        return record.subscription_related_charge_streak if record else None

    @strawberry.field(description="The link to invite others with.")
    async def referral_url(self, info: Info) -> URL | None:
        record = await self._record(info)
        referral = record.include.referral_info if record else None
        return URL(referral.referral_url.url) if referral and referral.referral_url else None

    @strawberry.field(description="One of the shopper's subscriptions; null for an id that is not among them.")
    async def subscription(self, info: Info, id: strawberry.ID) -> SubscriptionContract | None:  # noqa: A002  # the argument's name in the graph
        return await subscription_by_id(info, number_of(id, RECHARGE, "SubscriptionContract"))

    @strawberry.field(
        description="The shopper's subscriptions, oldest first unless told otherwise.", directives=[paged(FIRST)]
    )
    async def subscriptions(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        status: SubscriptionStatus | None = strawberry.UNSET,
        sort_key: SubscriptionSortKeys | None = SubscriptionSortKeys.ID,
        reverse: bool = False,
    ) -> Connection[SubscriptionContract] | None:
        filters = (
            *((("status", status.value),) if status else ()),
            ("sort_by", sort_by(sort_key or SubscriptionSortKeys.ID, reverse=reverse)),
        )
        of = PageKey(owner=self.customer_id, size=0, filters=filters)
        pages = info.context.subscriptions.pages_by_customer
        rows = await slice_of(pages, of, first=given(first), after=given(after), name="subscriptions")
        currency = info.context.shop.currency_code
        return Connection.of(rows, lambda row: SubscriptionContract.of(row, currency))

    @strawberry.field(
        description="The shopper's charges, by due date unless told otherwise.", directives=[paged(FIRST)]
    )
    async def charges(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        statuses: list[ChargeStatus] | None = strawberry.UNSET,
        sort_key: ChargeSortKeys | None = ChargeSortKeys.SCHEDULED_AT,
        reverse: bool = False,
    ) -> Connection[Charge] | None:
        wanted = sorted({status.value for status in given(statuses) or ()})
        of = PageKey(
            owner=self.customer_id,
            size=0,
            filters=(
                *((("status", ",".join(wanted)),) if wanted else ()),
                ("sort_by", sort_by(sort_key or ChargeSortKeys.SCHEDULED_AT, reverse=reverse)),
            ),
        )
        pages = info.context.subscriptions.charge_pages_by_customer
        rows = await slice_of(pages, of, first=given(first), after=given(after), name="charges")
        return Connection.of(rows, Charge.of)

    @strawberry.field(description="The charge that is due next, of whatever subscription.")
    async def upcoming_charge(self, info: Info) -> Charge | None:
        next_queued = PageKey(
            owner=self.customer_id, size=1, filters=(("status", "queued"), ("sort_by", "scheduled_at-asc"))
        )
        page = await info.context.subscriptions.charge_pages_by_customer.load(next_queued)
        return Charge.of(page.rows[0]) if page and page.rows else None

    @strawberry.field(description="What is delivered next, a day each.", directives=[sliced("count", 3)])
    async def delivery_schedule(
        self,
        info: Info,
        count: Annotated[int, strawberry.argument(description="How many days, from 1 to 12.")] = 3,
    ) -> list[Delivery] | None:
        if not 1 <= count <= DELIVERIES_MAX:
            raise BadUserInput(f"`count` must be from 1 to {DELIVERIES_MAX}.")
        schedules = info.context.subscriptions.delivery_schedules_by_customer_id(count)
        schedule = await schedules.load(self.customer_id)
        return [Delivery.of(row) for row in schedule.deliveries[:count]] if schedule else None

    @strawberry.field(
        description="Where the shopper's things are delivered, at most 250 places.", directives=[listed(5)]
    )
    async def addresses(self, info: Info) -> list[Address] | None:
        everything = PageKey(owner=self.customer_id, size=250, filters=(("sort_by", "id-asc"),))
        page = await info.context.subscriptions.address_pages_by_customer.load(everything)
        return [Address.of(row) for row in page.rows] if page else None

    @strawberry.field(description="The shopper's memberships, ended ones too.", directives=[paged(FIRST)])
    async def memberships(
        self, info: Info, first: First = strawberry.UNSET, after: After = strawberry.UNSET
    ) -> Connection[Membership] | None:
        of = PageKey(owner=self.customer_id, size=0)
        pages = info.context.memberships.pages_by_customer
        rows = await slice_of(pages, of, first=given(first), after=given(after), name="memberships")
        currency = info.context.shop.currency_code
        return Connection.of(rows, lambda row: Membership.of(row, currency))

    @strawberry.field(description="Store credit.")
    async def credit(self, info: Info) -> CreditSummary | None:
        row = await info.context.subscriptions.credit_summaries_by_customer_id.load(self.customer_id)
        return CreditSummary.of(row) if row else None

    @strawberry.field(description="The shopper in the points programme; null when not known there.")
    async def loyalty(self, info: Info) -> LoyaltyMember | None:
        row = await self.member(info)
        return LoyaltyMember.of(row) if row else None

    async def member(self, info: Info) -> Member | None:
        """The shopper's row in the loyalty backend, which knows shoppers by e-mail only: it waits for the record."""
        record = await self._record(info)
        if record is None or not record.email:
            return None
        return await info.context.loyalty.members_by_email.load(record.email.lower())

    async def _record(self, info: Info) -> models.Customer | None:
        return await info.context.subscriptions.customers_by_id.load(self.customer_id)

    @classmethod
    def of(cls, customer_id: int) -> Self:
        return cls(id=gid(RECHARGE, "Customer", customer_id), customer_id=customer_id)


@strawberry.type
class CustomerQuery:
    @strawberry.field(description="The shopper; null when the request carries no customer's session.")
    def customer(self, info: Info) -> Customer | None:
        viewer = info.context.viewer
        if viewer.unresolved is not None:
            raise viewer.unresolved
        return None if viewer.customer_id is None else Customer.of(viewer.customer_id)
