"""Who is asking, as frozen values that travel down as arguments."""

from dataclasses import dataclass

EXPLAIN = "explain"
"""The scope that lets a session see which REST calls its answer took."""
INTROSPECTION = "introspection"
"""The scope that lets a session ask the schema for itself, where that is not open to everybody."""
CUSTOMERS_READ = "customers:read"
"""The scope that lets an internal tool read what belongs to any of a shop's customers."""
CUSTOMERS_ACT = "customers:act"
"""The scope that lets an internal tool act on behalf of a customer, with a record of it."""
SUBSCRIPTIONS_WRITE = "subscriptions:write"
"""The scope that lets a session change what belongs to its customer. Shoppers' own sessions have it."""
SHOPS_READ = "shops:read"
"""The scope that lets an internal tool list the shops that it is good for."""

SHOPPERS_OWN = frozenset({SUBSCRIPTIONS_WRITE})
"""What every shopper may do with what is his own."""

TOOLS_ONLY = frozenset({CUSTOMERS_READ, CUSTOMERS_ACT, SHOPS_READ})
"""What no shopper's session may, whoever made it and whatever it says."""

ADHOC = "adhoc"
"""The scope that lets a session send documents of its own where a safelist is enforced."""


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
    tool: str | None = None
    """The internal tool that asks, such as `support-desk`; None for shoppers and visitors."""
    shops: tuple[str, ...] = ()
    """The shops that the tool is good for, by their own domains; empty for shoppers and visitors."""
    reason: str | None = None
    """Why the tool acts on behalf of the customer."""
    unresolved: Exception | None = None
    """Why it is not known which customer this is, though one is logged in: what is the customer's fails with it."""


@dataclass(frozen=True, slots=True)
class Market:
    """Where, and in which language, the shop is shown: the arguments of `@inContext`."""

    country: str | None = None
    """ISO 3166-1 alpha-2; prices are that market's."""
    language: str | None = None
    """ISO 639-1 in lower case; plan titles come translated where a translation exists."""
