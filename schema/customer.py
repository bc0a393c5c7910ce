"""The customer: where a shopper's subscriptions, bundles and points meet.

The session knows the customer's id already, so a `Customer` is made without a call, and nothing that is keyed by that
id waits for the customer's own record. By the rule that a field which needs a call of its own is nullable, every field
from the record is.
"""

from typing import Annotated, Self

import strawberry

from gateway.deferred import Deferred
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
from schema.later import Later
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
    def shopify_customer_id(self, info: Info) -> Later[strawberry.ID | None]:
        return self._record(info).then(_shopify_id)

    @strawberry.field(description="E-mail address.")
    def email(self, info: Info) -> Later[str | None]:
        return self._record(info).then(lambda record: record.email if record else None)

    @strawberry.field(description="First name.")
    def first_name(self, info: Info) -> Later[str | None]:
        return self._record(info).then(lambda record: record.first_name if record else None)

    @strawberry.field(description="Last name.")
    def last_name(self, info: Info) -> Later[str | None]:
        return self._record(info).then(lambda record: record.last_name if record else None)

    @strawberry.field(description="Phone number.")
    def phone(self, info: Info) -> Later[str | None]:
        return self._record(info).then(lambda record: record.phone if record else None)

    @strawberry.field(description="Whether there is a payment method that works.")
    def has_valid_payment_method(self, info: Info) -> Later[bool | None]:
        return self._record(info).then(lambda record: record.has_valid_payment_method if record else None)

    @strawberry.field(description="Whether a payment failed and is being tried again.")
    def has_payment_method_in_dunning(self, info: Info) -> Later[bool | None]:
        return self._record(info).then(lambda record: record.has_payment_method_in_dunning if record else None)

    @strawberry.field(description="How many subscriptions are active.")
    def active_subscriptions_count(self, info: Info) -> Later[int | None]:
        return self._record(info).then(lambda record: record.subscriptions_active_count if record else None)

    @strawberry.field(description="How many charges in a row went through.")
    def subscription_charge_streak(self, info: Info) -> Later[int | None]:
        return self._record(info).then(lambda record: record.subscription_related_charge_streak if record else None)

    @strawberry.field(description="The link to invite others with.")
    def referral_url(self, info: Info) -> Later[URL | None]:
        return self._record(info).then(_referral_url)

    @strawberry.field(description="One of the shopper's subscriptions; null for an id that is not among them.")
    def subscription(self, info: Info, id: strawberry.ID) -> Later[SubscriptionContract | None]:  # noqa: A002  # the argument's name in the graph
        return subscription_by_id(info, number_of(id, RECHARGE, "SubscriptionContract"))

    @strawberry.field(
        description="The shopper's subscriptions, oldest first unless told otherwise.", directives=[paged(FIRST)]
    )
    def subscriptions(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        status: SubscriptionStatus | None = strawberry.UNSET,
        sort_key: SubscriptionSortKeys | None = SubscriptionSortKeys.ID,
        reverse: bool = False,
    ) -> Later[Connection[SubscriptionContract] | None]:
        filters = (
            *((("status", status.value),) if status else ()),
            ("sort_by", sort_by(sort_key or SubscriptionSortKeys.ID, reverse=reverse)),
        )
        of = PageKey(owner=self.customer_id, size=0, filters=filters)
        pages = info.context.subscriptions.pages_by_customer
        found = slice_of(pages, of, first=given(first), after=given(after), name="subscriptions")
        currency = info.context.shop.currency_code
        return found.then(
            lambda rows: Connection.of(rows, lambda row: SubscriptionContract(row=row, shop_currency=currency))
        )

    @strawberry.field(
        description="The shopper's charges, by due date unless told otherwise.", directives=[paged(FIRST)]
    )
    def charges(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        statuses: list[ChargeStatus] | None = strawberry.UNSET,
        sort_key: ChargeSortKeys | None = ChargeSortKeys.SCHEDULED_AT,
        reverse: bool = False,
    ) -> Later[Connection[Charge] | None]:
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
        found = slice_of(pages, of, first=given(first), after=given(after), name="charges")
        return found.then(lambda rows: Connection.of(rows, lambda row: Charge(row=row)))

    @strawberry.field(description="The charge that is due next, of whatever subscription.")
    def upcoming_charge(self, info: Info) -> Later[Charge | None]:
        next_queued = PageKey(
            owner=self.customer_id, size=1, filters=(("status", "queued"), ("sort_by", "scheduled_at-asc"))
        )
        found = info.context.subscriptions.charge_pages_by_customer.load(next_queued)
        return found.then(lambda page: Charge(row=page.rows[0]) if page and page.rows else None)

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
    def addresses(self, info: Info) -> Later[list[Address] | None]:
        everything = PageKey(owner=self.customer_id, size=250, filters=(("sort_by", "id-asc"),))
        found = info.context.subscriptions.address_pages_by_customer.load(everything)
        return found.then(lambda page: [Address(row=row) for row in page.rows] if page else None)

    @strawberry.field(description="The shopper's memberships, ended ones too.", directives=[paged(FIRST)])
    def memberships(
        self, info: Info, first: First = strawberry.UNSET, after: After = strawberry.UNSET
    ) -> Later[Connection[Membership] | None]:
        of = PageKey(owner=self.customer_id, size=0)
        pages = info.context.memberships.pages_by_customer
        found = slice_of(pages, of, first=given(first), after=given(after), name="memberships")
        currency = info.context.shop.currency_code
        return found.then(lambda rows: Connection.of(rows, lambda row: Membership(row=row, shop_currency=currency)))

    @strawberry.field(description="Store credit.")
    def credit(self, info: Info) -> Later[CreditSummary | None]:
        found = info.context.subscriptions.credit_summaries_by_customer_id.load(self.customer_id)
        return found.then(lambda row: CreditSummary(row=row) if row else None)

    @strawberry.field(description="The shopper in the points programme; null when not known there.")
    def loyalty(self, info: Info) -> Later[LoyaltyMember | None]:
        return self.member(info).then(lambda row: LoyaltyMember(row=row) if row else None)

    def member(self, info: Info) -> Deferred[Member | None]:
        """The shopper's row in the loyalty backend, which knows shoppers by e-mail only: it waits for the record."""
        return self._record(info).then_wait(lambda record: _member_of(info, record.email if record else None))

    def _record(self, info: Info) -> Deferred[models.Customer | None]:
        return info.context.subscriptions.customers_by_id.load(self.customer_id)

    @classmethod
    def of(cls, customer_id: int) -> Self:
        return cls(id=gid(RECHARGE, "Customer", customer_id), customer_id=customer_id)


def _member_of(info: Info, email: str | None) -> Deferred[Member | None]:
    return info.context.loyalty.members_by_email.load(email.lower()) if email else Deferred.of(None)


def _shopify_id(record: models.Customer | None) -> strawberry.ID | None:
    return maybe_gid(SHOPIFY, "Customer", record.external_customer_id.ecommerce) if record else None


def _referral_url(record: models.Customer | None) -> URL | None:
    referral = record.include.referral_info if record else None
    return URL(referral.referral_url.url) if referral and referral.referral_url else None


@strawberry.type
class CustomerQuery:
    @strawberry.field(description="The shopper; null when the request carries no customer's session.")
    def customer(self, info: Info) -> Customer | None:
        viewer = info.context.viewer
        if viewer.unresolved is not None:
            raise viewer.unresolved
        return None if viewer.customer_id is None else Customer.of(viewer.customer_id)
