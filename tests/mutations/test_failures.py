"""What goes wrong between the gateway and a backend: told apart, sent once, seen through."""

import asyncio
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.conftest import Gateway, gateway_before
from tests.fronts import Front, Reset, resetting
from tests.mutations.conftest import Written
from tests.mutations.picking import subscriptions

TODAY = date.today()  # noqa: DTZ011  # as the shop's calendar has it
SOON = (TODAY + timedelta(days=13)).isoformat()

RESCHEDULE = """mutation ($id: ID!, $date: Date!, $key: String) {
    result: subscriptionReschedule(subscriptionId: $id, date: $date, idempotencyKey: $key) {
        subscription { nextChargeDate } userErrors { field message code } } }"""
UPDATE = """mutation ($id: ID!) { result: subscriptionUpdate(subscriptionId: $id, input: {quantity: 7}) {
    subscription { quantity } userErrors { field message code } } }"""

Rows = Iterator[dict[str, Any]]


@pytest.fixture(scope="module")
async def rows(shop: Written) -> Rows:
    """Subscriptions that can be changed; each test takes the next."""
    return await subscriptions(shop, is_skippable=True, is_swappable=True)


def on_writes(front: Front, body: Any, status: int, *, times: int = 10**9, retry_after: str = "2") -> None:
    """Answer so many writes like this, instead of the backend."""
    left = iter(range(times))

    async def before(request: Request) -> Response | None:
        is_write = request.method != "GET" and not request.url.path.endswith("/sessions")
        if not is_write or next(left, None) is None:
            return None
        return Response(json.dumps(body), status, {"Retry-After": retry_after}, media_type="application/json")

    front.before = before


async def reschedule(gateway: Gateway, row: dict[str, Any], key: str | None = None, on: str = SOON) -> Any:
    """The answer for the owner."""
    return await gateway.ask(RESCHEDULE, {"id": str(row["id"]), "date": on, "key": key}, customer=row["customer_id"])


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"errors": {"date": ["Too soon."]}}, [(["date"], "Too soon.")]),
        ({"errors": {"date": "Too soon."}}, [(["date"], "Too soon.")]),
        ({"errors": {"date": {"day": ["A.", "B."]}}}, [(["date", "day"], "A."), (["date", "day"], "B.")]),
        ({"errors": {"_schema": ["Not now."]}}, [(None, "Not now.")]),
        ({"errors": "Not now."}, [(None, "Not now.")]),
        ({"error": "Not now."}, [(None, "Not now.")]),
        ({"error": {"message": "Not now.", "request_id": "1"}}, [(None, "Not now.")]),
        ({"warning": 1}, [(None, "The change was refused.")]),
        ([], [(None, "The change was refused.")]),
    ],
)
async def test_a_422_in_each_of_its_forms(gateway: Gateway, shop: Written, body: Any, errors: Any) -> None:
    """Whatever it is about comes at the argument's path."""
    row = next(await subscriptions(shop, is_skippable=True))
    on_writes(gateway.fronts["subscriptions"], body, 422)
    payload = (await reschedule(gateway, row)).data["result"]
    assert [(error["field"], error["message"]) for error in payload["userErrors"]] == errors
    assert {error["code"] for error in payload["userErrors"]} == {"INVALID"}
    assert payload["subscription"] is None


async def test_gone_in_the_meantime(gateway: Gateway, rows: Rows) -> None:
    """A 404 of the write is about what it was to."""
    on_writes(gateway.fronts["subscriptions"], {"errors": "Not Found"}, 404)
    payload = (await reschedule(gateway, next(rows))).data["result"]
    assert [(error["field"], error["code"]) for error in payload["userErrors"]] == [(["subscriptionId"], "NOT_FOUND")]


@pytest.mark.parametrize(
    ("status", "service", "session"),
    [
        (401, "BACKEND_UNAVAILABLE", "UNAUTHENTICATED"),
        (403, "BACKEND_UNAVAILABLE", "FORBIDDEN"),
        (423, "BACKEND_UNAVAILABLE", "TWO_FACTOR_REQUIRED"),
        (400, "BACKEND_UNAVAILABLE", "BACKEND_UNAVAILABLE"),
        (429, "THROTTLED", "THROTTLED"),
    ],
)
async def test_refusals_that_the_input_cannot_mend(shop: Written, status: int, service: str, session: str) -> None:
    """With the shop's credential they are our fault; the shopper's own session may be at its end."""
    row = next(await subscriptions(shop, is_skippable=True))
    for bulk, code in (("none", service), ("session", session)):
        async with gateway_before(shop.store, bulk=bulk) as gateway:  # type: ignore[arg-type]
            on_writes(gateway.fronts["subscriptions"], {"errors": "No"}, status, retry_after="9")
            answer = await reschedule(gateway, row)
            assert answer.body["data"] == {"result": None}
            (error,) = answer.errors
            assert error["extensions"]["code"] == code
            assert error["extensions"].get("retryAfter") == (9.0 if status == 429 else None)
            # A session that is refused is opened anew and asked once; nothing else is sent twice.
            assert len(gateway.fronts["subscriptions"].writes) == (2 if (bulk, status) == ("session", 401) else 1)
    assert await shop.subscription(row["id"]) == row


async def test_a_session_that_ended_costs_nothing(shop: Written, rows: Rows) -> None:
    """One 401, a new session, done."""
    row = next(rows)
    async with gateway_before(shop.store, bulk="session") as gateway:
        on_writes(gateway.fronts["subscriptions"], {"errors": "Unauthorized"}, 401, times=1)
        assert (await reschedule(gateway, row)).data["result"]["subscription"] == {"nextChargeDate": SOON}


async def test_a_write_that_met_another_is_sent_again(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """A 409 was not carried out. When it goes on until the deadline, the shopper is told."""
    row = next(rows)
    on_writes(gateway.fronts["subscriptions"], {"errors": "Busy"}, 409, times=3)
    assert (await reschedule(gateway, row)).data["result"]["subscription"] == {"nextChargeDate": SOON}
    assert len(gateway.fronts["subscriptions"].writes) == 4
    async with gateway_before(shop.store, operations={"deadline_seconds": 1.0}) as hasty:
        on_writes(hasty.fronts["subscriptions"], {"errors": "Busy"}, 409)
        payload = (await reschedule(hasty, row, "k")).data["result"]
        assert [error["code"] for error in payload["userErrors"]] == ["CONFLICT"]
        hasty.fronts["subscriptions"].before = None
        # "Try again" is no answer for good: the key may be used once more.
        assert (await reschedule(hasty, row, "k")).data["result"]["subscription"] == {"nextChargeDate": SOON}


async def test_writes_to_one_address_come_one_after_the_other(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """Twenty at once meet no 409, since the backend never has two; other addresses do not wait."""
    row = next(rows)
    under_way: list[int] = []
    most = 0

    async def watching(request: Request) -> Response | None:
        nonlocal most
        if request.method != "GET":
            under_way.append(1)
            most = max(most, len(under_way))
            await asyncio.sleep(0.02)
        return None

    async def left(request: Request, _true: bytes) -> Response | None:
        if request.method != "GET":
            under_way.pop()
        return None

    front = gateway.fronts["subscriptions"]
    front.before, front.fault = watching, left
    days = [(TODAY + timedelta(days=day)).isoformat() for day in range(10, 20)]
    answers = await asyncio.gather(*(reschedule(gateway, row, on=day) for day in days))
    assert [answer.data["result"]["subscription"]["nextChargeDate"] for answer in answers] == days
    assert (most, len(front.writes)) == (1, 10)
    others = [each for each in await subscriptions(shop, is_skippable=True) if each["id"] != row["id"]][:4]
    await asyncio.gather(*(reschedule(gateway, each) for each in others))
    assert most > 1


@pytest.mark.parametrize(("query", "method"), [(RESCHEDULE, "POST"), (UPDATE, "PUT")])
async def test_a_lost_connection_is_no_second_write(
    gateway: Gateway, shop: Written, rows: Rows, query: str, method: str
) -> None:
    """R18: without a key nothing is ever sent again, neither by us nor by the HTTP library. What was done is seen."""
    row = next(rows)
    before = await shop.subscription(row["id"])
    later = (TODAY + timedelta(days=37)).isoformat()
    variables = {"id": str(row["id"]), "date": later}

    async def reset_before(request: Request) -> Response | None:
        return Reset() if request.method == method else None

    front = gateway.fronts["subscriptions"]
    front.before = reset_before
    answer = await gateway.ask(query, variables, customer=row["customer_id"])
    assert [error["extensions"] for error in answer.errors] == [{"code": "OUTCOME_UNKNOWN", "service": "subscriptions"}]
    assert len(front.writes) == 1
    assert await shop.subscription(row["id"]) == before

    async def reset_after(request: Request, _true: bytes) -> Response | None:
        return await resetting(request) if request.method == method else None

    front.before, front.fault = None, reset_after
    answer = await gateway.ask(query, variables, customer=row["customer_id"])
    assert answer.data["result"]["userErrors"] == []
    assert len(front.writes) == 2
    now = await shop.subscription(row["id"])
    assert now["next_charge_scheduled_at"] == later or now["quantity"] == 7


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_backend_that_breaks_over_a_write(gateway: Gateway, shop: Written, status: int) -> None:
    """Whether it was done is looked for: done is done, and what cannot be seen is unknown."""
    row = next(await subscriptions(shop, is_skippable=True))
    day = (TODAY + timedelta(days=30 + status % 10)).isoformat()
    front = gateway.fronts["subscriptions"]
    on_writes(front, {"errors": "Broken"}, status)
    answer = await reschedule(gateway, row, "key", on=day)
    assert [error["extensions"]["code"] for error in answer.errors] == ["OUTCOME_UNKNOWN"]

    async def broken_after(request: Request, _true: bytes) -> Response | None:
        return Response("{}", status, media_type="application/json") if request.method == "POST" else None

    front.before, front.fault = None, broken_after
    assert (await reschedule(gateway, row, "key", on=day)).data["result"]["subscription"] == {"nextChargeDate": day}
    assert len(front.writes) == 2


async def test_nothing_was_sent_when_nobody_listens(gateway: Gateway, rows: Rows) -> None:
    """A connection that is refused is an outage, not an unknown outcome."""
    row = next(rows)
    await gateway.ask("{ customer { email } }", customer=row["customer_id"])
    await gateway.fronts["subscriptions"].stop()
    (error,) = (await reschedule(gateway, row)).errors
    assert error["extensions"]["code"] == "BACKEND_UNAVAILABLE"


async def test_a_client_that_left_has_changed_it_all_the_same(gateway: Gateway, shop: Written, rows: Rows) -> None:
    """R22: the client goes after 50 ms; both mutations of its document are carried out, each once."""
    row = next(rows)

    async def slowly(request: Request) -> Response | None:
        if request.method != "GET":
            await asyncio.sleep(0.2)
        return None

    front = gateway.fronts["subscriptions"]
    front.before = slowly
    query = """mutation ($id: ID!, $date: Date!) {
        a: subscriptionReschedule(subscriptionId: $id, date: $date) { subscription { id } }
        b: subscriptionUpdate(subscriptionId: $id, input: {quantity: 9}) { subscription { id } } }"""
    sent = {"query": query, "variables": {"id": str(row["id"]), "date": SOON}}
    headers = {"Authorization": f"Bearer {gateway.token(row['customer_id'])}"}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.05)) as client:
        with pytest.raises(TimeoutError):
            await client.post(f"{gateway.url}/graphql", json=sent, headers=headers)
    async with asyncio.timeout(5):
        while (now := await shop.subscription(row["id"]))["quantity"] != 9:  # noqa: ASYNC110  # nothing tells a client that left
            await asyncio.sleep(0.05)
    assert now["next_charge_scheduled_at"] == SOON
    assert len(front.writes) == 2
