"""Walking a list by its cursors."""

# ruff: noqa: D103 - a test's name is its promise

import base64
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backends.services import Asked, Backends, rows_of

WALK = settings(max_examples=25, deadline=None, derandomize=True)

# Service, path, filters that stay the same over all pages, and the sort keys of the resource.
SORTED = [
    ("subscriptions", "/customers", "", ["id", "created_at", "updated_at"]),
    ("subscriptions", "/addresses", "", ["id", "updated_at"]),
    ("subscriptions", "/subscriptions", "status=active", ["id", "created_at", "updated_at"]),
    ("subscriptions", "/charges", "status=queued,skipped", ["id", "updated_at", "scheduled_at"]),
    ("subscriptions", "/credit_accounts", "", ["id", "expires_at"]),
    ("subscriptions", "/plans", "type=subscription", ["id", "updated_at"]),
    ("subscriptions", "/incentives/tiered_discounts", "", ["id"]),
    ("bundles", "/bundle_selections", "", ["id", "updated_at"]),
    ("subscriptions", "/product_search", "", ["external_product_id", "product_title", "created_at", "updated_at"]),
    ("loyalty", "/v1/customers", "state=member", ["id"]),
    ("loyalty", "/v1/points_transactions", "", ["id"]),
    ("loyalty", "/v1/reward_fulfillments", "usage_status=used", ["id"]),
]
# What a sort key is called in the rows, where that differs.
SHOWN = {"product_title": "title"}
NAMED = {"/product_search": {"created_at": "external_created_at", "updated_at": "external_updated_at"}}


def key_of(row: dict[str, Any]) -> int:
    """What makes the order of rows with equal values certain."""
    return int(row.get("id") or row["external_product_id"])


def order_of(path: str, sort: str) -> Callable[[dict[str, Any]], Any]:
    """The documented order as a Python key; nulls are smallest."""
    shown = NAMED.get(path, {}).get(sort, SHOWN.get(sort, sort))

    def order(row: dict[str, Any]) -> Any:
        value = key_of(row) if sort in {"id", "external_product_id"} else row[shown]
        return (value is not None, value or "", key_of(row)) if isinstance(value, str | None) else (value,)

    return order


@WALK
@given(place=st.integers(0, len(SORTED) - 1), sort=st.integers(0, 9), down=st.booleans(), limit=st.integers(20, 250))
async def test_pages_together_are_the_whole_list_in_order(
    backends: Backends, place: int, sort: int, down: bool, limit: int
) -> None:
    name, path, filters, sorts = SORTED[place]
    chosen = sorts[sort % len(sorts)]
    ask = backends[name]
    everything = await ask.rows(f"{path}?{filters}&limit=250")
    expected = sorted(everything, key=order_of(path, chosen), reverse=down)
    sort_by = "" if name == "loyalty" else f"&sort_by={chosen}-{'desc' if down else 'asc'}"
    pages = [page async for page in ask.pages(f"{path}?{filters}&limit={limit}{sort_by}")]
    if name == "loyalty":
        expected = sorted(everything, key=key_of, reverse=True)
    assert [row for page in pages for row in rows_of(page)] == expected
    assert all(len(rows_of(page)) == limit for page in pages[:-1])


@settings(WALK, max_examples=8)
@given(limit=st.integers(7, 60), down=st.booleans(), sort=st.sampled_from(["id", "updated_at", "scheduled_at"]))
async def test_previous_cursors_lead_back_over_the_same_pages(
    subscriptions: Asked, limit: int, down: bool, sort: str
) -> None:
    path = f"/charges?status=queued&limit={limit}&sort_by={sort}-{'desc' if down else 'asc'}"
    pages = [page async for page in subscriptions.pages(path)]
    assert pages[0]["previous_cursor"] is None
    at = pages[-1]
    for page in reversed(pages[:-1]):
        at = (await subscriptions(f"/charges?cursor={at['previous_cursor']}&limit={limit}")).body
        assert rows_of(at) == rows_of(page)
        assert (at["previous_cursor"] is None) is (page is pages[0])
        following = (await subscriptions(f"/charges?cursor={at['next_cursor']}&limit={limit}")).body
        assert rows_of(following) == rows_of(pages[pages.index(page) + 1])


async def test_the_default_is_fifty_rows_newest_id_first(subscriptions: Asked) -> None:
    rows = rows_of((await subscriptions("/subscriptions")).body)
    assert len(rows) == 50
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)


async def test_a_list_has_both_cursors_before_its_rows(subscriptions: Asked) -> None:
    answer = await subscriptions("/customers?limit=2")
    assert list(answer.body) == ["next_cursor", "previous_cursor", "customers"]
    assert answer.body["previous_cursor"] is None


async def test_loyalty_has_both_cursors_in_its_metadata(loyalty: Asked) -> None:
    answer = await loyalty("/v1/customers?limit=2")
    assert list(answer.body) == ["customers", "metadata"]
    assert list(answer.body["metadata"]) == ["next_cursor", "previous_cursor"]


async def test_a_cursor_without_filters_is_the_documented_json(subscriptions: Asked) -> None:
    answer = await subscriptions("/customers?limit=3")
    last = answer.body["customers"][-1]["id"]
    content = base64.b64decode(answer.body["next_cursor"])
    assert content.decode() == (
        f'{{"starting_before_id":{last},"last_value":{last},"sort_by":"id-desc","cursor_dir":"next"}}'
    )


async def test_a_cursor_carries_the_filters_that_may_not_be_sent_again(subscriptions: Asked) -> None:
    answer = await subscriptions("/charges?status=queued&sort_by=scheduled_at-asc&limit=1&include=customer")
    content = json.loads(base64.b64decode(answer.body["next_cursor"]))
    assert content == {
        "starting_before_id": answer.body["charges"][0]["id"],
        "last_value": answer.body["charges"][0]["scheduled_at"],
        "sort_by": "scheduled_at-asc",
        "cursor_dir": "next",
        "filters": {"status": "queued"},
    }


async def test_a_full_last_page_has_no_next_cursor(subscriptions: Asked) -> None:
    count = len(await subscriptions.rows("/incentives/tiered_discounts"))
    answer = await subscriptions(f"/incentives/tiered_discounts?limit={count}")
    assert (len(answer.body["tiered_discounts"]), answer.body["next_cursor"]) == (count, None)


async def test_beyond_the_end_there_are_no_rows_and_no_cursors(subscriptions: Asked) -> None:
    content = b'{"starting_before_id":1,"last_value":1,"sort_by":"id-desc","cursor_dir":"next"}'
    answer = await subscriptions(f"/customers?cursor={base64.urlsafe_b64encode(content).decode()}")
    assert answer.body == {"next_cursor": None, "previous_cursor": None, "customers": []}


async def test_loyalty_takes_filters_beside_a_cursor(loyalty: Asked) -> None:
    first = (await loyalty("/v1/points_transactions?limit=1")).body["points_transactions"][0]
    path = f"/v1/points_transactions?customer_id={first['customer_id']}&limit=1"
    answer = await loyalty(path)
    following = await loyalty(f"{path}&cursor={answer.body['metadata']['next_cursor']}")
    assert following.status == 200
    assert following.body["points_transactions"][0]["customer_id"] == first["customer_id"]
    assert following.body["points_transactions"][0]["id"] < first["id"]
