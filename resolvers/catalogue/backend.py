"""The REST contract for products: part of the subscriptions backend, one look-up an endpoint."""

from functools import lru_cache

from gateway.upstream import Listing, Lookup
from resolvers.catalogue.models import Product, TieredDiscount
from resolvers.dialects import RECHARGE_OLD_VERSION
from resolvers.policies import CATALOGUE


@lru_cache(maxsize=64)  # one a market: what is kept of a look-up is kept by it
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
        policy=CATALOGUE,
        tag="product",
        gid="gid://shopify/Product/{key}",
    )


TIERED_DISCOUNTS = Listing(
    path="/incentives/tiered_discounts",
    rows="tiered_discounts",
    into=TieredDiscount,
    params={"status": "published"},
    policy=CATALOGUE,
    tag="shop",
    gid="gid://shopify/Shop/{shop_id}",
)
