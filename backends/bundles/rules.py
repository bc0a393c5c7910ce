"""What may be in a bundle: the official client's rules, in its order."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a shopper wants in a box."""

    collection_id: str
    product_id: str
    variant_id: str
    quantity: int


def problem(
    bundle: Mapping[str, Any] | None,
    stock: Mapping[str, frozenset[str]],
    variant_id: str,
    items: Sequence[Item],
) -> str | None:
    """The first rule that contents break, in words; None when they are valid.

    `bundle` is a `bundle_product` of the product search, `stock` the ids of products by their collection.
    """
    if bundle is None:
        return "This product has no bundle settings."
    if not items:
        return "No items were chosen."
    sizes = {size["external_variant_id"]: size for size in bundle["variants"] if size["enabled"]}
    size = sizes.get(variant_id)
    if size is None:
        return f"{variant_id} is not a size of this bundle."
    sources = {source["collection_id"]: source for source in size["option_sources"]}
    return (
        _total(size, items)
        or _each(bundle["max_quantity_per_variant"], items)
        or _collections(sources, items)
        or _shares(sources, items)
        or _products(sources, stock, items)
    )


def _total(size: Mapping[str, Any], items: Sequence[Item]) -> str | None:
    total = sum(item.quantity for item in items)
    exact = size["items_count"]
    ranges = [(exact, exact)] if exact else [(each["quantity_min"], each["quantity_max"]) for each in size["ranges"]]
    if any(_within(total, least, most) for least, most in ranges):
        return None
    return f"{total} items are outside of what this size holds."


def _each(most: int | None, items: Sequence[Item]) -> str | None:
    over = [item.product_id for item in items if most and item.quantity > most]
    return f"More than {most} of one product: {_listed(over)}." if over else None


def _collections(sources: Mapping[str, Any], items: Sequence[Item]) -> str | None:
    strange = [item.collection_id for item in items if item.collection_id not in sources]
    return f"Not a collection of this bundle: {_listed(strange)}." if strange else None


def _shares(sources: Mapping[str, Any], items: Sequence[Item]) -> str | None:
    taken: Counter[str] = Counter()
    for item in items:
        taken[item.collection_id] += item.quantity
    outside = [
        key
        for key, source in sources.items()
        if not _within(taken[key], source["quantity_min"], source["quantity_max"])
    ]
    return f"Outside of a collection's limits: {_listed(outside)}." if outside else None


def _products(sources: Mapping[str, Any], stock: Mapping[str, frozenset[str]], items: Sequence[Item]) -> str | None:
    if not any(key in stock for key in sources):
        return "This size has no collections."
    missing = [item.product_id for item in items if item.product_id not in stock.get(item.collection_id, frozenset())]
    return f"Not a product of its collection: {_listed(missing)}." if missing else None


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or least <= value) and (most is None or value <= most)


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(keys))
