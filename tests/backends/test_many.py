"""Look-ups of many customers in one call, for one shop and for a fleet of them."""

# ruff: noqa: D103 - a test's name is its promise

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from backends import SHOPS
from tests.backends.services import AURORA, NORDLYS, Backends, asking, memory_database, mysql_database, settings

FLEET = {"x_recharge_access_token": "fleet", "authorization": "Bearer fleet"}
BULK = [
    ("subscriptions", "/subscriptions", "customer_id"),
    ("subscriptions", "/charges", "customer"),
    ("subscriptions", "/addresses", "customer_id"),
    ("subscriptions", "/onetimes", "customer_id"),
    ("subscriptions", "/memberships", "customer_id"),
    ("subscriptions", "/credit_accounts", "customer_id"),
    ("loyalty", "/v1/points_transactions", "customer_id"),
    ("loyalty", "/v1/reward_fulfillments", "customer_id"),
]


@pytest_asyncio.fixture(scope="module", params=[memory_database, mysql_database], ids=["sqlite", "mysql"])
async def fleet(request: pytest.FixtureRequest) -> AsyncIterator[Backends]:
    """Two services that know a token for all shops."""
    async with request.param() as first, request.param() as second:
        given: dict[str, Any] = {"customers": 40, "fleet_token": SecretStr("fleet")}
        async with (
            asking("subscriptions", settings(first, **given)) as subscriptions,
            asking("loyalty", settings(second, **given)) as loyalty,
        ):
            yield {"subscriptions": subscriptions, "loyalty": loyalty}


def owner(row: dict[str, Any], name: str) -> int:
    found: Any = row[name]
    return int(found["id"] if isinstance(found, dict) else found)


@pytest.mark.parametrize(("name", "path", "column"), BULK, ids=[path for _, path, _ in BULK])
async def test_customer_ids_find_the_rows_of_just_these(backends: Backends, name: str, path: str, column: str) -> None:
    everything = await backends[name].rows(path)
    wanted = sorted({owner(row, column) for row in everything})[:4]
    expected = [row for row in everything if owner(row, column) in wanted]
    found = await backends[name].rows(f"{path}?customer_ids={','.join(map(str, [*wanted, 1]))}&limit=250")
    assert sorted(row["id"] for row in found) == sorted(row["id"] for row in expected)
    answer = await backends[name](f"{path}?customer_ids={','.join(map(str, range(1, 252)))}")
    assert answer.status == 422


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("subscriptions", "/subscriptions"),
        ("loyalty", "/v1/points_transactions"),
        ("loyalty", "/v1/reward_fulfillments"),
    ],
)
async def test_the_limit_counts_for_each_customer(backends: Backends, name: str, path: str) -> None:
    everything = await backends[name].rows(path)
    counts = Counter(row["customer_id"] for row in everything)
    wanted = [key for key, count in counts.most_common(3)]
    answer = await backends[name](f"{path}?customer_ids={','.join(map(str, wanted))}&limit=2")
    (rows,) = (value for value in answer.body.values() if isinstance(value, list))
    for key in wanted:
        expected = [row for row in everything if row["customer_id"] == key][:2]
        assert [row for row in rows if row["customer_id"] == key] == expected
    cursors = answer.body.get("metadata", answer.body)
    assert (cursors["next_cursor"], cursors["previous_cursor"]) == (None, None)


async def test_credit_summaries_are_those_of_single_calls(backends: Backends) -> None:
    ask = backends["subscriptions"]
    keys = [row["id"] for row in (await ask("/customers?limit=5")).body["customers"]]
    path = f"/credit_summaries?customer_ids={','.join(map(str, keys))}&include=credit_details"
    found = (await ask(path)).body["credit_summaries"]
    singles = [
        (await ask(f"/customers/{key}/credit_summary?include=credit_details")).body["credit_summary"]
        for key in sorted(keys)
    ]
    assert found == singles
    assert (await ask("/credit_summaries")).status == 422


async def test_members_are_found_by_ids_and_addresses(backends: Backends) -> None:
    ask = backends["loyalty"]
    rows = (await ask("/v1/customers?limit=4")).body["customers"]
    ids = ",".join(str(row["id"]) for row in rows)
    emails = ",".join(row["email"].upper() for row in rows)
    for query in (f"ids={ids}", f"emails={emails},nobody@example.com"):
        assert (await ask(f"/v1/customers?{query}")).body["customers"] == rows


async def test_a_fleet_call_has_each_shops_rows_or_its_error(fleet: Backends) -> None:
    ask = fleet["subscriptions"]
    wanted = {}
    for shop in SHOPS:
        rows = await ask.rows("/subscriptions?status=active", shop=shop.domain)
        wanted[shop.domain] = sorted({row["customer_id"] for row in rows})[:3]
    body = {
        "shops": {
            AURORA.domain: {"customer_ids": wanted[AURORA.domain]},
            NORDLYS.domain: {"customer_ids": ["x"]},
            "nobody.example.com": {"customer_ids": [1]},
        },
        "params": {"status": "active", "limit": 2},
    }
    answer = await ask.post("/bulk/subscriptions", body, **FLEET)
    assert answer.status == 200
    ids = ",".join(map(str, wanted[AURORA.domain]))
    single = await ask(f"/subscriptions?customer_ids={ids}&status=active&limit=2")
    assert answer.body == {
        "shops": {
            AURORA.domain: {"subscriptions": single.body["subscriptions"]},
            NORDLYS.domain: {"errors": {"customer_ids": ["Not a valid integer"]}},
            "nobody.example.com": {"errors": "Not Found"},
        }
    }
    crossed = {"shops": {NORDLYS.domain: {"customer_ids": wanted[AURORA.domain]}}}
    assert (await ask.post("/bulk/subscriptions", crossed, **FLEET)).body == {
        "shops": {NORDLYS.domain: {"subscriptions": []}}
    }


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("subscriptions", "customers"),
        ("subscriptions", "charges"),
        ("subscriptions", "addresses"),
        ("subscriptions", "onetimes"),
        ("subscriptions", "memberships"),
        ("subscriptions", "credit_accounts"),
        ("loyalty", "customers"),
    ],
)
async def test_a_fleet_call_by_ids_is_what_the_shops_say(fleet: Backends, name: str, resource: str) -> None:
    prefix = "/v1" if name == "loyalty" else ""
    expected, asked = {}, {}
    for shop in SHOPS:
        answer = await fleet[name](f"{prefix}/{resource}?limit=3", shop=shop.domain)
        rows = answer.body[resource]
        asked[shop.domain] = {"ids": [row["id"] for row in rows] or [1]}
        expected[shop.domain] = {resource: rows}
    answer = await fleet[name].post(f"{prefix}/bulk/{resource}", {"shops": asked}, **FLEET)
    assert answer.body == {"shops": expected}


async def test_a_fleet_call_needs_its_token_and_at_most_250_ids(fleet: Backends) -> None:
    ask = fleet["subscriptions"]
    body = {"shops": {AURORA.domain: {"ids": [1]}}}
    assert (await ask.post("/bulk/subscriptions", body)).status == 401
    assert (await ask("/subscriptions", **FLEET)).status == 401
    assert (await ask.post("/bulk/nothing", body, **FLEET)).status == 404
    many = {"shops": {shop.domain: {"ids": list(range(1, 127))} for shop in SHOPS}}
    answer = await ask.post("/bulk/subscriptions", many, **FLEET)
    assert (answer.status, answer.body) == (422, {"errors": {"shops": ["Must not contain more than 250 ids"]}})
    wrongs: list[Any] = [{}, {"shops": []}, {"shops": {AURORA.domain: {"ids": []}}}, None]
    for wrong in wrongs:
        assert (await ask.post("/bulk/subscriptions", wrong, **FLEET)).status == 422


async def test_without_a_fleet_token_there_are_no_fleet_calls(backends: Backends) -> None:
    body = {"shops": {AURORA.domain: {"ids": [1]}}}
    answer = await backends["subscriptions"].post("/bulk/subscriptions", body, **FLEET)
    assert (answer.status, answer.body) == (404, {"error": "endpoint not found"})
