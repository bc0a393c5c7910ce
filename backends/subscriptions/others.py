"""What the official client can ask besides, answered as plainly as is well-formed."""

from typing import Any

from starlette.routing import Route

from backends.store.prices import amount
from backends.subscriptions.account_resources import ORDER
from backends.subscriptions.goods import INTERVALS, goods_of
from backends.subscriptions.resources import CUSTOMER, SUBSCRIPTION
from backends.subscriptions.writing import of_nothing, of_subscription
from backends.wire.calls import Call, endpoint
from backends.wire.errors import unfit
from backends.wire.fields import Fields
from backends.wire.resources import Row
from backends.wire.writes import write

# Code, country and the provinces that addresses name.
COUNTRIES = (
    ("US", "United States", ("Oregon", "Texas", "Wisconsin")),
    ("CA", "Canada", ("British Columbia", "Nova Scotia", "Ontario")),
    ("GB", "United Kingdom", ()),
    ("DE", "Germany", ()),
    ("FR", "France", ()),
    ("DK", "Denmark", ()),
)


async def shipping_countries(call: Call) -> Row:
    """`GET /shop/shipping_countries`: where the shop sells to."""
    sold = {market.country for market in call.shop.markets}
    return {
        "shipping_countries": [
            {
                "code": code,
                "country_id": 100 + n,
                "id": 100 + n,
                "name": name,
                "provinces": [
                    {"code": province[:2].upper(), "id": 1_000 + n * 10 + p, "name": province}
                    for p, province in enumerate(provinces)
                ],
            }
            for n, (code, name, provinces) in enumerate(COUNTRIES)
            if code in sold
        ]
    }


async def addons(call: Call) -> Row:
    """`GET /subscriptions/{id}/addons`: no subscription has any."""
    await SUBSCRIPTION.stored(call, call.path["id"])
    return {"next_cursor": None, "previous_cursor": None, "subscriptions": []}


async def pricing_preview(call: Call) -> Row:
    """`POST /subscriptions/{id}/pricing_preview`: what a swap would cost; nothing changes."""
    row = await SUBSCRIPTION.stored(call, call.path["id"])
    fields = Fields(call.body)
    variant_id = fields.external("external_variant_id") or row["external_variant_id"]["ecommerce"]
    plan_id = fields.whole("plan_id")
    fields.check()
    goods = await goods_of(call, variant_id)
    plan = goods.plan(plan_id) if plan_id is not None else goods.plan_every(*(row[name] for name in INTERVALS))
    currency = row["presentment_currency"]
    return {
        "subscription": {
            "subscription_id": row["id"],
            "currency": call.shop.currency,
            "presentment_currency": currency,
            "current_unit_price": row["price"],
            "proposed_unit_price": amount(goods.cents(call, currency, plan)),
            "base_unit_price": amount(goods.cents(call, currency, None)),
            "applied_discount_amount": plan["discount_amount"] if plan else None,
            "applied_discount_type": plan["discount_type"] if plan else None,
            "dynamic_pricing_details": None,
            "errors": None,
        }
    }


async def delay_order(call: Call) -> Any:
    """`POST /orders/{id}/delay`: only what has not gone out can be."""
    row = await ORDER.stored(call, call.path["id"])
    raise unfit(f"Order is {row['status']}")


async def notify(call: Call) -> Row:
    """`POST /customers/{id}/notifications`: taken, and sent to nobody."""
    await CUSTOMER.stored(call, call.path["id"])
    fields = Fields(call.body)
    fields.choice("type", ("email", "sms"), required=True)
    fields.check()
    return {}


async def survey_reasons(call: Call) -> Row:
    """`POST /customer_surveys/cancellation_prevention`."""
    fields = Fields(call.body)
    key = fields.whole("subscription_id", required=True)
    fields.check()
    await SUBSCRIPTION.stored(call, key)
    told = ("I have too much", "Too expensive", "I want another product")
    return {"id": 1, "responses": [{"id": n, "ga_id": f"ga-{n}", "response": each} for n, each in enumerate(told, 1)]}


async def survey_offers(call: Call) -> Row:
    """`POST /customer_surveys/{id}/customer_response`: nothing is offered."""
    fields = Fields(call.body)
    key = fields.whole("response_id", required=True)
    fields.check()
    return {"response_offer_lookup": {"response_id": key, "offers": []}}


OTHERS: list[Route] = [
    Route("/shop/shipping_countries", endpoint(shipping_countries, "2021-01"), methods=["GET"]),
    Route("/subscriptions/{id:int}/addons", endpoint(addons), methods=["GET"]),
    write("POST", "/subscriptions/{id:int}/pricing_preview", pricing_preview, of_subscription),
    write("POST", "/orders/{id:int}/delay", delay_order, of_nothing),
    write("POST", "/customers/{id:int}/notifications", notify, of_nothing),
    write("POST", "/customer_surveys/cancellation_prevention", survey_reasons, of_nothing),
    write("POST", "/customer_surveys/{id:int}/customer_response", survey_offers, of_nothing),
]
