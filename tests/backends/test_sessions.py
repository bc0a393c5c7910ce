"""Shoppers' sessions: how they begin, what they open, when they end."""

# ruff: noqa: D103 - a test's name is its promise

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from backends import demo_customer_id, shopify_customer_token
from backends.wire.sessions import Claims, from_now, mint
from tests.backends.services import AURORA, NORDLYS, memory_database, mysql_database
from tests.backends.stores import Store, store

DEMO = demo_customer_id()
NOBODY = {"x_recharge_access_token": "", "authorization": ""}
NOT_FOUND = {"errors": "Not Found"}


@pytest_asyncio.fixture(scope="module", params=[memory_database, mysql_database], ids=["sqlite", "mysql"])
async def shop(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """One store for the module."""
    async with store(30, request.param) as found:
        yield found


def session(customer: int = DEMO, shop: str = AURORA.domain, key: str = "sk_aurora", **changes: Any) -> dict[str, str]:
    """The header of a session that begins now, or one with something changed."""
    claims = {"shop": shop, "customer": customer, "kind": "session", "until": from_now(), **changes}
    return {"x_recharge_access_token": mint(SecretStr(key), Claims(**claims))}


async def test_the_shop_opens_a_session_for_its_customer(shop: Store) -> None:
    answer = await shop.subscriptions.post(f"/customers/{DEMO}/sessions")
    opened = answer.body["customer_session"]
    assert (answer.status, opened["customer_id"], opened["expires_in"]) == (200, DEMO, 3_600)
    mine = {"x_recharge_access_token": opened["apiToken"]}
    assert (await shop.subscriptions(f"/customers/{DEMO}", **mine)).body["customer"]["id"] == DEMO
    again = await shop.subscriptions.post(f"/customers/{DEMO}/sessions", **mine)
    assert (again.status, again.body) == (401, {"errors": "Insufficient scope"})
    assert (await shop.subscriptions.post(f"/customers/{DEMO}/sessions", shop=NORDLYS.domain)).status == 404


LISTS = [
    "/addresses", "/subscriptions", "/charges", "/onetimes?include_cancelled=true", "/orders", "/payment_methods",
    "/memberships", "/gift_purchases", "/credit_accounts", "/customers",
]  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
async def test_lists_hold_what_is_the_customers_own(shop: Store, path: str) -> None:
    joined = "&" if "?" in path else "?"
    answer = await shop.subscriptions(f"{path}{joined}limit=250", **session())
    assert answer.status == 200
    (rows,) = (value for value in answer.body.values() if isinstance(value, list))

    def owners(row: dict[str, Any]) -> set[int]:
        if path.startswith("/customers"):
            return {row["id"]}
        found = [row.get(name) for name in ("customer_id", "recipient_customer_id", "sender_customer_id")]
        return {key for key in (*found, row.get("customer", {}).get("id")) if key}

    assert all(DEMO in owners(row) for row in rows)
    everything = await shop.subscriptions.rows(path)
    assert [row["id"] for row in everything if DEMO in owners(row)] == [row["id"] for row in rows]
    strange = next((row for row in everything if DEMO not in owners(row)), None)
    bare = path.partition("?")[0]
    if strange and bare != "/credit_accounts":
        assert (await shop.subscriptions(f"{bare}/{strange['id']}", **session())).body == NOT_FOUND
        found = await shop.subscriptions(f"{bare}?ids={strange['id']}&customer_ids={DEMO + 13}", **session())
        assert strange["id"] not in {row["id"] for rows in found.body.values() if rows for row in rows}


async def test_contents_of_boxes_are_the_customers_own(shop: Store) -> None:
    answer = await shop.bundles("/bundle_selections?limit=250", **session())
    mine = {row["id"] for row in await shop.subscriptions.rows(f"/subscriptions?customer_id={DEMO}")}
    assert {row["purchase_item_id"] for row in answer.body["bundle_selections"]} <= mine
    assert answer.body["bundle_selections"]
    strange = next(row for row in await shop.bundles.rows("/bundle_selections") if row["purchase_item_id"] not in mine)
    body = {"items": strange["items"], "purchase_item_id": strange["purchase_item_id"]}
    for path, method in (
        (f"/bundle_selections/{strange['id']}", "GET"),
        (f"/bundle_selections/{strange['id']}", "PUT"),
        (f"/bundle_selections/{strange['id']}", "DELETE"),
        (f"/bundles/{strange['purchase_item_id']}", "PUT"),
        ("/bundle_selections", "POST"),
    ):
        refused = await shop.bundles(path, body, method=method, **session())
        assert (refused.status, refused.body) == (404, NOT_FOUND), (path, method)


async def test_nothing_of_another_customer_can_be_changed(shop: Store) -> None:
    ask = shop.subscriptions
    row = next(each for each in await ask.rows("/subscriptions?status=active") if each["customer_id"] != DEMO)
    charge = await shop.queued(row["id"])
    before = (await shop.charges("status=queued"), await ask.rows("/subscriptions"))
    variant = {"external_variant_id": row["external_variant_id"], "quantity": 1, "address_id": row["address_id"]}
    writes: list[tuple[str, str, Any]] = [
        ("PUT", f"/subscriptions/{row['id']}", {"quantity": 9}),
        ("POST", f"/subscriptions/{row['id']}/cancel", {"cancellation_reason": "x"}),
        ("POST", f"/subscriptions/{row['id']}/activate", None),
        ("POST", f"/subscriptions/{row['id']}/set_next_charge_date", {"date": "2030-01-01"}),
        ("POST", f"/subscriptions/{row['id']}/charges/skip", {"date": row["next_charge_scheduled_at"]}),
        ("POST", f"/charges/{charge['id']}/skip", {"purchase_item_ids": [row["id"]]}),
        ("POST", f"/charges/{charge['id']}/process", None),
        ("POST", f"/charges/{charge['id']}/apply_discount", {"discount_code": "LOYAL5"}),
        ("PUT", f"/addresses/{row['address_id']}", {"city": "X"}),
        ("DELETE", f"/addresses/{row['address_id']}", None),
        ("PUT", f"/customers/{row['customer_id']}", {"first_name": "X"}),
        ("GET", f"/customers/{row['customer_id']}/delivery_schedule", None),
        ("GET", f"/customers/{row['customer_id']}/credit_summary", None),
    ]
    for method, path, body in writes:
        answer = await ask(path, body, method=method, **session())
        assert (answer.status, answer.body) == (404, NOT_FOUND), path
    for path in ("/subscriptions", "/onetimes"):
        answer = await ask.post(path, variant, **session())
        assert (answer.status, answer.body) == (422, {"errors": {"address_id": ["Address not found."]}})
    assert (await shop.charges("status=queued"), await ask.rows("/subscriptions")) == before


async def test_what_is_the_shops_alone_is_out_of_scope(shop: Store) -> None:
    (row, *_) = (await shop.subscriptions(f"/subscriptions?customer_id={DEMO}&limit=1")).body["subscriptions"]
    for method, path in (
        ("GET", "/discounts"),
        ("POST", f"/customers/{DEMO}/sessions"),
        ("DELETE", f"/subscriptions/{row['id']}"),
    ):
        answer = await shop.subscriptions(path, method=method, **session())
        assert (answer.status, answer.body) == (401, {"errors": "Insufficient scope"})


async def test_the_price_is_the_shops_to_set(shop: Store) -> None:
    rows = (await shop.subscriptions(f"/subscriptions?customer_id={DEMO}&status=active")).body["subscriptions"]
    path = f"/subscriptions/{rows[0]['id']}"
    now = await shop.subscriptions.put(path, {"price": "0.01"}, **session())
    assert (now.status, now.body["subscription"]["price"]) == (200, rows[0]["price"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"until": 1}, "Session expired"),
        ({"key": "sk_nordlys"}, "Unauthorized"),
        ({"kind": "code"}, "Unauthorized"),
        ({"kind": "customer"}, "Unauthorized"),
        ({"shop": "nobody.example.com"}, "Unauthorized"),
        ({"shop": NORDLYS.domain}, "Unauthorized"),
    ],
)
async def test_a_token_that_is_over_or_not_ours_opens_nothing(shop: Store, changes: dict[str, Any], told: str) -> None:
    for answer in (
        await shop.subscriptions("/subscriptions", **session(**changes)),
        await shop.bundles("/bundle_selections", **session(**changes)),
    ):
        assert (answer.status, answer.body) == (401, {"errors": told})


@pytest.mark.parametrize("token", ["st_", "st_.", "st_e30.x", "st_%%%.y", "st_\u00e9.z", "st_e30"])
async def test_a_token_that_is_no_token_is_refused(shop: Store, token: str) -> None:
    answer = await shop.subscriptions("/subscriptions", x_recharge_access_token=token)
    assert (answer.status, answer.body) == (401, {"errors": "Unauthorized"})


async def test_the_shop_url_must_be_that_of_the_session(shop: Store) -> None:
    assert (await shop.subscriptions(f"/subscriptions?shop_url={AURORA.domain}", **session())).status == 200
    assert (await shop.subscriptions(f"/subscriptions?shop_url={NORDLYS.domain}", **session())).status == 401


@pytest.mark.parametrize("path", ["/shopify_storefront_access", "/shopify_customer_account_api_access"])
async def test_shopifys_customers_log_in(shop: Store, path: str) -> None:
    token = shopify_customer_token("sk_aurora", AURORA.domain, DEMO)
    body = {"customer_token": token, "storefront_token": "x", "shop_url": AURORA.domain}
    answer = await shop.subscriptions.post(path, body, **NOBODY)
    assert (answer.status, answer.body["customer_id"]) == (200, str(DEMO))
    mine = {"x_recharge_access_token": answer.body["api_token"]}
    assert (await shop.subscriptions(f"/customers/{DEMO}", **mine)).status == 200
    nobody = await shop.subscriptions.post(path, {"shop_url": AURORA.domain}, **NOBODY)
    assert (nobody.status, nobody.body) == (200, {"message": "No customer is logged in"})
    for wrong in ({**body, "customer_token": "x"}, {**body, "shop_url": NORDLYS.domain}, {**body, "shop_url": "x"}):
        assert (await shop.subscriptions.post(path, wrong, **NOBODY)).status == 401


async def test_a_code_by_email_is_good_once_and_for_five_tries(shop: Store, caplog: pytest.LogCaptureFixture) -> None:
    ask = shop.subscriptions
    email = (await ask(f"/customers/{DEMO}")).body["customer"]["email"]

    async def attempt(address: str = email) -> tuple[str, str]:
        caplog.clear()
        with caplog.at_level(logging.WARNING, "backends.subscriptions.logins"):
            sent = await ask.post("/attempt_login", {"email": address, "shop": AURORA.domain}, **NOBODY)
        assert sent.status == 200
        codes = [each.getMessage()[-6:] for each in caplog.records if each.name == "backends.subscriptions.logins"]
        return sent.body["session_token"], codes[0] if codes else "000000"

    async def validate(token: str, code: str, address: str = email) -> Any:
        body = {"session_token": token, "code": code, "email": address, "shop": AURORA.domain}
        return await ask.post("/validate_login", body, **NOBODY)

    token, code = await attempt()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    refused = await validate(token, wrong)
    assert (refused.status, refused.body) == (422, {"errors": {"code": ["Invalid or expired code"]}})
    good = await validate(token, code)
    assert (good.status, good.body["customer_id"]) == (200, str(DEMO))
    assert (await validate(token, code)).status == 422
    token, code = await attempt()
    for _ in range(5):
        assert (await validate(token, wrong)).status == 422
    assert (await validate(token, code)).status == 422
    token, code = await attempt("nobody@example.com")
    assert (await validate(token, code, "nobody@example.com")).status == 422
    token, code = await attempt()
    assert (await validate(token, code, "nobody@example.com")).status == 422
    assert (await validate("st_x.y", code)).status == 401


async def test_the_hosted_portals_address_leads_to_a_session(shop: Store) -> None:
    access = (await shop.subscriptions("/portal_access", **session())).body
    path = f"/customers/{access['customer_hash']}/access"
    body = {"token": access["temp_token"], "shop": AURORA.domain}
    assert (await shop.subscriptions.post(path, body, **NOBODY)).body["customer_id"] == str(DEMO)
    assert (await shop.subscriptions.post("/customers/abc/access", body, **NOBODY)).status == 401


async def test_with_two_factors_shopifys_login_is_half_of_it() -> None:
    async with store(6, two_factor=True, login_code="123456") as shop:
        ask = shop.subscriptions
        token = shopify_customer_token("sk_aurora", AURORA.domain, DEMO)
        body = {"customer_token": token, "storefront_token": "x", "shop_url": AURORA.domain}
        half = (await ask.post("/shopify_storefront_access", body, **NOBODY)).body["api_token"]
        answer = await ask(f"/customers/{DEMO}", x_recharge_access_token=half)
        assert (answer.status, answer.body) == (423, {"errors": "A second factor is needed"})
        email = (await ask(f"/customers/{DEMO}")).body["customer"]["email"]
        named = {"email": email, "shop": AURORA.domain}
        sent = (await ask.post("/attempt_login", named, **NOBODY)).body
        whole = (await ask.post("/validate_login", {**named, **sent, "code": "123456"}, **NOBODY)).body["api_token"]
        assert (await ask(f"/customers/{DEMO}", x_recharge_access_token=whole)).status == 200


async def test_customers_do_what_their_shops_portal_allows(shop: Store) -> None:
    """The second shop allows less than the first."""
    ask, name = shop.subscriptions, NORDLYS.domain
    rows = await ask.rows("/subscriptions?status=active&bundles_only=false", shop=name)
    row = next(each for each in rows if each["is_swappable"])
    mine = {"shop": name, **session(row["customer_id"], name, "sk_nordlys")}
    path = f"/subscriptions/{row['id']}"
    product = next(
        each
        for each in (await ask("/product_search?format_version=2022-06&has_plans=true", shop=name)).body["products"]
        if each["external_product_id"] != row["external_product_id"]["ecommerce"]
    )
    other = {"external_variant_id": {"ecommerce": product["variants"][0]["external_variant_id"]}}
    every = {"order_interval_unit": "day", "order_interval_frequency": 9, "charge_interval_frequency": 9}
    told = "The store's customer portal settings do not allow this: "
    for method, where, body, key in (
        ("PUT", path, other, "change_product"),
        ("PUT", path, every, "edit_order_frequency"),
    ):
        answer = await ask(where, body, method=method, **mine)
        assert (answer.status, answer.body) == (403, {"errors": told + key})
    bare = await ask.post(f"{path}/cancel", **mine)
    assert (bare.status, bare.body) == (
        422,
        {"errors": {"cancellation_reason": ["Missing data for required field."]}},
    )
    assert (await ask.put(path, {"quantity": 2}, **mine)).status == 200
    ended = await ask.rows("/subscriptions?status=cancelled", shop=name)
    back = await ask.post(
        f"/subscriptions/{ended[0]['id']}/activate",
        **{"shop": name, **session(ended[0]["customer_id"], name, "sk_nordlys")},
    )
    assert (back.status, back.body) == (403, {"errors": f"{told}reactivate_subscription"})
    assert (await ask.put(path, every, shop=name)).status == 200
