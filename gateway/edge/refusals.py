"""Requests that end before GraphQL begins: an HTTP status, and the same error body as everything else."""

import math
from collections.abc import Mapping
from http import HTTPStatus

from gateway.errors import (
    BackendError,
    BadUserInput,
    GatewayError,
    LimitExceeded,
    Overloaded,
    TwoFactorRequired,
    Unauthenticated,
)

OVERLOAD_SECONDS = 2
"""After so long a client may ask again. They came one by one, and so they come back."""


class HttpRefusal(Exception):  # it is the answer to a wrong request, not a fault
    """An answer with a status of its own."""

    def __init__(self, status: HTTPStatus, error: GatewayError, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error
        self.headers = headers or {}


def bad_request(message: str) -> HttpRefusal:
    """400: the request is not one that GraphQL over HTTP knows."""
    return HttpRefusal(HTTPStatus.BAD_REQUEST, BadUserInput(message))


def unauthenticated(error: Unauthenticated | TwoFactorRequired) -> HttpRefusal:
    """401: there is no session that may ask."""
    return HttpRefusal(HTTPStatus.UNAUTHORIZED, error, {"WWW-Authenticate": "Bearer"})


def unsigned() -> HttpRefusal:
    """401: nobody whom the gateway knows signed this. One message for all, so that it teaches a forger nothing."""
    return HttpRefusal(HTTPStatus.UNAUTHORIZED, Unauthenticated("The signature is not valid."))


def not_found(message: str) -> HttpRefusal:
    """404: there is nothing of this name."""
    return HttpRefusal(HTTPStatus.NOT_FOUND, BadUserInput(message))


def forbidden(error: GatewayError) -> HttpRefusal:
    """403: who asks is known, and may not."""
    return HttpRefusal(HTTPStatus.FORBIDDEN, error)


def method_not_allowed(message: str, allow: str) -> HttpRefusal:
    """405: another method would do."""
    return HttpRefusal(HTTPStatus.METHOD_NOT_ALLOWED, BadUserInput(message), {"Allow": allow})


def not_acceptable(message: str) -> HttpRefusal:
    """406: the client reads no format that the gateway writes."""
    return HttpRefusal(HTTPStatus.NOT_ACCEPTABLE, BadUserInput(message))


def too_large(limit_bytes: int) -> HttpRefusal:
    """413: the body is over the limit. The connection closes, since the rest of the body is never read."""
    error = LimitExceeded(f"The request body is larger than {limit_bytes} bytes.", limit="body")
    return HttpRefusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error, {"Connection": "close"})


def unsupported_media_type(message: str) -> HttpRefusal:
    """415: the body is in a format that the gateway does not read."""
    return HttpRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, BadUserInput(message), {"Accept": "application/json"})


def unavailable(error: BackendError, retry_after_seconds: float = 1.0) -> HttpRefusal:
    """503: what the answer depends on is away; asking again may help."""
    headers = {"Retry-After": str(math.ceil(retry_after_seconds))}
    return HttpRefusal(HTTPStatus.SERVICE_UNAVAILABLE, error, headers)


def overloaded() -> HttpRefusal:
    """503: more is asked than can be answered."""
    error = Overloaded(retry_after_seconds=OVERLOAD_SECONDS)
    return HttpRefusal(HTTPStatus.SERVICE_UNAVAILABLE, error, {"Retry-After": str(OVERLOAD_SECONDS)})
