"""Strawberry as its documentation has it: its ASGI view, its parser and validation caches, aiodataloader, aiohttp."""

import os
from collections.abc import Awaitable, Callable
from enum import Enum
from functools import cached_property
from typing import Any

import strawberry
import uvicorn
from aiodataloader import DataLoader
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from benchmarks.peers import rest
from benchmarks.peers.rest import SHOPS, Rest, Session, open_http, session_of


class Context:
    """The shopper, the backends, and a loader for each of them."""

    def __init__(self, who: Session, backends: Rest) -> None:
        self.who = who
        self.rest = backends
        self.currency: str = SHOPS[who.shop]["currency"]
        shop = who.shop
        self.customers = DataLoader(self._records)
        self.products = _loader(lambda ids: backends.products(shop, ids))
        self.charges = _loader(lambda ids: backends.charges(shop, ids))
        self.selections = _loader(lambda ids: backends.selections(shop, ids))
        self.addresses = _loader(lambda ids: backends.addresses(shop, ids))

    async def _records(self, ids: list[int]) -> list[rest.Customer]:
        record = await self.rest.customer(self.who)
        return [record for _ in ids]

    @cached_property
    def customer_id(self) -> int:
        """Whose session it is."""
        return self.who.customer


Info = strawberry.Info[Context, None]


def _loader(batch: Callable[[list[Any]], Awaitable[dict[Any, Any]]]) -> DataLoader[Any, Any]:
    async def load(keys: list[Any]) -> list[Any]:
        found = await batch(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load)


@strawberry.enum
class SubscriptionStatus(Enum):
    """As in the graph."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@strawberry.enum
class IntervalUnit(Enum):
    """As in the graph."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@strawberry.type
class MoneyV2:
    """As in the graph, and so are all below."""

    amount: str
    currency_code: str


@strawberry.type
class Interval:
    """A span of time."""

    unit: IntervalUnit
    count: int


@strawberry.type
class Image:
    """A picture."""

    url: str


@strawberry.type
class Plan:
    """A plan."""

    id: strawberry.ID
    title: str


@strawberry.type
class Product:
    """A product."""

    id: strawberry.ID
    image: Image | None
    plans: list[Plan]

    @classmethod
    def of(cls, row: rest.Product) -> "Product":
        """From its row."""
        plans = sorted((plan for plan in row.plans if plan.deleted_at is None), key=lambda plan: plan.sort_order)
        return cls(
            id=strawberry.ID(f"gid://shopify/Product/{row.external_product_id}"),
            image=Image(url=row.images[0].large),
            plans=[Plan(id=strawberry.ID(f"gid://recharge/Plan/{plan.id}"), title=plan.title) for plan in plans],
        )


@strawberry.type
class ProductVariant:
    """A variant."""

    id: strawberry.ID
    title: str
    image: Image | None


@strawberry.type
class Address:
    """An address."""

    address1: str
    city: str
    zip: str


@strawberry.type
class ChargeLineItem:
    """A line of a charge."""

    title: str
    quantity: int
    is_free_gift: bool


@strawberry.type
class Charge:
    """A charge."""

    id: strawberry.ID
    scheduled_date: str
    total_price: MoneyV2
    line_items: list[ChargeLineItem]

    @classmethod
    def of(cls, row: rest.Charge) -> "Charge":
        """From its row."""
        return cls(
            id=strawberry.ID(f"gid://recharge/Charge/{row.id}"),
            scheduled_date=row.scheduled_at,
            total_price=MoneyV2(amount=row.total_price, currency_code=row.currency),
            line_items=[
                ChargeLineItem(
                    title=line.title,
                    quantity=line.quantity,
                    is_free_gift=line.offer_attributes is not None and line.offer_attributes.type == "free_gift",
                )
                for line in row.line_items
            ],
        )


@strawberry.type
class BundleSelectionItem:
    """What is in a bundle."""

    quantity: int
    row: strawberry.Private[rest.Item]

    @strawberry.field
    async def product_variant(self, info: Info) -> ProductVariant | None:
        """Looked up."""
        product = await info.context.products.load(self.row.external_product_id)
        for variant in product.variants if product else ():
            if variant.external_variant_id == self.row.external_variant_id:
                return ProductVariant(
                    id=strawberry.ID(f"gid://shopify/ProductVariant/{variant.external_variant_id}"),
                    title=variant.title,
                    image=Image(url=(variant.image or product.images[0]).large),
                )
        return None


@strawberry.type
class BundleSelection:
    """A bundle's contents."""

    id: strawberry.ID
    items: list[BundleSelectionItem]


@strawberry.type
class SubscriptionContract:
    """A subscription."""

    id: strawberry.ID
    status: SubscriptionStatus
    product_title: str
    variant_title: str | None
    quantity: int
    price: MoneyV2
    next_charge_date: str | None
    is_skippable: bool
    is_swappable: bool
    delivery_interval: Interval | None
    row: strawberry.Private[rest.Subscription]

    @strawberry.field
    async def product(self, info: Info) -> Product | None:
        """Looked up."""
        row = await info.context.products.load(self.row.external_product_id.ecommerce)
        return Product.of(row) if row else None

    @strawberry.field
    async def address(self, info: Info) -> Address | None:
        """Looked up."""
        row = await info.context.addresses.load(self.row.address_id)
        return Address(address1=row.address1, city=row.city, zip=row.zip) if row else None

    @strawberry.field
    async def upcoming_charge(self, info: Info) -> Charge | None:
        """Looked up."""
        row = await info.context.charges.load(self.row.id)
        return Charge.of(row) if row else None

    @strawberry.field
    async def bundle_selection(self, info: Info) -> BundleSelection | None:
        """Looked up."""
        row = await info.context.selections.load(self.row.id)
        if row is None:
            return None
        return BundleSelection(
            id=strawberry.ID(f"gid://recharge/BundleSelection/{row.id}"),
            items=[BundleSelectionItem(quantity=item.quantity, row=item) for item in row.items],
        )

    @classmethod
    def of(cls, row: rest.Subscription, currency: str) -> "SubscriptionContract":
        """From its row."""
        return cls(
            id=strawberry.ID(f"gid://recharge/SubscriptionContract/{row.id}"),
            status=SubscriptionStatus(row.status),
            product_title=row.product_title,
            variant_title=row.variant_title,
            quantity=row.quantity,
            price=MoneyV2(amount=row.price, currency_code=row.presentment_currency or currency),
            next_charge_date=row.next_charge_scheduled_at,
            is_skippable=row.is_skippable,
            is_swappable=row.is_swappable,
            delivery_interval=Interval(unit=IntervalUnit(row.order_interval_unit), count=row.order_interval_frequency),
            row=row,
        )


@strawberry.type
class PageInfo:
    """Where a page lies."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class SubscriptionContractConnection:
    """A page."""

    nodes: list[SubscriptionContract]
    page_info: PageInfo


@strawberry.type
class LoyaltyTier:
    """A level."""

    name: str


@strawberry.type
class TierStatus:
    """Where a member stands."""

    tier: LoyaltyTier | None


@strawberry.type
class LoyaltyMember:
    """A member of the points programme."""

    points_balance: int
    tier_status: TierStatus | None


@strawberry.type
class CreditSummary:
    """Store credit."""

    total_available: MoneyV2


@strawberry.type
class Customer:
    """The shopper."""

    id: strawberry.ID

    @strawberry.field
    async def email(self, info: Info) -> str | None:
        """Of the record."""
        return (await _record(info)).email

    @strawberry.field
    async def has_payment_method_in_dunning(self, info: Info) -> bool | None:
        """Of the record."""
        return (await _record(info)).has_payment_method_in_dunning

    @strawberry.field
    async def subscriptions(
        self,
        info: Info,
        first: int | None = 20,
        after: str | None = None,  # noqa: ARG002  # the documents never page on
        status: SubscriptionStatus | None = None,  # noqa: ARG002  # they ask for active ones only
        reverse: bool = False,
    ) -> SubscriptionContractConnection | None:
        """A page."""
        order = "id-desc" if reverse else "id-asc"
        rows, cursor = await info.context.rest.subscriptions(info.context.who, first or 20, order)
        return SubscriptionContractConnection(
            nodes=[SubscriptionContract.of(row, info.context.currency) for row in rows],
            page_info=PageInfo(
                has_next_page=cursor is not None, end_cursor=cursor or (str(rows[-1].id) if rows else None)
            ),
        )

    @strawberry.field
    async def loyalty(self, info: Info) -> LoyaltyMember | None:
        """By the record's e-mail."""
        row = await info.context.rest.member(info.context.who.shop, (await _record(info)).email)
        if row is None:
            return None
        tier = row.vip_status.vip_tier if row.vip_status else None
        return LoyaltyMember(
            points_balance=row.points_balance,
            tier_status=TierStatus(tier=LoyaltyTier(name=tier.name) if tier else None) if row.vip_status else None,
        )

    @strawberry.field
    async def credit(self, info: Info) -> CreditSummary | None:
        """By the customer's id."""
        row = await info.context.rest.credit(info.context.who)
        return CreditSummary(
            total_available=MoneyV2(amount=row.total_available_balance, currency_code=row.currency_code)
        )


async def _record(info: Info) -> rest.Customer:
    record: rest.Customer = await info.context.customers.load(info.context.customer_id)
    return record


@strawberry.type
class CustomerPortalSettings:
    """What the merchant allows."""

    can_skip: bool
    can_cancel: bool
    can_swap_product: bool
    can_change_quantity: bool
    can_change_schedule: bool
    can_reactivate: bool
    cancellation_reason_required: bool


@strawberry.type
class Shop:
    """The shop."""

    @strawberry.field
    async def customer_portal(self, info: Info) -> CustomerPortalSettings | None:
        """Looked up once a shop."""
        row = await info.context.rest.settings(info.context.who.shop)
        return CustomerPortalSettings(
            can_skip=row.skip_scheduled_order,
            can_cancel=row.cancel_subscription,
            can_swap_product=row.change_product,
            can_change_quantity=row.change_quantity,
            can_change_schedule=row.edit_scheduled_date,
            can_reactivate=row.reactivate_subscription,
            cancellation_reason_required=not row.cancellation_reason_optional,
        )


@strawberry.type
class Query:
    """The slice of the graph that the benchmarks' documents read."""

    @strawberry.field
    def shop(self) -> Shop:
        """The shop."""
        return Shop()

    @strawberry.field
    def customer(self, info: Info) -> Customer | None:
        """The shopper."""
        return Customer(id=strawberry.ID(f"gid://recharge/Customer/{info.context.customer_id}"))


class View(GraphQL[Context, None]):
    """Strawberry's own view; the context is the request's."""

    backends: Rest | None = None

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002  # the signature is Strawberry's
        """The shopper's."""
        if self.backends is None:
            self.backends = Rest(open_http())
        return Context(session_of(request.headers["authorization"]), self.backends)


schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])
view = View(schema, graphql_ide=None)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The view is the whole application."""
    await view(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="error", access_log=False, lifespan="off", ws="none")
