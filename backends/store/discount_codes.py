"""Codes that shoppers may enter."""

from backends.store.billing import Reduction
from backends.store.chance import Row, World
from backends.store.shops import SHOPS

LOYAL = {shop.id: Reduction(44_870_213 + shop.id % 7, "LOYAL5", "percentage", 500) for shop in SHOPS}
"""The code that some seeded addresses have, by shop."""
OTHERS = (
    ("WELCOME10", "percentage", 1_000, "enabled"),
    ("FIVEOFF", "fixed_amount", 500, "enabled"),
    ("SHIPFREE", "shipping", 0, "enabled"),
    ("LASTYEAR", "percentage", 2_000, "disabled"),
)


def discount_codes(world: World) -> list[Row]:
    """Five codes a shop; one of them no longer works."""
    rows = []
    for place, shop in enumerate(SHOPS):
        loyal = LOYAL[shop.id]
        codes = [(loyal.code, loyal.kind, loyal.hundredths, "enabled"), *OTHERS]
        rows += [
            {
                "id": loyal.id if n == 0 else 44_880_000 + place * 100 + n,
                "shop_id": shop.id,
                "code": code,
                "created_at": world.instant(300 - n),
                "status": status,
                "updated_at": world.instant(30 - n),
                "value": hundredths,
                "value_type": kind,
            }
            for n, (code, kind, hundredths, status) in enumerate(codes)
        ]
    return rows
