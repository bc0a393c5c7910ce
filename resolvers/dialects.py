"""How the two families of REST APIs name the shop and take its credential."""

from gateway.upstream import Access

RECHARGE_VERSION = "2021-11"
RECHARGE_OLD_VERSION = {"X-Recharge-Version": "2021-01"}
"""Product search and shop settings exist in the old version only."""


def recharge(shop: str, token: str) -> Access:
    """Recharge: the token in its own header, the shop's domain in `shop_url`."""
    return Access(
        headers={"X-Recharge-Access-Token": token, "X-Recharge-Version": RECHARGE_VERSION},
        params={"shop_url": shop},
    )


def smile(_shop: str, token: str) -> Access:
    """Smile: a bearer token, which names the shop by itself."""
    return Access(headers={"Authorization": f"Bearer {token}"})
