"""Requests that Shopify's app proxy signs on their way from a storefront."""

import hashlib
import hmac
import time
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from backends.store.shops import SHOPS, Shop
from backends.wire.callers import Caller
from backends.wire.calls import Call, Endpoint, Handler, json_response, query_of
from backends.wire.errors import RefusedError
from backends.wire.writes import body_of

LONGEST_SECONDS = 300
"""A signed request that is older, or so far from the future, is not from now."""


def signature(secret: str, parameters: Iterable[tuple[str, str]]) -> str:
    """What Shopify sends as `signature`: over all other parameters, decoded, sorted, repeated ones joined."""
    joined: dict[str, list[str]] = {}
    for name, value in parameters:
        if name != "signature":
            joined.setdefault(name, []).append(value)
    text = "".join(sorted(f"{name}={','.join(values)}" for name, values in joined.items()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def checked(request: Request) -> tuple[Shop, str]:
    """The shop and the Shopify customer, empty for nobody; raises 401 unless the signature is right and of now."""
    secret = request.app.state.settings.app_secret
    query = request.query_params
    sent = query.get("signature", "")
    if secret is None or not hmac.compare_digest(
        sent.encode(), signature(secret.get_secret_value(), query.multi_items()).encode()
    ):
        raise RefusedError(401, "Unauthorized")
    at = query.get("timestamp", "")
    if not (at.isascii() and at.isdigit() and abs(int(at) - time.time()) <= LONGEST_SECONDS):
        raise RefusedError(401, "Unauthorized")
    shop = next((shop for shop in SHOPS if shop.domain == query.get("shop")), None)
    if shop is None:
        raise RefusedError(401, "Unauthorized")
    return shop, query.get("logged_in_customer_id", "")


def proxied(handler: Handler) -> Endpoint:
    """An endpoint that anybody may ask through the app proxy."""

    async def answer(request: Request) -> Response:
        shop, _ = checked(request)
        body = await body_of(request) if request.method == "POST" else None
        async with request.app.state.engine.connect() as connection:
            call = Call(
                caller=Caller(shop),
                query=query_of(request),
                path=request.path_params,
                connection=connection,
                state=request.app.state,
                body=body,
            )
            return json_response(await handler(call))

    return answer
