"""A bundle as lines of a Shopify cart, byte for byte as the official client makes them."""

import base64
import secrets
import struct
from collections.abc import Sequence

import msgspec

from resolvers.bundles.validation import Choice

_ALPHABET = "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict"
"""The letters of the client's ids, so that whoever parses them meets nothing new."""


class CartLine(msgspec.Struct, frozen=True):
    """One line; ids are Shopify's numbers."""

    variant_id: str
    quantity: int
    attributes: tuple[tuple[str, str], ...]
    selling_plan_id: str | None = None


class CartLines(msgspec.Struct, frozen=True):
    """All lines of a bundle."""

    lines: tuple[CartLine, ...]


def packed(variant_id: str, choices: Sequence[Choice], at_seconds: int) -> str:
    """The contents of a bundle with one price: XDR, big-endian, in base64.

    The backend puts its own time in the place of `at_seconds`, which are seconds since 1970.
    """
    parts = [struct.pack(">iQI", 0, int(variant_id), len(choices))]
    parts += [
        # An empty SKU is its length alone.
        struct.pack(
            ">QQQIIi",
            int(choice.collection_id),
            int(choice.product_id),
            int(choice.variant_id),
            0,
            choice.quantity,
            0,
        )
        for choice in choices
    ]
    return base64.b64encode(b"".join([*parts, struct.pack(">Ii", at_seconds, 0)])).decode()


def one_line(variant_id: str, rb_id: str, selling_plan_id: str | None) -> CartLines:
    """A bundle with one price: a line, whose contents are in `_rb_id`."""
    return CartLines((CartLine(variant_id, 1, (("_rb_id", rb_id),), selling_plan_id),))


def line_each(
    product_id: str,
    variant_id: str,
    handle: str,
    choices: Sequence[Choice],
    selling_plan_ids: Sequence[str | None],
) -> CartLines:
    """A bundle that costs what is in it: a line for each choice, held together by `_rc_bundle`.

    Args:
        product_id: The bundle's.
        variant_id: The box size's.
        handle: The bundle product's.
        choices: What is in it.
        selling_plan_ids: Each choice's, in the same order.
    """
    bundle = f"{''.join(secrets.choice(_ALPHABET) for _ in range(9))}:{product_id}"
    return CartLines(
        tuple(
            CartLine(
                choice.variant_id,
                choice.quantity,
                (
                    ("_rc_bundle", bundle),
                    ("_rc_bundle_variant", variant_id),
                    ("_rc_bundle_parent", handle),
                    ("_rc_bundle_collection_id", choice.collection_id),
                ),
                selling_plan_id,
            )
            for choice, selling_plan_id in zip(choices, selling_plan_ids, strict=True)
        )
    )
