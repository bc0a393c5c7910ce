"""A backend that is down, late or lying costs its own fields and nothing else."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.conftest import Gateway, gateway_before
from tests.documents import document
from tests.fronts import Fault, answering, changing, hanging, only, throttling, truncated

UNAVAILABLE = ("BACKEND_UNAVAILABLE", "The {} service is unavailable.")
TIMEOUT = ("BACKEND_TIMEOUT", "The {} service took too long to answer.")
PRODUCT = "7301220581073"
"""A product of the first shop, with plans and discounts."""

Json = dict[str, Any]


@pytest.fixture(params=["none", "shop", "fleet"])
def bulk(request: pytest.FixtureRequest) -> Any:
    """What holds in front of the public APIs holds in front of backends that offer more."""
    return request.param


def without(data: Json, *paths: str) -> Json:
    """The data with the fields at these paths null; `*` stands for each of a list."""
    changed = deepcopy(data)
    for path in paths:
        *parents, last = path.split(".")
        places: list[Any] = [changed]
        for name in parents:
            places = [item for place in places for item in (place if name == "*" else [place[name]])]
        for place in places:
            place[last] = None
    return changed


LOST: dict[tuple[str, str], tuple[str, ...]] = {
    ("CustomerPortal", "subscriptions"): (
        "shop.customerPortal",
        "customer.email",
        "customer.hasPaymentMethodInDunning",
        "customer.subscriptions",
        "customer.credit",
        "customer.loyalty",  # nobody else knows the shopper's e-mail address
    ),
    ("CustomerPortal", "bundles"): ("customer.subscriptions.nodes.*.bundleSelection",),
    ("CustomerPortal", "loyalty"): ("customer.loyalty",),
    ("LoyaltyPanel", "subscriptions"): (
        "customer.firstName",
        "customer.subscriptionChargeStreak",
        "customer.credit",
        "customer.loyalty",
    ),
    ("LoyaltyPanel", "bundles"): (),
    ("LoyaltyPanel", "loyalty"): (
        "loyaltyProgram.pointsLabel",
        "loyaltyProgram.tiers",
        "loyaltyProgram.earningRules",
        "customer.loyalty",
    ),
    ("ProductSubscriptionWidget", "subscriptions"): ("product",),
    ("ProductSubscriptionWidget", "bundles"): (),
    ("ProductSubscriptionWidget", "loyalty"): ("loyaltyProgram.pointsLabel", "loyaltyProgram.earningRules"),
}
"""What each document loses without each backend."""


async def ask(gateway: Gateway, name: str, shopper: int) -> Any:
    """Ask a document as a page would."""
    is_public = name == "ProductSubscriptionWidget"
    return await gateway.ask(
        document(name), {"productId": PRODUCT} if is_public else None, customer=None if is_public else shopper
    )


def assert_lost(answer: Any, healthy: Json, name: str, service: str, code: str, message: str, **more: Any) -> None:
    """Exactly the service's own fields are null, and each says why."""
    lost = LOST[name, service]
    assert answer.status == 200
    assert answer.body["data"] == without(healthy, *lost)
    if not lost:
        assert "errors" not in answer.body
        return
    for error in answer.errors:
        assert error["message"] == message.format(service)
        assert error["extensions"] == {"code": code, "service": service, **more}
    nodes = len(healthy["customer"]["subscriptions"]["nodes"]) if name == "CustomerPortal" else 0
    expected = [path.replace("*", str(index)) for path in lost for index in (range(nodes) if "*" in path else range(1))]
    assert sorted(".".join(map(str, error["path"])) for error in answer.errors) == sorted(expected)


@pytest.mark.parametrize(("name", "service"), LOST)
async def test_a_stopped_backend_costs_its_own_fields(gateway: Gateway, shopper: int, name: str, service: str) -> None:
    """Connections are refused."""
    healthy = (await ask(gateway, name, shopper)).data
    await gateway.fronts[service].stop()

    answer = await ask(gateway, name, shopper)

    assert_lost(answer, healthy, name, service, *UNAVAILABLE)


FAULTS: dict[str, tuple[Fault, tuple[str, str], dict[str, Any]]] = {
    "500": (answering("{}", 500), UNAVAILABLE, {}),
    "502 with HTML": (answering("<h1>Bad Gateway</h1>", 502, "text/html"), UNAVAILABLE, {}),
    "200 with HTML": (answering("<h1>Hello</h1>", 200, "text/html"), UNAVAILABLE, {}),
    "not JSON": (answering("hello"), UNAVAILABLE, {}),
    "JSON of another shape": (answering("[1, 2]"), UNAVAILABLE, {}),
    "nested without end": (answering("[" * 100_000), UNAVAILABLE, {}),
    "truncated": (truncated, UNAVAILABLE, {}),
    "redirect": (answering("{}", 302), UNAVAILABLE, {}),
    "our credential refused": (answering('{"errors": "Unauthorized"}', 401), UNAVAILABLE, {}),
    "429": (throttling("7"), ("THROTTLED", "The {} service is busy."), {"retryAfter": 7.0}),
    "429 with nonsense": (throttling("soon"), ("THROTTLED", "The {} service is busy."), {"retryAfter": 2.0}),
}


@pytest.mark.parametrize("service", ["subscriptions", "bundles", "loyalty"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failing_backend_costs_its_own_fields(gateway: Gateway, shopper: int, service: str, fault: str) -> None:
    """Every kind of wrong answer is one of our errors, and none of the backend's words gets out."""
    for name in ("CustomerPortal", "ProductSubscriptionWidget"):
        healthy = (await ask(gateway, name, shopper)).data
        gateway.fronts[service].fault, (code, message), more = FAULTS[fault]

        answer = await ask(gateway, name, shopper)

        assert_lost(answer, healthy, name, service, code, message, **more)
        gateway.fronts[service].fault = None


@pytest.mark.parametrize("service", ["subscriptions", "bundles", "loyalty"])
async def test_a_hanging_backend_costs_its_own_fields(store: Any, shopper: int, service: str) -> None:
    """The answer comes when the backend's own time is up."""
    async with gateway_before(store, timeout_seconds=1.0) as gateway:
        healthy = (await ask(gateway, "ProductSubscriptionWidget", shopper)).data
        gateway.fronts[service].fault = hanging

        answer = await ask(gateway, "ProductSubscriptionWidget", shopper)

        assert_lost(answer, healthy, "ProductSubscriptionWidget", service, *TIMEOUT)


async def test_an_answer_over_the_limit_is_not_read(gateway: Gateway) -> None:
    """A backend cannot fill the gateway's memory."""
    gateway.fronts["loyalty"].fault = answering(b'{"points_settings": "' + b"x" * 9_000_000 + b'"}')

    answer = await gateway.ask("{ loyaltyProgram { pointsLabel { one } } }")

    assert answer.body["data"] == {"loyaltyProgram": {"pointsLabel": None}}
    assert answer.errors[0]["extensions"] == {"code": "BACKEND_UNAVAILABLE", "service": "loyalty"}


def rows_in(body: Any, name: str) -> Iterator[Any]:
    """Every row of that name, wherever an answer has it: alone, in a list, in a shop's part of a fleet's answer."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key == name:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from rows_in(value, name)


def disowning(name: str, *, only_id: int | None = None, owner: Callable[[Any], object]) -> Fault:
    """A backend that hands out rows which somebody else owns."""

    def change(body: Any) -> None:
        for row in rows_in(body, name):
            if only_id in {None, row["id"]}:
                owner(row)

    return changing(change)


async def test_a_foreign_record_is_not_handed_on(gateway: Gateway, shopper: int) -> None:
    """A customer's record that bears another id is nobody's."""

    async def fault(request: Request, true: bytes) -> Response | None:
        plain = await disowning("customer", owner=lambda row: row.update(id=1))(request, true)
        assert plain is not None
        return await disowning("customers", owner=lambda row: row.update(id=1))(request, bytes(plain.body))

    gateway.fronts["subscriptions"].fault = fault

    answer = await gateway.ask("{ customer { email } }", customer=shopper)

    assert answer.data == {"customer": {"email": None}}


async def test_foreign_rows_are_dropped(gateway: Gateway, bulk: str, shopper: int) -> None:
    """A list loses the rows that are not the shopper's, and goes on with the ones after them."""
    query = """query ($n: Int) {
        customer { subscriptions(first: $n) { nodes { id address { city } upcomingCharge { id } } } }
    }"""
    healthy = (await gateway.ask(query, {"n": 4}, customer=shopper)).data["customer"]["subscriptions"]["nodes"]
    front = gateway.fronts["subscriptions"]

    async def nodes(first: int) -> Any:
        answer = await gateway.ask(query, {"n": first}, customer=shopper)
        return answer.data["customer"]["subscriptions"]["nodes"]

    second = int(healthy[1]["id"].rpartition("/")[2])
    front.fault = disowning("subscriptions", only_id=second, owner=lambda row: row.update(customer_id=1))
    # An answer for several owners has one row to spare, which then is the last of the page.
    assert await nodes(3) == [healthy[0], healthy[2], healthy[3]], bulk

    front.fault = disowning("addresses", owner=lambda row: row.update(customer_id=1))
    assert await nodes(4) == [{**node, "address": None} for node in healthy]

    front.fault = disowning("charges", owner=lambda row: row["customer"].update(id=1))
    assert await nodes(4) == [{**node, "upcomingCharge": None} for node in healthy]


async def test_a_malformed_row_costs_its_owner_only(gateway: Gateway, shopper: int) -> None:
    """One product that cannot be read: the subscriptions to other products keep theirs."""
    query = "{ customer { subscriptions { nodes { productTitle product { title } } } } }"
    healthy = (await gateway.ask(query, customer=shopper)).data["customer"]["subscriptions"]["nodes"]
    broken = healthy[0]["product"]["title"]

    def spoil(body: Any) -> None:
        for row in body["products"]:
            if row["title"] == broken:
                row["variants"][0]["prices"][0]["unit_price"] = "NaN"

    gateway.fronts["subscriptions"].fault = only("/product_search", changing(spoil))
    answer = await gateway.ask(query, customer=shopper)

    nodes = answer.body["data"]["customer"]["subscriptions"]["nodes"]
    hurt = [index for index, node in enumerate(healthy) if node["product"]["title"] == broken]
    assert nodes == [{**node, "product": None} if index in hurt else node for index, node in enumerate(healthy)]
    assert [error["path"] for error in answer.errors] == [
        ["customer", "subscriptions", "nodes", index, "product"] for index in hurt
    ]
    assert {error["extensions"]["code"] for error in answer.errors} == {"BACKEND_UNAVAILABLE"}


SPOILED: dict[str, tuple[str, Callable[[Any], object]]] = {
    "money that is not finite": ("charges", lambda row: row.update(total_price="Infinity")),
    "money as a word": ("charges", lambda row: row.update(subtotal_price="free")),
    "a day that does not exist": ("charges", lambda row: row.update(scheduled_at="2026-02-31")),
    "a number beyond 32 bits": ("charges", lambda row: row["line_items"][0].update(quantity=2**31)),
    "a currency that does not exist": ("charges", lambda row: row.update(currency="XXX")),
    "a status that nobody knows": ("charges", lambda row: row.update(status="lost")),
    "an instant that does not exist": ("subscriptions", lambda row: row.update(created_at="2026-01-01T25:00:00")),
}
"""What a backend may send that the graph cannot show."""


@pytest.mark.parametrize("name", SPOILED)
async def test_a_value_that_the_graph_cannot_show(gateway: Gateway, shopper: int, name: str) -> None:
    """The field that looked it up is null, with the service's name, and the rest stays."""
    rows, spoil = SPOILED[name]

    def change(body: Any) -> None:
        for row in rows_in(body, rows):
            spoil(row)

    query = "{ customer { email subscriptions(first: 2) { nodes { id upcomingCharge { id } } } } }"
    healthy = (await gateway.ask(query, customer=shopper)).data["customer"]
    gateway.fronts["subscriptions"].fault = changing(change)

    answer = await gateway.ask(query, customer=shopper)

    expected: Any = (
        {"nodes": [{**node, "upcomingCharge": None} for node in healthy["subscriptions"]["nodes"]]}
        if rows == "charges"
        else None
    )
    assert answer.body["data"]["customer"] == {**healthy, "subscriptions": expected}
    for error in answer.errors:
        assert error["extensions"] == {"code": "BACKEND_UNAVAILABLE", "service": "subscriptions"}
        assert error["message"] == "The subscriptions service is unavailable."


async def test_logs_have_a_line_a_failed_call_and_nothing_personal(
    gateway: Gateway, store: Any, shopper: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Forty fields may fail by one call; neither e-mail addresses nor tokens nor ids of the query are in the line."""
    email = (await store.get("subscriptions", f"/customers/{shopper}"))["customer"]["email"]
    for front in (gateway.fronts["loyalty"], gateway.fronts["bundles"]):
        front.fault = answering("{}", 503)
    caplog.clear()

    await ask(gateway, "CustomerPortal", shopper)

    lines = [record.getMessage() for record in caplog.records if "backend call failed" in record.getMessage()]
    assert len(lines) == len([call for call in gateway.calls if not call.startswith("subscriptions")]) == 2
    assert all("status 503" in line for line in lines)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("gateway"))
    secrets = [email, email.partition("@")[0], *store.tokens["loyalty"].values(), *store.tokens["bundles"].values()]
    assert [secret for secret in secrets if secret in ours] == []
