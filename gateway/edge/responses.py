"""Answers as bytes, with the headers that all of them have."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from gateway.edge.accept import JSON


def json_response(
    body: Mapping[str, Any] | bytes,
    status: HTTPStatus,
    *,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer for the asker alone: nothing on its way may keep it. Bytes are JSON already."""
    return Response(
        body if isinstance(body, bytes) else msgspec.json.encode(body),
        status_code=status,
        headers={
            "Cache-Control": "private, no-store",
            "Vary": "Accept, Authorization",
            "X-Content-Type-Options": "nosniff",
            # Should a browser ever show an answer as a page, nothing in it runs and nothing loads.
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Referrer-Policy": "no-referrer",
            **(headers or {}),
        },
        media_type=f"{media_type}; charset=utf-8",
    )
