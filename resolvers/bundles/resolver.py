"""The bundles domain as one request reads it."""

from propcache.api import cached_property

from gateway.upstream import Loader, Loads, Upstream
from resolvers.bundles import backend
from resolvers.bundles.models import BundleData, BundleSelection


class Bundles:
    """Loaders over the bundles backend. Made when first asked for, since few operations need them all."""

    def __init__(self, upstream: Upstream, loads: Loads) -> None:
        self._upstream = upstream
        self._loads = loads

    @cached_property
    def selections_by_subscription_id(self) -> Loader[int, BundleSelection]:
        """What a bundle subscription will contain next."""
        return Loader(
            self._upstream.picking(backend.SELECTIONS_BY_SUBSCRIPTION, current),
            self._loads,
        )

    @cached_property
    def selections_by_id(self) -> Loader[int, BundleSelection]:
        """A selection by its own id. Whose it is only its subscription tells: look that up before showing it."""
        return Loader(self._upstream.looking_up(backend.SELECTIONS_BY_ID), self._loads)

    @cached_property
    def data_by_product_id(self) -> Loader[int, BundleData]:
        """What a bundle may be filled with, by Shopify's product id."""
        return Loader(self._upstream.looking_up(backend.BUNDLE_DATA_BY_PRODUCT), self._loads, is_lasting=True)


def current(selections: tuple[BundleSelection, ...]) -> BundleSelection:
    """The selection for what comes next: the newest without a charge or an order, else the newest.

    Which of several rows is the current one is not documented; this is the reading of their fields.
    """
    open_ones = [row for row in selections if row.charge_id is None and row.order_id is None]
    return max(open_ones or selections, key=lambda row: (row.updated_at, row.id))
