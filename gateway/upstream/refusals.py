"""Why a backend refused a write, in any of the forms that its API family has for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

MESSAGE_CHARACTERS = 300
PROBLEMS_MAX = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    path: tuple[str, ...]
    """The backend's name of the value, outermost first; empty when it is about the whole."""
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A write that was refused and not carried out."""

    status: int
    problems: tuple[Problem, ...]


def refused(status: int, body: bytes) -> Refused:
    """The refusal in a body: `{"errors": …}`, `{"error": …}` or nothing that can be read."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        said = None
    found: Any = None
    if isinstance(said, dict):
        found = said.get("errors", said.get("error"))
    if isinstance(found, dict) and isinstance(found.get("message"), str) and "request_id" in found:
        found = found["message"]  # Smile's
    return Refused(status, tuple(_problems(found, ()))[:PROBLEMS_MAX])


def _problems(found: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    """Sentences, lists of them, or either under the name of what they are about, to any depth."""
    if isinstance(found, str):
        yield Problem(path, found[:MESSAGE_CHARACTERS])
    elif isinstance(found, list):
        for each in found:
            yield from _problems(each, path)
    elif isinstance(found, dict):
        for name, each in found.items():
            yield from _problems(each, path if name == "_schema" else (*path, name))
