"""Look-ups for many shops in one call, with a token of the whole fleet."""

import hmac
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backends.store.shops import SHOPS
from backends.wire.callers import Caller
from backends.wire.calls import Call, Handler, json_response
from backends.wire.errors import RefusedError
from backends.wire.filters import MOST_IDS
from backends.wire.resources import LARGEST_LIMIT
from backends.wire.writes import body_of

Keys = Annotated[list[int | str], msgspec.Meta(min_length=1)]


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a fleet call."""

    shops: dict[str, dict[str, Keys]]
    """By domain: `ids`, `customer_ids` or `emails`."""
    params: dict[str, str | int | bool | list[str | int]] = {}
    """Filters that all shops share."""


def fleet_route(prefix: str, lists: Mapping[str, Handler]) -> Route:
    """`POST /bulk/{resource}`: each shop's rows, or its own error; at most 250 ids over all shops."""

    async def answer(request: Request) -> Response:
        state = request.app.state
        if state.settings.fleet_token is None or request.path_params["resource"] not in lists:
            raise RefusedError(404, "endpoint not found", singular=True)
        sent = (state.dialect.token(request.headers) or "").encode()
        if not hmac.compare_digest(sent, state.settings.fleet_token.get_secret_value().encode()):
            raise RefusedError(401, "Unauthorized")
        try:
            asked = msgspec.convert(await body_of(request), Asked)
        except msgspec.ValidationError as error:
            raise RefusedError(422, {"_schema": [str(error)]}) from error
        if sum(len(keys) for named in asked.shops.values() for keys in named.values()) > MOST_IDS:
            raise RefusedError(422, {"shops": [f"Must not contain more than {MOST_IDS} ids"]})
        resource = request.path_params["resource"]
        async with state.engine.connect() as connection:
            found = {}
            for domain, named in asked.shops.items():
                query = _query(asked.params, named)
                found[domain] = await _of_shop(lists[resource], resource, domain, query, connection, state)
        return json_response({"shops": found})

    return Route(f"{prefix}/bulk/{{resource}}", answer, methods=["POST"])


def _query(params: Mapping[str, Any], named: Mapping[str, list[int | str]]) -> dict[str, str]:
    both = {"limit": LARGEST_LIMIT, **params, **named}
    return {name: _text(value) for name, value in both.items()}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _of_shop(
    handler: Handler, resource: str, domain: str, query: dict[str, str], connection: Any, state: Any
) -> dict[str, Any]:
    shop = next((each for each in SHOPS if each.domain == domain), None)
    if shop is None:
        return {"errors": "Not Found"}
    call = Call(caller=Caller(shop), query=query, path={}, connection=connection, state=state)
    try:
        return {resource: (await handler(call))[resource]}
    except RefusedError as refusal:
        return {"errors": refusal.problems}
