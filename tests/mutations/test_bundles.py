"""Boxes: filled anew in a subscription, and made ready for the cart as the official client makes them."""

import json
import os
import re
import shutil
from datetime import date, timedelta
from typing import Any

import pytest

from backends.bundles.manager import decode, encode
from backends.bundles.rules import Item
from resolvers.bundles.cart import packed
from resolvers.bundles.validation import Choice
from tests.backends.recharge_client import command, install
from tests.conftest import OTHER_SHOP, SHOP, Gateway
from tests.mutations.conftest import Written
from tests.mutations.picking import gid, subscriptions

TODAY = date.today()  # noqa: DTZ011  # as the shop's calendar has it

UPDATE = """mutation ($id: ID!, $items: [BundleItemInput!]!) {
    result: bundleSelectionUpdate(subscriptionId: $id, items: $items) {
        bundleSelection { id items { collectionId productId productVariantId quantity } }
        subscription { id price { amount } bundleSelection { id } } userErrors { field message code } } }"""
BUILD = """mutation ($input: BundleContentsInput!, $key: String) {
    result: bundleCartLinesBuild(input: $input, idempotencyKey: $key) {
        lines { merchandiseId quantity sellingPlanId attributes { key value } } userErrors { field message code } } }"""


async def box(
    shop: Written, rule: str, at: str = SHOP, place: int = 0
) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
    """A subscription to a box with such a price, its product, and what is in it."""
    products = await shop.get(
        "subscriptions", "/product_search?format_version=2022-06&has_bundle_product=true", shop=at, version="2021-01"
    )
    by_id = {
        each["external_product_id"]: each
        for each in products["products"]
        if each["bundle_product"]["price_rule"] == rule and (at != SHOP or each["bundle_product"]["is_customizable"])
    }
    rows = [
        row
        for row in await subscriptions(shop, bundles=True, at=at)
        if row["external_product_id"]["ecommerce"] in by_id
    ]
    row = rows[place]
    later = (TODAY + timedelta(days=20)).isoformat()
    await shop.post(
        "subscriptions", f"/subscriptions/{row['id']}/set_next_charge_date?commit=true", {"date": later}, shop=at
    )
    selections = await shop.rows("bundles", f"/bundle_selections?purchase_item_ids={row['id']}", shop=at)
    (current,) = [each for each in selections if each["charge_id"] is None]
    return row, by_id[row["external_product_id"]["ecommerce"]], current["items"]


def given(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items as the graph takes them."""
    return [
        {
            "collectionId": item["collection_id"],
            "productId": gid("Product", item["external_product_id"], "shopify"),
            "productVariantId": item["external_variant_id"],
            "quantity": item["quantity"],
        }
        for item in items
    ]


async def update(gateway: Gateway, row: dict[str, Any], items: Any) -> Any:
    """The payload for the owner."""
    variables = {"id": str(row["id"]), "items": items}
    return (await gateway.ask(UPDATE, variables, customer=row["customer_id"])).data["result"]


def refused(payload: Any) -> list[tuple[Any, str]]:
    """Field and code of each user error."""
    assert all(value is None for name, value in payload.items() if name != "userErrors")
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


async def larger(shop: Written, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same products in their largest variants."""
    keys = ",".join(item["external_product_id"] for item in items)
    path = f"/product_search?format_version=2022-06&external_product_ids={keys}"
    found = (await shop.get("subscriptions", path, version="2021-01"))["products"]
    last = {each["external_product_id"]: each["variants"][-1]["external_variant_id"] for each in found}
    return [{**item, "external_variant_id": last[item["external_product_id"]]} for item in items]


async def test_a_box_is_filled_anew(gateway: Gateway, shop: Written) -> None:
    """Contents and, of a box that costs what is in it, the price: shown, and stored in both services."""
    row, _, items = await box(shop, "dynamic")
    wanted = await larger(shop, items)
    payload = await update(gateway, row, given(wanted))
    assert payload["userErrors"] == []
    shown = [(item["productVariantId"], item["quantity"]) for item in payload["bundleSelection"]["items"]]
    assert shown == [
        (gid("ProductVariant", each["external_variant_id"], "shopify"), each["quantity"]) for each in wanted
    ]
    now = await shop.subscription(row["id"])
    assert payload["subscription"]["price"]["amount"] == now["price"] != row["price"]
    assert payload["subscription"]["bundleSelection"]["id"] == payload["bundleSelection"]["id"]
    selections = await shop.rows("bundles", f"/bundle_selections?purchase_item_ids={row['id']}")
    (stored,) = [each for each in selections if each["charge_id"] is None]
    assert [each["external_variant_id"] for each in stored["items"]] == [each["external_variant_id"] for each in wanted]
    assert len(gateway.fronts["bundles"].writes) == 1


async def test_contents_that_break_a_rule_are_not_sent(gateway: Gateway, shop: Written) -> None:
    """The official client's verdicts, in its order, at the argument that they are about."""
    row, _, items = await box(shop, "fixed")
    good = given(items)
    for changed, field, code in (
        ([], ["items"], "EMPTY"),
        ([{**good[0], "quantity": 900}, *good[1:]], ["items"], "TOTAL_OUT_OF_RANGE"),
        ([{**good[0], "collectionId": "1"}, *good[1:]], ["items", "0"], "COLLECTION_INVALID"),
        ([*good[:-1], {**good[-1], "productId": "1"}], ["items", str(len(good) - 1)], "PRODUCT_INVALID"),
        ([*good, {**good[0], "quantity": 0}], ["items", str(len(good)), "quantity"], "INVALID"),
    ):
        assert refused(await update(gateway, row, changed)) == [(field, code)]
    for number in (1, 2**40):
        assert refused(await update(gateway, {**row, "id": number}, good)) == [(["subscriptionId"], "NOT_FOUND")]
    plain = next(await subscriptions(shop, bundles=False))
    assert refused(await update(gateway, plain, good)) == [(["subscriptionId"], "BUNDLE_NOT_FOUND")]
    assert gateway.fronts["bundles"].writes == []


async def test_a_box_that_is_being_packed_stays_as_it_is(gateway: Gateway, shop: Written) -> None:
    """In the merchant's words, before anything is sent; so does one that the shop fills."""
    row, product, items = await box(shop, "dynamic", place=1)
    window = product["bundle_product"]["customization_window"]
    soon = (TODAY + timedelta(days=window)).isoformat()
    await shop.post("subscriptions", f"/subscriptions/{row['id']}/set_next_charge_date?commit=true", {"date": soon})
    payload = await update(gateway, row, given(items))
    assert [error["message"] for error in payload["userErrors"]] == ["This box is being packed."]
    assert refused(payload) == [(["subscriptionId"], "CUSTOMIZATION_WINDOW_CLOSED")]
    row, _, items = await box(shop, "fixed", OTHER_SHOP)
    answer = await gateway.ask(
        UPDATE, {"id": str(row["id"]), "items": given(items)}, customer=row["customer_id"], shop=OTHER_SHOP
    )
    assert refused(answer.data["result"]) == [(["subscriptionId"], "NOT_ALLOWED")]
    assert gateway.fronts["bundles"].writes == []


async def test_a_box_with_one_price_is_one_line(gateway: Gateway, shop: Written) -> None:
    """Its contents are in `_rb_id`, dated by the backend; a visitor may ask, and the same key is the same line."""
    row, product, items = await box(shop, "fixed")
    number = row["external_variant_id"]["ecommerce"]
    contents = {
        "productId": product["external_product_id"],
        "productVariantId": number,
        "sellingPlanId": "77",
        "items": given(items),
    }
    payload = (await gateway.ask(BUILD, {"input": contents, "key": "a"})).data["result"]
    (line,) = payload["lines"]
    assert (line["merchandiseId"], line["quantity"]) == (gid("ProductVariant", number, "shopify"), 1)
    assert line["sellingPlanId"] == gid("SellingPlan", 77, "shopify")
    ((key, value),) = [(each["key"], each["value"]) for each in line["attributes"]]
    assert key == "_rb_id"
    assert decode(value) == (
        int(number),
        [Item(i["collection_id"], i["external_product_id"], i["external_variant_id"], i["quantity"]) for i in items],
    )
    assert (await gateway.ask(BUILD, {"input": contents, "key": "a"})).data["result"] == payload
    assert len(gateway.fronts["bundles"].writes) == 1
    other = await gateway.ask(BUILD, {"input": {**contents, "sellingPlanId": "78"}, "key": "a"})
    assert [error["extensions"]["code"] for error in other.errors] == ["IDEMPOTENCY_MISMATCH"]
    wrong = (await gateway.ask(BUILD, {"input": {**contents, "productVariantId": "1"}})).data["result"]
    assert refused(wrong) == [(["input", "productVariantId"], "VARIANT_INVALID")]
    wrong = (await gateway.ask(BUILD, {"input": {**contents, "productId": "1"}})).data["result"]
    assert refused(wrong) == [(["input", "productId"], "BUNDLE_NOT_FOUND")]


async def test_a_box_that_costs_its_contents_is_a_line_each(gateway: Gateway, shop: Written) -> None:
    """Held together by properties of the official client's form; no backend writes anything."""
    row, product, items = await box(shop, "dynamic")
    number = row["external_variant_id"]["ecommerce"]
    contents = {"productId": product["external_product_id"], "productVariantId": number, "items": given(items)}
    contents["items"][0]["sellingPlanId"] = "5"
    payload = (await gateway.ask(BUILD, {"input": contents}, customer=row["customer_id"])).data["result"]
    assert payload["userErrors"] == []
    bundles = set()
    for line, item in zip(payload["lines"], items, strict=True):
        assert line["merchandiseId"] == gid("ProductVariant", item["external_variant_id"], "shopify")
        assert line["quantity"] == item["quantity"]
        properties = {each["key"]: each["value"] for each in line["attributes"]}
        bundle = properties.pop("_rc_bundle")
        assert re.fullmatch(rf"[A-Za-z0-9_-]{{9}}:{product['external_product_id']}", bundle)
        bundles.add(bundle)
        assert properties == {
            "_rc_bundle_variant": number,
            "_rc_bundle_parent": product["handle"],
            "_rc_bundle_collection_id": item["collection_id"],
        }
    assert len(bundles) == 1
    assert [line["sellingPlanId"] for line in payload["lines"][:2]] == [gid("SellingPlan", 5, "shopify"), None]
    assert gateway.fronts["bundles"].writes == []


CAPTURED_AT = 1_795_540_000
CAPTURED = (
    "AAAAAAAAAAAAAABjAAAAAgAAAAAAAAABAAAAAAAAAAIAAAAAAAAAAwAAAAAAAAAEAAAAAAAAAAAAAAAFAAAAAAAAAAYAAAAAAAAABwAAAAAAAAAB"
    "AAAAAGsFxCAAAAAA"
)
"""What the official client 2.3.0 sends for the contents below at that second; it is asked again below."""
CHOICES = [Choice("1", "2", "3", 4), Choice("5", "6", "7", 1)]

CAPTURE = """
import * as rc from '@rechargeapps/storefront-client';
Date.now = () => Number(process.argv[2]) * 1000;
rc.initRecharge({ storeIdentifier: 'a.example', environment: 'preprod', environmentUri: 'http://127.0.0.1:1' });
let sent;
globalThis.fetch = async (url, init) => {
  sent = JSON.parse(init.body).bundle;
  return new Response(JSON.stringify({ id: 'x', code: 200 }), { headers: { 'content-type': 'application/json' } });
};
const selections = JSON.parse(process.argv[1]);
const bundle = { externalProductId: '42', externalVariantId: '99', selections };
await rc.getBundleId(bundle);
console.log(JSON.stringify({ sent, items: rc.getDynamicBundleItems(bundle, 'the-box') }));
"""


def test_contents_are_packed_as_the_official_client_packs_them() -> None:
    """Byte for byte what was captured, which is what the reference backend reads."""
    assert packed("99", CHOICES, CAPTURED_AT) == CAPTURED
    items = [Item(c.collection_id, c.product_id, c.variant_id, c.quantity) for c in CHOICES]
    assert encode(99, items, CAPTURED_AT) == CAPTURED


async def test_the_official_client_packs_what_we_pack() -> None:
    """Asked now; skipped without Node, except in CI."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        assert not os.environ.get("CI"), "no Node in CI"
        pytest.skip("no Node")
    await install()
    selections = [
        {
            "collectionId": c.collection_id,
            "externalProductId": c.product_id,
            "externalVariantId": c.variant_id,
            "quantity": c.quantity,
        }
        for c in CHOICES
    ]
    said = json.loads(
        await command("node", "--input-type=module", "-e", CAPTURE, json.dumps(selections), str(CAPTURED_AT))
    )
    assert said["sent"] == CAPTURED
    for item, choice in zip(said["items"], CHOICES, strict=True):
        assert set(item["properties"]) == {
            "_rc_bundle",
            "_rc_bundle_variant",
            "_rc_bundle_parent",
            "_rc_bundle_collection_id",
        }
        assert (item["id"], item["properties"]["_rc_bundle_collection_id"]) == (choice.variant_id, choice.collection_id)
