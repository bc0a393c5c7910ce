"""Store credit of customers."""

from backends.store.chance import Row, World
from backends.store.people import Person

NAMES = {"reward": "Cash back", "manual": "Goodwill credit", "gift": "Gift card"}


def credit_accounts(world: World, someone: Person) -> list[Row]:
    """None for two customers of three, else one to three; some are spent, some will end, few have ended."""
    chance = world.chance("credit", someone.index)
    if someone.index != 0 and chance.random() < 0.65:
        return []
    rows = []
    for n, kind in enumerate(chance.sample(list(NAMES), 3 if someone.index == 0 else chance.randint(1, 3))):
        initial = chance.randint(2, 40) * 100
        spent = 0 if someone.index == 0 else initial * chance.choice([0, 0, 1, 2, 4]) // 4
        ends = chance.choice([None, None, -120, -30, 10])
        rows.append(
            {
                "id": 12_050_300 + someone.index * 4 + n,
                "shop_id": someone.shop.id,
                "customer_id": someone.id,
                "store_id": someone.shop.id,
                "api_client_id": 5_120,
                "api_client_restricted": False,
                "available_balance": initial - spent,
                "created_at": world.instant(someone.days_old / 2 - n),
                "currency_code": someone.shop.currency,
                "expires_at": world.instant(ends) if ends and not (someone.index == 0 and ends > 0) else None,
                "initial_balance": initial,
                "name": NAMES[kind],
                "redemption_code": f"CR-{chance.getrandbits(40):010X}",
                "type": kind,
                "updated_at": world.instant(chance.uniform(0, 60)),
            }
        )
    return rows
