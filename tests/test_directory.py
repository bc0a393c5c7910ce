"""Customers and shops for internal tools, with the scopes for it and for nobody else."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.upstream import Bulk
from tests.conftest import OTHER_SHOP, SHOP, Answer, Gateway, Store, gateway_before
from tests.fronts import answering, changing
from tests.gateway.edge.sessions.test_tools import DASHBOARD, READER, SUPPORT, tool

FIELDS = (
    "id shopifyCustomerId email firstName lastName phone hasValidPaymentMethod hasPaymentMethodInDunning"
    " activeSubscriptionsCount subscriptionChargeStreak"
)
BY_EMAIL = f"query ($email: String!) {{ customerByEmail(email: $email) {{ {FIELDS} }} }}"
BY_IDS = f"query ($ids: [ID!]!) {{ customers(ids: $ids) {{ {FIELDS} }} }}"
SHOPS = "{ shops { id domain currencyCode } }"
TOOLS = {
    "support": tool(SUPPORT, "customers:read", "customers:act", "explain", shops=[SHOP]),
    "dashboard": tool(DASHBOARD, "shops:read", "customers:read"),
    "reader": tool(READER, "customers:act", "explain", "introspection", "subscriptions:write", shops=[SHOP]),
}


@pytest.fixture(params=["none", "shop", "fleet", "session"])
def bulk(request: pytest.FixtureRequest) -> Any:
    """Which look-ups the backends offer, and whether shoppers' own sessions are sent."""
    return request.param


@pytest.fixture
async def gateway(store: Store, bulk: Bulk) -> AsyncIterator[Gateway]:
    """A gateway with three tools."""
    async with gateway_before(store, bulk=bulk, tools=TOOLS) as fresh:
        yield fresh


@pytest.fixture
async def plain(store: Store) -> AsyncIterator[Gateway]:
    """The same in front of the public APIs, where the kind of look-up makes no difference; it keeps what it may."""
    async with gateway_before(store, tools=TOOLS, cache={"keep": "all"}) as fresh:
        yield fresh


async def ask(
    gateway: Gateway, query: str, variables: Any = None, *, key: str = SUPPORT, shop: str = SHOP, **headers: str
) -> Answer:
    """One request of a tool."""
    sent = {"Authorization": f"Bearer {key}", **headers}
    async with gateway.client.post(
        f"{gateway.url}/graphql",
        params={"shop": shop},
        json={"query": query, "variables": variables},
        headers=sent,
    ) as response:
        return Answer(response.status, await response.json(), response.headers)


def record(row: dict[str, Any]) -> dict[str, Any]:
    """A customer as the graph shows what the backend has."""
    return {
        "id": f"gid://recharge/Customer/{row['id']}",
        "shopifyCustomerId": f"gid://shopify/Customer/{row['external_customer_id']['ecommerce']}",
        "email": row["email"],
        "firstName": row["first_name"],
        "lastName": row["last_name"],
        "phone": row["phone"],
        "hasValidPaymentMethod": row["has_valid_payment_method"],
        "hasPaymentMethodInDunning": row["has_payment_method_in_dunning"],
        "activeSubscriptionsCount": row["subscriptions_active_count"],
        "subscriptionChargeStreak": row["subscription_related_charge_streak"],
    }


async def customers_of(store: Store, shop: str = SHOP) -> list[dict[str, Any]]:
    """Some of a shop's customers."""
    rows: list[dict[str, Any]] = (await store.get("subscriptions", "/customers?limit=50", shop=shop))["customers"]
    return rows


async def test_customers_by_id_in_one_call(gateway: Gateway, store: Store) -> None:
    """In their order, however often; those of another shop are none."""
    rows = await customers_of(store)
    foreign = (await customers_of(store, OTHER_SHOP))[0]
    ids = [str(rows[1]["id"]), f"gid://recharge/Customer/{rows[0]['id']}", "1", str(foreign["id"]), str(rows[1]["id"])]
    answer = await ask(gateway, BY_IDS, {"ids": ids})
    assert answer.data == {"customers": [record(rows[1]), record(rows[0]), None, None, record(rows[1])]}
    assert len(gateway.calls) == 1
    front = gateway.fronts["subscriptions"]
    assert front.writes == []
    other = await ask(gateway, BY_IDS, {"ids": ids}, key=DASHBOARD, shop=OTHER_SHOP)
    assert other.data == {"customers": [None, None, None, record(foreign), None]}


async def test_a_customer_by_email(gateway: Gateway, store: Store) -> None:
    """Whatever its case; nobody's, and another shop's, is null."""
    row = (await customers_of(store))[3]
    for email in (row["email"], f" {row['email'].upper()} "):
        assert (await ask(gateway, BY_EMAIL, {"email": email})).data == {"customerByEmail": record(row)}
    foreign = (await customers_of(store, OTHER_SHOP))[3]["email"]
    for email in ("nobody@example.com", foreign):
        assert (await ask(gateway, BY_EMAIL, {"email": email})).data == {"customerByEmail": None}


async def test_while_acting_for_somebody_else(store: Store, bulk: Bulk, shopper: int, tmp_path: Any) -> None:
    """A look-up finds others all the same, though not with that customer's session."""
    audit = {"file": str(tmp_path / "audit.jsonl")}
    async with gateway_before(store, bulk=bulk, tools=TOOLS, audit=audit) as gateway:
        other = next(row for row in await customers_of(store) if row["id"] != shopper)
        acting = {"X-On-Behalf-Of": str(shopper), "X-Reason": "ticket"}
        answer = await ask(gateway, BY_IDS, {"ids": [str(other["id"])]}, **acting)
        assert answer.data == {"customers": [record(other)]}


async def test_the_shops_of_a_tool(plain: Gateway) -> None:
    """Those that it is good for, without a call."""
    assert (await ask(plain, SHOPS, key=DASHBOARD)).data == {
        "shops": [
            {"id": "gid://shopify/Shop/204881", "domain": SHOP, "currencyCode": "USD"},
            {"id": f"gid://shopify/Shop/{await other_shop_id(plain)}", "domain": OTHER_SHOP, "currencyCode": "EUR"},
        ]
    }
    assert plain.calls == []


async def other_shop_id(gateway: Gateway) -> str:
    """The second shop's number, as its visitors see it."""
    identity: str = (await gateway.ask("{ shop { id } }", shop=OTHER_SHOP)).data["shop"]["id"]
    return identity.rpartition("/")[2]


@pytest.mark.parametrize(
    ("query", "variables", "scope"),
    [
        (BY_EMAIL, {"email": "a@b.example"}, "customers:read"),
        (BY_IDS, {"ids": ["1"]}, "customers:read"),
        (SHOPS, None, "shops:read"),
    ],
    ids=["customerByEmail", "customers", "shops"],
)
async def test_nobody_else(plain: Gateway, shopper: int, query: str, variables: Any, scope: str) -> None:
    """Visitors, shoppers, whoever claims the scope, and tools with every scope but that: null, and no call."""
    name = query.split("{")[1].split("(", maxsplit=1)[0].strip()
    claiming = {"Authorization": f"Bearer {plain.token(shopper, SHOP, scope)}"}
    answers = [
        (await plain.ask(query, variables), "UNAUTHENTICATED"),
        (await plain.ask(query, variables, customer=shopper), "FORBIDDEN"),
        (await plain.ask(query, variables, customer=shopper, headers=claiming), "FORBIDDEN"),
        (await ask(plain, query, variables, key=READER), "FORBIDDEN"),
    ]
    for answer, code in answers:
        assert answer.body["data"] == {name: None}
        assert [error["extensions"]["code"] for error in answer.errors] == [code]
    assert plain.calls == []


@pytest.mark.parametrize("email", ["", "x", "@", "a@", "a@b@c", "a b@c.example", "a,b@c.example", "a@" + "b" * 300])
async def test_what_is_no_address(plain: Gateway, email: str) -> None:
    """Refused before the backend hears of it, and not repeated."""
    answer = await ask(plain, BY_EMAIL, {"email": email})
    assert answer.body["data"] == {"customerByEmail": None}
    assert [(error["message"], error["extensions"]) for error in answer.errors] == [
        ("`email` is no e-mail address.", {"code": "BAD_USER_INPUT"})
    ]
    assert plain.calls == []


async def test_it_is_asked_anew_each_time_and_kept_by_nobody(plain: Gateway, store: Store) -> None:
    """Neither in the gateway nor by a cache on the way, though tools have no session."""
    row = (await customers_of(store))[0]
    for query, variables in ((BY_IDS, {"ids": [str(row["id"])]}), (BY_EMAIL, {"email": row["email"]}), (SHOPS, None)):
        answers = [await ask(plain, query, variables, key=DASHBOARD) for _ in range(2)]
        assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}
    assert len(plain.calls) == 4


async def test_a_row_that_was_not_asked_for_is_nobodys(plain: Gateway, store: Store) -> None:
    """Whatever the backend sends beside, or instead."""
    rows = await customers_of(store)
    front = plain.fronts["subscriptions"]
    front.fault = changing(lambda body: body["customers"].append(rows[5]))
    assert (await ask(plain, BY_IDS, {"ids": [str(rows[0]["id"])]})).data == {"customers": [record(rows[0])]}
    front.fault = answering(json.dumps({"customers": [rows[5]]}))
    assert (await ask(plain, BY_EMAIL, {"email": rows[0]["email"]})).data == {"customerByEmail": None}


async def test_addresses_are_in_no_log_and_no_explanation(
    plain: Gateway, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Of what was found, of what was not, and of what failed."""
    caplog.set_level(logging.DEBUG)
    row = (await customers_of(store))[0]
    canary = "canary.address@example.com"
    explained = await ask(plain, BY_EMAIL, {"email": row["email"]}, **{"X-Explain": "1"})
    (call,) = explained.body["extensions"]["explain"]["calls"]
    assert call["request"] == "GET /customers?email=…&limit=250"
    plain.fronts["subscriptions"].fault = answering("{}", 500)
    failed = await ask(plain, BY_EMAIL, {"email": canary}, **{"X-Explain": "1"})
    assert [error["extensions"]["code"] for error in failed.errors] == ["BACKEND_UNAVAILABLE"]
    assert canary not in json.dumps(failed.body)
    # Those of the reference backends and of the libraries under the tests' own client are not the gateway's.
    ours = [each for each in caplog.records if not each.name.startswith(("aiosqlite", "uvicorn", "sqlalchemy"))]
    written = "".join(each.getMessage() for each in ours)
    assert "backend call failed" in written
    assert canary not in written
    assert row["email"] not in written
