"""ISO codes as enums, whole."""

from enum import Enum

import strawberry

from resolvers.iso import COUNTRIES, CURRENCIES, LANGUAGES


class CurrencyCode(Enum):
    """ISO 4217."""

    vars().update((code, code) for code in sorted(CURRENCIES))


class CountryCode(Enum):
    """ISO 3166-1 alpha-2."""

    vars().update((code, code) for code in sorted(COUNTRIES))


class LanguageCode(Enum):
    """ISO 639-1."""

    vars().update((code, code) for code in sorted(LANGUAGES))


strawberry.enum(CurrencyCode, description="A currency, as ISO 4217 writes it.")
strawberry.enum(CountryCode, description="A country, as ISO 3166-1 alpha-2 writes it.")
strawberry.enum(LanguageCode, description="A language, as ISO 639-1 writes it, in capitals.")


def country(code: str | None) -> CountryCode | None:
    """The country of a backend's code; None for one that ISO does not know."""
    return CountryCode.__members__.get(code) if code else None
