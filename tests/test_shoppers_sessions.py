"""Backends that are asked with the shopper's own session: whose token goes where."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.conftest import SHOP, Gateway, Store, gateway_before
from tests.documents import document
from tests.fronts import answering, only

HEADER = "x-recharge-access-token"
EMAIL = "{ customer { email } }"


@pytest.fixture
async def gateway(store: Store) -> AsyncIterator[Gateway]:
    """A gateway whose shoppers' calls carry sessions of their own."""
    async with gateway_before(store, bulk="session") as fresh:
        yield fresh


def sent(gateway: Gateway, service: str = "subscriptions") -> list[tuple[str, str]]:
    """Path and token of every call to a service that speaks Recharge's API."""
    front = gateway.fronts[service]
    return [(call.partition("?")[0], headers[HEADER]) for call, headers in zip(front.calls, front.headers, strict=True)]


async def other_than(store: Store, shopper: int) -> int:
    """Another customer of the shop."""
    customers = (await store.get("subscriptions", "/customers?limit=2"))["customers"]
    number: int = next(row["id"] for row in customers if row["id"] != shopper)
    return number


async def test_one_session_serves_a_shopper(gateway: Gateway, store: Store, shopper: int) -> None:
    """Opened once with the shop's credential, by whichever look-up comes first; used by both backends, and kept."""
    for _ in range(2):
        assert (await gateway.ask(document("CustomerPortal"), customer=shopper)).data
    service_token = store.tokens["subscriptions"][SHOP]
    opened = [token for path, token in sent(gateway) if path.endswith("/sessions")]
    # What is the same for every shopper is the shop's to ask.
    public = {"/shop/settings", "/product_search"}
    own = {token for path, token in sent(gateway) if not path.endswith("/sessions") and path not in public}
    assert opened == [service_token]
    assert {token for path, token in sent(gateway) if path in public} == {service_token}
    assert len(own) == 1
    assert own.isdisjoint({service_token})
    assert {token for _, token in sent(gateway, "bundles")} == own
    assert len(gateway.calls) == 1 + 2 * 10


async def test_every_shopper_has_a_session_of_his_own(gateway: Gateway, store: Store, shopper: int) -> None:
    """Many at once: each gets his own data, by a token that nobody else's call carries."""
    other = await other_than(store, shopper)
    customers = [shopper, other] * 10
    answers = await asyncio.gather(*(gateway.ask("{ customer { id email } }", customer=each) for each in customers))
    for customer, answer in zip(customers, answers, strict=True):
        record = (await store.get("subscriptions", f"/customers/{customer}"))["customer"]
        assert answer.data["customer"]["email"] == record["email"]
    by_customer = {path: token for path, token in sent(gateway) if not path.endswith("/sessions")}
    assert set(by_customer) == {f"/customers/{shopper}", f"/customers/{other}"}
    assert len(set(by_customer.values())) == 2
    assert len([path for path, _ in sent(gateway) if path.endswith("/sessions")]) == 2


async def test_visitors_are_the_shops(gateway: Gateway, store: Store) -> None:
    """Without a shopper the shop's own credential asks for what is public."""
    await gateway.ask('{ product(id: "1") { id } }')
    assert sent(gateway) == [("/product_search", store.tokens["subscriptions"][SHOP])]


async def test_a_session_that_ended_early_is_opened_anew(gateway: Gateway, shopper: int) -> None:
    """One 401 costs nothing; a backend that goes on refusing is asked no third time."""
    assert (await gateway.ask(EMAIL, customer=shopper)).data
    refusals = iter([401])

    async def once(request: Request, _true: bytes) -> Response | None:
        is_session = request.url.path.endswith("/sessions")
        status = None if is_session else next(refusals, None)
        return Response("{}", status, media_type="application/json") if status else None

    gateway.fronts["subscriptions"].fault = once
    gateway.fronts["subscriptions"].calls.clear()
    gateway.fronts["subscriptions"].headers.clear()
    answer = await gateway.ask(EMAIL, customer=shopper)
    assert answer.data["customer"]["email"]
    assert [path for path, _ in sent(gateway)] == [
        f"/customers/{shopper}",
        f"/customers/{shopper}/sessions",
        f"/customers/{shopper}",
    ]

    gateway.fronts["subscriptions"].fault = only(f"/customers/{shopper}", answering("{}", 401))
    gateway.fronts["subscriptions"].calls.clear()
    refused = await gateway.ask(EMAIL, customer=shopper)
    assert refused.body["data"] == {"customer": {"email": None}}
    assert refused.errors[0]["extensions"] == {"code": "BACKEND_UNAVAILABLE", "service": "subscriptions"}
    assert [call.partition("?")[0] for call in gateway.fronts["subscriptions"].calls] == [
        f"/customers/{shopper}",
        f"/customers/{shopper}/sessions",
        f"/customers/{shopper}",
    ]


@pytest.mark.parametrize(
    "body", ["{}", "[]", '{"customer_session": {}}', '{"customer_session": {"apiToken": ""}}', "<html>"]
)
async def test_a_session_that_does_not_open(gateway: Gateway, shopper: int, body: str) -> None:
    """Both backends' fields are null with the reason, loyalty's wait for the e-mail; nothing asks without a session."""
    gateway.fronts["subscriptions"].fault = only(f"/customers/{shopper}/sessions", answering(body))
    answer = await gateway.ask("{ shop { domain } customer { email credit { accounts { id } } } }", customer=shopper)
    assert answer.body["data"] == {"shop": {"domain": SHOP}, "customer": {"email": None, "credit": None}}
    assert {error["extensions"]["service"] for error in answer.errors} == {"subscriptions"}
    assert {path for path, _ in sent(gateway)} == {f"/customers/{shopper}/sessions"}


async def test_the_session_of_another_customer_opens_nothing(gateway: Gateway, store: Store, shopper: int) -> None:
    """A foreign subscription is not found, by the backend's own rule and by ours."""
    other = await other_than(store, shopper)
    listed = (await store.get("subscriptions", "/subscriptions?limit=250"))["subscriptions"]
    foreign = next(row["id"] for row in listed if row["customer_id"] != other)
    query = "query ($id: ID!) { customer { subscription(id: $id) { id } } }"
    answer = await gateway.ask(query, {"id": str(foreign)}, customer=other)
    assert answer.data == {"customer": {"subscription": None}}
