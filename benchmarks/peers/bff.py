"""A hand-written backend for this one front end: Starlette and aiohttp, no GraphQL, two rounds of calls."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers.rest import (
    SHOPS,
    Address,
    Charge,
    Customer,
    Member,
    Product,
    Rest,
    Selection,
    Session,
    Subscription,
    open_http,
    session_of,
)

Page = tuple[list[Subscription], str | None]


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Rest]]:
    """One pool for the life of the process."""
    async with open_http() as http:
        yield {"rest": Rest(http)}


async def portal(request: Request) -> Response:
    """The document that was sent is read, and answered as if it were understood."""
    who = session_of(request.headers["authorization"])
    is_long = b"CustomerPortal200" in await request.body()
    answer = await _answer(request.state.rest, who, is_long=is_long)
    return Response(msgspec.json.encode({"data": answer}), media_type="application/json")


async def _answer(rest: Rest, who: Session, *, is_long: bool) -> dict[str, Any]:
    wanted = {"subscriptions": (20, "id-asc")}
    if is_long:
        wanted = {"subscriptions": (100, "id-asc"), "latest": (100, "id-desc")}
    listing = asyncio.gather(*(rest.subscriptions(who, *page) for page in wanted.values()))
    allowed, (customer, member), credit, pages = await asyncio.gather(
        rest.settings(who.shop), _customer_and_member(rest, who), rest.credit(who), listing
    )
    rows = [row for page, _ in pages for row in page]
    ids = sorted({row.id for row in rows})
    products, charges, selections, addresses = await asyncio.gather(
        rest.products(who.shop, [row.external_product_id.ecommerce for row in rows]),
        rest.charges(who.shop, ids),
        rest.selections(who.shop, ids),
        rest.addresses(who.shop, [row.address_id for row in rows]),
    )
    inside = [item.external_product_id for row in selections.values() for item in row.items]
    products |= await rest.products(who.shop, inside)
    currency = SHOPS[who.shop]["currency"]

    def shown(page: Page) -> dict[str, Any]:
        rows, cursor = page
        return {
            "nodes": [
                _subscription(row, currency, products, charges.get(row.id), selections.get(row.id), addresses)
                for row in rows
            ],
            "pageInfo": {
                "hasNextPage": cursor is not None,
                "endCursor": cursor or (str(rows[-1].id) if rows else None),
            },
        }

    return {
        "shop": {
            "customerPortal": {
                "canSkip": allowed.skip_scheduled_order,
                "canCancel": allowed.cancel_subscription,
                "canSwapProduct": allowed.change_product,
                "canChangeQuantity": allowed.change_quantity,
                "canChangeSchedule": allowed.edit_scheduled_date,
                "canReactivate": allowed.reactivate_subscription,
                "cancellationReasonRequired": not allowed.cancellation_reason_optional,
            }
        },
        "customer": {
            "id": f"gid://recharge/Customer/{customer.id}",
            "email": customer.email,
            "hasPaymentMethodInDunning": customer.has_payment_method_in_dunning,
            **{name: shown(page) for name, page in zip(wanted, pages, strict=True)},
            "loyalty": member
            and {
                "pointsBalance": member.points_balance,
                "tierStatus": member.vip_status
                and {"tier": member.vip_status.vip_tier and {"name": member.vip_status.vip_tier.name}},
            },
            "credit": {"totalAvailable": _money(credit.total_available_balance, credit.currency_code)},
        },
    }


async def _customer_and_member(rest: Rest, who: Session) -> tuple[Customer, Member | None]:
    customer = await rest.customer(who)
    return customer, await rest.member(who.shop, customer.email)


def _subscription(
    row: Subscription,
    currency: str,
    products: dict[str, Product],
    charge: Charge | None,
    selection: Selection | None,
    addresses: dict[int, Address],
) -> dict[str, Any]:
    product = products[row.external_product_id.ecommerce]
    address = addresses[row.address_id]
    plans = sorted((plan for plan in product.plans if plan.deleted_at is None), key=lambda plan: plan.sort_order)
    return {
        "id": f"gid://recharge/SubscriptionContract/{row.id}",
        "status": row.status.upper(),
        "productTitle": row.product_title,
        "variantTitle": row.variant_title,
        "quantity": row.quantity,
        "price": _money(row.price, row.presentment_currency or currency),
        "nextChargeDate": row.next_charge_scheduled_at,
        "isSkippable": row.is_skippable,
        "isSwappable": row.is_swappable,
        "deliveryInterval": {"unit": row.order_interval_unit.upper(), "count": row.order_interval_frequency},
        "product": {
            "id": f"gid://shopify/Product/{product.external_product_id}",
            "image": {"url": product.images[0].large},
            "plans": [{"id": f"gid://recharge/Plan/{plan.id}", "title": plan.title} for plan in plans],
        },
        "address": {"address1": address.address1, "city": address.city, "zip": address.zip},
        "upcomingCharge": charge and _charge(charge),
        "bundleSelection": selection
        and {
            "id": f"gid://recharge/BundleSelection/{selection.id}",
            "items": [
                {
                    "quantity": item.quantity,
                    "productVariant": _variant(products[item.external_product_id], item.external_variant_id),
                }
                for item in selection.items
            ],
        },
    }


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "id": f"gid://recharge/Charge/{charge.id}",
        "scheduledDate": charge.scheduled_at,
        "totalPrice": _money(charge.total_price, charge.currency),
        "lineItems": [
            {
                "title": line.title,
                "quantity": line.quantity,
                "isFreeGift": line.offer_attributes is not None and line.offer_attributes.type == "free_gift",
            }
            for line in charge.line_items
        ],
    }


def _variant(product: Product, number: str) -> dict[str, Any] | None:
    for variant in product.variants:
        if variant.external_variant_id == number:
            return {
                "id": f"gid://shopify/ProductVariant/{number}",
                "title": variant.title,
                "image": {"url": (variant.image or product.images[0]).large},
            }
    return None


def _money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


app = Starlette(routes=[Route("/graphql", portal, methods=["POST"])], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="error", access_log=False, ws="none")
