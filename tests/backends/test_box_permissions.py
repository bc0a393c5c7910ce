"""What shoppers may change about their boxes, and that two services change together or not at all."""

# ruff: noqa: D103 - a test's name is its promise

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiosqlite
import pytest_asyncio

from tests.backends.services import AURORA, NORDLYS, TODAY, TOKENS, asking, settings
from tests.backends.stores import Store, check, store
from tests.backends.test_boxes import box, fill, sent


@pytest_asyncio.fixture(scope="module")
async def shop() -> AsyncIterator[Store]:
    """One store for the module."""
    async with store(60) as found:
        yield found


async def session(shop: Store, customer: int, at: str = AURORA.domain) -> dict[str, str]:
    """The header of a shopper's session."""
    answer = await shop.subscriptions.post(f"/customers/{customer}/sessions", shop=at)
    return {"x_recharge_access_token": answer.body["customer_session"]["apiToken"]}


async def on_day(shop: Store, row: dict[str, Any], on: date) -> None:
    """Moves the next charge of a subscription."""
    path = f"/subscriptions/{row['id']}/set_next_charge_date?commit=true"
    assert (await shop.subscriptions.post(path, {"date": on.isoformat()})).status == 200


async def customizable(shop: Store, at: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A subscription to a box that its owner fills, with its product and its contents."""
    products = await shop.subscriptions.rows("/product_search?has_bundle_product=true", shop=at)
    by_id = {each["external_product_id"]: each for each in products if each["bundle_product"]["is_customizable"]}
    for row in await shop.subscriptions.rows("/subscriptions?status=active&bundles_only=true&sort_by=id-asc", shop=at):
        if product := by_id.get(row["external_product_id"]["ecommerce"]):
            rows = await shop.bundles.rows(f"/bundle_selections?purchase_item_ids={row['id']}", shop=at)
            (current,) = [each for each in rows if each["charge_id"] is None]
            return row, product, current
    raise AssertionError("nobody has such a box")


async def test_choosing_ends_when_the_box_is_packed(shop: Store) -> None:
    row, product, current = await customizable(shop, AURORA.domain)
    window = product["bundle_product"]["customization_window"]
    mine = await session(shop, row["customer_id"])
    path, body = f"/bundle_selections/{current['id']}", {"items": sent(current["items"])}
    await on_day(shop, row, TODAY + timedelta(days=window + 1))
    assert (await shop.bundles.put(path, body, **mine)).status == 200
    await on_day(shop, row, TODAY + timedelta(days=window))
    told = {"errors": {"_schema": ["This box is being packed."]}}
    for answer in (await shop.bundles.put(path, body, **mine), await shop.bundles.delete(path, **mine)):
        assert (answer.status, answer.body) == (422, told)
    assert (await shop.bundles.put(path, body)).status == 200, "the shop itself may"


async def test_a_box_that_the_shop_fills_is_not_chosen(shop: Store) -> None:
    at = NORDLYS.domain
    products = await shop.subscriptions.rows("/product_search?has_bundle_product=true", shop=at)
    filled = {each["external_product_id"] for each in products if not each["bundle_product"]["is_customizable"]}
    rows = await shop.subscriptions.rows("/subscriptions?status=active&bundles_only=true", shop=at)
    row = next(each for each in rows if each["external_product_id"]["ecommerce"] in filled)
    current = (await shop.bundles.rows(f"/bundle_selections?purchase_item_ids={row['id']}", shop=at))[0]
    mine = await session(shop, row["customer_id"], at)
    answer = await shop.bundles.put(f"/bundle_selections/{current['id']}", {"items": sent(current["items"])}, **mine)
    assert answer.body == {"errors": {"_schema": ["The contents of this bundle cannot be chosen."]}}


async def test_another_product_needs_the_portals_leave(shop: Store) -> None:
    """The second shop's portal does not let customers change the product; the first shop's does."""
    at = NORDLYS.domain
    row, product, current = await customizable(shop, at)
    products = await shop.subscriptions.rows("/product_search?has_bundle_product=true", shop=at)
    other = next(each for each in products if each["external_product_id"] != product["external_product_id"])
    body = to_size(other, other["bundle_product"]["variants"][0], sent(current["items"]))
    answer = await shop.bundles.put(f"/bundles/{row['id']}", body, **await session(shop, row["customer_id"], at))
    assert (answer.status, answer.body) == (
        403,
        {"errors": "The store's customer portal settings do not allow this: change_product"},
    )
    assert await shop.subscription(row["id"], shop=at) == row

    row, product, _ = await customizable(shop, AURORA.domain)
    await on_day(shop, row, TODAY + timedelta(days=20))
    products = await shop.subscriptions.rows("/product_search?has_bundle_product=true")
    other = next(each for each in products if each["external_product_id"] != product["external_product_id"])
    size = other["bundle_product"]["variants"][0]
    body = to_size(other, size, await fill(shop, other["bundle_product"], size))
    answer = await shop.bundles.put(f"/bundles/{row['id']}", body, **await session(shop, row["customer_id"]))
    assert answer.status == 200, answer.text
    assert answer.body["subscription"]["external_product_id"] == body["external_product_id"]
    await check(shop.subscriptions)


def to_size(product: dict[str, Any], size: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """The body that makes a subscription one to this size of a box."""
    return {
        "external_product_id": {"ecommerce": product["external_product_id"]},
        "external_variant_id": {"ecommerce": size["external_variant_id"]},
        "items": items,
    }


async def test_what_bundles_cannot_keep_is_undone_at_subscriptions(tmp_path: Path) -> None:
    """A size with its price is changed in one service and refused by the other's database: nothing has changed."""
    async with asking("subscriptions", settings(customers=30)) as subscriptions:
        changes: Any = {
            "subscriptions_url": f"http://127.0.0.1:{subscriptions.port}",
            "subscriptions_tokens": TOKENS,
        }
        path = tmp_path / "bundles.db"
        async with asking("bundles", settings(f"sqlite+aiosqlite:///{path}", customers=30, **changes)) as bundles:
            shop = Store(subscriptions, bundles)
            row, product, _ = await box(shop, "fixed")
            bundle = product["bundle_product"]
            size = next(
                each
                for each in bundle["variants"]
                if each["external_variant_id"] != row["external_variant_id"]["ecommerce"]
            )
            body = {
                "external_product_id": row["external_product_id"],
                "external_variant_id": {"ecommerce": size["external_variant_id"]},
                "plan_id": product["plans"][-1]["id"],
                "items": await fill(shop, bundle, size),
            }
            async with aiosqlite.connect(path) as database:
                await database.execute(
                    "CREATE TRIGGER full BEFORE UPDATE ON bundle_selections BEGIN SELECT RAISE(ABORT, 'full'); END"
                )
                await database.commit()
            assert (await bundles.put(f"/bundles/{row['id']}?commit=true", body)).status == 409
            now = await shop.subscription(row["id"])
            assert {**now, "updated_at": None} == {**row, "updated_at": None}
            await check(subscriptions)
            async with aiosqlite.connect(path) as database:
                await database.execute("DROP TRIGGER full")
                await database.commit()
            assert (await bundles.put(f"/bundles/{row['id']}?commit=true", body)).status == 200
            assert (await shop.subscription(row["id"]))["external_variant_id"] == body["external_variant_id"]
