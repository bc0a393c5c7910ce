"""Internal tools by JWTs: what a forger may try, what a token gives, and how keys rotate."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from gateway.app import create_app
from gateway.edge.sessions import keys_in
from gateway.settings import SettingsError
from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, gateway_before, settings_for
from tests.gateway.edge.sessions.test_tools import DASHBOARD, ask, code, tool

ISSUER, AUDIENCE = "https://login.example", "storefront-gateway"
RSA, OTHERS_RSA = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
EC, ED = ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")


def public(key: Key, kid: str, **more: Any) -> dict[str, Any]:
    """A key as a JWK set has it."""
    return {**key.as_dict(private=False), "kid": kid, **more}


TOOLS = {
    "support": tool(DASHBOARD, "customers:act", "customers:read", "subscriptions:write", "explain", shops=[SHOP]),
    "reports": {"scopes": ["explain"]},
}
TOKENS = {
    "issuer": ISSUER,
    "audience": AUDIENCE,
    "keys": [public(RSA, "rsa"), public(EC, "ec"), public(ED, "ed")],
    "longest_seconds": 600,
}


@pytest.fixture
async def gateway(store: Store, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway that knows an issuer, and two tools."""
    audit = {"file": str(tmp_path / "audit.jsonl")}
    async with gateway_before(store, tools=TOOLS, tool_tokens=TOKENS, audit=audit) as fresh:
        yield fresh


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def claims(**changes: Any) -> dict[str, Any]:
    """A good token's claims, changed; None takes one out."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "support", "exp": now() + 500, "scope": "customers:act explain"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def token(*, key: Key = RSA, alg: str = "RS256", kid: str | None = "rsa", head: Any = (), **changes: Any) -> str:
    """A token, good but for its changes."""
    header = {"alg": alg, **({"kid": kid} if kid is not None else {}), **dict(head)}
    return jwt.encode(header, claims(**changes), key, algorithms=[alg])


def encoded(value: object) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def by_hand(header: dict[str, Any], signature: str = "", **changes: Any) -> str:
    """A token that no library would make."""
    return f"{encoded(header)}.{encoded(claims(**changes))}.{signature}"


def signed_with(secret: bytes) -> str:
    """HMAC with what everybody may read, as if it were the secret."""
    content = f"{encoded({'alg': 'HS256', 'kid': 'rsa'})}.{encoded(claims())}"
    digest = hmac.new(secret, content.encode(), hashlib.sha256).digest()
    return f"{content}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def with_swapped_payload() -> str:
    """One token's claims under another's signature."""
    head, _, signature = token().split(".")
    return f"{head}.{encoded(claims(sub='reports'))}.{signature}"


def attacks() -> dict[str, str]:
    """Tokens that would be good but for one thing each; made when they are sent, so that none is old by then."""
    return {
        "alg none": by_hand({"alg": "none", "kid": "rsa"}),
        "alg none, with a good signature": by_hand({"alg": "none", "kid": "rsa"}, token().rpartition(".")[2]),
        "alg NoNe": by_hand({"alg": "NoNe", "kid": "rsa"}),
        "HS256 with the public PEM": signed_with(RSA.as_pem(private=False)),
        "HS256 with the public PEM, stripped": signed_with(RSA.as_pem(private=False).strip()),
        "HS256 with the public JWK": signed_with(json.dumps(public(RSA, "rsa")).encode()),
        "HS256 with nothing": signed_with(b""),
        "HS256, known to us for shoppers": token(key=OctKey.import_key("s" * 40), alg="HS256"),
        "RS512": token(alg="RS512"),
        "PS256 where RS256 is pinned": token(alg="PS256"),
        "an EC key under RSA's id": token(key=EC, alg="ES256"),
        "RSA under an EC key's id": token(kid="ec"),
        "another key": token(key=OTHERS_RSA),
        "its own key in the header": token(key=OTHERS_RSA, head={"jwk": public(OTHERS_RSA, "rsa")}),
        "its own key in the header, and no id": token(key=OTHERS_RSA, kid=None, head={"jwk": public(OTHERS_RSA, "x")}),
        "the address of keys": token(key=OTHERS_RSA, head={"jku": "http://127.0.0.1:9/keys"}),
        "the address of a certificate": token(key=OTHERS_RSA, head={"x5u": "http://127.0.0.1:9/certificate"}),
        "a certificate": token(key=OTHERS_RSA, head={"x5c": ["AAAA"]}),
        "an extension that must be understood": by_hand(
            {"alg": "RS256", "kid": "rsa", "crit": ["exp"], "exp": 1}, token().rpartition(".")[2]
        ),
        "swapped claims": with_swapped_payload(),
        "a signature less": token().rpartition(".")[0] + ".",
        "a path as key id": token(kid="../../../../dev/null"),
        "a file as key id": token(kid="file:///etc/passwd"),
        "SQL as key id": token(kid="rsa' OR '1'='1"),
        "a key id with NUL": token(kid="rsa\0"),
        "an unknown key id": token(kid="RSA"),
        "a list as key id": by_hand({"alg": "RS256", "kid": ["rsa"]}, token().rpartition(".")[2]),
        "expired": token(exp=now() - 100),
        "no end": token(exp=None),
        "an end as text": token(exp=str(now() + 500)),
        "an end that is no number": token(exp=float("nan")),
        "an endless one": token(exp=float("inf")),
        "an end too far ahead": token(exp=now() + 5_000),
        "not yet good": token(nbf=now() + 300),
        "issued in the future": token(iat=now() + 300),
        "no audience": token(aud=None),
        "another audience": token(aud="another-service"),
        "an audience too many": token(aud=[AUDIENCE, "another-service"]),
        "an audience that begins alike": token(aud=AUDIENCE + ".evil.example"),
        "no issuer": token(iss=None),
        "another issuer": token(iss="https://login.example.evil.example"),
        "issuers as a list": token(iss=[ISSUER]),
        "no subject": token(sub=None),
        "an unknown tool": token(sub="root"),
        "a tool as a number": token(sub=1),
        "scopes as a list": token(scope=["explain"]),
        "a foreign shop": token(shop=OTHER_SHOP),
        "an unknown shop": token(shop="evil.myshopify.com"),
        "a token id that is none": token(jti="a b"),
        "claims that are a list": f"{token().partition('.')[0]}.{encoded([1])}.x",
        "deep JSON as claims": f"{token().partition('.')[0]}.{base64.urlsafe_b64encode(b'[' * 3_000).decode()}.x",
        "five parts": token() + ".a.b",
        "larger than 8 KiB": token(padding="x" * 8_192),
    }


async def test_forgers_learn_nothing(gateway: Gateway) -> None:
    """All of them, of the tool's shop and without saying which: one 401, byte for byte, and nothing is fetched."""
    bodies = set()
    for params in ({"shop": SHOP}, {}):
        for name, attack in attacks().items():
            async with gateway.client.post(
                f"{gateway.url}/graphql",
                params=params,
                json={"query": "{ shop { domain } }"},
                headers={"Authorization": f"Bearer {attack}"},
            ) as response:
                assert response.status == 401, name
                bodies.add(await response.read())
    assert len(bodies) == 1
    assert gateway.calls == []


async def test_200_kb_are_cut_off(gateway: Gateway) -> None:
    """431, before anybody looks for a token in it; the next request is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    head = "POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
    writer.write((head + token(padding="x" * 200_000) + "\r\n\r\n").encode())
    assert (await reader.readline()).split()[1] == b"431"
    writer.close()
    assert (await ask(gateway, token()))[0] == 200


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"key": EC, "alg": "ES256", "kid": "ec"},
        {"key": ED, "alg": "Ed25519", "kid": "ed"},
        {"aud": [AUDIENCE]},
        {"nbf": 1_700_000_000, "iat": 1_700_000_000},
        {"shop": SHOP},
    ],
    # By the names alone: a key prints its address, and workers must find the same tests.
    ids=" ".join,
)
async def test_a_good_token_is_its_tools(gateway: Gateway, good: dict[str, Any]) -> None:
    """By each kind of key."""
    status, body = await ask(gateway, token(**good), "{ shop { domain } customer { id } }")
    assert (status, body) == (200, {"data": {"shop": {"domain": SHOP}, "customer": None}})


async def test_a_token_gives_what_both_say(gateway: Gateway, shopper: int) -> None:
    """The scopes that it names and its tool has; without naming any, none."""
    acting = {"on_behalf_of": str(shopper), "reason": "ticket 4711"}
    mine = {"data": {"customer": {"id": f"gid://recharge/Customer/{shopper}"}}}
    query = "{ customer { id } }"
    assert await ask(gateway, token(), query, **acting) == (200, mine)
    for scope in (None, "", "explain", "customers:act2"):
        assert code(await ask(gateway, token(scope=scope), query, **acting)) == (403, "FORBIDDEN")
    wide = token(sub="reports", scope="customers:act explain")
    assert code(await ask(gateway, wide, query, SHOP, **acting)) == (403, "FORBIDDEN")


async def test_a_token_of_several_shops(gateway: Gateway) -> None:
    """Without `shop` it is good for all of its tool's, and the request says which; with it for that one."""
    query = "{ shop { domain } }"
    several, one = token(sub="reports"), token(sub="reports", shop=OTHER_SHOP)
    assert code(await ask(gateway, several, query)) == (401, "UNAUTHENTICATED")
    for shop in (SHOP, OTHER_SHOP):
        assert (await ask(gateway, several, query, shop))[1] == {"data": {"shop": {"domain": shop}}}
    assert (await ask(gateway, one, query))[1] == {"data": {"shop": {"domain": OTHER_SHOP}}}
    assert code(await ask(gateway, one, query, SHOP)) == (401, "UNAUTHENTICATED")


async def test_a_token_ends_at_once(store: Store, redis_url: str) -> None:
    """By its `jti`, in every process; another of the same tool goes on; nothing is begun, and no shopper logged out."""
    changes: dict[str, Any] = {"tools": TOOLS, "tool_tokens": TOKENS, "redis": {"url": redis_url}}
    async with gateway_before(store, **changes) as here, gateway_before(store, **changes) as there:
        lost, other, nameless = token(jti="a"), token(jti="b"), token()

        async def sent(method: str, sent: str, **headers: str) -> int:
            params = {"everywhere": "true"} if headers else {}
            async with here.client.request(
                method, f"{here.url}/session", params=params, headers={"Authorization": f"Bearer {sent}", **headers}
            ) as response:
                return response.status

        assert await sent("POST", lost) == 400
        assert await sent("DELETE", nameless) == 400
        assert await sent("DELETE", lost, **{"X-On-Behalf-Of": "1", "X-Reason": "x"}) == 400
        assert [(await ask(each, lost))[0] for each in (here, there)] == [200, 200]
        assert await sent("DELETE", lost) == 204
        assert [(await ask(each, lost))[0] for each in (here, there)] == [401, 401]
        assert [(await ask(each, other))[0] for each in (here, there)] == [200, 200]


async def test_keys_rotate(store: Store, tmp_path: Path) -> None:
    """With an overlap, from a file and from the settings; what is taken out opens nothing."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [public(OTHERS_RSA, "new")]}))
    old, new = token(), token(key=OTHERS_RSA, kid="new")
    both = TOKENS | {"keys_file": str(file)}
    async with gateway_before(store, tools=TOOLS, tool_tokens=both) as gateway:
        assert [(await ask(gateway, each))[0] for each in (old, new)] == [200, 200]
    async with gateway_before(store, tools=TOOLS, tool_tokens=both | {"keys": []}) as gateway:
        assert [(await ask(gateway, each))[0] for each in (old, new)] == [401, 200]
    async with gateway_before(store, tools={"support": TOOLS["support"]}) as gateway:
        assert [(await ask(gateway, each))[0] for each in (old, new)] == [401, 401]


with warnings.catch_warnings(action="ignore"):
    WEAK = RSAKey.generate_key(1024)


@pytest.mark.parametrize(
    ("jwk", "message"),
    [
        ({**RSA.as_dict(private=True), "kid": "a"}, "key a is private: the gateway takes public keys only"),
        (public(WEAK, "a"), "key a: an RSA key has 2048 bits at least"),
        ({"kty": "oct", "k": "c2VjcmV0", "kid": "a"}, "RSA, P-256, P-384 and Ed25519 are known"),
        (public(ECKey.generate_key("P-521"), "a"), "RSA, P-256, P-384 and Ed25519 are known"),
        (public(RSA, "a", use="enc"), "`use` is sig"),
        (public(RSA, "a", alg="HS256"), "one of RS256, PS256"),
        (public(RSA, ""), "each key has a `kid` of its own"),
        (public(RSA, "a", n="!"), "key a cannot be read"),
        ({"kid": "a", "kty": ["RSA"]}, "RSA, P-256, P-384 and Ed25519 are known"),
    ],
)
def test_keys_that_are_not_taken(jwk: dict[str, Any], message: str) -> None:
    """Said at start, without a word of the key itself."""
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        keys_in([jwk])
    with pytest.raises(ValueError, match="of its own"):
        keys_in([public(RSA, "a"), public(EC, "a")])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tools": TOOLS}, r"tools\.reports\.key_sha256: it needs a key, or tool_tokens"),
        ({"tools": TOOLS, "tool_tokens": TOKENS | {"keys": []}}, r"tool_tokens\.keys: there is none"),
        ({"tools": TOOLS, "tool_tokens": TOKENS | {"keys_file": "/no/such/file"}}, "tool_tokens: .*No such file"),
    ],
)
async def test_settings_that_cannot_be_used(store: Store, changes: dict[str, Any], message: str) -> None:
    """The start fails, and says what to mend."""
    app = create_app(settings_for(store.urls, store.tokens, 1.0, **changes))
    with pytest.raises(SettingsError, match=message):
        async with app.router.lifespan_context(app):
            pass
