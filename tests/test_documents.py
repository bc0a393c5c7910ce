"""The widget documents answer what the backends hold, for many customers and every product."""

from typing import Any

import pytest

from backends import SHOPS
from tests import expected
from tests.conftest import Gateway, Store
from tests.documents import document

CUSTOMERS_A_SHOP = 25
"""Every n-th customer of each shop, so that all kinds of them are among those that are compared."""


@pytest.fixture(params=["none", "shop", "fleet", "session"])
def bulk(request: pytest.FixtureRequest) -> Any:
    """What holds in front of the public APIs holds where they offer more, and for shoppers' own sessions."""
    return request.param


def without_cursors(value: Any) -> Any:
    """The same without `endCursor`, which is the gateway's own."""
    if isinstance(value, dict):
        return {name: without_cursors(item) for name, item in value.items() if name != "endCursor"}
    return [without_cursors(item) for item in value] if isinstance(value, list) else value


async def some_customers(store: Store, shop: str) -> list[int]:
    """A spread of a shop's customers."""
    found: list[int] = []
    path = "/customers?limit=250"
    while path:
        page = await store.get("subscriptions", path, shop=shop)
        found += [row["id"] for row in page["customers"]]
        path = f"/customers?limit=250&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    return found[:: max(len(found) // CUSTOMERS_A_SHOP, 1)]


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.domain)
async def test_customer_portal_is_what_the_backends_hold(
    gateway: Gateway, store: Store, shop: Any, shopper: int
) -> None:
    """Every value of the overview, for a spread of customers."""
    customers = await some_customers(store, shop.domain)
    if shop is SHOPS[0]:
        customers.append(shopper)
    seen: list[dict[str, Any]] = []
    for customer in customers:
        answer = await gateway.ask(document("CustomerPortal"), customer=customer, shop=shop.domain)
        assert without_cursors(answer.data) == await expected.customer_portal(
            store, customer, shop.domain, shop.currency
        )
        seen.append(answer.data["customer"])
    nodes = [node for customer in seen for node in customer["subscriptions"]["nodes"]]
    # The comparison would mean little if nobody had bundles, charges, points or credit.
    assert sum(1 for node in nodes if node["bundleSelection"]) > 5
    assert sum(1 for node in nodes if node["upcomingCharge"]) > 5
    assert sum(1 for customer in seen if customer["loyalty"]) > 5
    assert sum(1 for customer in seen if customer["loyalty"] is None) > 0
    assert sum(1 for customer in seen if not customer["subscriptions"]["nodes"]) > 0
    assert sum(1 for customer in seen if float(customer["credit"]["totalAvailable"]["amount"])) > 5


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.domain)
async def test_loyalty_panel_is_what_the_backends_hold(gateway: Gateway, store: Store, shop: Any) -> None:
    """Every value of the panel, for a spread of customers."""
    states = set()
    for customer in await some_customers(store, shop.domain):
        answer = await gateway.ask(document("LoyaltyPanel"), customer=customer, shop=shop.domain)
        assert without_cursors(answer.data) == await expected.loyalty_panel(store, customer, shop.domain)
        loyalty = answer.data["customer"]["loyalty"]
        states.add(loyalty and loyalty["status"])
    assert states == {"MEMBER", "CANDIDATE", "DISABLED", None}


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.domain)
@pytest.mark.parametrize(("country", "language"), [("", ""), ("GB", ""), ("", "FR"), ("DK", "DA")])
async def test_product_widget_is_what_the_backends_hold(
    gateway: Gateway, store: Store, shop: Any, country: str, language: str
) -> None:
    """Every value for every product, in the store's own market and in others."""
    path = "/product_search?format_version=2022-06&limit=250"
    products = (await store.get("subscriptions", path, shop=shop.domain, version="2021-01"))["products"]
    for product in products:
        answer = await gateway.ask(
            document("ProductSubscriptionWidget"),
            {
                "productId": product["external_product_id"],
                "country": country or None,
                "language": language or None,
            },
            shop=shop.domain,
        )
        assert answer.data == await expected.product_widget(
            store, product["external_product_id"], shop.domain, shop.currency, country=country, language=language
        )
