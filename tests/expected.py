"""What the widget documents must answer, worked out from the backends' own answers.

Written apart from the schema on purpose: plain dictionaries in, plain dictionaries out.
"""

from datetime import UTC, datetime
from typing import Any

from tests.conftest import SHOP, Store

Json = dict[str, Any]
INCLUDE = "include=vip_status.vip_tier,vip_status.next_vip_tier"


async def everything(store: Store, service: str, path: str, rows: str, *, shop: str = SHOP) -> list[Json]:
    """Every row of a list of at most 250."""
    found = await store.get(service, f"{path}{'&' if '?' in path else '?'}limit=250", shop=shop)
    cursor = found.get("metadata", found).get("next_cursor")
    assert cursor is None, f"{path} has more than one page"
    listed: list[Json] = found[rows]
    return listed


async def product_of(store: Store, product_id: str, *, shop: str = SHOP, country: str = "") -> Json | None:
    """One product as /product_search has it."""
    market = f"&country_code={country}" if country else ""
    path = f"/product_search?format_version=2022-06&external_product_ids={product_id}{market}"
    found = (await store.get("subscriptions", path, shop=shop, version="2021-01"))["products"]
    return found[0] if found else None


def money(amount: str | None, currency: str) -> Json | None:
    """MoneyV2."""
    return None if amount is None else {"amount": amount, "currencyCode": currency}


def instant(text: str | None) -> str | None:
    """DateTime: in UTC; an instant without an offset is."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).isoformat().replace("+00:00", "Z")


def picture(images: list[Json]) -> Json | None:
    """The largest size of the first picture."""
    return {"url": images[0]["large"]} if images else None


def interval(unit: str | None, count: int | None) -> Json | None:
    """Interval."""
    return {"unit": unit.upper(), "count": count} if unit and count else None


def live_plans(product: Json) -> list[Json]:
    """The plans that can be chosen."""
    return sorted((p for p in product["plans"] if not p.get("deleted_at")), key=lambda plan: plan["sort_order"])


async def customer_portal(store: Store, customer_id: int, shop: str, currency: str) -> Json:
    """`CustomerPortal`, first page."""

    async def get(service: str, path: str, version: str = "2021-11") -> Any:
        return await store.get(service, path, shop=shop, version=version)

    portal = (await get("subscriptions", "/shop/settings", "2021-01"))["settings"]["customer_portal"]["subscription"]
    customer = (await get("subscriptions", f"/customers/{customer_id}"))["customer"]
    page = await get("subscriptions", f"/subscriptions?customer_id={customer_id}&status=active&sort_by=id-asc&limit=20")
    credit = (await get("subscriptions", f"/customers/{customer_id}/credit_summary"))["credit_summary"]
    members = (await get("loyalty", f"/v1/customers?email={customer['email']}&{INCLUDE}"))["customers"]
    nodes = [await _portal_subscription(store, row, shop, currency) for row in page["subscriptions"]]
    return {
        "shop": {
            "customerPortal": {
                "canSkip": bool(portal["skip_scheduled_order"]),
                "canCancel": bool(portal["cancel_subscription"]),
                "canSwapProduct": bool(portal["change_product"]),
                "canChangeQuantity": bool(portal["change_quantity"]),
                "canChangeSchedule": bool(portal["edit_scheduled_date"]),
                "canReactivate": bool(portal["reactivate_subscription"]),
                "cancellationReasonRequired": not portal["cancellation_reason_optional"],
            },
        },
        "customer": {
            "id": f"gid://recharge/Customer/{customer_id}",
            "email": customer["email"],
            "hasPaymentMethodInDunning": customer["has_payment_method_in_dunning"],
            "subscriptions": {"nodes": nodes, "pageInfo": {"hasNextPage": page["next_cursor"] is not None}},
            "loyalty": {
                "pointsBalance": members[0]["points_balance"],
                "tierStatus": _tier_status(members[0]),
            }
            if members
            else None,
            "credit": {"totalAvailable": money(credit["total_available_balance"], credit["currency_code"])},
        },
    }


def _tier_status(member: Json) -> Json | None:
    status = member["vip_status"]
    if status is None:
        return None
    tier = status["vip_tier"]
    return {"tier": {"name": tier["name"]} if tier else None}


async def _portal_subscription(store: Store, row: Json, shop: str, currency: str) -> Json:
    identity = row["id"]
    address = (await store.get("subscriptions", f"/addresses/{row['address_id']}", shop=shop))["address"]
    charges = await everything(
        store, "subscriptions", f"/charges?purchase_item_ids={identity}&status=queued", "charges", shop=shop
    )
    selections = await everything(
        store, "bundles", f"/bundle_selections?purchase_item_ids={identity}", "bundle_selections", shop=shop
    )
    product = await product_of(store, row["external_product_id"]["ecommerce"], shop=shop)
    return {
        "id": f"gid://recharge/SubscriptionContract/{identity}",
        "status": row["status"].upper(),
        "productTitle": row["product_title"],
        "variantTitle": row["variant_title"],
        "quantity": row["quantity"],
        "price": money(row["price"], row["presentment_currency"] or currency),
        "nextChargeDate": row["next_charge_scheduled_at"],
        "isSkippable": row["is_skippable"],
        "isSwappable": row["is_swappable"],
        "deliveryInterval": interval(row["order_interval_unit"], row["order_interval_frequency"]),
        "product": {
            "id": f"gid://shopify/Product/{product['external_product_id']}",
            "image": picture(product["images"]),
            "plans": [
                {"id": f"gid://recharge/Plan/{plan['id']}", "title": plan["title"]} for plan in live_plans(product)
            ],
        }
        if product
        else None,
        "address": {"address1": address["address1"], "city": address["city"], "zip": address["zip"]},
        "upcomingCharge": _portal_charge(min(charges, key=lambda charge: charge["scheduled_at"])) if charges else None,
        "bundleSelection": await _portal_selection(store, selections, shop),
    }


def _portal_charge(charge: Json) -> Json:
    return {
        "id": f"gid://recharge/Charge/{charge['id']}",
        "scheduledDate": charge["scheduled_at"],
        "totalPrice": money(charge["total_price"], charge["currency"]),
        "lineItems": [
            {
                "title": line["title"],
                "quantity": line["quantity"],
                "isFreeGift": (line.get("offer_attributes") or {}).get("type") == "free_gift",
            }
            for line in charge["line_items"]
        ],
    }


async def _portal_selection(store: Store, selections: list[Json], shop: str) -> Json | None:
    current = [row for row in selections if row["charge_id"] is None and row["order_id"] is None]
    if not current:
        return None
    items = []
    for item in current[0]["items"]:
        product = await product_of(store, item["external_product_id"], shop=shop)
        variant = next(
            (
                row
                for row in (product or {"variants": []})["variants"]
                if row["external_variant_id"] == item["external_variant_id"]
            ),
            None,
        )
        items.append(
            {
                "quantity": item["quantity"],
                "productVariant": {
                    "id": f"gid://shopify/ProductVariant/{item['external_variant_id']}",
                    "title": variant["title"],
                    "image": picture(
                        [variant["image"]] if variant.get("image") else product["images"] if product else []
                    ),
                }
                if variant
                else None,
            },
        )
    return {"id": f"gid://recharge/BundleSelection/{current[0]['id']}", "items": items}


async def loyalty_panel(store: Store, customer_id: int, shop: str) -> Json:
    """`LoyaltyPanel`."""

    async def get(service: str, path: str) -> Any:
        return await store.get(service, path, shop=shop)

    label = (await get("loyalty", "/v1/points_settings"))["points_settings"]["points_label"]
    tiers = await everything(store, "loyalty", "/v1/vip_tiers", "vip_tiers", shop=shop)
    rules = await everything(store, "loyalty", "/v1/earning_rules", "earning_rules", shop=shop)
    rewards = await everything(store, "loyalty", "/v1/points_products", "points_products", shop=shop)
    customer = (await get("subscriptions", f"/customers/{customer_id}"))["customer"]
    credit = (await get("subscriptions", f"/customers/{customer_id}/credit_summary?include=credit_details"))[
        "credit_summary"
    ]
    members = (await get("loyalty", f"/v1/customers?email={customer['email']}&{INCLUDE}"))["customers"]
    return {
        "loyaltyProgram": {
            "pointsLabel": label,
            "tiers": [
                {
                    "id": f"gid://smile/LoyaltyTier/{tier['id']}",
                    "name": tier["name"],
                    "milestone": str(tier["milestone"]),
                    "perks": [perk["name"] for perk in tier["perks"]],
                }
                for tier in sorted(tiers, key=lambda tier: float(tier["milestone"]))
            ],
            "earningRules": [_rule(rule) for rule in rules],
        },
        "customer": {
            "id": f"gid://recharge/Customer/{customer_id}",
            "firstName": customer["first_name"],
            "subscriptionChargeStreak": customer["subscription_related_charge_streak"],
            "credit": {
                "totalAvailable": money(credit["total_available_balance"], credit["currency_code"]),
                "appliesToNextCharge": customer["apply_credit_to_next_recurring_charge"],
                "accounts": [
                    {
                        "id": f"gid://recharge/CreditAccount/{account['id']}",
                        "name": account["name"],
                        "balance": money(account["available_balance"], account["currency_code"]),
                        "expiresAt": instant(account["expires_at"]),
                    }
                    for account in credit["include"]["credit_details"]
                ],
            },
            "loyalty": await _member(store, members[0], rewards, shop) if members else None,
        },
    }


def _rule(rule: Json) -> Json:
    value, limit = rule["reward_value"], rule["earning_limit"]
    return {
        "id": f"gid://smile/EarningRule/{rule['id']}",
        "name": rule["name"],
        "actionText": rule["action_text"],
        "actionUrl": rule["action_url"],
        "pointsFixed": value["fixed"]["value"] if value.get("fixed") else None,
        "pointsPerAmount": str(value["variable"]["value"]) if value.get("variable") else None,
        "limit": {"type": limit["type"].upper(), "max": limit["max"]} if limit else None,
    }


async def _member(store: Store, member: Json, rewards: list[Json], shop: str) -> Json:
    status = member["vip_status"]
    vouchers = await store.get(
        "loyalty", f"/v1/reward_fulfillments?customer_id={member['id']}&usage_status=unused&limit=10", shop=shop
    )
    history = await store.get("loyalty", f"/v1/points_transactions?customer_id={member['id']}&limit=20", shop=shop)
    return {
        "status": member["state"].upper(),
        "pointsBalance": member["points_balance"],
        "referralUrl": member["referral_url"],
        "tierStatus": {
            "tier": _named(status["vip_tier"]),
            "nextTier": _named(status["next_vip_tier"]),
            "deltaToNextTier": _text(status["delta_to_next_vip_tier"]),
            "expiresAt": instant(status["vip_tier_expires_at"]),
        }
        if status
        else None,
        "availableRewards": [_reward(row, member) for row in rewards],
        "redemptions": {
            "nodes": [
                {"name": row["name"], "code": row["code"], "expiresAt": instant(row["expires_at"])}
                for row in vouchers["reward_fulfillments"]
            ],
        },
        "activity": {
            "nodes": [
                {
                    "pointsChange": row["points_change"],
                    "description": row["description"],
                    "createdAt": instant(row["created_at"]),
                }
                for row in history["points_transactions"]
            ],
            "pageInfo": {"hasNextPage": history["metadata"]["next_cursor"] is not None},
        },
    }


def _reward(row: Json, member: Json) -> Json:
    price = row["points_price"] if row["points_price"] is not None else row["variable_points_min"] or 0
    missing = max(price - member["points_balance"], 0)
    return {
        "isRedeemable": missing == 0 and member["state"] == "member",
        "pointsMissing": missing,
        "reward": {
            "id": f"gid://smile/Reward/{row['id']}",
            "name": row["reward"]["name"],
            "exchangeDescription": row["exchange_description"],
            "pointsPrice": row["points_price"],
        },
    }


def _named(tier: Json | None) -> Json | None:
    return {"name": tier["name"]} if tier else None


def _text(value: float | str | None) -> str | None:
    return None if value is None else str(value)


async def product_widget(
    store: Store, product_id: str, shop: str, currency: str, *, country: str = "", language: str = ""
) -> Json:
    """`ProductSubscriptionWidget`."""
    product = await product_of(store, product_id, shop=shop, country=country)
    label = (await store.get("loyalty", "/v1/points_settings", shop=shop))["points_settings"]["points_label"]
    rules = await everything(store, "loyalty", "/v1/earning_rules", "earning_rules", shop=shop)
    discounts = await everything(
        store, "subscriptions", "/incentives/tiered_discounts?status=published", "tiered_discounts", shop=shop
    )
    return {
        "shop": {"currencyCode": currency},
        "product": _widget_product(product, discounts, country, language) if product else None,
        "loyaltyProgram": {
            "pointsLabel": label,
            "earningRules": [
                {
                    "name": rule["name"],
                    "pointsPerAmount": _rule(rule)["pointsPerAmount"],
                    "perAmount": money(str(rule["reward_value"]["variable"]["per_amount"]), currency)
                    if rule["reward_value"].get("variable")
                    else None,
                }
                for rule in rules
            ],
        },
    }


def _widget_product(product: Json, discounts: list[Json], country: str, language: str) -> Json:
    plans = live_plans(product)
    return {
        "id": f"gid://shopify/Product/{product['external_product_id']}",
        "title": product["title"],
        "requiresSellingPlan": bool(plans) and all(plan["type"] != "onetime" for plan in plans),
        "plans": [_widget_plan(plan, language) for plan in plans],
        "variants": [
            _widget_variant(variant, {plan["id"] for plan in plans}, country)
            for variant in product["variants"]
            if not variant["is_deleted"]
        ],
        "tieredDiscounts": [_discount(row) for row in discounts if _applies(row, product)],
    }


def _widget_plan(plan: Json, language: str) -> Json:
    titles = {row["language"].lower(): row["title"] for row in plan.get("translations") or []}
    rhythm = plan["subscription_preferences"]
    selling_plan = plan["external_plan_id"]
    return {
        "id": f"gid://recharge/Plan/{plan['id']}",
        "title": titles.get(language.lower(), plan["title"]),
        "type": plan["type"].removesuffix("_v2").removesuffix("_subscription").upper(),
        "sortOrder": plan["sort_order"],
        "sellingPlanId": f"gid://shopify/SellingPlan/{selling_plan}" if selling_plan else None,
        "deliveryInterval": interval(rhythm["interval_unit"], rhythm["order_interval_frequency"]),
        "discount": {"type": plan["discount_type"].upper(), "value": plan["discount_amount"]}
        if plan["discount_type"] and float(plan["discount_amount"] or 0)
        else None,
    }


def _widget_variant(variant: Json, plans: set[int], country: str) -> Json:
    price = variant["prices"][0]
    presented = price.get("presentment_prices") or []
    if country and presented:
        price = next((row for row in presented if row["default_currency"]), presented[0])
    stock = variant["inventory"]
    return {
        "id": f"gid://shopify/ProductVariant/{variant['external_variant_id']}",
        "title": variant["title"],
        "availableForSale": variant["is_published"]
        and not (stock["policy"] == "deny" and stock["level"] is not None and stock["level"] <= 0),
        "price": money(price["unit_price"], price["currency"]),
        "compareAtPrice": money(price.get("compare_at_price"), price["currency"]),
        "planPrices": [
            {
                "plan": {"id": f"gid://recharge/Plan/{row['id']}"},
                "price": money(row["discounted_price"], price["currency"]),
            }
            for row in price["plans"]
            if row["id"] in plans
        ],
    }


def _discount(row: Json) -> Json:
    return {
        "name": row["name"],
        "tiers": [
            {
                "thresholdType": "PRICE" if tier.get("condition_line_price_gte") is not None else "QUANTITY",
                "threshold": str(tier.get("condition_line_price_gte") or tier.get("condition_quantity_gte")),
                "discount": {"type": tier["discount_type"].upper(), "value": tier["discount_value"]},
            }
            for tier in (entry["tier"] for entry in row["tiers"])
        ],
    }


def _applies(row: Json, product: Json) -> bool:
    scopes = [(row.get(name) or {}).get("ecommerce") for name in ("external_product_id", "external_bundle_product_id")]
    if product["external_product_id"] in scopes:
        return True
    if row.get("collection_id") is not None:
        return str(row["collection_id"]) in {str(collection["id"]) for collection in product["collections"]}
    return not any(scopes)
