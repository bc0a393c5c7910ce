"""The REST contract for products: part of the subscriptions backend, one look-up an endpoint."""

from functools import lru_cache

from gateway.upstream import Listing, Lookup
from resolvers.catalogue.models import Product, TieredDiscount
from resolvers.dialects import RECHARGE_OLD_VERSION


@lru_cache(maxsize=64)  # one a market: what is kept of a look-up is kept by it
def products_by_id(country: str | None) -> Lookup[str, Product]:
    """Products by Shopify's id, priced for a country.

    Not `/plans?external_product_id=`, which takes one product a call.
    """
    return Lookup(
        is_public=True,
        path="/product_search",
        one="external_product_ids",
        many="external_product_ids",
        rows="products",
        into=Product,
        params={"format_version": "2022-06", **({"country_code": country} if country else {})},
        headers=RECHARGE_OLD_VERSION,
        asked_by=lambda product: (product.external_product_id,),
    )


TIERED_DISCOUNTS = Listing(
    is_public=True,
    path="/incentives/tiered_discounts",
    rows="tiered_discounts",
    into=TieredDiscount,
    params={"status": "published"},
)
