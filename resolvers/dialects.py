"""How the two families of REST APIs name the shop and take its credential."""

import re

import msgspec

from gateway.upstream import Access, SessionForm

RECHARGE_VERSION = "2021-11"
RECHARGE_OLD_VERSION = {"X-Recharge-Version": "2021-01"}
"""Product search and shop settings exist in the old version only."""


def recharge(shop: str, token: str) -> Access:
    """Recharge: the token in its own header, the shop's domain in `shop_url`."""
    return Access(
        headers={"X-Recharge-Access-Token": token, "X-Recharge-Version": RECHARGE_VERSION},
        params={"shop_url": shop},
    )


_LARGER_PLAN = re.compile(r"[a-z]+_(\d{1,3})x(\d{1,3})")


def recharge_plan(token: str) -> tuple[int, int]:
    """How many times as large as usual a token's bucket is, and how many times as fast it leaks.

    A token of a larger plan says so in its prefix: `sk_3x2_…` leaks three times as fast and is twice as large.
    """
    found = _LARGER_PLAN.match(token)
    return (max(1, int(found[2])), max(1, int(found[1]))) if found else (1, 1)


def smile(_shop: str, token: str) -> Access:
    """Smile: a bearer token, which names the shop by itself."""
    return Access(headers={"Authorization": f"Bearer {token}"})


class _CustomerSession(msgspec.Struct, frozen=True):
    """What opening a session answers; the key of its token is spelled in both ways."""

    class Token(msgspec.Struct, frozen=True):
        """The session itself."""

        apiToken: str | None = None  # noqa: N815  # the key on the wire
        api_token: str | None = None

    customer_session: Token


def _token_of(answer: _CustomerSession) -> str:
    token = answer.customer_session.apiToken or answer.customer_session.api_token
    if not token:
        raise ValueError("a session has a token")
    return token


RECHARGE_SESSIONS = SessionForm(
    path="/customers/{key}/sessions",
    into=_CustomerSession,
    token_of=_token_of,
    header="X-Recharge-Access-Token",
    lifetime_seconds=3_000,
)
"""A shopper's session at Recharge, which lasts an hour."""
