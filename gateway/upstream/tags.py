"""Names of what answers are made of: caches keep them beside an answer, and let go of it when one of them changes."""

from typing import Literal

Kind = Literal["shop", "program", "product", "customer", "subscription"]
"""What a tag is of: the shop as a whole, its points programme, a product by Shopify's id, a customer or the contents of
a subscription by the ids of the subscriptions backend."""

KEYED: frozenset[Kind] = frozenset({"product", "subscription"})
"""Kinds of which a shop has many, by the key that they are looked up by."""

OWNED: frozenset[Kind] = frozenset({"customer", "subscription"})
"""Kinds of what is a shopper's own: no cache outside of the gateway keeps any of it."""


def tag(shop: str, kind: Kind, key: object = "") -> str:
    """A tag, such as `aurora-coffee.myshopify.com/product/7301`; fit for a header that lists several.

    Args:
        shop: The shop's own domain.
        kind: What it is of.
        key: Which of them; nothing where a shop has one.
    """
    return f"{shop}/{kind}/{key}" if key else f"{shop}/{kind}"


def is_owned(name: str) -> bool:
    """Whether a tag is of what is a shopper's own."""
    return name.partition("/")[2].partition("/")[0] in OWNED
