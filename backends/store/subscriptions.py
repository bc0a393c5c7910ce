"""Where customers have things delivered, and which."""

from dataclasses import dataclass
from datetime import date
from random import Random

from backends.store.bundle_products import bundle_variant_id, contents
from backends.store.catalogue import Catalogue, Plan, Product, Variant
from backends.store.chance import Row, World
from backends.store.people import COLLECTOR, Person, street_address
from backends.store.prices import discounted, in_currency

REASONS = ("I have too much", "Too expensive", "I want another product", "Moving abroad")


@dataclass(frozen=True, slots=True)
class Inside:
    """Something in a bundle's box; `cents` is its price in the subscription's currency."""

    collection_id: int
    product: Product
    variant: Variant
    quantity: int
    cents: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle subscription holds now, and held before (newest first)."""

    product: Product
    variant: Variant
    variant_id: int
    contents: tuple[tuple[Inside, ...], ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """A subscription's row together with what it was made from. `cents` is its unit price."""

    row: Row
    product: Product
    variant: Variant
    plan: Plan
    cents: int
    currency: str
    bundle: Bundle | None


def addresses(world: World, someone: Person) -> list[Row]:
    """One to four addresses; few have another currency than the shop, then each subscription there has it, too."""
    chance = world.chance("addresses", someone.index)
    shop = someone.shop
    count = 3 if someone.profile == COLLECTOR else chance.choices([1, 2, 3, 4], [70, 20, 7, 3])[0]
    rows = []
    for n in range(count):
        market = (
            shop.markets[0]
            if n == 0 and someone.index == 0
            else chance.choices(shop.markets, [8, *[1] * (len(shop.markets) - 1)])[0]
        )
        discount = chance.random() < 0.1
        row = {
            "id": 96_310_200 + someone.index * 8 + n,
            "shop_id": shop.id,
            "customer_id": someone.id,
            "payment_method_id": 30_440_100 + someone.index,
            **street_address(chance, someone, market.country),
            "created_at": world.instant(someone.days_old - n * 20 - chance.random()),
            "discounts": [{"id": 44_870_213 + shop.id % 7}] if discount else [],
            "discount_id": 44_870_213 + shop.id % 7 if discount else None,
            "discount_code": "LOYAL5" if discount else None,
            "is_gift": n > 0 and chance.random() < 0.1,
            "order_attributes": [],
            "order_note": "Leave at the back door" if chance.random() < 0.1 else None,
            "presentment_currency": market.currency if market.currency != shop.currency else None,
            "shipping_lines_override": None,
            "updated_at": world.instant(chance.uniform(0, someone.days_old / 3)),
        }
        rows.append(row)
    return rows


def contracts(world: World, goods: Catalogue, someone: Person, homes: list[Row]) -> list[Contract]:
    """All subscriptions of a customer. Those that share an address often share their dates, so one charge has them."""
    chance = world.chance("subscriptions", someone.index)
    sold = [product for product in goods.products if product.recurring]
    slots = {home["id"]: [chance.randint(1, 28) for _ in range(chance.choice([1, 2, 2, 3]))] for home in homes}
    plain = [product for product in sold if product.box is None]
    boxes = [product for product in sold if product.box]
    past = 0 if someone.profile == "none" else chance.choices([0, 1, 2], [70, 20, 10])[0]
    found = []
    for n in range(someone.subscriptions + past):
        over = n < past or someone.profile == "churned"
        boxed = chance.random() < 0.22 or (someone.index == 0 and n % 4 == 3)
        home = chance.choice(homes)
        ahead = None if over else chance.choice(slots[home["id"]])
        product = chance.choice(boxes if boxed else plain)
        stuck = someone.retries_exhausted and home is homes[0] and not over
        found.append(_contract(world, goods, someone, _Draft(n, home, product, ahead, stuck), chance))
    return found


@dataclass(frozen=True, slots=True)
class _Draft:
    """Which product goes to which address, in how many days next; no days mean that it is over."""

    place: int
    home: Row
    product: Product
    days_ahead: int | None
    stuck: bool
    """Its charge failed for good."""


def _contract(world: World, goods: Catalogue, someone: Person, draft: _Draft, chance: Random) -> Contract:
    home, product, ahead = draft.home, draft.product, draft.days_ahead
    variant, plan = chance.choice(product.variants), chance.choice(product.recurring)
    currency = home["presentment_currency"] or someone.shop.currency
    cents = variant.price(someone.shop, currency, plan)
    bundle = _bundle(goods, product, variant, plan, currency, chance) if product.box else None
    if bundle and product.box and product.box.rule == "dynamic":
        cents = sum(inside.cents * inside.quantity for inside in bundle.contents[0])
    status = "active" if ahead is not None else chance.choices(["cancelled", "expired"], [4, 1])[0]
    age = someone.days_old * (1 - (draft.place + 1) / 40)
    ended = world.instant(age * chance.uniform(0.1, 0.6)) if status == "cancelled" else None
    next_date: date | None = world.day(ahead) if ahead is not None else None
    weekly, monthly = plan.unit == "week", plan.unit == "month"
    anchored = chance.random() < 0.2
    quantity = chance.choices([1, 2, 3], [80, 15, 5])[0] if bundle is None else 1
    row = {
        "id": 210_400_300 + someone.index * 64 + draft.place,
        "shop_id": someone.shop.id,
        "address_id": home["id"],
        "customer_id": someone.id,
        "analytics_data": {"utm_params": []},
        "cancellation_reason": chance.choice(REASONS) if ended else None,
        "cancellation_reason_comments": "See you next season" if ended and chance.random() < 0.3 else None,
        "cancelled_at": ended,
        "charge_interval_frequency": plan.charge_every,
        "created_at": world.instant(age),
        "expire_after_specific_number_of_charges": plan.expires_after or (6 if status == "expired" else None),
        "external_product_id": str(product.id),
        "external_variant_id": str(variant.id),
        "has_queued_charges": next_date is not None and not draft.stuck,
        "is_bundle": bundle is not None,
        "is_digital": False,
        "is_prepaid": plan.kind == "prepaid",
        "is_skippable": plan.kind != "prepaid",
        "is_swappable": plan.kind != "prepaid" and bundle is None,
        "max_retries_reached": draft.stuck,
        "next_charge_scheduled_at": next_date,
        "order_day_of_month": next_date.day if next_date and anchored and monthly and next_date.day <= 28 else None,
        "order_day_of_week": next_date.weekday() if next_date and anchored and weekly else None,
        "order_interval_frequency": plan.order_every,
        "order_interval_unit": plan.unit,
        "plan_id": plan.id,
        "presentment_currency": home["presentment_currency"],
        "price": cents,
        "product_title": product.title,
        "properties": [{"name": "Gift note", "value": "For you"}] if home["is_gift"] else [],
        "quantity": quantity,
        "sku": variant.sku,
        "sku_override": False,
        "status": status,
        "updated_at": ended or world.instant(chance.uniform(0, age / 2)),
        "variant_title": None if variant.title == "Default Title" else variant.title,
    }
    return Contract(row, product, variant, plan, cents, currency, bundle)


def _bundle(goods: Catalogue, product: Product, variant: Variant, plan: Plan, currency: str, chance: Random) -> Bundle:
    generations = 1 + chance.choice([0, 1, 1, 2])
    filled = tuple(_fill(goods, product, variant, plan, currency, chance) for _ in range(generations))
    return Bundle(product, variant, bundle_variant_id(product, product.variants.index(variant)), filled)


def _fill(
    goods: Catalogue, product: Product, variant: Variant, plan: Plan, currency: str, chance: Random
) -> tuple[Inside, ...]:
    """A choice that the box accepts: in its range, within each collection's and each item's limits."""
    box = product.box
    if box is None:
        return ()
    least, most = box.sizes[variant.title]
    wanted = chance.randint(least, most or least + 4)
    taken: dict[tuple[str, int], int] = {}
    offer = contents(goods, box)
    needs = [name for name, (lowest, _) in box.sources.items() for _ in range(lowest or 0)]
    for _ in range(1_000):
        total = sum(taken.values())
        if total == wanted:
            break
        name, each = chance.choice([pair for pair in offer if total >= len(needs) or pair[0] == needs[total]])
        highest = box.sources[name][1]
        in_collection = sum(count for (of, _), count in taken.items() if of == name)
        held = taken.get((name, each.id), 0)
        if (highest is None or in_collection < highest) and held < (box.most_of_one or wanted):
            taken[name, each.id] = held + 1
    by_id = {each.id: each for each in goods.products}
    rate = goods.shop.rate(currency)
    return tuple(
        Inside(
            goods.collections[name],
            by_id[product_id],
            by_id[product_id].variants[0],
            count,
            discounted(
                in_currency(by_id[product_id].variants[0].cents, rate),
                plan.discount_type,
                plan.discount_hundredths,
                rate,
            )
            if box.rule == "dynamic"
            else 0,
        )
        for (name, product_id), count in taken.items()
    )
