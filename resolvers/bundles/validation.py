"""Whether a selection fits its bundle: the official client's rules, in its order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resolvers.bundles.models import BundleData, DataBundleVariant

Rule = Literal[
    "BUNDLE_NOT_FOUND",
    "EMPTY",
    "VARIANT_INVALID",
    "TOTAL_OUT_OF_RANGE",
    "ITEM_OVER_LIMIT",
    "COLLECTION_INVALID",
    "COLLECTION_OUT_OF_RANGE",
    "PRODUCT_INVALID",
]
"""Why a selection is refused, in the order in which it is looked at."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One item of a selection; ids are Shopify's numbers."""

    collection_id: str
    product_id: str
    variant_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first rule that a selection breaks, in words that name the ids."""

    rule: Rule
    message: str
    index: int | None = None
    """Which item breaks it; None when it is the selection as a whole."""


def verdict(data: BundleData | None, variant_id: str, choices: Sequence[Choice]) -> Verdict | None:
    """The first rule that a selection breaks, or None when it fits."""
    if data is None:
        return Verdict("BUNDLE_NOT_FOUND", "There is no such bundle.")
    if not choices:
        return Verdict("EMPTY", "Nothing is selected.")
    variant = next((row for row in data.bundle_settings.variants if row.external_variant_id == variant_id), None)
    if variant is None or not variant.enabled:
        return Verdict("VARIANT_INVALID", f"The bundle has no variant {variant_id}.")
    return (
        _total(variant, choices)
        or _item_limit(data, choices)
        or _collections(variant, choices)
        or _collection_ranges(variant, choices)
        or _products(data, choices)
    )


def _total(variant: DataBundleVariant, choices: Sequence[Choice]) -> Verdict | None:
    total = sum(choice.quantity for choice in choices)
    # An exact size is written as a count; ranges, where there are any, go before it.
    ranges = [(row.quantity_min, row.quantity_max) for row in variant.ranges] or [
        (variant.items_count or 0, variant.items_count)
    ]
    if any(_is_within(total, low, high) for low, high in ranges):
        return None
    wanted = " or ".join(_in_words(low, high) for low, high in ranges)
    return Verdict("TOTAL_OUT_OF_RANGE", f"{total} items are selected, the bundle takes {wanted}.")


def _item_limit(data: BundleData, choices: Sequence[Choice]) -> Verdict | None:
    limit = data.bundle_settings.max_quantity_per_variant
    for index, choice in enumerate(choices):
        if limit and choice.quantity > limit:
            return Verdict("ITEM_OVER_LIMIT", f"At most {limit} of each item can be selected.", index)
    return None


def _collections(variant: DataBundleVariant, choices: Sequence[Choice]) -> Verdict | None:
    known = {source.option_source_id for source in variant.option_sources}
    for index, choice in enumerate(choices):
        if choice.collection_id not in known:
            message = f"The bundle is not filled from the collection {choice.collection_id}."
            return Verdict("COLLECTION_INVALID", message, index)
    return None


def _collection_ranges(variant: DataBundleVariant, choices: Sequence[Choice]) -> Verdict | None:
    totals: Counter[str] = Counter()
    for choice in choices:
        totals[choice.collection_id] += choice.quantity
    for source in variant.option_sources:
        low, high = source.quantity_min or 0, source.quantity_max
        if not _is_within(totals[source.option_source_id], low, high):
            wanted = _in_words(low, high)
            message = f"From the collection {source.option_source_id} the bundle takes {wanted} items."
            return Verdict("COLLECTION_OUT_OF_RANGE", message)
    return None


def _products(data: BundleData, choices: Sequence[Choice]) -> Verdict | None:
    for index, choice in enumerate(choices):
        collection = data.collections.get(choice.collection_id)
        products = collection.products if collection else ()
        if all(product.id != choice.product_id for product in products):
            message = f"The product {choice.product_id} is not in the collection {choice.collection_id}."
            return Verdict("PRODUCT_INVALID", message, index)
    return None


def _is_within(number: int, low: int, high: int | None) -> bool:
    return number >= low and (high is None or number <= high)


def _in_words(low: int, high: int | None) -> str:
    if high is None:
        return f"{low} or more"
    return str(low) if low == high else f"{low} to {high}"
