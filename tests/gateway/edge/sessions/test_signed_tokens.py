"""The gateway's own tokens: what a forger may try, and how keys rotate."""

import base64
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from gateway.edge.sessions import SignedTokens
from gateway.edge.sessions.signed_tokens import key_id
from gateway.errors import Unauthenticated
from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, gateway_before

NOT_VALID = "No valid session: send a token of this shop's, or `?shop=` alone for public data."
SECRET = "s" * 40
KEY = OctKey.import_key(SECRET)
NOW = int(time.time())
RSA = RSAKey.generate_key(2048)


def claims(**changes: Any) -> dict[str, Any]:
    """A good token's claims, changed; None takes one out."""
    good = {"shop": SHOP, "sub": "1", "sid": "x", "iat": NOW, "exp": NOW + 3_000, "scope": ""}
    return {name: value for name, value in (good | changes).items() if value is not None}


def forged(changes: dict[str, Any], *, key: OctKey = KEY, **header: Any) -> str:
    """A token with its claims or its header changed from good ones."""
    head = {name: value for name, value in ({"alg": "HS256", "kid": key_id(KEY)} | header).items() if value is not None}
    return jwt.encode(head, claims(**changes), key, algorithms=[head["alg"]])


def encoded(value: object) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(header: dict[str, Any], signature: str = "") -> str:
    """A token that no library would make."""
    return f"{encoded(header)}.{encoded(claims())}.{signature}"


def with_swapped_payload() -> str:
    """One token's claims under another's signature."""
    head, _, signature = forged({}).split(".")
    return f"{head}.{encoded(claims(sub='2'))}.{signature}"


def signed_with_the_public_key() -> str:
    """HMAC with the text of an RSA key that everybody may read, as if it were the secret."""
    public = RSA.as_pem(private=False)
    content = f"{encoded({'alg': 'HS256', 'kid': key_id(KEY)})}.{encoded(claims())}"
    digest = hmac.digest(public, content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def well_signed(header: dict[str, Any], claims_text: str | None = None) -> str:
    """What whoever has the secret could sign by hand: HMAC-SHA256 whatever the header says."""
    content = f"{encoded(header)}.{encoded(claims()) if claims_text is None else claims_text}"
    digest = hmac.digest(SECRET.encode(), content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


GOOD_HEADER: dict[str, Any] = {"alg": "HS256", "kid": key_id(KEY)}
WRONG_HEADERS: dict[str, dict[str, Any]] = {
    "but it says that nobody did": {"alg": "none"},
    "by its word otherwise": {"alg": "HS512"},
    "by its word with a public key": {"alg": "RS256"},
    "an extension that must be understood": {"crit": ["b64"], "b64": True},
    "its own key in the header": {"jwk": KEY.as_dict(private=True)},
    "the address of a key": {"jku": "http://127.0.0.1:9/keys"},
    "a type that is no text": {"typ": None},
}
FORGED: dict[str, str] = {
    **{f"well signed, {name}": well_signed(GOOD_HEADER | header) for name, header in WRONG_HEADERS.items()},
    "well signed, no algorithm": well_signed({"kid": key_id(KEY)}),
    "well signed, claims that are not base64": well_signed(GOOD_HEADER, "e"),
    "well signed, claims that are not JSON": well_signed(GOOD_HEADER, "e30x"),
    "well signed, no claims": well_signed(GOOD_HEADER, ""),
    "a moment that is true": forged({"iat": True}),
    "a start that is no number": forged({"nbf": "0"}),
    "expired": forged({"iat": NOW - 4_000, "exp": NOW - 1_000}),
    "another key": forged({}, key=OctKey.import_key("t" * 40)),
    "another algorithm": forged({}, alg="HS384"),
    "no algorithm": unsigned({"alg": "none", "kid": key_id(KEY)}),
    "no algorithm, with the good signature": unsigned(
        {"alg": "none", "kid": key_id(KEY)}, forged({}).rpartition(".")[2]
    ),
    "RS256": jwt.encode({"alg": "RS256", "kid": key_id(KEY)}, claims(), RSA, algorithms=["RS256"]),
    "a public key as the secret": signed_with_the_public_key(),
    "its own key in the header": unsigned({"alg": "HS256", "kid": key_id(KEY), "jwk": KEY.as_dict(private=True)}),
    "the address of a key": forged({}, key=OctKey.import_key("t" * 40), jku="http://127.0.0.1:9/keys"),
    "the address of a certificate": forged({}, key=OctKey.import_key("t" * 40), x5u="http://127.0.0.1:9/keys"),
    "an extension that must be understood": unsigned(
        {"alg": "HS256", "kid": key_id(KEY), "crit": ["b64"], "b64": False}
    ),
    "swapped claims": with_swapped_payload(),
    "no key id": forged({}, kid=None),
    "an unknown key id": forged({}, kid="unknown"),
    "a path as key id": forged({}, kid="../../../../dev/null"),
    "SQL as key id": forged({}, kid="' OR 1=1 --"),
    "a list as key id": unsigned({"alg": "HS256", "kid": [key_id(KEY)]}),
    "no expiry": forged({"exp": None}),
    "an expiry that is no number": forged({"exp": "4000000000"}),
    "a life of years": forged({"exp": NOW + 10**8}),
    "an endless life": forged({"exp": float("inf")}),
    "not yet good": forged({"nbf": NOW + 1_000}),
    "issued in the future": forged({"iat": NOW + 1_000}),
    "no moment of issue": forged({"iat": None}),
    "no customer": forged({"sub": None}),
    "a customer that is no number": forged({"sub": "../1"}),
    "a customer as a number": forged({"sub": 1}),
    "no session id": forged({"sid": None}),
    "a session id that is none": forged({"sid": "a b"}),
    "no shop": forged({"shop": None}),
    "an unknown shop": forged({"shop": "evil.myshopify.com"}),
    "scopes as a list": forged({"scope": ["explain"]}),
    "claims that are a list": f"{forged({}).partition('.')[0]}.{encoded([1])}.x",
    "a header that is a list": f"{encoded([1])}.{encoded(claims())}.x",
    "deep JSON as header": f"{base64.urlsafe_b64encode(b'[' * 700).decode()}.x.x",
    "five parts": "a.b.c.d.e",
    "garbage": "abc",
    "dots": "..",
    "not ASCII": "é.é.é",
    "empty": "",
    "a long one": "a" * 8_193,
    "200 kB": "a." * 100_000,
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_nobodys(name: str) -> None:
    """Whatever is wrong with it."""
    tokens = SignedTokens.of([SECRET], shops={SHOP: SHOP}, leeway_seconds=5)
    if tokens.recognizes(FORGED[name]):
        with pytest.raises(Unauthenticated) as refused:
            await tokens.verified(FORGED[name])
        assert refused.value.message == NOT_VALID


async def test_each_character_counts() -> None:
    """Of the header, of the claims, and of the signature, whose last one has bits that base64 leaves out."""
    tokens = SignedTokens.of([SECRET], shops={SHOP: SHOP}, leeway_seconds=5)
    good = forged({})
    assert (await tokens.verified(good)).viewer.customer_id == 1
    assert (await tokens.verified(well_signed(GOOD_HEADER | {"typ": "JWT"}))).viewer.session_id == "x"
    for place, was in enumerate(good):
        for other in ("A", "B", "-", "=", chr(ord(was) ^ 1), chr(ord(was) ^ 2), ""):
            changed = good[:place] + other + good[place + 1 :]
            if changed != good:
                with pytest.raises(Unauthenticated):
                    await tokens.verified(changed)
    for longer in (f"{good}=", f"{good}A", f" {good}", f"{good}."):
        with pytest.raises(Unauthenticated):
            await tokens.verified(longer)


async def test_forgers_learn_nothing(gateway: Gateway, shopper: int) -> None:
    """Every forged token, with and without `?shop=`: the same 401, byte for byte, and never a visitor's session."""
    bodies = set()
    for params in ({}, {"shop": SHOP}, {"shop": OTHER_SHOP}, {"shop": "evil.example"}):
        good = gateway.token(shopper)
        # Headers have a limit of their own, which the server keeps before any of this.
        tokens = [each for each in FORGED.values() if len(each) < 16_000 and each.isascii()]
        for token in [*tokens, *([good] if params.get("shop", SHOP) != SHOP else [])]:
            async with gateway.client.post(
                f"{gateway.url}/graphql",
                params=params,
                json={"query": "{ shop { domain } }"},
                headers={"Authorization": f"Bearer {token}"},
            ) as response:
                assert response.status == 401
                assert response.headers["WWW-Authenticate"] == "Bearer"
                bodies.add(await response.read())
    assert [json.loads(body) for body in bodies] == [
        {"errors": [{"message": NOT_VALID, "extensions": {"code": "UNAUTHENTICATED"}}]}
    ]
    assert gateway.calls == []


async def test_keys_rotate_with_an_overlap(store: Store, shopper: int) -> None:
    """The new key signs; tokens of the retired one are good until it is taken out."""
    old, new = "o" * 40, "n" * 40
    async with (
        gateway_before(store, sessions={"secret": old}) as before,
        gateway_before(store, sessions={"secret": new, "retired_secrets": [old]}) as during,
        gateway_before(store, sessions={"secret": new}) as after,
    ):
        earlier, later = before.token(shopper), during.token(shopper)

        async def statuses(token: str) -> list[int]:
            found = []
            for gateway in (before, during, after):
                answer = await gateway.ask("{ customer { id } }", headers={"Authorization": f"Bearer {token}"})
                found.append(answer.status)
            return found

        assert await statuses(earlier) == [200, 200, 401]
        assert await statuses(later) == [401, 200, 200]


async def test_a_token_expires_while_it_is_known(store: Store, shopper: int) -> None:
    """What was verified once is not good for longer than it says."""
    async with gateway_before(store, sessions={"secret": SECRET, "leeway_seconds": 0}) as gateway:
        token = gateway.sessions.mint(SHOP, shopper, lifetime_seconds=2)
        headers = {"Authorization": f"Bearer {token}"}
        assert (await gateway.ask("{ customer { id } }", headers=headers)).status == 200
        deadline = time.monotonic() + 5
        while (await gateway.ask("{ customer { id } }", headers=headers)).status == 200:
            assert time.monotonic() < deadline
        assert time.time() >= json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["exp"]
