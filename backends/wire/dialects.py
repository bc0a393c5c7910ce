"""What differs between the two families of APIs: where the token is, how lists and refusals are wrapped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers

from backends.wire.errors import RefusedError, in_errors, in_message


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One family of APIs."""

    prefix: str
    """Before every path except `/health`."""
    token: Callable[[Headers], str | None]
    """The caller's credential, or None."""
    refusal: Callable[[RefusedError, str], dict[str, Any]]
    """A refusal and the request's id to a body."""
    page: Callable[[str, list[Any], Mapping[str, str | None]], dict[str, Any]]
    """Wrapping key, rows and both cursors to a body."""
    shop_parameter: str | None
    """The query parameter that must agree with the token's shop when it is sent."""
    version_header: str | None
    sessions: bool
    """Whether customers may ask with tokens of their own."""
    cursor_stands_alone: bool
    """Whether `limit` is all that may be sent together with a cursor."""


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


RECHARGE = Dialect(
    prefix="",
    token=lambda headers: headers.get("x-recharge-access-token"),
    refusal=in_errors,
    page=lambda key, rows, cursors: {**cursors, key: rows},
    shop_parameter="shop_url",
    version_header="x-recharge-version",
    sessions=True,
    cursor_stands_alone=True,
)
SMILE = Dialect(
    prefix="/v1",
    token=_bearer,
    refusal=in_message,
    page=lambda key, rows, cursors: {key: rows, "metadata": cursors},
    shop_parameter=None,
    version_header=None,
    sessions=False,
    cursor_stands_alone=False,
)
