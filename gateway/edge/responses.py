"""Answers as bytes, with the headers that all of them have."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from gateway.edge.accept import JSON
from gateway.edge.messages import HttpResponse

ALWAYS: Mapping[bytes, bytes] = {
    b"cache-control": b"private, no-store",
    b"vary": b"Accept, Authorization",
    b"x-content-type-options": b"nosniff",
    # Should a browser ever show an answer as a page, nothing in it runs and nothing loads.
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
}
"""What an answer has that is for the asker alone: nothing on its way may keep it."""


def json_response(
    body: Mapping[str, Any],
    status: HTTPStatus,
    *,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """An answer for the asker alone."""
    all_headers = {**ALWAYS, b"content-type": content_type_of(media_type)}
    for name, value in (headers or {}).items():
        all_headers[name.lower().encode()] = value.encode()
    return HttpResponse(status, all_headers, msgspec.json.encode(body))


@cache  # there are two
def content_type_of(media_type: str) -> bytes:
    """The header of an answer of some media type."""
    return b"%b; charset=utf-8" % media_type.encode()
