"""The REST contract of the bundles backend: one look-up an endpoint."""

from gateway.upstream import Lookup
from resolvers.bundles.models import BundleSelection, Product
from resolvers.dialects import RECHARGE_OLD_VERSION


def products_by_id(country: str | None) -> Lookup[str, Product]:
    """Products by Shopify's id, priced for a country.

    Not `/plans?external_product_id=`, which takes one product a call.
    """
    return Lookup(
        path="/product_search",
        one="external_product_ids",
        many="external_product_ids",
        rows="products",
        into=Product,
        params={"format_version": "2022-06", **({"country_code": country} if country else {})},
        headers=RECHARGE_OLD_VERSION,
        asked_by=lambda product: (product.external_product_id,),
    )


SELECTIONS_BY_SUBSCRIPTION: Lookup[int, BundleSelection] = Lookup(
    path="/bundle_selections",
    one="purchase_item_ids",
    many="purchase_item_ids",
    rows="bundle_selections",
    into=BundleSelection,
    params={"sort_by": "updated_at-desc"},
    asked_by=lambda selection: (selection.purchase_item_id,),
)
