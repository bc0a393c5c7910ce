"""The graph, as a list of domains."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from gateway.viewer import SUBSCRIPTIONS_WRITE
from schema.bundle_mutations import BundleMutation
from schema.bundle_validation import BundleQuery
from schema.catalogue import CatalogueQuery
from schema.charge_mutations import ChargeMutation
from schema.common import DATE_DEFINITION, DATE_TIME_DEFINITION, URL, URL_DEFINITION
from schema.costs import A_CALL, each_field
from schema.customer import CustomerQuery
from schema.directives import in_context
from schema.directory import DirectoryQuery
from schema.loyalty_mutations import LoyaltyMutation
from schema.loyalty_program import LoyaltyQuery
from schema.nodes import NodeQuery
from schema.onetime_mutations import OnetimeMutation
from schema.scopes import scoped_type
from schema.shop import ShopQuery
from schema.subscription_mutations import SubscriptionMutation

__all__ = ["build_schema"]

Query = merge_types(
    "Query",
    (
        NodeQuery,
        ShopQuery,
        CatalogueQuery,
        BundleQuery,
        LoyaltyQuery,
        CustomerQuery,
        DirectoryQuery,
    ),
)


# Lines for the cart are computed for visitors too: nothing is written but at the cart itself.
Mutation: type = each_field(A_CALL)(
    scoped_type(scopes=[[SUBSCRIPTIONS_WRITE]], but={"bundle_cart_lines_build"})(
        merge_types(
            "Mutation",
            (
                SubscriptionMutation,
                ChargeMutation,
                OnetimeMutation,
                BundleMutation,
                LoyaltyMutation,
            ),
        )
    )
)


class StorefrontSchema(strawberry.Schema):
    """The graph without Strawberry's own hooks around fields.

    Strawberry adds an extension for operation directives that wraps every field. `@inContext` is read before execution,
    so the extension would only cost time.
    """

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:  # noqa: ARG002  # Strawberry's signature
        """None."""
        return []

    def process_errors(self, errors: Sequence[Any], execution_context: Any = None) -> None:
        """Say nothing: the edge logs each failure once, by its cause."""


def build_schema() -> strawberry.Schema:
    """Build the graph."""
    return StorefrontSchema(
        query=Query,
        mutation=Mutation,
        directives=[in_context],
        config=StrawberryConfig(
            scalar_map={URL: URL_DEFINITION, date: DATE_DEFINITION, datetime: DATE_TIME_DEFINITION},
            disable_field_suggestions=True,
        ),
    )
