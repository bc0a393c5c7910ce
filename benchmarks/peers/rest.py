"""The REST calls behind the portal, as the Python peers make them: aiohttp, one session, msgspec structs.

Only what is needed is decoded. What is public (settings, products) is asked for once and kept.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec
from joserfc import jwt
from joserfc.jwk import OctKey

KEY = OctKey.import_key(os.environ["SESSION_SECRET"])
SHOPS: dict[str, dict[str, Any]] = json.loads(Path(os.environ["SHOPS_FILE"]).read_text(encoding="utf-8"))
BACKEND = os.environ["BACKEND_URL"]
CONNECTIONS = 100

T = TypeVar("T")


class Session(msgspec.Struct, frozen=True):
    """Who asks."""

    shop: str
    customer: int


def session_of(authorization: str) -> Session:
    """Check the token; it raises when it is wrong."""
    token = jwt.decode(authorization.removeprefix("Bearer "), KEY, algorithms=["HS256"])
    jwt.JWTClaimsRegistry(exp={"essential": True}).validate(token.claims)
    return Session(token.claims["shop"], int(token.claims["sub"]))


class External(msgspec.Struct):
    """A wrapped id."""

    ecommerce: str


class Customer(msgspec.Struct):
    """A shopper's record."""

    id: int
    email: str
    has_payment_method_in_dunning: bool


class Credit(msgspec.Struct):
    """Store credit."""

    total_available_balance: str
    currency_code: str


class Subscription(msgspec.Struct):
    """A subscription."""

    id: int
    address_id: int
    status: str
    product_title: str
    variant_title: str
    quantity: int
    price: str
    presentment_currency: str | None
    next_charge_scheduled_at: str
    is_skippable: bool
    is_swappable: bool
    order_interval_unit: str
    order_interval_frequency: int
    external_product_id: External


class Offer(msgspec.Struct):
    """Why a line is there."""

    type: str | None = None


class Line(msgspec.Struct):
    """A line of a charge."""

    purchase_item_id: int
    title: str
    quantity: int
    offer_attributes: Offer | None = None


class Charge(msgspec.Struct):
    """A charge."""

    id: int
    scheduled_at: str
    total_price: str
    currency: str
    line_items: list[Line]


class Address(msgspec.Struct):
    """An address."""

    id: int
    address1: str
    city: str
    zip: str


class Item(msgspec.Struct):
    """What is in a bundle."""

    quantity: int
    external_product_id: str
    external_variant_id: str


class Selection(msgspec.Struct):
    """A bundle's contents."""

    id: int
    purchase_item_id: int
    items: list[Item]
    charge_id: int | None = None
    order_id: int | None = None


class Tier(msgspec.Struct):
    """A level."""

    name: str


class Vip(msgspec.Struct):
    """Where a member stands."""

    vip_tier: Tier | None = None


class Member(msgspec.Struct):
    """A member of the points programme."""

    email: str
    points_balance: int
    vip_status: Vip | None = None


class Plan(msgspec.Struct):
    """A plan."""

    id: int
    title: str
    sort_order: int
    deleted_at: str | None = None


class Image(msgspec.Struct):
    """A picture."""

    large: str


class Variant(msgspec.Struct):
    """A variant."""

    external_variant_id: str
    title: str
    image: Image | None = None


class Product(msgspec.Struct):
    """A product."""

    external_product_id: str
    title: str
    plans: list[Plan]
    images: list[Image]
    variants: list[Variant]


class Allowed(msgspec.Struct):
    """What the merchant allows."""

    skip_scheduled_order: bool
    cancel_subscription: bool
    change_product: bool
    change_quantity: bool
    edit_scheduled_date: bool
    reactivate_subscription: bool
    cancellation_reason_optional: bool


class _Portal(msgspec.Struct):
    subscription: Allowed


class _Settings(msgspec.Struct):
    customer_portal: _Portal


def _decoder(name: str, kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(msgspec.defstruct("Answer", [(name, kind)]))


_CUSTOMER = _decoder("customer", Customer)
_CREDIT = _decoder("credit_summary", Credit)
_SUBSCRIPTIONS: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    msgspec.defstruct("Answer", [("subscriptions", list[Subscription]), ("next_cursor", str | None)])
)
_CHARGES = _decoder("charges", list[Charge])
_ADDRESSES = _decoder("addresses", list[Address])
_SELECTIONS = _decoder("bundle_selections", list[Selection])
_MEMBERS = _decoder("customers", list[Member])
_PRODUCTS = _decoder("products", list[Product])
_SETTINGS = _decoder("settings", _Settings)


class Rest:
    """The three backends of all shops."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._settings: dict[str, Allowed] = {}
        self._products: dict[str, dict[str, Product]] = {}

    async def customer(self, who: Session) -> Customer:
        """The shopper."""
        body = await self._get(who.shop, f"/customers/{who.customer}?include=referral_info")
        customer: Customer = _CUSTOMER.decode(body).customer
        return customer

    async def credit(self, who: Session) -> Credit:
        """The shopper's credit."""
        credit: Credit = _CREDIT.decode(
            await self._get(who.shop, f"/customers/{who.customer}/credit_summary?include=credit_details")
        ).credit_summary
        return credit

    async def subscriptions(self, who: Session, first: int, order: str) -> tuple[list[Subscription], str | None]:
        """A page, and the cursor of the next."""
        path = f"/subscriptions?customer_id={who.customer}&status=active&sort_by={order}&limit={first}"
        answer = _SUBSCRIPTIONS.decode(await self._get(who.shop, path))
        return answer.subscriptions, answer.next_cursor

    async def charges(self, shop: str, subscriptions: Iterable[int]) -> dict[int, Charge]:
        """The next charge by subscription."""
        ids = ",".join(map(str, subscriptions))
        path = f"/charges?purchase_item_ids={ids}&status=queued&sort_by=scheduled_at-asc&limit=250"
        found: list[Charge] = _CHARGES.decode(await self._get(shop, path)).charges
        return {line.purchase_item_id: charge for charge in reversed(found) for line in charge.line_items}

    async def selections(self, shop: str, subscriptions: Iterable[int]) -> dict[int, Selection]:
        """What is in the bundles."""
        ids = ",".join(map(str, subscriptions))
        path = f"/bundle_selections?purchase_item_ids={ids}&sort_by=updated_at-desc&limit=250"
        found: list[Selection] = _SELECTIONS.decode(await self._get(shop, path)).bundle_selections
        return {row.purchase_item_id: row for row in found if row.charge_id is None and row.order_id is None}

    async def addresses(self, shop: str, ids: Iterable[int]) -> dict[int, Address]:
        """Addresses by id."""
        path = f"/addresses?ids={','.join(map(str, sorted(set(ids))))}&limit=250"
        found: list[Address] = _ADDRESSES.decode(await self._get(shop, path)).addresses
        return {row.id: row for row in found}

    async def member(self, shop: str, email: str) -> Member | None:
        """The shopper in the points programme."""
        include = "vip_status.vip_tier,vip_status.next_vip_tier"
        path = f"/v1/customers?email={email}&include={include}&limit=250"
        found: list[Member] = _MEMBERS.decode(await self._get(shop, path)).customers
        return found[0] if found else None

    async def settings(self, shop: str) -> Allowed:
        """What the merchant allows; kept."""
        if shop not in self._settings:
            answer = _SETTINGS.decode(await self._get(shop, "/shop/settings"))
            self._settings[shop] = answer.settings.customer_portal.subscription
        return self._settings[shop]

    async def products(self, shop: str, ids: Iterable[str]) -> dict[str, Product]:
        """Products by id; kept."""
        kept = self._products.setdefault(shop, {})
        wanted = set(ids)
        if missing := sorted(wanted - kept.keys()):
            path = f"/product_search?external_product_ids={','.join(missing)}&format_version=2022-06&limit=250"
            found: list[Product] = _PRODUCTS.decode(await self._get(shop, path)).products
            kept.update({row.external_product_id: row for row in found})
        return {each: kept[each] for each in wanted if each in kept}

    async def _get(self, shop: str, path: str) -> bytes:
        token = SHOPS[shop]["token"]
        loyalty = path.startswith("/v1")
        headers = {"Authorization": f"Bearer {token}"} if loyalty else {"X-Recharge-Access-Token": token}
        async with self._http.get(BACKEND + path, headers=headers) as response:
            response.raise_for_status()
            return await response.read()


def open_http() -> aiohttp.ClientSession:
    """Keep-alive connections, no cookies."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS), cookie_jar=aiohttp.DummyCookieJar())
