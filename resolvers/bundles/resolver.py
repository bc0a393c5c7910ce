"""The bundles domain as one request reads it."""

from functools import cached_property

from gateway.upstream import Loader, Loads, Upstream
from gateway.viewer import Market
from resolvers.batches import first_of, picking
from resolvers.bundles import backend
from resolvers.bundles.models import BundleSelection, Product


class Bundles:
    """Loaders over the bundles backend. Made when first asked for, since few operations need them all."""

    def __init__(self, upstream: Upstream, loads: Loads, market: Market) -> None:
        self._upstream = upstream
        self._loads = loads
        self._market = market

    @cached_property
    def products_by_id(self) -> Loader[str, Product]:
        """Products by Shopify's numeric id, priced for the market."""
        return Loader(
            first_of(self._upstream.looking_up(backend.products_by_id(self._market.country))),
            self._loads,
        )

    @cached_property
    def selections_by_subscription_id(self) -> Loader[int, BundleSelection]:
        """What a bundle subscription will contain next."""
        return Loader(
            picking(self._upstream.looking_up(backend.SELECTIONS_BY_SUBSCRIPTION), current),
            self._loads,
        )


def current(selections: tuple[BundleSelection, ...]) -> BundleSelection:
    """The selection for what comes next: one without a charge or an order, else the newest.

    Which of several rows is the current one is not documented; this is the reading of their fields.
    """
    open_ones = (row for row in selections if row.charge_id is None and row.order_id is None)
    return next(open_ones, None) or max(selections, key=lambda row: row.updated_at)
