"""The customers that all three services know."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from backends.store.chance import World
from backends.store.shops import SHOPS, Shop

FIRST_NAMES = (
    "Ada", "Amir", "Anneke", "Astrid", "Ben", "Bianca", "Carlos", "Chloe", "Dana", "Diego", "Elif", "Emil",
    "Esther", "Farah", "Felix", "Freya", "Gabriel", "Grace", "Hana", "Henrik", "Ida", "Ines", "Ivan", "Jasper",
    "Joana", "Jonas", "Kaito", "Karin", "Lars", "Leila", "Liam", "Linnea", "Lucia", "Maja", "Marco", "Mei", "Mina",
    "Nadia", "Nils", "Noor", "Olga", "Omar", "Oscar", "Paula", "Pavel", "Priya", "Rafael", "Rosa", "Sofia", "Soren",
    "Tariq", "Thea", "Tomas", "Uma", "Vera", "Viktor", "Wanda", "Yara", "Yusuf",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Aguilar", "Andersen", "Bauer", "Bernard", "Castillo", "Chandra", "Dahl", "Duarte", "Eklund",
    "Fischer", "Garcia", "Haddad", "Hansen", "Ibrahim", "Jansen", "Kaya", "Keller", "Kowalski", "Larsen", "Lefevre",
    "Lindqvist", "Mancini", "Meyer", "Moreau", "Nakamura", "Nielsen", "Novak", "Okafor", "Olsen", "Patel", "Petrov",
    "Quinn", "Ramos", "Rossi", "Sandberg", "Santos", "Schmidt", "Silva", "Sorensen", "Suzuki", "Tanaka", "Thomsen",
    "Ueda", "Vargas", "Vogel", "Wagner", "Walsh", "Weber", "Wright", "Yilmaz", "Zimmermann",
)  # fmt: skip
# City, province, postal code and dialling code; three a country.
PLACES: dict[str, tuple[tuple[str, str | None, str, str], ...]] = {
    "US": (
        ("Portland", "Oregon", "97205", "+1503"),
        ("Austin", "Texas", "78701", "+1512"),
        ("Madison", "Wisconsin", "53703", "+1608"),
    ),
    "CA": (
        ("Toronto", "Ontario", "M5V 2T6", "+1416"),
        ("Vancouver", "British Columbia", "V6B 1A1", "+1604"),
        ("Halifax", "Nova Scotia", "B3H 1X1", "+1902"),
    ),
    "GB": (
        ("Bristol", None, "BS1 4DJ", "+44117"),
        ("Leeds", None, "LS1 5AB", "+44113"),
        ("Cardiff", None, "CF10 1EP", "+4429"),
    ),
    "DE": (
        ("Hamburg", None, "20095", "+4940"),
        ("Leipzig", None, "04109", "+49341"),
        ("Freiburg", None, "79098", "+49761"),
    ),
    "FR": (("Lyon", None, "69002", "+334"), ("Nantes", None, "44000", "+332"), ("Lille", None, "59800", "+333")),
    "DK": (("København K", None, "1050", "+45"), ("Aarhus C", None, "8000", "+45"), ("Odense C", None, "5000", "+45")),
}
STREETS = ("Maple", "Harbour", "Mill", "Station", "Garden", "Church", "Orchard", "Bridge", "Lake", "Market")

COLLECTOR = "collector"
PROFILES = {"usual": 72, "several": 10, COLLECTOR: 3, "none": 8, "churned": 7}
"""How many of a hundred customers are of which kind."""
SUBSCRIPTIONS = {"usual": (1, 4), "several": (5, 12), COLLECTOR: (20, 30), "none": (0, 0), "churned": (1, 3)}
"""The fewest and most subscriptions that are active (of the churned: were)."""

_FIRST_CUSTOMER = 81_204_007
_CUSTOMER_STEP = 13


@dataclass(frozen=True, slots=True)
class Person:
    """One customer of one shop."""

    index: int
    """Place in the world, from 0; the person at a place is the same however many follow."""
    shop: Shop
    id: int
    external_id: str
    email: str
    first_name: str
    last_name: str
    phone: str | None
    hash: str
    profile: str
    subscriptions: int
    in_dunning: bool
    retries_exhausted: bool
    """In dunning, and no further attempt follows; what is delivered to the first address has no queued charge."""
    days_old: int
    created_at: datetime


def customer_id(index: int) -> int:
    """Id of the customer at a place of the world."""
    return _FIRST_CUSTOMER + index * _CUSTOMER_STEP


def shop_of(index: int) -> Shop:
    """Of five customers three buy at the first shop, two at the second."""
    return SHOPS[0] if index % 5 < 3 else SHOPS[1]


def demo_customer_id() -> int:
    """A customer of the first shop with at least 20 active subscriptions, bundles among them, points and credit."""
    return customer_id(0)


def person(world: World, index: int) -> Person:
    """The customer at a place of the world; the first one is the customer for demonstrations."""
    chance = world.chance("person", index)
    shop = shop_of(index)
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    profile = COLLECTOR if index == 0 else chance.choices(list(PROFILES), list(PROFILES.values()))[0]
    days_old = chance.randint(200, 1_400)
    in_dunning = index != 0 and profile != "none" and chance.random() < 0.07
    least, most = (24, 24) if index == 0 else SUBSCRIPTIONS[profile]
    return Person(
        index=index,
        shop=shop,
        id=customer_id(index),
        external_id=str(5_624_559_000_145 + index * 32_768),
        email=f"{first}.{last}.{index}@example.com".lower(),
        first_name=first,
        last_name=last,
        phone=f"{_home(chance, shop)[3]}{chance.randint(1_000_000, 9_999_999)}" if chance.random() < 0.6 else None,
        hash=f"{chance.getrandbits(120):030x}",
        profile=profile,
        subscriptions=chance.randint(least, most),
        in_dunning=in_dunning,
        retries_exhausted=in_dunning and chance.random() < 0.3,
        days_old=days_old,
        created_at=world.instant(days_old + chance.random()),
    )


def street_address(chance: Random, person: Person, country: str) -> dict[str, str | None]:
    """A place to deliver to."""
    city, province, postal_code, dialling = chance.choice(PLACES[country])
    return {
        "address1": f"{chance.randint(1, 240)} {chance.choice(STREETS)} Street",
        "address2": f"Apt {chance.randint(1, 40)}" if chance.random() < 0.25 else None,
        "city": city,
        "company": "Studio Field" if chance.random() < 0.08 else None,
        "country_code": country,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone or (f"{dialling}5550{chance.randint(100, 199)}" if chance.random() < 0.3 else None),
        "province": province,
        "zip": postal_code,
    }


def _home(chance: Random, shop: Shop) -> tuple[str, str | None, str, str]:
    return chance.choice(PLACES[shop.markets[0].country])
