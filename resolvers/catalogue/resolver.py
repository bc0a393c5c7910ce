"""The catalogue as one request reads it."""

from propcache.api import cached_property

from gateway.upstream import Loader, Loads, Page, PageKey, Upstream
from gateway.viewer import Market
from resolvers.batches import first
from resolvers.catalogue import backend
from resolvers.catalogue.models import Product, TieredDiscount


class Catalogue:
    """Loaders over what is the same for every shopper of a market."""

    def __init__(self, upstream: Upstream, loads: Loads, market: Market) -> None:
        self._upstream = upstream
        self._loads = loads
        self._market = market

    @cached_property
    def products_by_id(self) -> Loader[str, Product]:
        """Products by Shopify's numeric id, priced for the market."""
        lookup = backend.products_by_id(self._market.country)
        return Loader(self._upstream.picking(lookup, first), self._loads, is_lasting=True)

    @cached_property
    def tiered_discount_pages(self) -> Loader[PageKey, Page[TieredDiscount]]:
        """The shop's published tiered discounts, for whatever product."""
        return Loader(self._upstream.looking_up(backend.TIERED_DISCOUNTS), self._loads, is_lasting=True)
