"""What JSON leaves open and no two readers do alike: names that are there twice, and NUL in texts."""

import json
import re
from typing import Any

_NUL_IN_GRAPHQL = re.compile(r"\x00|\\u0000|\\u\{0+\}")
"""NUL in a document: as itself, or as an escape of a string in it."""


def name_that_is_there_twice(body: bytes) -> str | None:
    """The first name that some object of a JSON text has twice: readers differ in which of the two they take.

    The text has been decoded once, so it is JSON.
    """
    found: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            found.append(next(name for place, name in enumerate(names) if name in names[:place]))

    json.loads(body, object_pairs_hook=look)
    return found[0] if found else None


def holds_nul(value: Any) -> bool:
    """Whether a JSON value has NUL in one of its texts or names: backends and caches cut texts there."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if "\0" in item:
                return True
        elif isinstance(item, dict):
            stack += item.keys()
            stack += item.values()
        elif isinstance(item, list):
            stack += item
    return False


def document_holds_nul(text: str) -> bool:
    """Whether a GraphQL document has NUL in it, or in one of its strings."""
    return _NUL_IN_GRAPHQL.search(text) is not None
