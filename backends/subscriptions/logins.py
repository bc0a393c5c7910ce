"""The ways into a session: Shopify's tokens, codes by e-mail, the app proxy, the shop itself."""

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backends.store.shops import SHOPS, Shop
from backends.subscriptions.resources import CUSTOMER
from backends.subscriptions.tables import CUSTOMERS
from backends.subscriptions.writing import of_nothing
from backends.wire.calls import Call, json_response
from backends.wire.errors import RefusedError
from backends.wire.fields import Fields
from backends.wire.proxied import checked
from backends.wire.sessions import LIFETIME_SECONDS, Claims, Kind, code_of, from_now, is_over, mint, read
from backends.wire.writes import body_of, write

CODE_SECONDS = 600
MOST_ATTEMPTS = 5
BOTH = 2
_log = logging.getLogger(__name__)

Login = Callable[[Request, Shop, Fields], Awaitable[dict[str, Any]]]


def shopify_customer_token(service_token: str, shop: str, customer_id: int) -> str:
    """What Shopify would give a customer who has logged in there: this service believes what it has signed itself."""
    return mint(SecretStr(service_token), Claims(shop, customer_id, "customer", from_now()))


async def _with_shopify(request: Request, shop: Shop, fields: Fields) -> dict[str, Any]:
    """`POST /shopify_storefront_access` and `/shopify_customer_account_api_access`; without a customer no session."""
    token = fields.body.get("customer_token")
    if token is None:
        return {"message": "No customer is logged in"}
    customer_id = _held(request, shop, str(token), "customer")
    return _session(request, shop, customer_id)


async def _attempt(request: Request, shop: Shop, fields: Fields) -> dict[str, Any]:
    """`POST /attempt_login`: answers alike whether or not somebody has this address."""
    email = fields.text("email", required=True)
    fields.check()
    state = request.app.state
    customer = await _by(request, shop, CUSTOMERS.c.email == str(email).lower())
    key: SecretStr = state.session_keys[shop.domain]
    token = mint(key, Claims(shop.domain, customer, "code", from_now(CODE_SECONDS), nonce=secrets.token_hex(8)))
    if customer and state.settings.login_code is None:
        _log.warning("login code of customer %d: %s", customer, code_of(key, token))
    return {"session_token": token}


async def _validate(request: Request, shop: Shop, fields: Fields) -> dict[str, Any]:
    """`POST /validate_login`: the code and the address that it was sent to, five times at most."""
    token = str(fields.text("session_token", required=True, longest=1_000))
    code = str(fields.text("code", required=True))
    email = str(fields.text("email", required=True)).lower()
    fields.check()
    state = request.app.state
    customer_id = _held(request, shop, token, "code")
    tries = state.login_attempts[token] = state.login_attempts.get(token, 0) + 1
    right = state.settings.login_code or code_of(state.session_keys[shop.domain], token)
    known = await _by(request, shop, CUSTOMERS.c.email == email)
    if tries > MOST_ATTEMPTS or not customer_id or known != customer_id or not hmac.compare_digest(right, code):
        raise RefusedError(422, {"code": ["Invalid or expired code"]})
    state.login_attempts[token] = MOST_ATTEMPTS
    return _session(request, shop, customer_id, factors=BOTH)


async def _portal(request: Request, shop: Shop, fields: Fields) -> dict[str, Any]:
    """`POST /customers/{hash}/access`: with the token of a portal's address."""
    customer_id = _held(request, shop, str(fields.body.get("token")), "portal")
    if await _by(request, shop, CUSTOMERS.c.hash == request.path_params["hash"]) != customer_id:
        raise RefusedError(401, "Unauthorized")
    return _session(request, shop, customer_id, factors=BOTH)


async def _through_proxy(request: Request) -> Response:
    """`GET /tools/recurring/access`: Shopify says who is logged in."""
    shop, external_id = checked(request)
    customer_id = await _by(request, shop, CUSTOMERS.c.external_customer_id == external_id) if external_id else 0
    if not customer_id:
        return json_response({"message": "No customer is logged in"})
    return json_response(_session(request, shop, customer_id))


async def open_session(call: Call) -> Any:
    """`POST /customers/{id}/sessions`: by the shop itself, which has seen to who it is."""
    customer = await CUSTOMER.stored(call, call.path["id"])
    claims = Claims(call.shop.domain, customer["id"], "session", from_now(), BOTH)
    token = mint(call.state.session_keys[call.shop.domain], claims)
    session = {"apiToken": token, "customer_id": customer["id"], "expires_in": LIFETIME_SECONDS}
    return {"customer_session": session}


def _session(request: Request, shop: Shop, customer_id: int, *, factors: int = 1) -> dict[str, Any]:
    claims = Claims(shop.domain, customer_id, "session", from_now(), factors)
    return {"api_token": mint(request.app.state.session_keys[shop.domain], claims), "customer_id": str(customer_id)}


def _held(request: Request, shop: Shop, token: str, kind: Kind) -> int:
    """The customer that a token of some kind was given to; raises 401."""
    claims = read(request.app.state.session_keys, token)
    if claims is None or claims.kind != kind or claims.shop != shop.domain or is_over(claims):
        raise RefusedError(401, "Unauthorized")
    return claims.customer


async def _by(request: Request, shop: Shop, condition: Any) -> int:
    """The customer of a shop that fits, or 0."""
    async with request.app.state.engine.connect() as connection:
        statement = select(CUSTOMERS.c.id).where(CUSTOMERS.c.shop_id == shop.id, condition)
        return (await connection.execute(statement.limit(1))).scalar() or 0


def _login(path: str, login: Login, named: str) -> Route:
    async def answer(request: Request) -> Response:
        fields = Fields(await body_of(request))
        shop = next((each for each in SHOPS if each.domain == fields.body.get(named)), None)
        if shop is None or shop.domain not in request.app.state.session_keys:
            raise RefusedError(401, "Unauthorized")
        return json_response(await login(request, shop, fields))

    return Route(path, answer, methods=["POST"])


def _proxied_login(path: str, login: Login) -> Route:
    async def answer(request: Request) -> Response:
        shop, _ = checked(request)
        return json_response(await login(request, shop, Fields(await body_of(request))))

    return Route(f"/tools/recurring{path}", answer, methods=["POST"])


LOGINS: list[Route] = [
    _login("/shopify_storefront_access", _with_shopify, "shop_url"),
    _login("/shopify_customer_account_api_access", _with_shopify, "shop_url"),
    _login("/attempt_login", _attempt, "shop"),
    _login("/validate_login", _validate, "shop"),
    _login("/customers/{hash}/access", _portal, "shop"),
    _proxied_login("/attempt_login", _attempt),
    _proxied_login("/validate_login", _validate),
    Route("/tools/recurring/access", _through_proxy, methods=["GET"]),
    write("POST", "/customers/{id:int}/sessions", open_session, of_nothing, customers=False),
]
