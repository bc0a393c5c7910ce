"""From a path and its parameters to the body of the answer."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from benchmarks.stub import people, rows

EVERYTHING = 10_000
TRANSACTIONS = 9


class Question(NamedTuple):
    """What is asked for, whichever way it was asked."""

    keys: Mapping[str, tuple[str, ...]]
    """Lists of ids by the parameter's name."""
    params: Mapping[str, str]
    shop: int
    """Rows of other shops are not found."""

    def ids(self, *names: str) -> tuple[str, ...] | None:
        """The list of the first of these parameters that is there."""
        return next((self.keys[name] for name in names if name in self.keys), None)

    def people(self, *names: str) -> list[int]:
        """The same as customers of this shop."""
        return [number for text in self.ids(*names) or () if people.shop_of(number := int(text)) == self.shop]

    def parts(self, *names: str) -> Iterator[tuple[int, int]]:
        """The same as what belongs to customers of this shop."""
        for text in self.ids(*names) or ():
            customer, index = people.whose(int(text))
            if people.shop_of(customer) == self.shop:
                yield customer, index

    def page(self, count: int) -> range:
        """Which of an owner's rows are asked for; pages are told by where they start."""
        start = int(self.params.get("cursor", "0").rpartition(":")[2])
        return range(start, min(start + self.limit, count))

    @property
    def limit(self) -> int:
        """Most rows of an answer, or of each owner."""
        return int(self.params.get("limit", EVERYTHING))


class NotFoundError(Exception):
    """There is no such path."""


def body_of(path: str, question: Question) -> bytes:
    """The answer to one shop's question.

    Raises:
        NotFoundError: No backend has such a path.
    """
    if (fixed := PUBLIC.get(path)) is not None:
        return fixed
    if path.startswith("/customers/"):
        return _record(path, question)
    name = path.removeprefix("/v1")
    find = LISTS.get(name.removeprefix("/bulk"))
    if find is None:
        raise NotFoundError(path)
    if name == "/customers" and path.startswith("/v1"):
        return _listed(b"customers", _members(question))
    return _listed(*find(question))


def _record(path: str, question: Question) -> bytes:
    number, _, what = path.removeprefix("/customers/").partition("/")
    if people.shop_of(customer := int(number)) != question.shop:
        raise NotFoundError(path)
    if not what:
        return b'{"customer":%b}' % rows.customer(customer)
    if what == "credit_summary":
        return b'{"credit_summary":%b}' % rows.credit_summary(customer)
    raise NotFoundError(path)


def _listed(name: bytes, found: Iterable[bytes], cursor: bytes = b"null") -> bytes:
    return b'{"next_cursor":%b,"previous_cursor":null,"%b":[%b]}' % (cursor, name, b",".join(found))


def _customers(question: Question) -> tuple[bytes, list[bytes]]:
    if question.ids("emails", "email"):
        return b"customers", _members(question)
    return b"customers", [rows.customer(each) for each in question.people("ids")]


def _members(question: Question) -> list[bytes]:
    asked = map(people.customer_by_email, question.ids("emails", "email") or ())
    return [rows.member(each) for each in asked if people.shop_of(each) == question.shop]


def _credit_summaries(question: Question) -> tuple[bytes, list[bytes]]:
    return b"credit_summaries", [rows.credit_summary(each) for each in question.people("customer_ids")]


def _subscriptions(question: Question) -> tuple[bytes, list[bytes], bytes]:
    name = b"subscriptions"
    if question.ids("ids"):
        return name, [rows.subscription(*each) for each in question.parts("ids")], b"null"
    cursor = question.params.get("cursor")
    descending = question.params.get("sort_by") == "id-desc" or (cursor or "").startswith("desc")
    owners = [int(cursor.split(":")[1])] if cursor else question.people("customer_ids", "customer_id")
    found: list[bytes] = []
    following = b"null"
    for owner in owners:
        count = people.subscription_count(owner)
        page = question.page(count)
        found += [rows.subscription(owner, count - 1 - at if descending else at) for at in page]
        if page.stop < count and "customer_ids" not in question.keys:
            following = b'"%b:%d:%d"' % (b"desc" if descending else b"asc", owner, page.stop)
    return name, found, following


def _charges(question: Question) -> tuple[bytes, list[bytes]]:
    if question.ids("purchase_item_ids", "purchase_item_id"):
        asked = question.parts("purchase_item_ids", "purchase_item_id")
        found = {(customer, index // people.SUBSCRIPTIONS_A_CHARGE): None for customer, index in asked}
        return b"charges", [rows.charge(*each) for each in found]
    if question.ids("ids"):
        return b"charges", [rows.charge(*each) for each in question.parts("ids")]
    owners = question.people("customer_ids", "customer_id")
    return b"charges", [rows.charge(each, at) for each in owners for at in question.page(people.charge_count(each))]


def _addresses(question: Question) -> tuple[bytes, list[bytes]]:
    if question.ids("ids"):
        return b"addresses", [rows.address(*each) for each in question.parts("ids")]
    owners = question.people("customer_ids", "customer_id")
    return b"addresses", [rows.address(each, at) for each in owners for at in range(people.ADDRESSES)]


def _selections(question: Question) -> tuple[bytes, list[bytes]]:
    asked = question.parts("purchase_item_ids", "purchase_item_id")
    return b"bundle_selections", [rows.selection(*each) for each in asked if rows.is_bundle(each[1])]


def _products(question: Question) -> tuple[bytes, list[bytes]]:
    asked = question.ids("external_product_ids", "external_product_id") or tuple(rows.PRODUCTS)
    return b"products", [rows.product(each) for each in asked if each in rows.PRODUCTS]


def _transactions(question: Question) -> tuple[bytes, list[bytes]]:
    members = map(int, question.ids("customer_ids", "customer_id") or ())
    owners = [each for each in map(people.customer_of, members) if people.shop_of(each) == question.shop]
    found = [rows.points_transaction(each, at) for each in owners for at in question.page(TRANSACTIONS)]
    return b"points_transactions", found


LISTS: Mapping[str, Callable[[Question], tuple[bytes, list[bytes]] | tuple[bytes, list[bytes], bytes]]] = {
    "/customers": _customers,
    "/credit_summaries": _credit_summaries,
    "/subscriptions": _subscriptions,
    "/charges": _charges,
    "/addresses": _addresses,
    "/bundle_selections": _selections,
    "/product_search": _products,
    "/products": _products,
    "/points_transactions": _transactions,
    "/reward_fulfillments": lambda _: (b"reward_fulfillments", []),
}


def _public(name: str) -> bytes:
    return json.dumps({name: rows.SAMPLES[name], "next_cursor": None}).encode()


PUBLIC: Mapping[str, bytes] = {
    "/shop/settings": _public("settings"),
    "/incentives/tiered_discounts": _public("tiered_discounts"),
    "/v1/points_settings": _public("points_settings"),
    "/v1/vip_tiers": _public("vip_tiers"),
    "/v1/earning_rules": _public("earning_rules"),
    "/v1/points_products": _public("points_products"),
}
"""The same in every shop; encoded once."""
