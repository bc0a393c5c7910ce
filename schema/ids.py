"""Global ids: `gid://<owner>/<Type>/<number>`, where the owner is the system whose number it is."""

import re

import strawberry

from gateway.errors import BadUserInput

RECHARGE = "recharge"
SHOPIFY = "shopify"
SMILE = "smile"

_NUMBER = re.compile(r"[0-9]{1,19}")


def gid(owner: str, kind: str, number: int | str) -> strawberry.ID:
    """The global id of an object."""
    return strawberry.ID(f"gid://{owner}/{kind}/{number}")


def maybe_gid(owner: str, kind: str, number: int | str | None) -> strawberry.ID | None:
    """The global id of an object that may not be there."""
    return None if number is None else gid(owner, kind, number)


def number_of(value: str, owner: str, kind: str) -> int:
    """The number in a global id, or the bare number that Liquid templates have.

    Raises:
        BadUserInput: It is neither, or the id of another type.
    """
    digits = value.removeprefix(f"gid://{owner}/{kind}/")
    if not _NUMBER.fullmatch(digits):
        raise BadUserInput(f"Not an id of a {kind}: send gid://{owner}/{kind}/<number>, or the number alone.")
    return int(digits)
