"""What objects look like: keys in their order, money, dates."""

# ruff: noqa: D103 - a test's name is its promise

import re
from typing import Any

import pytest

from backends import demo_customer_id
from tests.backends.services import AURORA, Asked, Backends

DEMO = demo_customer_id()
MONEY = re.compile(r"\d+\.\d\d")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
MILLIS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

KEYS = {
    "/customers": [
        "id", "analytics_data", "apply_credit_to_next_recurring_charge",
        "apply_credit_to_next_recurring_charge_channel",
        "backup_payment_methods_enabled", "can_add_payment_method", "created_at", "email", "external_customer_id",
        "first_charge_processed_at", "first_name", "has_payment_method_in_dunning", "has_valid_payment_method", "hash",
        "last_name", "payment_method_fallback_on_failure_disabled", "phone", "subscription_related_charge_streak",
        "subscriptions_active_count", "subscriptions_total_count", "tax_exempt", "updated_at",
    ],
    "/addresses": [
        "id", "customer_id", "payment_method_id", "address1", "address2", "city", "company", "country_code",
        "created_at", "discounts", "first_name", "is_gift", "last_name", "order_attributes", "order_note", "phone",
        "presentment_currency", "province", "shipping_lines_override", "updated_at", "zip",
    ],
    "/subscriptions": [
        "id", "address_id", "customer_id", "analytics_data", "cancellation_reason", "cancellation_reason_comments",
        "cancelled_at", "charge_interval_frequency", "created_at", "expire_after_specific_number_of_charges",
        "external_product_id", "external_variant_id", "has_queued_charges", "is_digital", "is_prepaid", "is_skippable",
        "is_swappable", "max_retries_reached", "next_charge_scheduled_at", "order_day_of_month", "order_day_of_week",
        "order_interval_frequency", "order_interval_unit", "presentment_currency", "price", "product_title",
        "properties", "quantity", "sku", "sku_override", "status", "updated_at", "variant_title",
    ],
    "/charges": [
        "id", "address_id", "analytics_data", "billing_address", "charge_attempts", "client_details", "created_at",
        "currency", "customer", "discounts", "error", "error_type", "external_order_id", "external_transaction_id",
        "has_uncommitted_changes", "line_items", "note", "order_attributes", "orders_count", "original_scheduled_at",
        "payment_processor", "processed_at", "retry_date", "scheduled_at", "shipping_address", "shipping_lines",
        "status", "subtotal_price", "tags", "tax_lines", "taxable", "taxes_included", "total_discounts", "total_duties",
        "total_line_items_price", "total_price", "total_refunds", "total_tax", "total_weight_grams", "type",
        "updated_at",
    ],
    "/credit_accounts": [
        "id", "api_client_id", "customer_id", "store_id", "api_client_restricted", "available_balance", "created_at",
        "currency_code", "expires_at", "initial_balance", "name", "redemption_code", "type", "updated_at",
    ],
    "/onetimes": [
        "id", "address_id", "customer_id", "created_at", "external_product_id", "external_variant_id", "is_cancelled",
        "next_charge_scheduled_at", "presentment_currency", "price", "product_title", "properties", "quantity", "sku",
        "sku_override", "updated_at", "variant_title",
    ],
    "/orders": [
        "id", "address_id", "billing_address", "charge", "client_details", "created_at", "currency", "customer",
        "discounts", "error", "external_cart_token", "external_order_id", "external_order_number", "is_prepaid",
        "line_items", "note", "order_attributes", "processed_at", "scheduled_at", "shipping_address",
        "shipping_lines", "status", "subtotal_price", "tags", "tax_lines", "taxable", "total_discounts",
        "total_line_items_price", "total_price", "total_refunds", "total_tax", "total_weight_grams", "type",
        "updated_at",
    ],
    "/payment_methods": [
        "id", "customer_id", "billing_address", "created_at", "default", "payment_details", "payment_type",
        "processor_customer_token", "processor_name", "processor_payment_method_token", "status", "status_reason",
        "updated_at",
    ],
    "/memberships": [
        "id", "address_id", "customer_id", "membership_program_id", "purchase_item_id", "cancellation_reason",
        "cancellation_reason_comments", "cancelled_at", "charge_interval_frequency", "charge_interval_unit",
        "created_at", "expires_at", "external_product_id", "external_variant_id", "has_queued_charges",
        "next_charge_scheduled_at", "presentment_currency", "price", "product_title", "purchase_item_status",
        "purchase_item_type", "quantity", "status", "type", "updated_at", "variant_title",
    ],
    "/membership_programs": [
        "id", "created_at", "description", "external_attributes", "name", "status", "tag_name", "updated_at",
    ],
    "/gift_purchases": [
        "id", "credit_account_id", "recipient_customer_id", "sender_customer_id", "amount", "created_at",
        "external_gift_product_id", "external_gift_variant_id", "external_order_id",
        "external_redeemable_product_ids", "gift_currency", "gift_note", "notification_scheduled_at",
        "notification_sent_at", "redeemable_collection_id", "redeemed_at", "redemption_link", "sender_name",
        "updated_at",
    ],
    "/collections": [
        "id", "created_at", "description", "manual_sort_order", "sort_order", "title", "type", "updated_at",
    ],
    "/discounts": ["id", "code", "created_at", "status", "updated_at", "value", "value_type"],
    "/plans": [
        "id", "channel_settings", "created_at", "deleted_at", "discount_amount", "discount_type",
        "external_plan_group_id", "external_plan_id", "external_plan_name", "external_product_id",
        "external_variant_ids", "has_variant_restrictions", "sort_order", "subscription_preferences", "title",
        "translations", "type", "updated_at",
    ],
}  # fmt: skip
LOYALTY_KEYS = {
    "/v1/customers": [
        "id", "first_name", "last_name", "email", "state", "date_of_birth", "points_balance", "referral_url",
        "vip_status", "created_at", "updated_at",
    ],
    "/v1/vip_tiers": ["id", "name", "image_url", "milestone", "perks", "entry_rewards"],
    "/v1/earning_rules": [
        "id", "name", "image_url", "action_text", "action_url", "restricted_to_vip_tier_ids", "reward", "reward_value",
        "earning_limit",
    ],
    "/v1/points_products": [
        "id", "exchange_type", "exchange_description", "points_price", "variable_points_step",
        "variable_points_step_reward_value", "variable_points_min", "variable_points_max", "reward", "created_at",
        "updated_at",
    ],
    "/v1/points_transactions": [
        "id", "customer_id", "points_change", "description", "internal_note", "created_at", "updated_at",
    ],
    "/v1/reward_fulfillments": [
        "id", "name", "code", "customer_id", "fulfillment_status", "image_url", "action_text", "action_url",
        "usage_instructions", "terms_and_conditions", "expires_at", "usage_status", "used_at", "created_at",
        "updated_at",
    ],
}  # fmt: skip


def all_match(pattern: re.Pattern[str], rows: list[dict[str, Any]], *names: str) -> bool:
    """Whether every value that is there is written as the pattern says."""
    return all(pattern.fullmatch(row[name]) for row in rows for name in names if row[name] is not None)


@pytest.mark.parametrize("path", KEYS)
async def test_keys_come_in_the_documented_order(subscriptions: Asked, path: str) -> None:
    assert all(list(row) == KEYS[path] for row in await subscriptions.rows(path))


@pytest.mark.parametrize("path", LOYALTY_KEYS)
async def test_loyalty_objects_have_the_documented_keys(loyalty: Asked, path: str) -> None:
    rows = await loyalty.rows(path)
    assert all(list(row) == LOYALTY_KEYS[path] for row in rows)
    assert all_match(MILLIS, rows, *({"created_at", "updated_at", "expires_at", "used_at"} & set(rows[0])))


async def test_bundle_selections_have_plain_ids_and_contents(bundles: Asked) -> None:
    rows = await bundles.rows("/bundle_selections")
    assert all(
        list(row) == [
            "id", "bundle_variant_id", "charge_id", "order_id", "purchase_item_id", "created_at", "external_product_id",
            "external_variant_id", "is_fallback", "items", "updated_at",
        ]
        for row in rows
    )  # fmt: skip
    items = [item for row in rows for item in row["items"]]
    assert all(
        list(item) == [
            "id", "collection_id", "collection_source", "created_at", "external_product_id", "external_variant_id",
            "price", "quantity", "updated_at",
        ]
        for item in items
    )  # fmt: skip
    assert all_match(MONEY, items, "price")
    assert all_match(OFFSET, items, "created_at", "updated_at")
    assert all(isinstance(row["external_product_id"], str) for row in [*rows, *items])
    assert len({item["id"] for item in items}) == len(items)


async def test_customers_have_dates_without_an_offset(subscriptions: Asked) -> None:
    rows = await subscriptions.rows("/customers")
    assert all_match(NAIVE, rows, "created_at", "updated_at", "first_charge_processed_at")
    assert any(row["first_charge_processed_at"] is None for row in rows)


async def test_subscriptions_have_dates_with_an_offset_and_a_next_charge_on_a_day(subscriptions: Asked) -> None:
    rows = await subscriptions.rows("/subscriptions")
    assert all_match(OFFSET, rows, "created_at", "updated_at", "cancelled_at")
    assert all_match(DATE, rows, "next_charge_scheduled_at")
    assert all_match(MONEY, rows, "price")
    assert all((row["next_charge_scheduled_at"] is None) is (row["status"] != "active") for row in rows)


async def test_charges_are_scheduled_on_a_day_and_add_up(subscriptions: Asked) -> None:
    rows = await subscriptions.rows("/charges")
    assert all_match(DATE, rows, "scheduled_at", "original_scheduled_at", "retry_date")
    assert all_match(OFFSET, rows, "created_at", "updated_at", "processed_at")
    assert all_match(MONEY, rows, *(key for key in rows[0] if key.startswith("total_") and not key.endswith("grams")))

    def cents(value: str) -> int:
        return int(value.replace(".", ""))

    for row in rows:
        lines = sum(cents(item["total_price"]) for item in row["line_items"])
        shipping = sum(cents(line["price"]) for line in row["shipping_lines"])
        assert cents(row["total_line_items_price"]) == lines
        assert cents(row["subtotal_price"]) == lines - cents(row["total_discounts"])
        assert cents(row["total_price"]) == cents(row["subtotal_price"]) + shipping


async def test_one_object_is_the_listed_row_under_the_singular(backends: Backends) -> None:
    for name, path, key in (
        ("subscriptions", "/customers", "customer"),
        ("subscriptions", "/addresses", "address"),
        ("subscriptions", "/subscriptions", "subscription"),
        ("subscriptions", "/charges", "charge"),
        ("subscriptions", "/plans", "plan"),
        ("subscriptions", "/incentives/tiered_discounts", "tiered_discount"),
        ("bundles", "/bundle_selections", "bundle_selection"),
        ("loyalty", "/v1/customers", "customer"),
        ("loyalty", "/v1/points_products", "points_product"),
        ("loyalty", "/v1/points_transactions", "points_transaction"),
    ):
        row = (await backends[name].rows(path))[0]
        assert (await backends[name](f"{path}/{row['id']}")).body == {key: row}


async def test_referral_info_comes_only_when_included(subscriptions: Asked) -> None:
    plain = (await subscriptions(f"/customers/{DEMO}")).body["customer"]
    assert "include" not in plain
    customer = (await subscriptions(f"/customers/{DEMO}?include=nonsense,referral_info")).body["customer"]
    slug = f"{plain['first_name'].lower()}-{plain['hash'][:6]}"
    url = f"{AURORA.site}/pages/refer?r={slug}"
    assert customer == {**plain, "include": {"referral_info": {"referral_url": {"slug": slug, "url": url}}}}


async def test_a_credit_summary_adds_up_what_has_not_ended(subscriptions: Asked) -> None:
    accounts = await subscriptions.rows("/credit_accounts")
    customers = {account["customer_id"] for account in accounts}
    for customer in customers:
        answer = await subscriptions(f"/customers/{customer}/credit_summary?include=credit_details")
        summary = answer.body["credit_summary"]
        details = summary["include"]["credit_details"]
        mine = [each for each in accounts if each["customer_id"] == customer]
        assert details == [each for each in mine if each["expires_at"] is None or each in details]
        total = sum(int(each["available_balance"].replace(".", "")) for each in details)
        assert summary["total_available_balance"] == f"{total // 100}.{total % 100:02d}"
        assert round(sum(summary["total_available_balance_by_credit_type"].values()) * 100) == total
        assert (summary["customer_id"], summary["currency_code"]) == (customer, "USD")


async def test_a_customer_without_credit_has_a_summary_of_nothing(subscriptions: Asked) -> None:
    known = {account["customer_id"] for account in await subscriptions.rows("/credit_accounts")}
    without = next(row["id"] for row in await subscriptions.rows("/customers") if row["id"] not in known)
    assert (await subscriptions(f"/customers/{without}/credit_summary")).body == {
        "credit_summary": {
            "customer_id": without,
            "currency_code": "USD",
            "max_redemption_limit": None,
            "total_available_balance": "0.00",
            "total_available_balance_by_credit_type": {"reward": 0.0, "manual": 0.0, "gift": 0.0},
        }
    }


async def test_store_settings_say_what_the_portal_allows(backends: Backends) -> None:
    ask = backends["subscriptions"]
    ours = (await ask("/shop/settings")).body["settings"]
    assert list(ours) == ["shop_id", "customer_portal", "has_shopify_connector", "multicurrency_enabled", "shop_url"]
    assert ours["shop_id"] == AURORA.id
    portal = ours["customer_portal"]
    assert (len(portal), len(portal["subscription"])) == (73, 19)
    assert portal["subscription"]["change_product"] is True
    theirs = (await ask("/shop/settings", shop="nordlys-skin.myshopify.com")).body["settings"]["customer_portal"]
    assert theirs["subscription"]["change_product"] is False


async def test_a_tiered_discount_names_only_what_it_is_limited_to(subscriptions: Asked) -> None:
    rows = await subscriptions.rows("/incentives/tiered_discounts")
    scopes = {"collection_id", "external_bundle_product_id", "external_product_id"}
    found = [sorted(scopes & set(row)) for row in rows]
    assert {len(each) for each in found} == {0, 1}
    assert {scope for each in found for scope in each} == scopes
    tiers = [entry["tier"] for row in rows for entry in row["tiers"]]
    assert all(("condition_quantity_gte" in tier) != ("condition_line_price_gte" in tier) for tier in tiers)


async def test_included_tiers_stand_in_the_vip_status(loyalty: Asked) -> None:
    tiers = {tier["id"]: tier for tier in (await loyalty("/v1/vip_tiers")).body["vip_tiers"]}
    path = "/v1/customers?state=member&limit=250"
    plain = (await loyalty(path)).body["customers"]
    answer = await loyalty(f"{path}&include=vip_status.vip_tier,vip_status.next_vip_tier")
    assert [customer["vip_status"] for customer in answer.body["customers"]] == [
        {
            **status,
            "vip_tier": tiers[status["vip_tier_id"]],
            "next_vip_tier": tiers.get(status["next_vip_tier_id"]),
        }
        for status in (customer["vip_status"] for customer in plain)
    ]


async def test_tiers_come_lowest_first_and_without_pages(loyalty: Asked) -> None:
    answer = await loyalty("/v1/vip_tiers")
    assert list(answer.body) == ["vip_tiers"]
    assert [(tier["name"], tier["milestone"]) for tier in answer.body["vip_tiers"]] == [
        ("Bronze", 0),
        ("Silver", 500),
        ("Gold", 1500),
    ]


async def test_a_schedule_has_what_is_queued_with_the_charges_own_sums(subscriptions: Asked) -> None:
    path = f"/customers/{DEMO}/delivery_schedule?delivery_count_future=6"
    body = (await subscriptions(path)).body
    assert [*body] == ["customer", "deliveries"]
    days = [each["date"] for each in body["deliveries"]]
    assert len(days) == 6
    assert days == sorted(set(days))
    charges = {row["id"]: row for row in await subscriptions.rows(f"/charges?customer_id={DEMO}&status=queued")}
    orders = [(each["date"], order) for each in body["deliveries"] for order in each["orders"]]
    queued = [(day, order, charges[order["charge_id"]]) for day, order in orders if order["charge_id"]]
    assert queued
    for day, order, charge in queued:
        assert (charge["scheduled_at"], charge["address_id"]) == (day, order["address_id"])
        assert (charge["total_price"], charge["subtotal_price"]) == (order["total_price"], order["order_subtotal"])
        bought = {item["purchase_item_id"] for item in charge["line_items"] if not item["offer_attributes"]}
        assert {line["subscription_id"] for line in order["line_items"]} == bought
    assert {row["id"] for row in charges.values() if row["scheduled_at"] <= days[-1]} == {c["id"] for _, _, c in queued}
    short = (await subscriptions(f"{path}&date_max={days[1]}")).body["deliveries"]
    assert short == body["deliveries"][:2]
    for wrong in ("0", "x", "101"):
        answer = await subscriptions(f"/customers/{DEMO}/delivery_schedule?delivery_count_future={wrong}")
        assert answer.status == 422


async def test_includes_are_the_rows_of_their_own_lists(subscriptions: Asked) -> None:
    path = f"/customers/{DEMO}?include=addresses,subscriptions,payment_methods"
    included = (await subscriptions(path)).body["customer"]["include"]
    for name in ("addresses", "subscriptions", "payment_methods"):
        assert included[name] == await subscriptions.rows(f"/{name}?customer_id={DEMO}")
    row = (await subscriptions(f"/subscriptions?customer_id={DEMO}&bundles_only=true&limit=1")).body["subscriptions"][0]
    found = (await subscriptions(f"/subscriptions/{row['id']}?include=address,customer,bundle_product")).body
    beside = found["subscription"]["include"]
    assert beside["address"]["id"] == row["address_id"]
    assert beside["customer"]["id"] == DEMO
    assert beside["bundle_product"]["external_product_id"] == row["external_product_id"]["ecommerce"]
    sources = [source for size in beside["bundle_product"]["variants"] for source in size["option_sources"]]
    assert all("option_source_id" in source and "collection_id" not in source for source in sources)


async def test_offers_say_what_is_missing_to_the_next_tier(subscriptions: Asked) -> None:
    discounts = await subscriptions.rows("/incentives/tiered_discounts?status=published")
    discount = next(each for each in discounts if each.get("external_product_id"))
    product = discount["external_product_id"]["ecommerce"]
    line = {"external_product_id": product, "quantity": 5, "total_price": "10.00", "purchase_type": "subscription"}
    body = {"tiered_discount_context": "checkout", "line_items": [line]}
    answer = (await subscriptions.post("/incentives/tiered_discounts/offers", body)).body
    (offer,) = [each for each in answer["offers"] if each["tiered_discount_id"] == discount["id"]]
    assert offer["applies_to_external_product_ids"] == [product]
    assert [(t["is_current"], t["threshold_value"], t["threshold_value_needed"]) for t in offer["tiers"]] == [
        (True, "4", "0"),
        (False, "6", "1"),
    ]
