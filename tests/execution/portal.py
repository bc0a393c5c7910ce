"""A customer portal's schema with loaders, small enough to read and large enough to measure."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from aiodataloader import DataLoader
from strawberry.types import Info


@dataclass
class Context:
    """Loaders of one request, and how often each called its backend."""

    seconds: float = 0.001
    calls: Counter[str] = field(default_factory=Counter)
    keys: Counter[tuple[str, int]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.products: DataLoader[int, Product] = self._loader("products", _product)
        self.addresses: DataLoader[int, Address] = self._loader("addresses", _address)
        self.charges: DataLoader[int, Charge] = self._loader("charges", _charge)
        self.bundles: DataLoader[int, Bundle] = self._loader("bundles", _bundle)

    def _loader(self, name: str, make: Callable[[int], Any]) -> DataLoader[int, Any]:
        async def load(keys: list[int]) -> list[Any]:
            self.calls[name] += 1
            self.keys.update((name, key) for key in keys)
            await asyncio.sleep(self.seconds)
            return [make(key) for key in keys]

        return DataLoader(load)


@strawberry.enum
class Status(Enum):
    """State of a subscription."""

    ACTIVE = "active"
    CANCELLED = "cancelled"


@strawberry.interface
class Node:
    """Whatever has an id."""

    id: strawberry.ID


@strawberry.type
class Money:
    """An amount."""

    amount: Decimal
    currency_code: str


@strawberry.type
class Image:
    """A picture."""

    url: str
    alt_text: str | None = None


@strawberry.type
class Plan:
    """How often it comes."""

    id: strawberry.ID
    title: str


@strawberry.type
class Product(Node):
    """What is sold."""

    title: str
    image: Image | None
    plans: list[Plan]


@strawberry.type
class Address(Node):
    """Where it goes."""

    address1: str
    city: str
    zip: str | None


@strawberry.type
class LineItem:
    """A line of a charge."""

    title: str
    quantity: int
    is_free_gift: bool


@strawberry.type
class Charge(Node):
    """What will be paid."""

    scheduled_date: str
    total_price: Money
    line_items: list[LineItem]


@strawberry.type
class BundleItem:
    """What lies in the box."""

    quantity: int
    product_id: strawberry.Private[int]

    @strawberry.field
    async def product(self, info: Info[Context, None]) -> Product | None:
        """One level deeper, through the same loader."""
        return await info.context.products.load(self.product_id)


@strawberry.type
class Bundle(Node):
    """A box."""

    items: list[BundleItem]


@strawberry.type
class Subscription(Node):
    """What comes again."""

    status: Status
    product_title: str
    variant_title: str | None
    quantity: int
    price: Money
    next_charge_date: str | None
    is_skippable: bool
    is_swappable: bool
    number: strawberry.Private[int]

    @strawberry.field
    async def product(self, info: Info[Context, None]) -> Product | None:
        """By its product's number."""
        return await info.context.products.load(self.number % 7)

    @strawberry.field
    async def address(self, info: Info[Context, None]) -> Address | None:
        """By its address's number."""
        return await info.context.addresses.load(self.number % 3)

    @strawberry.field
    async def upcoming_charge(self, info: Info[Context, None]) -> Charge | None:
        """By its own number."""
        return await info.context.charges.load(self.number)

    @strawberry.field
    async def bundle(self, info: Info[Context, None]) -> Bundle | None:
        """By its own number."""
        return await info.context.bundles.load(self.number)


@strawberry.type
class Connection:
    """A page."""

    nodes: list[Subscription]


@strawberry.type
class Customer(Node):
    """Who asks."""

    email: str

    @strawberry.field
    async def subscriptions(self, first: int = 20) -> Connection:
        """The session knows the customer: no call in between."""
        return Connection(nodes=[_subscription(number) for number in range(first)])


def _subscription(number: int) -> Subscription:
    return Subscription(
        id=strawberry.ID(str(number)),
        status=Status.ACTIVE,
        product_title="Coffee",
        variant_title=None,
        quantity=number,
        price=Money(amount=Decimal("12.50"), currency_code="EUR"),
        next_charge_date="2026-12-01",
        is_skippable=True,
        is_swappable=False,
        number=number,
    )


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def customer(self) -> Customer | None:
        """The one who asks."""
        return Customer(id=strawberry.ID("1"), email="a@example.com")


def _product(key: int) -> Product:
    plans = [Plan(id=strawberry.ID(str(number)), title="Monthly") for number in range(2)]
    return Product(id=strawberry.ID(str(key)), title="Coffee", image=Image(url="https://x.test/1.png"), plans=plans)


def _address(key: int) -> Address:
    return Address(id=strawberry.ID(str(key)), address1="Street 1", city="Aarhus", zip="8000")


def _charge(key: int) -> Charge:
    lines = [LineItem(title="Coffee", quantity=1, is_free_gift=False) for _ in range(2)]
    price = Money(amount=Decimal("25.00"), currency_code="EUR")
    return Charge(id=strawberry.ID(str(key)), scheduled_date="2026-12-01", total_price=price, line_items=lines)


def _bundle(key: int) -> Bundle:
    items = [BundleItem(quantity=2, product_id=10 + key % 3 + number) for number in range(3)]
    return Bundle(id=strawberry.ID(str(key)), items=items)


PORTAL = """
query CustomerPortal($first: Int! = 20) {
  customer {
    id email
    subscriptions(first: $first) {
      nodes {
        id status productTitle variantTitle quantity price { amount currencyCode } nextChargeDate isSkippable
        isSwappable product { id image { url } plans { id title } }
        address { address1 city zip }
        upcomingCharge { id scheduledDate totalPrice { amount currencyCode } lineItems { title quantity isFreeGift } }
        bundle { id items { quantity product { id title image { url } } } }
      }
    }
  }
}
"""

PLAIN = """
query Plain($first: Int! = 20) {
  customer { subscriptions(first: $first) {
    nodes { id productTitle variantTitle quantity nextChargeDate isSkippable isSwappable a: id b: quantity
      c: productTitle }
  } }
}
"""
