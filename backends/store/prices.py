"""Arithmetic on minor units, the same wherever a price is worked out."""


def in_currency(cents: int, rate: float) -> int:
    """A price in another currency, rounded to ten minor units as shops do; unchanged at a rate of 1."""
    return cents if rate == 1.0 else round(cents * rate / 10) * 10


def discounted(cents: int, kind: str | None, hundredths: int, rate: float = 1.0) -> int:
    """A price with a plan's discount.

    `hundredths` are hundredths of a percent for `percentage`, and minor units of the shop's currency for
    `fixed_amount`, which `rate` brings into the price's currency. Never below zero; a half is rounded up.
    """
    if kind == "percentage":
        return (cents * (10_000 - hundredths) + 5_000) // 10_000
    if kind == "fixed_amount":
        return max(0, cents - in_currency(hundredths, rate))
    return cents


def amount(cents: int) -> str:
    """Minor units as the wire writes money: `"10.00"`."""
    return f"{cents // 100}.{cents % 100:02d}" if cents >= 0 else f"-{amount(-cents)}"


def cents_of(money: str) -> int:
    """What `amount` wrote, as minor units again."""
    return int(money.replace(".", ""))
