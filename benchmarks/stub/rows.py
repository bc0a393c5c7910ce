"""Rows as bytes: samples of the reference services' answers, encoded once, with the ids filled in."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.stub import people

SAMPLES: Mapping[str, Any] = json.loads((Path(__file__).parent / "samples.json").read_text(encoding="utf-8"))
"""One row of each kind as the reference services send it, and the whole of what is public."""

PRODUCTS: Mapping[str, Mapping[str, Any]] = {row["external_product_id"]: row for row in SAMPLES["products"]}
_BUNDLE, *_PLAIN = list(PRODUCTS.values())
_SUBSCRIBED = _PLAIN[:5]
_INSIDE = _PLAIN[-4:]
"""What boxes contain; two of them are nobody's subscription."""

CITIES = ("Portland", "Austin", "Lyon", "Århus", "Leeds", "Toronto", "Genève", "Porto")

Fill = Callable[..., bytes]


def customer(number: int) -> bytes:
    """GET /customers/{id}."""
    return _customer() % {
        b"id": number,
        b"email": people.email_of(number).encode(),
        b"subscriptions": people.subscription_count(number),
        b"dunning": b"true" if number % 7 == 0 else b"false",
    }


def credit_summary(number: int) -> bytes:
    """GET /customers/{id}/credit_summary."""
    return _credit() % {b"id": number, b"whole": number % 90, b"cents": number % 100}


def subscription(number: int, index: int) -> bytes:
    """A row of GET /subscriptions."""
    return _subscription(_product_index(index)) % {
        b"id": people.part(number, index),
        b"customer": number,
        b"address": people.part(number, people.address_index(index)),
        b"quantity": 1 + (number + index) % 3,
    }


def charge(number: int, index: int) -> bytes:
    """A row of GET /charges: one for every two subscriptions."""
    first = index * people.SUBSCRIPTIONS_A_CHARGE
    served = range(first, min(first + people.SUBSCRIPTIONS_A_CHARGE, people.subscription_count(number)))
    lines = [_line(_product_index(each)) % {b"id": people.part(number, each)} for each in served]
    return _charge() % {
        b"id": people.part(number, index),
        b"customer": number,
        b"email": people.email_of(number).encode(),
        b"address": people.part(number, people.address_index(first)),
        b"whole": 20 + number % 70,
        b"cents": number % 100,
        b"lines": b",".join(lines),
    }


def selection(number: int, index: int) -> bytes:
    """A row of GET /bundle_selections; only bundles have one."""
    item = people.part(number, index)
    return _selection() % {b"id": item, b"item": item}


def address(number: int, index: int) -> bytes:
    """A row of GET /addresses."""
    city = CITIES[(number + index) % len(CITIES)]
    return _address() % {
        b"id": people.part(number, index),
        b"customer": number,
        b"street": index + 1,
        b"city": json.dumps(city).encode(),
        b"zip": number % 100_000,
    }


def member(number: int) -> bytes:
    """A row of GET /v1/customers."""
    return _member() % {
        b"id": people.member_of(number),
        b"email": people.email_of(number).encode(),
        b"points": number % 5_000,
    }


def points_transaction(number: int, index: int) -> bytes:
    """A row of GET /v1/points_transactions."""
    member_id = people.member_of(number)
    return _transaction() % {b"id": member_id * 10 + index, b"customer": member_id, b"points": 5 + index * 10}


@cache
def product(number: str) -> bytes:
    """A row of GET /product_search."""
    return json.dumps(PRODUCTS[number]).encode()


def is_bundle(index: int) -> bool:
    """Whether a shopper's n-th subscription is a bundle."""
    return index % people.BUNDLE_EVERY == 0


def _product_index(index: int) -> int:
    return -1 if is_bundle(index) else index % len(_SUBSCRIBED)


def _product(index: int) -> Mapping[str, Any]:
    return _BUNDLE if index < 0 else _SUBSCRIBED[index]


def _template(sample: Mapping[str, Any], holes: Mapping[str, str]) -> bytes:
    """A sample as a format; holes are given by their dotted paths and the text that stands there."""
    row = json.loads(json.dumps(sample))
    marks: dict[str, str] = {}
    for number, (path, text) in enumerate(holes.items()):
        *parents, last = path.split(".")
        at = row
        for name in parents:
            at = at[name]
        at[last] = mark = f"\N{SECTION SIGN}{number}\N{SECTION SIGN}"
        marks[json.dumps(mark)] = text
    encoded = json.dumps(row).replace("%", "%%")
    for mark, text in marks.items():
        encoded = encoded.replace(mark, text)
    return encoded.encode()


@cache
def _customer() -> bytes:
    return _template(
        SAMPLES["customer"],
        {
            "id": "%(id)d",
            "email": '"%(email)b"',
            "has_payment_method_in_dunning": "%(dunning)b",
            "subscriptions_active_count": "%(subscriptions)d",
            "subscriptions_total_count": "%(subscriptions)d",
        },
    )


@cache
def _credit() -> bytes:
    total = {"customer_id": "%(id)d", "total_available_balance": '"%(whole)d.%(cents)02d"'}
    return _template(SAMPLES["credit_summary"], total)


@cache
def _subscription(index: int) -> bytes:
    chosen = _product(index)
    variant = chosen["variants"][0]
    sample = {
        **SAMPLES["subscription"],
        "external_product_id": {"ecommerce": chosen["external_product_id"]},
        "external_variant_id": {"ecommerce": variant["external_variant_id"]},
        "product_title": chosen["title"],
        "variant_title": variant["title"],
        "price": variant["prices"][0]["unit_price"],
        "sku": variant["sku"],
    }
    holes = {"id": "%(id)d", "customer_id": "%(customer)d", "address_id": "%(address)d", "quantity": "%(quantity)d"}
    return _template(sample, holes)


@cache
def _line(index: int) -> bytes:
    chosen = _product(index)
    variant = chosen["variants"][0]
    sample = {
        **SAMPLES["charge"]["line_items"][0],
        "external_product_id": {"ecommerce": chosen["external_product_id"]},
        "external_variant_id": {"ecommerce": variant["external_variant_id"]},
        "purchase_item_type": "subscription",
        "title": chosen["title"],
        "variant_title": variant["title"],
    }
    return _template(sample, {"purchase_item_id": "%(id)d"})


@cache
def _charge() -> bytes:
    return _template(
        SAMPLES["charge"],
        {
            "id": "%(id)d",
            "address_id": "%(address)d",
            "customer.id": "%(customer)d",
            "customer.email": '"%(email)b"',
            "total_price": '"%(whole)d.%(cents)02d"',
            "line_items": "[%(lines)b]",
        },
    )


@cache
def _selection() -> bytes:
    item = SAMPLES["bundle_selection"]["items"][0]
    sample = {
        **SAMPLES["bundle_selection"],
        "charge_id": None,
        "order_id": None,
        "external_product_id": _BUNDLE["external_product_id"],
        "external_variant_id": _BUNDLE["variants"][0]["external_variant_id"],
        "items": [
            {
                **item,
                "id": item["id"] + at,
                "external_product_id": inside["external_product_id"],
                "external_variant_id": inside["variants"][-1]["external_variant_id"],
                "quantity": at + 1,
            }
            for at, inside in enumerate(_INSIDE)
        ],
    }
    return _template(sample, {"id": "%(id)d", "purchase_item_id": "%(item)d"})


@cache
def _address() -> bytes:
    holes = {
        "id": "%(id)d",
        "customer_id": "%(customer)d",
        "address1": '"%(street)d Lake Street"',
        "city": "%(city)b",
        "zip": '"%(zip)05d"',
    }
    return _template(SAMPLES["address"], holes)


@cache
def _member() -> bytes:
    return _template(SAMPLES["member"], {"id": "%(id)d", "email": '"%(email)b"', "points_balance": "%(points)d"})


@cache
def _transaction() -> bytes:
    holes = {"id": "%(id)d", "customer_id": "%(customer)d", "points_change": "%(points)d"}
    return _template(SAMPLES["points_transaction"], holes)
