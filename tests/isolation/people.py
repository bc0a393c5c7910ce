"""Who the shoppers of the isolation test are, and how their canaries are found in any text.

Every value of a shopper bears his id: those of his subscriptions, addresses and charges, of his membership, and his
e-mail address. The ids are the benchmarks' (see `benchmarks/stub/people.py`), of shoppers with few subscriptions each.
"""

import re

from benchmarks.stub import people

SHOPS, SHOPPERS = people.SHOPS, 200
"""So many shoppers in each of so many shops."""
SUBSCRIPTIONS = (2, 5)

# 20001234 is a shopper; 20001234001 his subscription, 9000020001234 his membership, and with a digit more its history.
_CANARY = re.compile(rb"(?<!\d)(?:90000)?([25]000\d{4})(?:\d|\d{3})?(?!\d)")
_SHOP = re.compile(rb"shop-(\d+)\.myshopify\.com")


def shopper(number: int) -> int:
    """The customer id of one of all shoppers."""
    return people.shopper(number, subscriptions=SUBSCRIPTIONS[number // SHOPS % len(SUBSCRIPTIONS)])


def customers_in(text: bytes) -> set[int]:
    """Everybody of whom something stands in a text."""
    return {int(found) for found in _CANARY.findall(text)}


def shops_in(text: bytes) -> set[int]:
    """Every shop that is named in a text."""
    return {int(found) for found in _SHOP.findall(text)}
