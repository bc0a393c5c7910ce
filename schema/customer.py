"""The customer: where a shopper's subscriptions, bundles and points meet.

The session knows the customer's id already, so a `Customer` is made without a call, and nothing that is keyed by that
id waits for the customer's own record. By the rule that a field which needs a call of its own is nullable, every field
from the record is.
"""

from typing import Self

import strawberry

from gateway.upstream import PageKey
from resolvers.paging import slice_of
from resolvers.subscriptions import models
from schema.common import URL, given
from schema.context import Info
from schema.credits import CreditSummary
from schema.ids import RECHARGE, SHOPIFY, gid, maybe_gid, number_of
from schema.loyalty import LoyaltyMember
from schema.paging import After, Connection, First
from schema.subscriptions import SubscriptionContract, SubscriptionSortKeys, SubscriptionStatus


@strawberry.type(description="The shopper whose session it is.")
class Customer:
    id: strawberry.ID = strawberry.field(description="Global id.")
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
        number = number_of(id, RECHARGE, "SubscriptionContract")
        row = await info.context.subscriptions.by_id.load(number)
        return SubscriptionContract.of(row, info.context.shop.currency_code) if row else None

    @strawberry.field(description="The shopper's subscriptions, oldest first unless told otherwise.")
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
            ("sort_by", f"{(sort_key or SubscriptionSortKeys.ID).value}-{'desc' if reverse else 'asc'}"),
        )
        of = PageKey(owner=self.customer_id, size=0, filters=filters)
        pages = info.context.subscriptions.pages_by_customer
        rows = await slice_of(pages, of, first=given(first), after=given(after), name="subscriptions")
        currency = info.context.shop.currency_code
        return Connection.of(rows, lambda row: SubscriptionContract.of(row, currency))

    @strawberry.field(description="Store credit.")
    async def credit(self, info: Info) -> CreditSummary | None:
        row = await info.context.subscriptions.credit_summaries_by_customer_id.load(self.customer_id)
        return CreditSummary.of(row) if row else None

    @strawberry.field(description="The shopper in the points programme; null when not known there.")
    async def loyalty(self, info: Info) -> LoyaltyMember | None:
        # The loyalty backend knows shoppers by e-mail only, so this one waits for the customer's record.
        record = await self._record(info)
        if record is None or not record.email:
            return None
        row = await info.context.loyalty.members_by_email.load(record.email.lower())
        return LoyaltyMember.of(row) if row else None

    async def _record(self, info: Info) -> models.Customer | None:
        return await info.context.subscriptions.customers_by_id.load(self.customer_id)

    @classmethod
    def of(cls, customer_id: int) -> Self:
        return cls(id=gid(RECHARGE, "Customer", customer_id), customer_id=customer_id)


@strawberry.type
class CustomerQuery:
    @strawberry.field(description="The shopper; null when the request carries no customer's session.")
    def customer(self, info: Info) -> Customer | None:
        customer_id = info.context.viewer.customer_id
        return None if customer_id is None else Customer.of(customer_id)
