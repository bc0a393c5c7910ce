"""Contents of fixed-price bundles as one opaque property of a cart line."""

import base64
import binascii
import struct
import time
from typing import Any

from backends.bundles.rules import Item
from backends.wire.calls import Call
from backends.wire.errors import invalid
from backends.wire.fields import Fields

MOST_ITEMS = 500
MOST_SKU_BYTES = 255


async def bundle_id(call: Call) -> dict[str, Any]:
    """`POST …/api/v1/bundles` and `POST /bundle_selections/bundle_id`: the contents with the time of this moment."""
    fields = Fields(call.body)
    sent = fields.text("bundle", required=True, longest=100_000)
    fields.check()
    try:
        variant_id, items = decode(str(sent))
    except ValueError as error:
        raise invalid(bundle=str(error)) from error
    return {"id": encode(variant_id, items, int(time.time())), "code": 200}


def encode(variant_id: int, items: list[Item], version: int) -> str:
    """Contents in XDR, in base64."""
    parts = [struct.pack(">iQI", 0, variant_id, len(items))]
    parts += [
        struct.pack(">QQQIIi", int(item.collection_id), int(item.product_id), int(item.variant_id), 0, item.quantity, 0)
        for item in items
    ]
    return base64.b64encode(b"".join([*parts, struct.pack(">Ii", version, 0)])).decode()


def decode(text: str) -> tuple[int, list[Item]]:
    """The size and the items; raises ValueError for anything that `encode` cannot have written."""
    try:
        reader = _Reader(base64.b64decode(text, validate=True))
        kind, variant_id, count = reader.take(">iQI")
        if kind != 0 or not 1 <= count <= MOST_ITEMS:
            raise ValueError("Not a bundle.")
        items = [_item(reader) for _ in range(count)]
        _, extension = reader.take(">Ii")
    except (binascii.Error, struct.error) as error:
        raise ValueError("Not a bundle.") from error
    if extension != 0 or reader.left:
        raise ValueError("Not a bundle.")
    return variant_id, items


class _Reader:
    """Bytes that are taken from the front."""

    def __init__(self, content: bytes) -> None:
        self.left = content

    def take(self, form: str) -> tuple[int, ...]:
        size = struct.calcsize(form)
        taken, self.left = self.left[:size], self.left[size:]
        return struct.unpack(form, taken)


def _item(reader: _Reader) -> Item:
    collection, product, variant, sku = reader.take(">QQQI")
    if sku > MOST_SKU_BYTES:
        raise ValueError("Not a bundle.")
    reader.take(f">{(sku + 3) // 4 * 4}x")
    quantity, extension = reader.take(">Ii")
    if extension != 0 or quantity == 0:
        raise ValueError("Not a bundle.")
    return Item(str(collection), str(product), str(variant), quantity)
