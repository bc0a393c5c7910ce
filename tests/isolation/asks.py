"""What shoppers and visitors send, as bytes of HTTP/1.1, and what may be in the answer."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks.reference import differences, portal
from benchmarks.stub import people, rows
from tests.documents import document
from tests.isolation.people import SHOPPERS, SHOPS, customers_in, shopper, shops_in

GREEDY = 2
"""So many shoppers ask for more than their quota."""
MINE = "query Mine { shop { domain } customer { id email credit { totalAvailable { amount } } } }"
NODE = "query Somebodys($id: ID!) { node(id: $id) { id __typename } }"
PORTAL, PANEL, WIDGET = (document(name) for name in ("CustomerPortal", "LoyaltyPanel", "ProductSubscriptionWidget"))
_GAP = re.compile(r"\['NoneType'\] instead of|: None instead of|: another number of rows$")
REFUSALS = {"BACKEND_UNAVAILABLE", "BACKEND_TIMEOUT", "BACKEND_MALFORMED", "THROTTLED", "UNAUTHENTICATED"}

Mint = Callable[[str, int, tuple[str, ...]], str]
"""A new session's token, of a shop's customer, with scopes."""


@dataclass
class Ask:
    """One request, and whose it is."""

    kind: str
    data: bytes
    request_id: str
    shop: int
    customer: int | None
    statuses: tuple[int, ...] = (200, 429)
    named: int | None = None
    """Whose object it asks for, where that is somebody else's: `explain` may show the path that it led to."""

    def faults(self, status: int, request_id: str, body: bytes) -> list[str]:
        """What is wrong with an answer; first of all, what in it is somebody else's."""
        found = []
        if others := customers_in(body) - {self.customer, self.named}:
            found.append(f"FOREIGN: {self.kind} of {self.customer} has something of {others}: {body!r}")
        if shops := shops_in(body) - {self.shop}:
            found.append(f"FOREIGN: {self.kind} of shop {self.shop} names shops {shops}")
        if request_id != self.request_id:
            found.append(f"FOREIGN: {self.request_id} was answered as {request_id}")
        if status not in self.statuses:
            found.append(f"{self.kind} was answered {status}: {body[:300]!r}")
        elif status == 200:
            found += self._wrong(json.loads(body))
        return found

    def _wrong(self, answer: dict[str, Any]) -> list[str]:
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        if codes - REFUSALS:
            return [f"{self.kind}: {codes}"]
        if self.kind == "node" and answer["data"]["node"] is not None:
            return [f"a foreign node: {answer['data']}"]
        expected = self._expected()
        # A backend that fails, or gives another one's row instead of ours, leaves a gap, and never another value.
        return [each for each in differences(expected, answer["data"]) if not _GAP.search(each)] if expected else []

    def _expected(self) -> dict[str, Any] | None:
        if self.kind == "portal" and self.customer:
            return portal(self.customer)
        if self.kind == "mine" and self.customer:
            credit = json.loads(rows.credit_summary(self.customer))["total_available_balance"]
            mine = {
                "id": f"gid://recharge/Customer/{self.customer}",
                "email": people.email_of(self.customer),
                "credit": {"totalAvailable": {"amount": credit}},
            }
            return {"shop": {"domain": people.domain_of(self.shop)}, "customer": mine}
        return None


@dataclass
class Asks:
    """Draws them."""

    chance: Random
    mint: Mint
    askers: dict[str, int | None] = field(default_factory=dict)
    """By the request's id, for whoever reads the log."""
    named: set[tuple[int, int]] = field(default_factory=set)
    """Who was named by somebody of which other's shop: the gateway may ask that shop's backend for them."""
    _tokens: dict[tuple[int, tuple[str, ...]], str] = field(default_factory=dict)

    def draw(self) -> list[Ask]:
        """One request, or two that belong together."""
        draw = self.chance.random()
        number = self.chance.randrange(GREEDY if draw < 0.08 else SHOPS * SHOPPERS)
        customer = shopper(number)
        if draw > 0.85:
            return [self._visitor(self.chance.randrange(SHOPS))]
        if draw > 0.83:
            return self._leaving(customer)
        scopes = ("explain",) if draw > 0.75 else ()
        headers = {"X-Explain": "1"} if scopes else {}
        if self.chance.random() < 0.03:
            headers["X-Timeout-Ms"] = "40"
        kind = self.chance.choice(["portal", "portal", "mine", "panel", "node"])
        if kind == "node":
            other = shopper(self.chance.randrange(SHOPS * SHOPPERS))
            if other == customer:
                return self.draw()
            kinds = [
                ("Customer", other),
                ("SubscriptionContract", people.part(other, 0)),
                ("Address", people.part(other, 1)),
            ]
            name, target = self.chance.choice(kinds)
            ask = self._shopper(kind, NODE, customer, scopes, headers, {"id": f"gid://recharge/{name}/{target}"})
            ask.named = other
            self.named.add((ask.shop, other))
            return [ask]
        text = {"portal": PORTAL, "mine": MINE, "panel": PANEL}[kind]
        return [self._shopper(kind, text, customer, scopes, headers, {})]

    def _shopper(
        self,
        kind: str,
        text: str,
        customer: int,
        scopes: tuple[str, ...],
        headers: dict[str, str],
        variables: dict[str, Any],
    ) -> Ask:
        token = self._tokens.get((customer, scopes)) or self._new(customer, scopes)
        self._tokens[customer, scopes] = token
        body: dict[str, Any] = {"query": text, "variables": variables}
        if self.chance.random() < 0.03:
            # Larger than what asyncio reads at once: such a body arrives in several pieces, between other requests.
            body["extensions"] = {"padding": people.email_of(customer) * 3_500}
        return self._ask(kind, "POST /graphql", people.shop_of(customer), customer, token, body, headers)

    def _visitor(self, shop: int) -> Ask:
        variables = {"productId": self.chance.choice(list(rows.PRODUCTS)), "country": "US", "language": "EN"}
        body = {"query": WIDGET, "variables": variables}
        address = {"X-Forwarded-For": f"198.51.100.{self.chance.randrange(256)}"}
        target = f"POST /graphql?shop={people.domain_of(shop)}"
        return self._ask("visitor", target, shop, None, None, body, address)

    def _leaving(self, customer: int) -> list[Ask]:
        """A session that ends, and is asked with once more on the same connection."""
        token, shop = self._new(customer, ()), people.shop_of(customer)
        over = self._ask("leave", "DELETE /session", shop, customer, token, None, {})
        over.statuses = (204, 503)
        after = self._ask("after", "POST /graphql", shop, customer, token, {"query": MINE}, {})
        after.statuses = (401,)
        return [over, after]

    def _new(self, customer: int, scopes: tuple[str, ...]) -> str:
        return self.mint(people.domain_of(people.shop_of(customer)), customer, scopes)

    def _ask(
        self,
        kind: str,
        target: str,
        shop: int,
        customer: int | None,
        token: str | None,
        body: Any,
        headers: dict[str, str],
    ) -> Ask:
        request_id = f"{self.chance.getrandbits(96):024x}".translate(_LETTERS)
        self.askers[request_id] = customer
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{target} HTTP/1.1",
            "host: 127.0.0.1",
            "accept: application/json",
            "content-type: application/json",
            f"x-request-id: {request_id}",
            f"content-length: {len(content)}",
            *(f"{name}: {value}" for name, value in headers.items()),
            *([f"authorization: Bearer {token}"] if token else []),
        ]
        return Ask(kind, "\r\n".join([*lines, "", ""]).encode() + content, request_id, shop, customer)


_LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Request ids have no digits, so nothing in them looks like a shopper's."""
