"""Whose rows a token opens."""

# ruff: noqa: D103 - a test's name is its promise

import pytest

from backends import SHOPS
from tests.backends.services import AURORA, NORDLYS, Backends, rows_of

LISTS = [
    ("subscriptions", "/customers"),
    ("subscriptions", "/addresses"),
    ("subscriptions", "/subscriptions"),
    ("subscriptions", "/charges"),
    ("subscriptions", "/credit_accounts"),
    ("subscriptions", "/plans"),
    ("subscriptions", "/incentives/tiered_discounts"),
    ("subscriptions", "/onetimes"),
    ("subscriptions", "/orders"),
    ("subscriptions", "/payment_methods"),
    ("subscriptions", "/memberships"),
    ("subscriptions", "/membership_programs"),
    ("subscriptions", "/gift_purchases"),
    ("subscriptions", "/collections"),
    ("subscriptions", "/discounts"),
    ("bundles", "/bundle_selections"),
    ("loyalty", "/v1/customers"),
    ("loyalty", "/v1/vip_tiers"),
    ("loyalty", "/v1/earning_rules"),
    ("loyalty", "/v1/points_products"),
    ("loyalty", "/v1/points_transactions"),
    ("loyalty", "/v1/reward_fulfillments"),
]
UNAUTHORIZED = {"errors": "Unauthorized"}


@pytest.mark.parametrize(("name", "path"), LISTS)
async def test_each_shop_sees_its_own_rows_and_none_of_the_other(backends: Backends, name: str, path: str) -> None:
    seen = [{row["id"] for row in await backends[name].rows(path, shop=shop.domain)} for shop in SHOPS]
    assert all(seen)
    assert seen[0].isdisjoint(seen[1])


@pytest.mark.parametrize("path", ["/customers", "/addresses", "/subscriptions", "/charges", "/plans"])
async def test_an_id_of_another_shop_names_nothing(backends: Backends, path: str) -> None:
    ask = backends["subscriptions"]
    foreign = rows_of((await ask(f"{path}?limit=1", shop=NORDLYS.domain)).body)[0]["id"]
    assert (await ask(f"{path}/{foreign}", shop=NORDLYS.domain)).status == 200
    answer = await ask(f"{path}/{foreign}")
    assert (answer.status, answer.body) == (404, {"errors": "Not Found"})
    assert rows_of((await ask(f"{path}?ids={foreign}")).body) == []


async def test_filters_by_ids_of_another_shop_find_nothing(backends: Backends) -> None:
    ask = backends["subscriptions"]
    foreign = rows_of((await ask("/subscriptions?limit=1&status=active", shop=NORDLYS.domain)).body)[0]
    for path in (
        f"/subscriptions?customer_id={foreign['customer_id']}",
        f"/addresses?customer_id={foreign['customer_id']}",
        f"/charges?purchase_item_ids={foreign['id']}",
        f"/charges?customer_id={foreign['customer_id']}",
    ):
        assert rows_of((await ask(path)).body) == []
        assert rows_of((await ask(path, shop=NORDLYS.domain)).body) != []


async def test_a_cursor_of_another_shop_opens_none_of_its_rows(backends: Backends) -> None:
    ask = backends["subscriptions"]
    own = {row["id"] for row in await ask.rows("/customers")}
    foreign = await ask("/customers?limit=3", shop=NORDLYS.domain)
    answer = await ask(f"/customers?cursor={foreign.body['next_cursor']}&limit=250")
    assert {row["id"] for row in answer.body["customers"]} <= own


@pytest.mark.parametrize(("name", "path"), [("subscriptions", "/plans"), ("bundles", "/bundle_selections")])
@pytest.mark.parametrize("token", ["", "sk_nobody", "sk_auror", "sk_aurora2", "sk_aur\u00f6ra"])
async def test_a_token_of_no_shop_is_refused(backends: Backends, name: str, path: str, token: str) -> None:
    answer = await backends[name](path, x_recharge_access_token=token)
    assert (answer.status, answer.body) == (401, UNAUTHORIZED)


async def test_the_shop_url_must_agree_with_the_token(backends: Backends) -> None:
    ask = backends["subscriptions"]
    assert (await ask(f"/customers?shop_url={AURORA.domain}")).status == 200
    assert (await ask("/customers")).status == 200
    for other in (NORDLYS.domain, "", "nobody.example.com", f"{AURORA.domain},{AURORA.domain}"):
        answer = await ask(f"/customers?shop_url={other}")
        assert (answer.status, answer.body) == (401, UNAUTHORIZED)


async def test_the_shop_url_may_stand_beside_a_cursor(backends: Backends) -> None:
    ask = backends["subscriptions"]
    first = await ask(f"/customers?shop_url={AURORA.domain}&limit=2")
    answer = await ask(f"/customers?shop_url={AURORA.domain}&limit=2&cursor={first.body['next_cursor']}")
    assert answer.status == 200
    assert len(answer.body["customers"]) == 2


@pytest.mark.parametrize("value", ["", "sk_aurora", "Bearer", "Bearer sk_nobody", "Basic sk_aurora"])
async def test_loyalty_wants_a_bearer_token(backends: Backends, value: str) -> None:
    answer = await backends["loyalty"]("/v1/customers", authorization=value, x_request_id="r-1")
    assert (answer.status, answer.body) == (401, {"error": {"message": "Unauthorized", "request_id": "r-1"}})


async def test_loyalty_knows_the_shop_by_the_token_alone(backends: Backends) -> None:
    ask = backends["loyalty"]
    answer = await ask(f"/v1/points_settings?shop_url={AURORA.domain}", shop=NORDLYS.domain)
    assert answer.body == {"points_settings": {"points_label": {"one": "Glow point", "other": "Glow points"}}}
