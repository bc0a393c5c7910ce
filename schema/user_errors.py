"""Refusals as data: what the shopper can mend."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gateway.errors import Unauthenticated
from resolvers.outcomes import INVALID, Outcome, UserError
from schema.context import Info

C = TypeVar("C", bound=Enum)

Key = Annotated[
    str | None,
    strawberry.argument(
        description="Names this intent, such as a UUID: sent again with it, it is done once and answered alike."
    ),
]
"""The argument that makes a mutation safe to send twice."""


@strawberry.interface(description="Something that the shopper can mend.")
class DisplayableError:
    field: list[str] | None = strawberry.field(description="Path of the input that it is about; null for all of it.")
    message: str = strawberry.field(description="What is wrong, in words.")


def said(error: UserError, codes: type[C], inputs: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a user error.

    Args:
        error: What came of a write.
        codes: The codes that the type knows; one that it does not know is INVALID.
        inputs: Arguments of other names than the write has for them, as paths such as `input.planId`.
    """
    first, *rest = error.path or ("",)
    path = inputs[first].split(".") if first in inputs else [to_camel_case(first)] if first else []
    code = codes.__members__.get(error.code, codes.__members__[INVALID])
    return {"field": [*path, *map(to_camel_case, rest)] or None, "message": error.message, "code": code}


def shopper(info: Info) -> int:
    """The shopper who writes.

    Raises:
        Unauthenticated: It is a visitor.
    """
    viewer = info.context.viewer
    if viewer.unresolved is not None:
        raise viewer.unresolved
    if viewer.customer_id is None:
        raise Unauthenticated("Only a shopper can change something: send a session, or act on behalf of a customer.")
    return viewer.customer_id


def is_done(outcome: Outcome[Any]) -> bool:
    """Whether something was changed."""
    return not outcome.errors
