"""What is said to requests that cannot be answered."""

# ruff: noqa: D103 - a test's name is its promise

import base64
import json
from typing import Any

import pytest

from tests.backends.services import Asked, Backends

INTEGER = ["Not a valid integer"]
TOO_MANY = ",".join(map(str, range(1, 252)))


def cursor(**changes: Any) -> str:
    """A cursor of an unfiltered list with something changed."""
    content = {"starting_before_id": 81_204_400, "last_value": 81_204_400, "sort_by": "id-desc", "cursor_dir": "next"}
    return base64.urlsafe_b64encode(json.dumps(content | changes).encode()).decode()


REFUSED: list[tuple[str, dict[str, list[str]]]] = [
    ("/customers?limit=0", {"limit": ["Must be between 1 and 250"]}),
    ("/customers?limit=251", {"limit": ["Must be between 1 and 250"]}),
    ("/customers?limit=-1", {"limit": INTEGER}),
    ("/customers?limit=ten", {"limit": INTEGER}),
    ("/customers?limit=", {"limit": INTEGER}),
    ("/customers?limit=1&limit=2", {"limit": INTEGER}),
    ("/customers?limit=%C2%B2", {"limit": INTEGER}),
    ("/customers?ids=1,x", {"ids": INTEGER}),
    ("/customers?ids=", {"ids": INTEGER}),
    ("/customers?ids=1,", {"ids": INTEGER}),
    ("/customers?ids=1.5", {"ids": INTEGER}),
    ("/customers?ids=9223372036854775808", {"ids": INTEGER}),
    (f"/customers?ids={TOO_MANY}", {"ids": ["Must not contain more than 250 ids"]}),
    ("/customers?sort_by=email-asc", {"sort_by": ["Invalid value"]}),
    ("/customers?sort_by=id", {"sort_by": ["Invalid value"]}),
    ("/customers?sort_by=", {"sort_by": ["Invalid value"]}),
    ("/subscriptions?customer_id=1,2", {"customer_id": INTEGER}),
    ("/subscriptions?address_ids=a", {"address_ids": INTEGER}),
    ("/subscriptions?ids=x&address_id=y", {"ids": INTEGER, "address_id": INTEGER}),
    ("/subscriptions?bundles_only=maybe", {"bundles_only": ["Not a valid boolean"]}),
    (
        "/subscriptions?status=paused",
        {"status": ["Invalid value: paused. Must be one of: active, cancelled, expired, onetime"]},
    ),
    ("/addresses?is_active=2", {"is_active": ["Not a valid boolean"]}),
    (
        "/addresses?updated_at_max=test",
        {"updated_at_max": ["Invalid date: test. Must be a valid ISO-8601 datetime string"]},
    ),
    (
        "/charges?scheduled_at=2026-02-30",
        {"scheduled_at": ["Invalid date: 2026-02-30. Must be a valid ISO-8601 datetime string"]},
    ),
    (
        "/charges?created_at_min=0001-01-01T00:00:00%2B23:59",
        {"created_at_min": ["Invalid date: 0001-01-01T00:00:00+23:59. Must be a valid ISO-8601 datetime string"]},
    ),
    ("/charges?purchase_item_id=1,2", {"purchase_item_id": INTEGER}),
    ("/charges?purchase_item_ids=a", {"purchase_item_ids": INTEGER}),
    ("/charges?discount_id=x", {"discount_id": INTEGER}),
    (
        "/credit_accounts?credit_type=cash",
        {"credit_type": ["Invalid value: cash. Must be one of: reward, manual, gift"]},
    ),
    (f"/customers?cursor={cursor()}&email=a@example.com", {"email": ["Not allowed together with cursor"]}),
    (f"/customers?cursor={cursor()}&sort_by=id-asc", {"sort_by": ["Not allowed together with cursor"]}),
    (f"/customers?cursor={cursor()}&anything=1", {"anything": ["Not allowed together with cursor"]}),
    (f"/customers?cursor={cursor(filters={'ids': 'x'})}", {"ids": INTEGER}),
]
BAD_CURSORS = [
    "",
    "test",
    "%%%",
    "bnVsbA==",
    "e30=",
    cursor()[:-6],
    cursor(sort_by="email-desc"),
    cursor(sort_by="id-sideways"),
    cursor(cursor_dir="up"),
    cursor(starting_before_id="1"),
    cursor(starting_before_id=-1),
    cursor(starting_before_id=2**63),
    cursor(last_value="soon"),
    cursor(last_value=None),
    cursor(last_value=[]),
    cursor(sort_by="created_at-asc", last_value="soon"),
    cursor(sort_by="created_at-asc", last_value=12),
    cursor(sort_by="created_at-asc", last_value=None),
    cursor(shop_id=1),
    cursor(filters=[]),
]


@pytest.mark.parametrize(("path", "problems"), REFUSED, ids=[path[:60] for path, _ in REFUSED])
async def test_a_parameter_that_cannot_be_read_is_named(
    subscriptions: Asked, path: str, problems: dict[str, list[str]]
) -> None:
    answer = await subscriptions(path)
    assert (answer.status, answer.body) == (422, {"errors": problems})


@pytest.mark.parametrize("value", BAD_CURSORS)
async def test_a_cursor_that_no_page_gave_out_is_an_invalid_value(subscriptions: Asked, value: str) -> None:
    answer = await subscriptions(f"/customers?cursor={value}")
    assert (answer.status, answer.body) == (422, {"errors": {"cursor": ["Invalid value"]}})


async def test_parameters_that_no_filter_knows_have_no_effect(subscriptions: Asked) -> None:
    plain = await subscriptions("/customers?limit=5")
    assert (await subscriptions("/customers?limit=5&colour=red&customer_ids=x")).body == plain.body


@pytest.mark.parametrize(
    ("path", "method", "status", "body"),
    [
        ("/nothing", "GET", 404, {"error": "endpoint not found"}),
        ("/", "GET", 404, {"error": "endpoint not found"}),
        ("/customers/", "GET", 404, {"error": "endpoint not found"}),
        ("/customers/abc", "GET", 404, {"error": "endpoint not found"}),
        ("/customers/1", "GET", 404, {"errors": "Not Found"}),
        ("/customers/99999999999999999999", "GET", 404, {"errors": "Not Found"}),
        ("/customers/1/credit_summary", "GET", 404, {"errors": "Not Found"}),
        ("/charges/1", "GET", 404, {"errors": "Not Found"}),
        ("/customers", "PATCH", 405, {"error": "method not allowed"}),
        ("/shop/settings", "DELETE", 405, {"error": "method not allowed"}),
    ],
)
async def test_what_is_not_there_is_said_in_json(
    subscriptions: Asked, path: str, method: str, status: int, body: dict[str, Any]
) -> None:
    answer = await subscriptions(path, method=method)
    assert (answer.status, answer.body) == (status, body)
    assert answer.headers["content-type"] == "application/json"


LOYALTY_REFUSED = [
    ("/v1/nothing", 404, "endpoint not found"),
    ("/customers", 404, "endpoint not found"),
    ("/v1/customers/1", 404, "Not Found"),
    ("/v1/customers?limit=251", 422, "limit: Must be between 1 and 250"),
    ("/v1/customers?state=x", 422, "state: Invalid value: x. Must be one of: candidate, member, disabled"),
    ("/v1/points_transactions?customer_id=x", 422, "customer_id: Not a valid integer"),
    ("/v1/points_transactions?cursor=x", 422, "cursor: Invalid value"),
    (
        "/v1/reward_fulfillments?usage_status=x",
        422,
        "usage_status: Invalid value: x. Must be one of: used, unused, untracked",
    ),
    ("/v1/points_products?exchange_type=x", 422, "exchange_type: Invalid value: x. Must be one of: fixed, variable"),
]


@pytest.mark.parametrize(("path", "status", "message"), LOYALTY_REFUSED)
async def test_loyalty_says_it_in_a_message_with_the_request_id(
    loyalty: Asked, path: str, status: int, message: str
) -> None:
    answer = await loyalty(path, x_request_id="q_7")
    assert (answer.status, answer.body) == (status, {"error": {"message": message, "request_id": "q_7"}})


@pytest.mark.parametrize(
    ("name", "path", "version", "status"),
    [
        ("subscriptions", "/customers", "2021-11", 200),
        ("subscriptions", "/customers", "2021-01", 426),
        ("subscriptions", "/customers", "2019-05", 426),
        ("subscriptions", "/customers", "", 426),
        ("subscriptions", "/shop/settings", "2021-01", 200),
        ("subscriptions", "/shop/settings", "2021-11", 426),
        ("subscriptions", "/product_search?format_version=2022-06", "2021-01", 200),
        ("subscriptions", "/product_search?format_version=2022-06", "2021-11", 426),
        ("bundles", "/bundle_selections", "2021-11", 200),
    ],
)
async def test_each_path_answers_to_its_version(
    backends: Backends, name: str, path: str, version: str, status: int
) -> None:
    answer = await backends[name](path, x_recharge_version=version)
    assert answer.status == status
    if status == 426:
        known = version in {"2021-01", "2021-11"}
        wanted = {"2021-01": "2021-11", "2021-11": "2021-01"}.get(version)
        told = f"This endpoint needs API version {wanted}" if known else f"Unknown API version: {version}"
        assert answer.body == {"errors": told}


async def test_an_unknown_token_learns_nothing_about_versions(subscriptions: Asked) -> None:
    answer = await subscriptions("/customers", x_recharge_version="x", x_recharge_access_token="x")
    assert (answer.status, answer.body) == (401, {"errors": "Unauthorized"})


@pytest.mark.parametrize("path", ["/customers", "/customers/1", "/nothing", "/customers?limit=x"])
async def test_the_request_id_comes_back_on_every_answer(subscriptions: Asked, path: str) -> None:
    assert (await subscriptions(path, x_request_id="V1StGXR8_Z5jdHi6B-myT")).headers["x-request-id"] == (
        "V1StGXR8_Z5jdHi6B-myT"
    )


@pytest.mark.parametrize("sent", ["", "two words", "x" * 129, "\u00e9"])
async def test_a_request_id_that_logs_could_not_bear_is_replaced(subscriptions: Asked, sent: str) -> None:
    made = (await subscriptions("/customers", x_request_id=sent)).headers["x-request-id"]
    assert len(made) == 32
    assert made != (await subscriptions("/customers")).headers["x-request-id"]
