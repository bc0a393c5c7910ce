"""What webhooks say about products: Recharge's about their plans, Shopify's about the products themselves."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.upstream import Change, Topic
from resolvers.wire import External, Instant


class Plan(msgspec.Struct, frozen=True):
    """A plan and its product's id at Shopify."""

    id: int
    external_product_id: External = External()
    updated_at: Instant | None = None


class PlanBody(msgspec.Struct, frozen=True):
    """`plan/*`."""

    plan: Plan


class ShopifyObject(msgspec.Struct, frozen=True):
    """What Shopify sends is not wrapped."""

    id: int
    updated_at: Instant | None = None


def _plan(body: PlanBody) -> Change:
    product = body.plan.external_product_id.ecommerce
    # A plan whose product is not known may be any product's.
    return Change(f"plan/{body.plan.id}", body.plan.updated_at, (("product", product) if product else ("shop", ""),))


def _product(body: ShopifyObject) -> Change:
    return Change(f"shopify/product/{body.id}", body.updated_at, (("product", body.id),))


def _shop(body: ShopifyObject) -> Change:
    return Change("shopify/shop", body.updated_at, (("shop", ""),))


EVENTS: Mapping[str, Topic[Any]] = {
    name: Topic(PlanBody, _plan) for name in ("plan/created", "plan/updated", "plan/deleted")
}

SHOPIFY_EVENTS: Mapping[str, Topic[Any]] = {
    **{name: Topic(ShopifyObject, _product) for name in ("products/create", "products/update", "products/delete")},
    "shop/update": Topic(ShopifyObject, _shop),
}
