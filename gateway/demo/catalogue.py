"""What the demo's pages are about, read from the backends once: the shop's products and some of its shoppers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from backends import Shop, demo_customer_id

CUSTOMERS_SHOWN = 12


class NotRead(Exception):
    """The store has not been read, and cannot be read now."""


@dataclass(frozen=True, slots=True)
class Shopper:
    """A customer to be on the pages."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product as a store's page shows it without a widget."""

    id: str
    handle: str
    title: str
    kind: str
    price: str
    """The lowest one, in US dollars, the shop's currency."""
    variants: int
    """How many there are to choose from."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the pages offer to choose from."""

    products: Mapping[str, Product]
    """By handle, in the catalogue's order."""
    shoppers: tuple[Shopper, ...]
    """The first one has everything that a shopper can have."""

    def shopper(self, customer_id: str | None) -> Shopper | None:
        """The shopper of an id that a browser keeps; the first one for a browser that keeps none."""
        if customer_id is None:
            return self.shoppers[0]
        return next((shopper for shopper in self.shoppers if str(shopper.id) == customer_id), None)


class Catalogue:
    """Reads when first asked and keeps the answer: a page must load although its reader has stopped a backend."""

    def __init__(self, shop: Shop, backend_url: str, token: str) -> None:
        self._shop = shop
        self._backend_url = backend_url
        self._headers = {"X-Recharge-Access-Token": token}
        self._read: Choices | None = None
        self._reading = asyncio.Lock()

    async def choices(self) -> Choices:
        """Products and shoppers.

        Raises:
            NotRead: The subscriptions backend does not answer, and never did.
        """
        async with self._reading:
            if self._read is None:
                try:
                    self._read = await self._choices()
                except (aiohttp.ClientError, TimeoutError):
                    raise NotRead("The subscriptions backend does not answer: start the demo anew.") from None
            return self._read

    async def _choices(self) -> Choices:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(self._backend_url, raise_for_status=True, timeout=timeout) as client:

            async def rows(path: str, wrapped_in: str, version: str) -> list[dict[str, Any]]:
                headers = {**self._headers, "X-Recharge-Version": version}
                async with client.get(f"{path}&shop_url={self._shop.domain}", headers=headers) as response:
                    found: list[dict[str, Any]] = (await response.json())[wrapped_in]
                    return found

            star = await rows(f"/customers?ids={demo_customer_id()}", "customers", "2021-11")
            others = await rows(f"/customers?limit={CUSTOMERS_SHOWN}", "customers", "2021-11")
            products = await rows("/product_search?format_version=2022-06&limit=50", "products", "2021-01")
        return Choices(
            products={row["handle"]: self._product(row) for row in reversed(products)},
            shoppers=tuple(Shopper(row["id"], f"{row['first_name']} {row['last_name']}") for row in [*star, *others]),
        )

    def _product(self, row: Mapping[str, Any]) -> Product:
        price = next(each for each in row["minimum_variant_prices"] if each["currency"] == self._shop.currency)
        return Product(
            id=row["external_product_id"],
            handle=row["handle"],
            title=row["title"],
            kind=row["type"],
            price=f"${price['price']}",
            variants=len(row["variants"]),
        )
