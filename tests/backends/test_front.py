"""One host for both services: each path goes to its owner, and the app proxy is signed."""

# ruff: noqa: D103 - a test's name is its promise

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from backends import demo_customer_id
from backends.front import FrontSettings, create_front
from tests.backends.services import AURORA, Asked, running
from tests.backends.stores import Store, store

DEMO = demo_customer_id()
SHOPIFY_CUSTOMER = "5624559000145"


@dataclass(frozen=True)
class Fronted:
    """A store with its front."""

    shop: Store
    front: Asked


def front_settings(shop: Store, **changes: Any) -> FrontSettings:
    return FrontSettings(
        **{
            "subscriptions_url": f"http://127.0.0.1:{shop.subscriptions.port}",
            "bundles_url": f"http://127.0.0.1:{shop.bundles.port}",
            "shop": AURORA.domain,
            "app_secret": SecretStr("hush"),
            "logged_in_customer_id": SHOPIFY_CUSTOMER,
            **changes,
        }
    )


@pytest_asyncio.fixture(scope="module")
async def fronted() -> AsyncIterator[Fronted]:
    """A store that one customer is logged in to."""
    async with store(10) as shop, running(create_front(front_settings(shop))) as port:
        yield Fronted(shop, replace(shop.bundles, name="front", port=port))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/customers?limit=2", "subscriptions"),
        ("/subscriptions/1", "subscriptions"),
        ("/product_search?format_version=2022-06&limit=3", "subscriptions"),
        ("/bundle_selections?limit=2", "bundles"),
        ("/bundle_selections/1", "bundles"),
        ("/nothing", "subscriptions"),
    ],
)
async def test_an_api_path_is_answered_by_its_owner(fronted: Fronted, path: str, name: str) -> None:
    owner = fronted.shop.subscriptions if name == "subscriptions" else fronted.shop.bundles
    direct = await owner(path, x_request_id="r")
    answer = await fronted.front(f"/api{path}", x_request_id="r")
    assert (answer.status, answer.text) == (direct.status, direct.text)
    assert answer.headers["x-request-id"] == "r"


async def test_bodies_go_through_in_both_directions(fronted: Fronted) -> None:
    ask = fronted.front
    assert (await ask.put(f"/api/customers/{DEMO}", {"first_name": "Zoë"})).body["customer"]["first_name"] == "Zoë"
    row = (await ask("/api/bundle_selections?limit=1")).body["bundle_selections"][0]
    answer = await ask.put(f"/api/bundles/{row['purchase_item_id']}", {})
    assert answer.status == 422
    assert (await ask.delete("/api/onetimes/1")).status == 404


async def test_the_logged_in_customer_gets_a_session_through_the_app_proxy(fronted: Fronted) -> None:
    opened = (await fronted.front("/tools/recurring/access")).body
    assert opened["customer_id"] == str(DEMO)
    token = {"x_recharge_access_token": opened["api_token"]}
    assert (await fronted.front(f"/api/customers/{DEMO}", **token)).status == 200
    assert (await fronted.front("/api/bundle_selections", **token)).status == 200
    forged = f"/tools/recurring/access?logged_in_customer_id=1&shop={AURORA.domain}&signature=x"
    assert (await fronted.front(forged)).body["customer_id"] == str(DEMO)
    direct = await fronted.shop.subscriptions(forged)
    assert (direct.status, direct.body) == (401, {"errors": "Unauthorized"})


async def test_nobody_is_nobody(fronted: Fronted) -> None:
    settings = front_settings(fronted.shop, logged_in_customer_id="")
    async with running(create_front(settings)) as port:
        answer = await replace(fronted.front, port=port)("/tools/recurring/access")
        assert (answer.status, answer.body) == (200, {"message": "No customer is logged in"})


async def test_documents_of_the_storefront_need_no_token(fronted: Fronted) -> None:
    nobody = {"x_recharge_access_token": "", "authorization": ""}
    products = await fronted.shop.subscriptions.rows("/product_search?has_bundle_product=true")
    key = products[0]["external_product_id"]
    data = await fronted.front(f"/tools/recurring/bundle-data/{key}", **nobody)
    assert data.body["id"] == int(key)
    base = f"/cdn/store/{AURORA.domain}"
    newer = await fronted.front(f"{base}/product/2022-06/{key}.json", **nobody)
    older = await fronted.front(f"{base}/product/2020-12/{key}.json", **nobody)
    assert newer.body["product"]["external_product_id"] == key
    assert older.body["product"]["external_product_id"] == int(key)
    assert newer.headers["cache-control"] == "public, max-age=60"
    for path in ("product/2020-12/1.json", "product/2019-01/1.json", f"product/2019-01/{key}.json"):
        assert (await fronted.front(f"{base}/{path}", **nobody)).status == 404
    assert (await fronted.front("/cdn/store/nobody/2020-12/store_settings.json", **nobody)).status == 404


async def test_every_origin_may_ask_with_the_clients_headers(fronted: Fronted) -> None:
    asked = {
        "origin": "https://shop.example.com",
        "access_control_request_method": "GET",
        "access_control_request_headers": "x-recharge-access-token,x-recharge-version,content-type",
    }
    answer = await fronted.front("/api/customers", method="OPTIONS", **asked)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-recharge-version" in answer.headers["access-control-allow-headers"]


async def test_a_service_that_is_gone_is_a_502() -> None:
    async with store(2) as shop, running(create_front(front_settings(shop, bundles_url="http://127.0.0.1:9"))) as port:
        answer = await replace(shop.bundles, port=port)("/api/bundle_selections")
        assert (answer.status, answer.body) == (502, {"error": "A gateway error occurred"})
