"""Who is asking, as frozen values that travel down as arguments."""

from dataclasses import dataclass

EXPLAIN = "explain"
"""The scope that lets a session see which REST calls its answer took."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A verified session: whose shop, which customer, allowed to do what."""

    shop: str
    """The shop's own domain, such as `aurora-coffee.myshopify.com`, by whichever of its domains it was named."""
    customer_id: int | None = None
    """The shopper's id in the subscriptions backend; None for an anonymous visitor."""
    session_id: str | None = None
    """The session's id (`sid`); None for an anonymous visitor."""
    scopes: frozenset[str] = frozenset()
    """What the session may do beyond reading its own shopper's data."""


@dataclass(frozen=True, slots=True)
class Market:
    """Where, and in which language, the shop is shown: the arguments of `@inContext`."""

    country: str | None = None
    """ISO 3166-1 alpha-2; prices are that market's."""
    language: str | None = None
    """ISO 639-1 in lower case; plan titles come translated where a translation exists."""
