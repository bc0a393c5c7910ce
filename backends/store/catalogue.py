"""Products, plans and collections of one shop."""

from dataclasses import dataclass
from typing import Any

from backends.store.catalogue_text import WORDS, Box, Item
from backends.store.chance import World
from backends.store.prices import discounted, in_currency
from backends.store.shops import SHOPS, Shop

ID_STEP = 32_768
"""The shop platform's ids are this far apart."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A way to buy a product; no interval means that it is bought once."""

    id: int
    kind: str
    title: str
    unit: str | None
    order_every: int | None
    charge_every: int | None
    discount_type: str | None
    discount_hundredths: int
    expires_after: int | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """What is put into a cart. Prices are minor units of the shop's currency."""

    id: int
    title: str
    sku: str
    cents: int
    compare_at_cents: int | None
    stock: int

    def price(self, shop: Shop, currency: str, plan: Plan | None = None) -> int:
        """Minor units of `currency`, with the plan's discount."""
        rate = shop.rate(currency)
        cents = in_currency(self.cents, rate)
        return discounted(cents, plan.discount_type, plan.discount_hundredths, rate) if plan else cents


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the catalogue."""

    id: int
    title: str
    handle: str
    kind: str
    collection: str | None
    variants: tuple[Variant, ...]
    plans: tuple[Plan, ...]
    box: Box | None
    days_old: int
    images: dict[str, str]
    """Addresses of its picture by size, on a reserved host that never answers."""
    recurring: tuple[Plan, ...]
    """The plans that make a subscription."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One shop's products, in the order of their ids, and collections by name."""

    shop: Shop
    products: tuple[Product, ...]
    collections: dict[str, int]

    def of_collection(self, name: str) -> list[Product]:
        """A collection's products, in its order."""
        return [product for product in self.products if product.collection == name]


# unit, order every, charge every, discount in hundredths of a percent, charges until the end
_INTERVALS: dict[str, list[tuple[str, int, int, int, int | None]]] = {
    "subscribe": [("week", 1, 1, 1_000, None), ("week", 2, 2, 1_000, None), ("month", 1, 1, 1_000, None)],
    "slow": [("month", 1, 1, 500, None), ("month", 2, 2, 500, None), ("month", 3, 3, 500, 12)],
    "prepaid": [("month", 1, 3, 1_500, None), ("month", 1, 6, 1_500, None)],
    "fixed": [("week", 2, 2, 500, None), ("month", 1, 1, 500, None)],
    "dynamic": [("week", 2, 2, 1_000, None), ("month", 1, 1, 1_000, None)],
}


def catalogue(world: World, shop: Shop) -> Catalogue:
    """What a shop sells in this world."""
    items, boxes = WORDS[shop.domain]
    sources: tuple[Item | Box, ...] = (*items, *boxes)
    place = SHOPS.index(shop)
    names = dict.fromkeys(item.collection for item in items)
    collections = {name: 289_330_412_001 + place * 10_000_000 + n * ID_STEP for n, name in enumerate(names)}
    products = tuple(_product(world, place, n, each) for n, each in enumerate(sources))
    return Catalogue(shop, products, collections)


def _product(world: World, place: int, n: int, source: Item | Box) -> Product:
    chance = world.chance("product", place, n)
    product_id = 7_301_220_450_001 + place * 1_000_000_000 + n * ID_STEP
    handle = "-".join("".join(c if c.isalnum() else " " for c in source.title.lower()).split())
    prices = source.variants if isinstance(source, Item) else dict(zip(source.sizes, source.prices, strict=True))
    short = "".join(word[0] for word in handle.split("-")).upper()
    variants = tuple(
        Variant(
            id=42_117_330_180_001 + place * 1_000_000_000 + (n * 8 + v) * ID_STEP,
            title=title,
            sku=f"{short}-{n:02d}{v}",
            cents=cents,
            compare_at_cents=cents * 12 // 10 if chance.random() < 0.2 else None,
            stock=chance.choice([0, 12, 48, 250, 600]) if chance.random() < 0.3 else 400,
        )
        for v, (title, cents) in enumerate(prices.items())
    )
    kind = source.plans if isinstance(source, Item) else source.rule
    plans = tuple(_plans(kind, 11_400_101 + place * 10_000 + n * 8))
    return Product(
        id=product_id,
        title=source.title,
        handle=handle,
        kind=source.kind if isinstance(source, Item) else "Bundle",
        collection=source.collection if isinstance(source, Item) else None,
        variants=variants,
        plans=plans,
        box=source if isinstance(source, Box) else None,
        days_old=chance.randint(200, 900),
        images=_images(handle, SHOPS[place]),
        recurring=tuple(plan for plan in plans if plan.unit),
    )


def _plans(kind: str, first_id: int) -> list[Plan]:
    off = "fixed_amount" if kind == "fixed" else "percentage"
    prepaid = kind == "prepaid"
    plans = [
        Plan(
            id=first_id + n,
            kind="prepaid" if prepaid else "subscription",
            title=f"Prepay {charge} deliveries" if prepaid else f"Delivered every {_interval(unit, order)}",
            unit=unit,
            order_every=order,
            charge_every=charge,
            discount_type=off,
            discount_hundredths=hundredths,
            expires_after=expires,
        )
        for n, (unit, order, charge, hundredths, expires) in enumerate(_INTERVALS.get(kind, []))
    ]
    if kind in {"subscribe", "slow", "onetime"}:
        plans.append(Plan(first_id + len(plans), "onetime", "One-time purchase", None, None, None, None, 0))
    return plans


def _interval(unit: str, count: int) -> str:
    return unit if count == 1 else f"{count} {unit}s"


# One and several of a unit, by language, and then what is said of prepaid and of single purchases.
_INTERVAL_WORDS = {
    "de": {
        "week": ("Lieferung jede Woche", "Lieferung alle {n} Wochen"),
        "month": ("Lieferung jeden Monat", "Lieferung alle {n} Monate"),
    },
    "fr": {
        "week": ("Livraison chaque semaine", "Livraison toutes les {n} semaines"),
        "month": ("Livraison chaque mois", "Livraison tous les {n} mois"),
    },
    "da": {
        "week": ("Levering hver uge", "Levering hver {n}. uge"),
        "month": ("Levering hver måned", "Levering hver {n}. måned"),
    },
}
_OTHER_WORDS = {
    "de": ("{n} Lieferungen im Voraus", "Einmaliger Kauf"),
    "fr": ("{n} livraisons payées d'avance", "Achat unique"),
    "da": ("{n} leveringer forudbetalt", "Enkeltkøb"),
}


def translations(plan: Plan) -> list[dict[str, Any]]:
    """The plan's title in the other languages of the shops."""
    found = []
    for language, (prepaid, once) in _OTHER_WORDS.items():
        if plan.unit is None:
            title = once
        elif plan.kind == "prepaid":
            title = prepaid.format(n=plan.charge_every)
        else:
            several = (plan.order_every or 1) > 1
            title = _INTERVAL_WORDS[language][plan.unit][several].format(n=plan.order_every)
        found.append({"language": language, "title": title})
    return found


def _images(handle: str, shop: Shop) -> dict[str, str]:
    base = f"https://cdn.example.com/{shop.domain.split('.')[0]}/{handle}"
    sizes = {"large": "_1024x1024", "medium": "_480x480", "original": "", "small": "_160x160"}
    return {size: f"{base}{suffix}.jpg" for size, suffix in sizes.items()}
