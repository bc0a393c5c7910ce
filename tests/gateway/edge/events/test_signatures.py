"""The published vectors, and everything that is nearly right."""

import time

import pytest
from starlette.datastructures import Headers

from gateway.edge.events.signatures import recharge_signed, shopify_signed

SECRET = b"client_secret"
BODY = b'{"subscription":{"id":1}}'
LEGACY = "6e36dbb421dac968facfcb2f8de6852ab9b25bf95680b72abdb5ea0ba8e3b679"
V1 = "055f62ed25d03bc87eff6535934bd044fcd8e8c2dec074d52ff532157fa750f6"
TIMED = f"t=1700000000,v1={V1}"


def signed(headers: dict[str, str] | list[tuple[str, str]], body: bytes = BODY, *, legacy: bool = True) -> bool:
    """Whether Recharge's signature holds, with an old secret beside the new one."""
    pairs = headers if isinstance(headers, list) else list(headers.items())
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs]
    return recharge_signed(Headers(raw=raw), body, (b"another", SECRET), legacy=legacy)


@pytest.fixture
def in_2023(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment of the vector."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_010.0)


@pytest.mark.usefixtures("in_2023")
def test_recharges_vectors() -> None:
    """Both forms; the older one only where the newer one is missing."""
    assert signed({"X-Recharge-Hmac-Sha256": LEGACY})
    assert signed({"X-Recharge-Webhook-Signature": TIMED})
    assert signed({"X-Recharge-Webhook-Signature": TIMED, "X-Recharge-Hmac-Sha256": "wrong"})
    assert not signed({"X-Recharge-Webhook-Signature": TIMED.replace("055", "056"), "X-Recharge-Hmac-Sha256": LEGACY})
    assert not signed({"X-Recharge-Webhook-Signature": "", "X-Recharge-Hmac-Sha256": LEGACY})
    assert not signed({"X-Recharge-Hmac-Sha256": LEGACY}, legacy=False)
    assert not signed({})


@pytest.mark.usefixtures("in_2023")
@pytest.mark.parametrize(
    "header",
    [
        f"t=1700000001,v1={V1}",
        f"v1={V1}",
        f"t=1700000000,v1={V1.upper()}",
        f"t=1700000000,v1={V1},v1={V1}",
        f" t=1700000000,v1={V1}",
        f"t=1700000000,v1={V1[:-1]}",
        f"t=17000000000000000000,v1={V1}",
        "t=1700000000,v1=é",
    ],
)
def test_nearly_right(header: str) -> None:
    """Is wrong."""
    assert not signed({"X-Recharge-Webhook-Signature": header})


@pytest.mark.usefixtures("in_2023")
def test_two_signatures_are_none() -> None:
    """Whoever forwards may read the other one."""
    assert not signed([("X-Recharge-Webhook-Signature", TIMED), ("X-Recharge-Webhook-Signature", TIMED)])
    assert not signed([("X-Recharge-Hmac-Sha256", LEGACY), ("X-Recharge-Hmac-Sha256", LEGACY)])


@pytest.mark.parametrize(("after", "holds"), [(48 * 3_600, True), (48 * 3_600 + 1, False), (-300, True), (-301, False)])
def test_the_window(monkeypatch: pytest.MonkeyPatch, after: int, holds: bool) -> None:
    """48 hours, and five minutes for a clock that is ahead."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0 + after)
    assert signed({"X-Recharge-Webhook-Signature": TIMED}) is holds


@pytest.mark.usefixtures("in_2023")
def test_every_bit_counts() -> None:
    """A body with one bit flipped is another body."""
    for at in range(len(BODY) * 8):
        flipped = bytearray(BODY)
        flipped[at // 8] ^= 1 << at % 8
        assert not signed({"X-Recharge-Webhook-Signature": TIMED, "X-Recharge-Hmac-Sha256": LEGACY}, bytes(flipped))


def test_shopifys() -> None:
    """HMAC-SHA256 in base64, as openssl prints it for `{"id":1}` and the key `hush`."""
    digest = "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="
    headers = Headers({"X-Shopify-Hmac-Sha256": digest})
    assert shopify_signed(headers, b'{"id":1}', (b"old", b"hush")) is True
    assert not shopify_signed(headers, b'{"id":2}', (b"hush",))
    assert not shopify_signed(headers, b'{"id":1}', (b"other",))
    assert not shopify_signed(Headers({}), b'{"id":1}', (b"hush",))
