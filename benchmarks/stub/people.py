"""Who the shoppers of the benchmarks are: an id says all of it, so that millions of them need no memory."""

SHOPS = 50
FLEET = "stub-fleet"
"""The credential for all shops."""

_PEOPLE = 10_000_000
"""Most shoppers with the same number of subscriptions; a multiple of SHOPS."""
_EACH = 1_000
"""Most subscriptions, charges or addresses of one shopper."""
_MEMBERS = 9_000_000_000_000
"""Added to a customer's id, this is the member's; every id stays below 2**53, which JavaScript can count to."""
ADDRESSES = 3
BUNDLE_EVERY = 5
"""Every fifth subscription is a bundle."""
SUBSCRIPTIONS_A_CHARGE = 2


def shopper(number: int, *, subscriptions: int) -> int:
    """The customer id of the n-th shopper who has so many subscriptions."""
    return subscriptions * _PEOPLE + number % _PEOPLE


def shop_of(customer: int) -> int:
    """Shoppers are spread over the shops."""
    return customer % SHOPS


def domain_of(shop: int) -> str:
    """A shop's domain."""
    return f"shop-{shop}.myshopify.com"


def token_of(shop: int) -> str:
    """A shop's credential at each backend."""
    return f"stub-{shop}"


def subscription_count(customer: int) -> int:
    """How many subscriptions a shopper has."""
    return customer // _PEOPLE


def charge_count(customer: int) -> int:
    """How many charges are queued for a shopper."""
    return -(-subscription_count(customer) // SUBSCRIPTIONS_A_CHARGE)


def part(customer: int, index: int) -> int:
    """The id of a shopper's n-th subscription, charge, address or selection."""
    return customer * _EACH + index


def whose(number: int) -> tuple[int, int]:
    """The shopper of such an id, and which of his it is."""
    return divmod(number, _EACH)


def address_index(subscription: int) -> int:
    """To which of a shopper's addresses a subscription goes; one charge goes to one address."""
    return subscription // SUBSCRIPTIONS_A_CHARGE % ADDRESSES


def member_of(customer: int) -> int:
    """The shopper's id in the points programme."""
    return customer + _MEMBERS


def customer_of(member: int) -> int:
    """The shopper of a member's id."""
    return member - _MEMBERS


def email_of(customer: int) -> str:
    """The shopper's address; the points programme knows nothing else of him."""
    return f"shopper-{customer}@example.com"


def customer_by_email(email: str) -> int:
    """The shopper of an address."""
    return int(email.removeprefix("shopper-").partition("@")[0])
