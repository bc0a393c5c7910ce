"""Bundles: what a box may be filled with, what it comes with, and what its rules say of a selection."""

from typing import Any

import pytest

from backends import SHOPS
from tests import expected
from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store
from tests.documents import document

SEARCH = "/product_search?format_version=2022-06&limit=250"


async def bundles_of(store: Store, shop: str) -> list[dict[str, Any]]:
    """The shop's products that are bundles."""
    products = (await store.get("subscriptions", SEARCH, shop=shop, version="2021-01"))["products"]
    found = [product for product in products if product["bundle_product"]]
    assert len(found) > 1
    return found


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.domain)
async def test_bundle_builder_is_what_the_backends_hold(gateway: Gateway, store: Store, shop: Any) -> None:
    """Every bundle: its sizes and rules, and for each size what it is filled from, with prices."""
    for product in await bundles_of(store, shop.domain):
        number = product["external_product_id"]
        answer = await gateway.ask(document("BundleBuilder"), {"productId": number}, shop=shop.domain)

        bundle, rules = answer.data["product"]["bundle"], product["bundle_product"]
        data = await store.get("bundles", f"/bundle-data/{number}", shop=shop.domain)
        assert bundle["id"] == f"gid://recharge/BundleProduct/{rules['id']}"
        assert bundle["priceRule"] == rules["price_rule"].upper()
        assert bundle["isCustomizable"] is rules["is_customizable"]
        assert bundle["maxQuantityPerVariant"] == rules["max_quantity_per_variant"]
        sizes = sorted(rules["variants"], key=lambda row: row["position"])
        assert [size["title"] for size in bundle["variants"]] == [row["title"] for row in sizes]
        for size, row in zip(bundle["variants"], sizes, strict=True):
            assert size["ranges"] == [
                {"min": each["quantity_min"], "max": each["quantity_max"]} for each in row["ranges"]
            ]
            variant = f"gid://shopify/ProductVariant/{row['external_variant_id']}"
            assert size["productVariant"]["id"] == variant
            assert len(size["optionSources"]) == len(row["option_sources"])
            for source, asked in zip(size["optionSources"], row["option_sources"], strict=True):
                collection = data["collections"][asked["collection_id"]]
                assert source["collectionId"] == f"gid://shopify/Collection/{asked['collection_id']}"
                assert source["title"] == collection["title"]
                assert source["quantityRange"] == {"min": asked["quantity_min"] or 0, "max": asked["quantity_max"]}
                for node, inside in zip(source["products"]["nodes"], collection["products"], strict=True):
                    await assert_option(store, shop.domain, node, str(inside["id"]))
                assert source["products"]["pageInfo"]["hasNextPage"] is False
            assert [
                (each["productVariant"]["id"].rpartition("/")[2], each["quantity"])
                for each in size["selectionDefaults"]
            ] == [(each["external_variant_id"], each["quantity"]) for each in row["selection_defaults"]]


async def assert_option(store: Store, shop: str, node: dict[str, Any], number: str) -> None:
    """One product that a box may be filled with."""
    product = await expected.product_of(store, number, shop=shop)
    assert product
    assert node["id"] == f"gid://shopify/Product/{number}"
    assert node["title"] == product["title"]
    assert [variant["price"]["amount"] for variant in node["variants"]] == [
        variant["prices"][0]["unit_price"] for variant in product["variants"] if not variant["is_deleted"]
    ]


async def test_a_box_that_comes_filled(gateway: Gateway, store: Store) -> None:
    """Only the second shop sells one: each default names its variant, which is found through the bundle's data."""
    filled = [
        (product, size)
        for product in await bundles_of(store, OTHER_SHOP)
        for size in product["bundle_product"]["variants"]
        if size["selection_defaults"]
    ]
    assert filled
    product, size = filled[0]
    query = """query ($id: ID!) { product(id: $id) { bundle { variants {
        selectionDefaults { productVariantId quantity productVariant { id } } } } } }"""
    answer = await gateway.ask(query, {"id": product["external_product_id"]}, shop=OTHER_SHOP)
    found = [default for row in answer.data["product"]["bundle"]["variants"] for default in row["selectionDefaults"]]
    for default in size["selection_defaults"]:
        variant = f"gid://shopify/ProductVariant/{default['external_variant_id']}"
        assert {
            "productVariantId": variant,
            "quantity": default["quantity"],
            "productVariant": {"id": variant},
        } in found


async def test_options_in_pages(gateway: Gateway, store: Store) -> None:
    """A page at a time is the same list, and a cursor goes with its collection."""
    query = """query ($id: ID!, $first: Int!, $after: String) { product(id: $id) { bundle { variants {
        optionSources { collectionId products(first: $first, after: $after) {
            nodes { id } pageInfo { hasNextPage endCursor } } } } } } }"""
    number = (await bundles_of(store, SHOP))[0]["external_product_id"]

    async def sources(first: int, after: str | None = None) -> Any:
        answer = await gateway.ask(query, {"id": number, "first": first, "after": after})
        return answer.body["data"]["product"]["bundle"]["variants"][0]["optionSources"], answer

    (whole, *others), _ = await sources(50)
    ids = [node["id"] for node in whole["products"]["nodes"]]
    seen: list[str] = []
    after = None
    while True:
        (page, *_), answer = await sources(2, after)
        seen += [node["id"] for node in page["products"]["nodes"]]
        if others and after:
            # The other collections of the box refuse the cursor of this one.
            assert {error["extensions"]["code"] for error in answer.errors} == {"BAD_USER_INPUT"}
        after = page["products"]["pageInfo"]["endCursor"]
        if not page["products"]["pageInfo"]["hasNextPage"]:
            break
    assert seen == ids


VALIDATE = """query ($input: BundleContentsInput!) {
    bundleValidate(input: $input) { valid errors { field message code } }
}"""


async def test_the_rules_in_their_order(gateway: Gateway, store: Store) -> None:
    """Each rule that is broken is the only one named, and mending it leads to the next."""
    product = next(
        row
        for row in await bundles_of(store, SHOP)
        if row["bundle_product"]["max_quantity_per_variant"] and row["bundle_product"]["variants"][0]["option_sources"]
    )
    rules = product["bundle_product"]
    size = rules["variants"][0]
    number = product["external_product_id"]
    data = await store.get("bundles", f"/bundle-data/{number}")
    source = size["option_sources"][0]
    inside = data["collections"][source["collection_id"]]["products"]

    async def verdict(items: list[dict[str, Any]], **changes: str) -> Any:
        contents = {"productId": number, "productVariantId": size["external_variant_id"], "items": items} | changes
        answer = await gateway.ask(VALIDATE, {"input": contents})
        errors = answer.data["bundleValidate"]["errors"]
        assert answer.data["bundleValidate"]["valid"] is (errors == [])
        return (errors[0]["code"], errors[0]["field"]) if errors else None

    def item(quantity: int = 1, **changes: str) -> dict[str, Any]:
        first = inside[0]
        return {
            "collectionId": source["collection_id"],
            "productId": str(first["id"]),
            "productVariantId": str(first["variants"][0]["id"]),
            "quantity": quantity,
        } | changes

    assert await verdict([item()], productId="1") == ("BUNDLE_NOT_FOUND", ["input", "productId"])
    assert await verdict([]) == ("EMPTY", ["input", "items"])
    assert await verdict([item()], productVariantId="1") == ("VARIANT_INVALID", ["input", "productVariantId"])
    assert await verdict([item(10_000)]) == ("TOTAL_OUT_OF_RANGE", ["input", "items"])
    least = size["ranges"][0]["quantity_min"]
    limit = rules["max_quantity_per_variant"]
    fitting = await fill(data, size, limit)
    assert sum(each["quantity"] for each in fitting) >= least
    assert await verdict(fitting) is None
    stranger = [{**fitting[0], "collectionId": "1"}, *fitting[1:]]
    assert await verdict(stranger) == ("COLLECTION_INVALID", ["input", "items", "0"])
    absent = [{**fitting[0], "productId": "1"}, *fitting[1:]]
    assert await verdict(absent) == ("PRODUCT_INVALID", ["input", "items", "0"])


async def fill(data: dict[str, Any], size: dict[str, Any], limit: int) -> list[dict[str, Any]]:
    """A selection that fits a size: what each collection must have, then more until the box is full."""
    low = size["ranges"][0]["quantity_min"]
    chosen: list[dict[str, Any]] = []
    totals: dict[str, int] = {}

    def take(collection: str, product: dict[str, Any], quantity: int) -> None:
        totals[collection] = totals.get(collection, 0) + quantity
        chosen.append(
            {
                "collectionId": collection,
                "productId": str(product["id"]),
                "productVariantId": str(product["variants"][0]["id"]),
                "quantity": quantity,
            },
        )

    missing = low
    for source in size["option_sources"]:
        collection = source["collection_id"]
        room = source["quantity_max"] if source["quantity_max"] is not None else low
        wanted = source["quantity_min"] or 0
        for product in data["collections"][collection]["products"]:
            later = sum(
                other["quantity_min"] or 0 for other in size["option_sources"] if other["collection_id"] not in totals
            )
            need = max(wanted - totals.get(collection, 0), missing - later if collection in totals else wanted)
            quantity = min(limit, room - totals.get(collection, 0), max(need, 0), missing)
            if quantity > 0:
                take(collection, product, quantity)
                missing -= quantity
    for source in size["option_sources"]:
        collection = source["collection_id"]
        room = source["quantity_max"] if source["quantity_max"] is not None else low
        for product in data["collections"][collection]["products"]:
            taken = {each["productId"] for each in chosen}
            quantity = min(limit, room - totals.get(collection, 0), missing)
            if str(product["id"]) not in taken and quantity > 0:
                take(collection, product, quantity)
                missing -= quantity
    return chosen
