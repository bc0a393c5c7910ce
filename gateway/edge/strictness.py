"""What JSON leaves open and no two readers do alike: names that are there twice, and NUL in texts."""

import json
import re
from typing import Any

_NUL_IN_GRAPHQL = re.compile(r"\x00|\\u0000|\\u\{0+\}")
"""NUL in a document: as itself, or as an escape of a string in it."""
_END_OF_NAME = re.compile(rb'"[ \t\n\r]*:')


def name_that_is_there_twice(body: bytes, names: int) -> str | None:
    """The first name that some object of a JSON text has twice: readers differ in which of the two they take.

    Args:
        body: The JSON text.
        names: How many a reader found in all of its objects that takes one of the two.
    """
    # Every name ends like that, and so may a text in between. Where there are no more such ends than names were read,
    # none was lost; to look at each object takes ten times as long.
    if len(_END_OF_NAME.findall(body)) == names:
        return None
    found: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            found.append(next(name for place, name in enumerate(names) if name in names[:place]))

    json.loads(body, object_pairs_hook=look)
    return found[0] if found else None


def names_in(value: Any) -> int:
    """How many names the objects in a JSON value have."""
    names = 0
    stack = [value]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            names += len(item)
            stack += item.values()
        elif type(item) is list:
            stack += item
    return names


def may_hold_nul(text: bytes) -> bool:
    """Whether one of the texts in a JSON text, or in a document in it, may have NUL in it: only as an escape."""
    return b"\\u" in text


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
