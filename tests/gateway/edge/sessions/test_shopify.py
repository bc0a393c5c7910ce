"""Shopify's word for who is logged in: the app proxy's signature, and session tokens."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from gateway.edge.sessions.shopify import signed_text
from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, gateway_before, shops_for
from tests.fronts import answering, only

SECRET, OLD_SECRET, OWN_SECRET = "shpss_" + "a" * 32, "shpss_" + "b" * 32, "shpss_" + "c" * 32
API_KEY = "f" * 32
APP = {"api_key": API_KEY, "secret": SECRET, "retired_secrets": [OLD_SECRET]}
QUERY = "{ shop { domain } customer { id } }"
NOBODY = {"data": {"shop": {"domain": SHOP}, "customer": None}}

Pairs = Sequence[tuple[str, str]]


@pytest.fixture
async def gateway(store: Store) -> AsyncIterator[Gateway]:
    """A gateway whose shops have an app, the second one of its own."""
    shops = shops_for(store.tokens)
    shops[OTHER_SHOP]["shopify_app"] = {"api_key": "own", "secret": OWN_SECRET}
    async with gateway_before(store, shopify={"app": APP}, shops=shops) as fresh:
        yield fresh


@pytest.fixture
async def shopify_id(store: Store, shopper: int) -> str:
    """The shopper's id at Shopify."""
    record = (await store.get("subscriptions", f"/customers/{shopper}"))["customer"]
    return str(record["external_customer_id"]["ecommerce"])


def mine(shopper: int) -> dict[str, Any]:
    """What the shopper gets."""
    return {"data": {"shop": {"domain": SHOP}, "customer": {"id": f"gid://recharge/Customer/{shopper}"}}}


def signed(pairs: Pairs, secret: str = SECRET) -> list[tuple[str, str]]:
    """A query as Shopify forwards it."""
    digest = hmac.new(secret.encode(), signed_text(pairs), hashlib.sha256).hexdigest()
    return [*pairs, ("signature", digest)]


def proxied(customer: str = "", *, shop: str = SHOP, at: float | None = None, more: Pairs = ()) -> Pairs:
    """What Shopify adds, and what was there before."""
    moment = str(int(time.time() if at is None else at))
    return [
        *more,
        ("shop", shop),
        ("logged_in_customer_id", customer),
        ("path_prefix", "/apps/store"),
        ("timestamp", moment),
    ]


async def through(
    gateway: Gateway, query: Pairs, *, path: str = "graphql", method: str = "POST", headers: Any = None
) -> tuple[int, Any]:
    """One request through the app proxy."""
    async with gateway.client.request(
        method,
        f"{gateway.url}/proxy/{path}?{urlencode(query)}",
        json={"query": QUERY} if method == "POST" and path == "graphql" else None,
        headers=headers,
    ) as response:
        body = await response.read()
        return response.status, json.loads(body) if body else None


def test_shopifys_own_example() -> None:
    """The one in its documentation: parameters sorted, repeated ones joined by a comma, nothing between them."""
    query = [
        ("extra", "1"),
        ("extra", "2"),
        ("shop", "shop-name.myshopify.com"),
        ("logged_in_customer_id", "1"),
        ("path_prefix", "/apps/awesome_reviews"),
        ("timestamp", "1317327555"),
        ("signature", "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"),
    ]
    assert hmac.new(b"hush", signed_text(query), hashlib.sha256).hexdigest() == query[-1][1]


async def test_who_is_logged_in_at_the_shop(gateway: Gateway, shopper: int, shopify_id: str) -> None:
    """The customer by his id at Shopify, which is looked up once; by POST and by GET; and the shop's visitor."""
    for _ in range(2):
        assert await through(gateway, signed(proxied(shopify_id))) == (200, mine(shopper))
    by_get = signed(proxied(shopify_id, more=[("query", QUERY)]))
    assert await through(gateway, by_get, method="GET") == (200, mine(shopper))
    assert gateway.calls == [f"subscriptions /customers?external_customer_id={shopify_id}&limit=250"]
    assert await through(gateway, signed(proxied())) == (200, NOBODY)
    assert len(gateway.calls) == 1


async def test_a_customer_without_subscriptions_is_a_visitor(gateway: Gateway) -> None:
    """Logged in at the shop, and not known to the subscriptions backend."""
    assert await through(gateway, signed(proxied("99"))) == (200, NOBODY)


async def test_secrets_rotate(gateway: Gateway, shopper: int, shopify_id: str) -> None:
    """Shopify signs with the old one until it is revoked there."""
    assert await through(gateway, signed(proxied(shopify_id), OLD_SECRET)) == (200, mine(shopper))


def cut_otherwise(customer: str) -> list[tuple[str, str]]:
    """A query that Shopify has signed for customer 1, read at other places than it was written."""
    victim = f"logged_in_customer_id={customer}operationName="
    honest = signed(proxied("1", more=[("extensions", victim)]))
    at = dict(honest)["timestamp"]
    forged = [
        ("extensions", ""),
        ("logged_in_customer_id", customer),
        ("operationName", "logged_in_customer_id=1"),
        ("path_prefix", "/apps/store"),
        ("shop", SHOP),
        ("timestamp", at),
    ]
    assert signed_text(forged) == signed_text(honest)
    return [*forged, honest[-1]]


def changed(query: Pairs, **changes: str | None) -> Pairs:
    """A signed query with values changed, or taken out."""
    return [(name, changes.get(name, value) or "") for name, value in query if changes.get(name, value) is not None]


@pytest.mark.parametrize(
    "attack",
    [
        "unsigned",
        "empty signature",
        "a signature in capitals",
        "another secret",
        "another app's secret",
        "another customer",
        "another shop",
        "a parameter more",
        "a parameter less",
        "an unknown shop",
        "the shop twice",
        "too old",
        "from the future",
        "a timestamp that is none",
        "no customer parameter",
        "a customer that is no number",
        "the text cut otherwise",
        "a token instead",
    ],
)
async def test_what_shopify_did_not_sign(gateway: Gateway, shopify_id: str, shopper: int, attack: str) -> None:
    """401 with the one body, and no call."""
    good = signed(proxied(shopify_id))
    now = time.time()
    queries: dict[str, Pairs] = {
        "unsigned": proxied(shopify_id),
        "empty signature": changed(good, signature=""),
        "a signature in capitals": changed(good, signature=good[-1][1].upper()),
        "another secret": signed(proxied(shopify_id), "shpss_" + "x" * 32),
        "another app's secret": signed(proxied(shopify_id), OWN_SECRET),
        "another customer": changed(good, logged_in_customer_id="1"),
        "another shop": changed(good, shop=OTHER_SHOP),
        "a parameter more": [*good, ("query", QUERY)],
        "a parameter less": changed(good, path_prefix=None),
        "an unknown shop": signed(proxied(shopify_id, shop="evil.myshopify.com")),
        "the shop twice": signed([*proxied(shopify_id), ("shop", OTHER_SHOP)]),
        "too old": signed(proxied(shopify_id, at=now - 70)),
        "from the future": signed(proxied(shopify_id, at=now + 70)),
        "a timestamp that is none": signed(changed(proxied(shopify_id), timestamp="now")),
        "no customer parameter": signed(changed(proxied(shopify_id), logged_in_customer_id=None)),
        "a customer that is no number": signed(proxied("1/../2")),
        "the text cut otherwise": cut_otherwise(shopify_id),
        "a token instead": [("shop", SHOP)],
    }
    headers = {"Authorization": f"Bearer {gateway.token(shopper)}"} if attack == "a token instead" else {}
    assert await through(gateway, queries[attack], headers=headers) == (
        401,
        {
            "errors": [
                {
                    "message": "No valid session: send a token of this shop's, or `?shop=` alone for public data.",
                    "extensions": {"code": "UNAUTHENTICATED"},
                }
            ]
        },
    )
    assert gateway.calls == []


async def test_a_signed_query_is_no_session_elsewhere(gateway: Gateway, shopify_id: str) -> None:
    """At the endpoint itself it is a visitor's: only the proxy's path takes Shopify's word."""
    url = f"{gateway.url}/graphql?{urlencode(signed(proxied(shopify_id)))}"
    async with gateway.client.post(url, json={"query": QUERY}) as response:
        assert (response.status, await response.json()) == (200, NOBODY)


def token(shopper: str | None = None, *, secret: str = SECRET, alg: str = "HS256", **changes: Any) -> str:
    """A session token as Shopify makes it."""
    now = int(time.time())
    good = {
        "dest": f"https://{SHOP}",
        "aud": API_KEY,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": "d1f5c9a6",
        "sub": f"gid://shopify/Customer/{shopper}" if shopper else None,
    }
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    return jwt.encode({"alg": alg, "typ": "JWT"}, claims, OctKey.import_key(secret), algorithms=[alg])


async def by_token(gateway: Gateway, sent: str, path: str = "graphql", method: str = "POST") -> tuple[int, Any]:
    """One request with a bearer token."""
    async with gateway.client.request(
        method,
        f"{gateway.url}/{path}",
        json={"query": QUERY} if path == "graphql" else None,
        headers={"Authorization": f"Bearer {sent}"},
    ) as response:
        body = await response.read()
        return response.status, json.loads(body) if body else None


@pytest.mark.parametrize("dest", [f"https://{SHOP}", SHOP])
@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_a_session_token_of_shopify(
    gateway: Gateway, shopper: int, shopify_id: str, dest: str, secret: str
) -> None:
    """With and without a customer; the customer is looked up once."""
    for _ in range(2):
        assert await by_token(gateway, token(shopify_id, dest=dest, secret=secret)) == (200, mine(shopper))
    assert gateway.calls == [f"subscriptions /customers?external_customer_id={shopify_id}&limit=250"]
    assert await by_token(gateway, token(dest=dest, secret=secret)) == (200, NOBODY)
    # Somebody of the shop's staff is no customer, whatever his number.
    assert await by_token(gateway, token(sub=shopify_id, dest=dest, secret=secret)) == (200, NOBODY)


NOW = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "another secret": {"secret": "shpss_" + "x" * 32},
    "another app's secret": {"secret": OWN_SECRET},
    "another algorithm": {"alg": "HS512"},
    "for another app": {"aud": "g" * 32},
    "for two apps": {"aud": [API_KEY, "evil"]},
    "for nobody": {"aud": None},
    "expired": {"exp": NOW - 60},
    "endless": {"exp": None},
    "a life of years": {"exp": NOW + 10**8},
    "not yet good": {"nbf": NOW + 600},
    "of an unknown shop": {"dest": "https://evil.myshopify.com"},
    "of a shop with another app": {"dest": f"https://{OTHER_SHOP}"},
    "of no shop": {"dest": None},
    "of a number": {"dest": 1},
    "an id that is none": {"jti": 1},
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_token_that_is_not_shopifys(gateway: Gateway, shopify_id: str, name: str) -> None:
    """401, and no call."""
    status, body = await by_token(gateway, token(shopify_id, **WRONG[name]))
    assert (status, body["errors"][0]["extensions"]) == (401, {"code": "UNAUTHENTICATED"})
    assert gateway.calls == []


async def test_without_an_app_nobody_takes_shopifys_word(store: Store, shopify_id: str) -> None:
    """A gateway whose settings name none."""
    async with gateway_before(store) as gateway:
        assert (await by_token(gateway, token(shopify_id)))[0] == 401
        assert (await through(gateway, signed(proxied(shopify_id))))[0] == 401


async def test_while_the_backend_cannot_say_who_it_is(gateway: Gateway, shopper: int, shopify_id: str) -> None:
    """What is the customer's fails with the reason, what is public is answered; afterwards all is well."""
    gateway.fronts["subscriptions"].fault = only("/customers", answering("{}", 500))
    unavailable = {"code": "BACKEND_UNAVAILABLE", "service": "subscriptions"}
    sent = token(shopify_id)
    for status, body in (await through(gateway, signed(proxied(shopify_id))), await by_token(gateway, sent)):
        assert (status, body["data"]) == (200, NOBODY["data"])
        assert [(error["path"], error["extensions"]) for error in body["errors"]] == [(["customer"], unavailable)]
    status, body = await by_token(gateway, sent, "session")
    assert (status, body["errors"][0]["extensions"]) == (503, unavailable)
    gateway.fronts["subscriptions"].fault = None
    assert await by_token(gateway, sent) == (200, mine(shopper))


async def test_shopifys_word_becomes_a_session_of_our_own(gateway: Gateway, shopper: int, shopify_id: str) -> None:
    """Asked for once through the proxy or with Shopify's token, it is good at the endpoint itself, until it ends."""
    for status, body in (
        await through(gateway, signed(proxied(shopify_id)), path="session"),
        await by_token(gateway, token(shopify_id), "session"),
    ):
        assert status == 200
        assert body["customerId"] == str(shopper)
        assert await by_token(gateway, body["token"]) == (200, mine(shopper))
        # It is not renewed by itself, or it would never end.
        assert (await by_token(gateway, body["token"], "session"))[0] == 401
        assert await by_token(gateway, body["token"], "session", "DELETE") == (204, None)
        assert (await by_token(gateway, body["token"]))[0] == 401
    for answer in (
        await through(gateway, signed(proxied()), path="session"),
        await by_token(gateway, token(), "session"),
    ):
        assert answer == (200, {"token": None, "customerId": None, "expiresAt": None})


async def test_shopifys_token_ends_too(gateway: Gateway, shopper: int, shopify_id: str) -> None:
    """By its own id, or with all that the customer has."""
    one, other = token(shopify_id), token(shopify_id, jti="other")
    assert await by_token(gateway, one, "session", "DELETE") == (204, None)
    assert (await by_token(gateway, one))[0] == 401
    assert await by_token(gateway, other) == (200, mine(shopper))
    assert await by_token(gateway, other, "session?everywhere=true", "DELETE") == (204, None)
    assert (await by_token(gateway, other))[0] == 401
    assert (await through(gateway, signed(proxied(shopify_id))))[0] in {200, 401}


async def test_secrets_stay_out_of_the_log(gateway: Gateway, shopify_id: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the signature nor a token, right or wrong."""
    gateway.fronts["subscriptions"].fault = answering("{}", 500)
    good, wrong = signed(proxied(shopify_id)), signed(proxied(shopify_id), OWN_SECRET)
    sent = [token(shopify_id), token(shopify_id, aud="x")]
    for query in (good, wrong):
        await through(gateway, query)
    for each in sent:
        await by_token(gateway, each)
    # pytest listens to uvicorn's access log too, which the gateway has switched off (`access_log`).
    text = "\n".join(record.getMessage() for record in caplog.records if record.name != "uvicorn.access")
    assert text
    assert not [secret for secret in (good[-1][1], wrong[-1][1], *sent, SECRET) if secret in text]
