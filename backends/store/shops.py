"""The seeded shops."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """A country that a shop sells to; `rate` is units of `currency` for one unit of the shop's currency."""

    country: str
    currency: str
    rate: float


@dataclass(frozen=True, slots=True)
class Shop:
    """One tenant. Its own currency is that of its first market."""

    id: int
    domain: str
    name: str
    markets: tuple[Market, ...]
    tax_percent: int
    """Included in prices."""
    site: str
    """The shop's own pages; a reserved name that nothing answers to."""

    @property
    def currency(self) -> str:
        """ISO 4217 code of the prices in the catalogue."""
        return self.markets[0].currency

    def market(self, country: str) -> Market:
        """The market of a country, or the first one for countries without their own."""
        return next((each for each in self.markets if each.country == country), self.markets[0])

    def rate(self, currency: str) -> float:
        """Units of `currency` for one unit of the shop's; 1.0 for currencies that the shop does not sell in."""
        if currency == self.currency:
            return 1.0
        return next((each.rate for each in self.markets if each.currency == currency), 1.0)


SHOPS: tuple[Shop, ...] = (
    Shop(
        204_881,
        "aurora-coffee.myshopify.com",
        "Aurora Coffee",
        (Market("US", "USD", 1.0), Market("CA", "CAD", 1.37), Market("GB", "GBP", 0.79)),
        0,
        "https://aurora-coffee.example.com",
    ),
    Shop(
        204_907,
        "nordlys-skin.myshopify.com",
        "Nordlys Skin",
        (Market("DE", "EUR", 1.0), Market("FR", "EUR", 1.0), Market("DK", "DKK", 7.46), Market("GB", "GBP", 0.85)),
        20,
        "https://nordlys-skin.example.com",
    ),
)
