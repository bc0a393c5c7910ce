"""The right answers, worked out from the stub's rows by nothing that is measured."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.stub import people, rows

CURRENCY = "USD"
PAGE = 20
HALF = 100


def portal(customer: int) -> dict[str, Any]:
    """`CustomerPortal`: the first twenty subscriptions."""
    return _portal(customer, {"subscriptions": list(range(people.subscription_count(customer)))[:PAGE]})


def portal_200(customer: int) -> dict[str, Any]:
    """`CustomerPortal200`: the first hundred, and the last hundred from the end."""
    everything = list(range(people.subscription_count(customer)))
    return _portal(customer, {"subscriptions": everything[:HALF], "latest": everything[::-1][:HALF]})


def credit(customer: int) -> dict[str, Any]:
    """The shopper's credit and nothing else."""
    total = _money(json.loads(rows.credit_summary(customer))["total_available_balance"])
    return {"customer": {"id": f"gid://recharge/Customer/{customer}", "credit": {"totalAvailable": total}}}


def differences(expected: Any, answered: Any, path: str = "data") -> list[str]:
    """Where an answer is wrong, by its fields' paths. A cursor is each server's own, so any text is right."""
    if isinstance(expected, Mapping):
        if not isinstance(answered, Mapping) or list(expected) != list(answered):
            return [f"{path}: fields {_names(answered)} instead of {_names(expected)}"]
        return [each for key in expected for each in differences(expected[key], answered[key], f"{path}.{key}")]
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        if not isinstance(answered, Sequence) or len(expected) != len(answered):
            return [f"{path}: another number of rows"]
        return [
            each
            for at, pair in enumerate(zip(expected, answered, strict=True))
            for each in differences(*pair, f"{path}[{at}]")
        ]
    is_cursor = path.endswith(".endCursor") and isinstance(answered, str) and answered != ""
    is_same = expected == answered and type(expected) is type(answered)
    return [] if is_cursor or is_same else [f"{path}: {answered!r} instead of {expected!r}"]


def _names(value: Any) -> list[str]:
    return list(value) if isinstance(value, Mapping) else [type(value).__name__]


def _portal(customer: int, pages: Mapping[str, list[int]]) -> dict[str, Any]:
    record = json.loads(rows.customer(customer))
    allowed = rows.SAMPLES["settings"]["customer_portal"]["subscription"]
    member = json.loads(rows.member(customer))
    credit = json.loads(rows.credit_summary(customer))
    return {
        "shop": {
            "customerPortal": {
                "canSkip": bool(allowed["skip_scheduled_order"]),
                "canCancel": bool(allowed["cancel_subscription"]),
                "canSwapProduct": bool(allowed["change_product"]),
                "canChangeQuantity": bool(allowed["change_quantity"]),
                "canChangeSchedule": bool(allowed["edit_scheduled_date"]),
                "canReactivate": bool(allowed["reactivate_subscription"]),
                "cancellationReasonRequired": not allowed["cancellation_reason_optional"],
            }
        },
        "customer": {
            "id": f"gid://recharge/Customer/{customer}",
            "email": record["email"],
            "hasPaymentMethodInDunning": record["has_payment_method_in_dunning"],
            **{name: _page(customer, indexes) for name, indexes in pages.items()},
            "loyalty": {
                "pointsBalance": member["points_balance"],
                "tierStatus": {"tier": {"name": member["vip_status"]["vip_tier"]["name"]}},
            },
            "credit": {"totalAvailable": _money(credit["total_available_balance"])},
        },
    }


def _page(customer: int, indexes: list[int]) -> dict[str, Any]:
    return {
        "nodes": [_subscription(customer, index) for index in indexes],
        "pageInfo": {"hasNextPage": len(indexes) < people.subscription_count(customer), "endCursor": "any"},
    }


def _subscription(customer: int, index: int) -> dict[str, Any]:
    row = json.loads(rows.subscription(customer, index))
    address = json.loads(rows.address(customer, people.address_index(index)))
    charge = json.loads(rows.charge(customer, index // people.SUBSCRIPTIONS_A_CHARGE))
    selection = json.loads(rows.selection(customer, index)) if rows.is_bundle(index) else None
    product = rows.PRODUCTS[row["external_product_id"]["ecommerce"]]
    plans = sorted((plan for plan in product["plans"] if not plan["deleted_at"]), key=lambda plan: plan["sort_order"])
    return {
        "id": f"gid://recharge/SubscriptionContract/{row['id']}",
        "status": row["status"].upper(),
        "productTitle": row["product_title"],
        "variantTitle": row["variant_title"],
        "quantity": row["quantity"],
        "price": _money(row["price"]),
        "nextChargeDate": row["next_charge_scheduled_at"],
        "isSkippable": row["is_skippable"],
        "isSwappable": row["is_swappable"],
        "deliveryInterval": {"unit": row["order_interval_unit"].upper(), "count": row["order_interval_frequency"]},
        "product": {
            "id": f"gid://shopify/Product/{product['external_product_id']}",
            "image": _image(product["images"][0]),
            "plans": [{"id": f"gid://recharge/Plan/{plan['id']}", "title": plan["title"]} for plan in plans],
        },
        "address": {name: address[name] for name in ("address1", "city", "zip")},
        "upcomingCharge": {
            "id": f"gid://recharge/Charge/{charge['id']}",
            "scheduledDate": charge["scheduled_at"],
            "totalPrice": _money(charge["total_price"]),
            "lineItems": [
                {"title": line["title"], "quantity": line["quantity"], "isFreeGift": False}
                for line in charge["line_items"]
            ],
        },
        "bundleSelection": selection
        and {
            "id": f"gid://recharge/BundleSelection/{selection['id']}",
            "items": [{"quantity": item["quantity"], "productVariant": _variant(item)} for item in selection["items"]],
        },
    }


def _variant(item: Mapping[str, Any]) -> dict[str, Any]:
    product = rows.PRODUCTS[item["external_product_id"]]
    number = item["external_variant_id"]
    variant = next(row for row in product["variants"] if row["external_variant_id"] == number)
    return {
        "id": f"gid://shopify/ProductVariant/{number}",
        "title": variant["title"],
        "image": _image(variant["image"] or product["images"][0]),
    }


def _image(sizes: Mapping[str, Any]) -> dict[str, Any]:
    return {"url": sizes["large"]}


def _money(amount: str) -> dict[str, Any]:
    return {"amount": amount, "currencyCode": CURRENCY}
