"""What customers have sent along once."""

from backends.store.catalogue import Catalogue
from backends.store.chance import Row, World
from backends.store.people import Person
from backends.store.subscriptions import Contract


def onetimes(world: World, goods: Catalogue, someone: Person, homes: list[Row], deals: list[Contract]) -> list[Row]:
    """For few customers one or two, on a day on which something is delivered anyway; some were cancelled."""
    chance = world.chance("onetimes", someone.index)
    if someone.index != 0 and chance.random() < 0.8:
        return []
    stuck = homes[0]["id"] if someone.retries_exhausted else None
    dates = dict.fromkeys(
        (deal.row["address_id"], deal.row["next_charge_scheduled_at"])
        for deal in deals
        if deal.row["status"] == "active" and deal.row["address_id"] != stuck
    )
    if not dates:
        return []
    by_id = {home["id"]: home for home in homes}
    rows = []
    for n in range(2 if someone.index == 0 else chance.randint(1, 2)):
        address_id, on = chance.choice(list(dates))
        product = chance.choice([each for each in goods.products if each.box is None])
        variant = chance.choice(product.variants)
        currency = by_id[address_id]["presentment_currency"]
        at = world.instant(chance.uniform(0.1, 9))
        rows.append(
            {
                "id": 710_400_100 + someone.index * 16 + n,
                "shop_id": someone.shop.id,
                "address_id": address_id,
                "customer_id": someone.id,
                "created_at": at,
                "external_product_id": str(product.id),
                "external_variant_id": str(variant.id),
                "is_cancelled": someone.index != 0 and chance.random() < 0.15,
                "next_charge_scheduled_at": on,
                "presentment_currency": currency,
                "price": variant.price(goods.shop, currency or goods.shop.currency),
                "product_title": product.title,
                "properties": [],
                "quantity": chance.choice([1, 1, 2]),
                "sku": variant.sku,
                "sku_override": False,
                "updated_at": at,
                "variant_title": None if variant.title == "Default Title" else variant.title,
            }
        )
    return rows
