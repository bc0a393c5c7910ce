"""What is asked of the servers, as whom, and what a right answer looks like."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from joserfc.jwk import OctKey

from benchmarks import reference
from benchmarks.stub import people, rows

SECRET = "a-secret-of-the-benchmarks-and-of-nothing-else"  # noqa: S105  # it protects nothing
_HERE = Path(__file__).parent
_WIDGETS = _HERE.parent / "gateway" / "demo" / "documents"
_KEY_ID = OctKey.import_key(SECRET).thumbprint()[:8]
_HEADER = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": _KEY_ID}).encode()).rstrip(b"=")
_LIFETIME_SECONDS = 7_200


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes over the wire, and how its answer is checked."""

    data: bytes
    is_right: Callable[[bytes], bool]
    """Quick: the answer bears the shopper, has all rows and no error."""
    expected: Callable[[], dict[str, Any]] | None = None
    """The whole of `data`, for those answers that are compared field by field."""
    statuses: frozenset[int] = frozenset({200})
    """What may come; `is_right` looks at the body whichever it is."""


def token_for(customer: int, *, seconds_ago: int = 0, lifetime_seconds: int = _LIFETIME_SECONDS) -> bytes:
    """A session's token, HS256, as the gateway's own command makes it."""
    now = int(time.time()) - seconds_ago
    claims = {
        "shop": people.domain_of(people.shop_of(customer)),
        "sub": str(customer),
        "sid": f"s{customer}",
        "iat": now,
        "exp": now + lifetime_seconds,
        "scope": "",
    }
    payload = _HEADER + b"." + base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    signature = hmac.digest(SECRET.encode(), payload, "sha256")
    return payload + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")


def portals(subscriptions: int, *, beginning: int, shop: int | None = None) -> Iterator[Request]:
    """`CustomerPortal`, each time another shopper; of one shop where it is given."""
    is_long = subscriptions > reference.PAGE
    folder, name = (_HERE / "documents", "CustomerPortal200") if is_long else (_WIDGETS, "CustomerPortal")
    body = _body((folder / f"{name}.graphql").read_text(encoding="utf-8"), {} if is_long else {"after": None})
    expected = reference.portal_200 if is_long else reference.portal
    for number in count(beginning):
        customer = people.shopper(number if shop is None else number * people.SHOPS + shop, subscriptions=subscriptions)
        yield _private(body, customer, _PortalCheck(customer, subscriptions), partial(expected, customer))


def same_portal(subscriptions: int, *, beginning: int) -> Iterator[Request]:
    """`CustomerPortal`, the same shopper again and again."""
    request = next(portals(subscriptions, beginning=beginning))
    while True:
        yield request


def panels(*, beginning: int) -> Iterator[Request]:
    """`LoyaltyPanel`, each time another shopper."""
    body = _body((_WIDGETS / "LoyaltyPanel.graphql").read_text(encoding="utf-8"), {})
    for number in count(beginning):
        customer = people.shopper(number, subscriptions=5)
        yield _private(body, customer, _Bears(b'"id":"gid://recharge/Customer/%d"' % customer, b'"activity":{'))


def product_widgets(*, beginning: int) -> Iterator[Request]:
    """`ProductSubscriptionWidget` of a visitor, over all shops and products."""
    document = (_WIDGETS / "ProductSubscriptionWidget.graphql").read_text(encoding="utf-8")
    products = list(rows.PRODUCTS)
    bodies = {number: _body(document, {"productId": number, "country": "US", "language": "EN"}) for number in products}
    for number in count(beginning):
        product = products[number % len(products)]
        yield Request(
            _post(bodies[product], path=f"/graphql?shop={people.domain_of(number % people.SHOPS)}"),
            _Bears(b'"id":"gid://shopify/Product/%b"' % product.encode(), b'"earningRules":['),
        )


def product_widget() -> Iterator[Request]:
    """The same question of the same visitor, again and again."""
    request = next(product_widgets(beginning=0))
    while True:
        yield request


def distinct_documents(*, beginning: int) -> Iterator[Request]:
    """A document that nobody has sent before."""
    for number in count(beginning):
        body = _body(f"query Q{number} {{ a{number}: shop {{ id domain currencyCode }} }}", {})
        yield _private(body, people.shopper(number, subscriptions=1), _Bears(b'"a%d":{' % number, b'"domain":'))


def small_sessions(*, beginning: int) -> Iterator[Request]:
    """A question that needs no backend, each time another shopper."""
    body = _body("{ shop { id domain } }", {})
    for number in count(beginning):
        yield _private(body, people.shopper(number, subscriptions=1), _Bears(b'"shop":{', b'"domain":'))


def credits(*, beginning: int) -> Iterator[Request]:  # noqa: A001  # what they are called
    """One look-up, each time another shopper's."""
    body = _body("{ customer { id credit { totalAvailable { amount currencyCode } } } }", {})
    for number in count(beginning):
        customer = people.shopper(number, subscriptions=1)
        is_right = _Bears(b"gid://recharge/Customer/%d" % customer, b'"totalAvailable":{')
        yield _private(body, customer, is_right, partial(reference.credit, customer))


def day(*, beginning: int) -> Iterator[Request]:
    """What shoppers ask for over a day: of twenty operations fourteen are product pages, four panels, two portals."""
    pages = product_widgets(beginning=beginning)
    own = panels(beginning=beginning)
    overview = portals(5, beginning=beginning)
    kinds = [pages, pages, own, pages, pages, pages, overview, pages, pages, own] * 2
    while True:
        for kind in kinds:
            yield next(kind)


def of_shopper(
    document: str, customer: int, is_right: Callable[[bytes], bool], *, token: bytes | None = None
) -> Request:
    """Any document, as a shopper."""
    return Request(_post(_body(document, {}), token=token or token_for(customer)), is_right)


def _private(
    body: bytes,
    customer: int,
    is_right: Callable[[bytes], bool],
    expected: Callable[[], dict[str, Any]] | None = None,
) -> Request:
    return Request(_post(body, token=token_for(customer)), is_right, expected)


@dataclass(frozen=True, slots=True)
class _Bears:
    """No error, and everything that has to be there."""

    first: bytes
    second: bytes

    def __call__(self, body: bytes) -> bool:
        return self.first in body and self.second in body and b'"errors"' not in body


@dataclass(frozen=True, slots=True)
class _PortalCheck:
    customer: int
    subscriptions: int

    def __call__(self, body: bytes) -> bool:
        return (
            b'"gid://recharge/Customer/%d"' % self.customer in body
            and body.count(b"gid://recharge/SubscriptionContract/%d" % self.customer) == self.subscriptions
            and body.count(b"gid://recharge/Charge/%d" % self.customer) == self.subscriptions
            and b'"pointsBalance":%d,' % (self.customer % 5_000) in body
            and b'"errors"' not in body
        )


def _body(document: str, variables: Mapping[str, Any]) -> bytes:
    return json.dumps({"query": document, "variables": variables}).encode()


def _post(body: bytes, *, token: bytes = b"", path: str = "/graphql") -> bytes:
    session = b"authorization: Bearer %b\r\n" % token if token else b""
    return (
        b"POST %b HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\ncontent-type: application/json\r\n"
        b"%bcontent-length: %d\r\n\r\n%b" % (path.encode(), session, len(body), body)
    )
