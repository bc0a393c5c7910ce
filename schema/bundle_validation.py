"""Whether a selection fits its bundle."""

from enum import Enum
from typing import Self

import strawberry

from resolvers.bundles.validation import Choice, Verdict, verdict
from schema.context import Info
from schema.ids import SHOPIFY, number_of
from schema.user_errors import DisplayableError


class BundleErrorCode(Enum):
    BUNDLE_NOT_FOUND = "BUNDLE_NOT_FOUND"
    VARIANT_INVALID = "VARIANT_INVALID"
    TOTAL_OUT_OF_RANGE = "TOTAL_OUT_OF_RANGE"
    ITEM_OVER_LIMIT = "ITEM_OVER_LIMIT"
    COLLECTION_INVALID = "COLLECTION_INVALID"
    COLLECTION_OUT_OF_RANGE = "COLLECTION_OUT_OF_RANGE"
    PRODUCT_INVALID = "PRODUCT_INVALID"
    EMPTY = "EMPTY"
    CUSTOMIZATION_WINDOW_CLOSED = "CUSTOMIZATION_WINDOW_CLOSED"
    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    CONFLICT = "CONFLICT"
    INVALID = "INVALID"


strawberry.enum(BundleErrorCode, description="Why a bundle's contents are refused.")


@strawberry.type(description="Why a bundle's contents are refused.")
class BundleUserError(DisplayableError):
    code: BundleErrorCode = strawberry.field(description="The rule that is broken.")

    @classmethod
    def of(cls, broken: Verdict) -> Self:
        field = {
            "BUNDLE_NOT_FOUND": ["input", "productId"],
            "VARIANT_INVALID": ["input", "productVariantId"],
        }.get(broken.rule, ["input", "items"])
        path = field if broken.index is None else [*field, str(broken.index)]
        return cls(field=path, message=broken.message, code=BundleErrorCode(broken.rule))


@strawberry.type(description="What the bundle's rules say of a selection.")
class BundleValidation:
    valid: bool = strawberry.field(description="Whether it fits.")
    errors: list[BundleUserError] = strawberry.field(description="The first rule that it breaks, if any.")


@strawberry.input(description="One choice for a bundle.")
class BundleItemInput:
    collection_id: strawberry.ID = strawberry.field(description="gid://shopify/Collection/N, or N.")
    product_id: strawberry.ID = strawberry.field(description="gid://shopify/Product/N, or N.")
    product_variant_id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N, or N.")
    quantity: int = strawberry.field(description="How many, at least 1.")
    selling_plan_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="gid://shopify/SellingPlan/N, or N."
    )


@strawberry.input(description="What a bundle is to be filled with.")
class BundleContentsInput:
    product_id: strawberry.ID = strawberry.field(description="gid://shopify/Product/N of the bundle, or N.")
    product_variant_id: strawberry.ID = strawberry.field(
        description="gid://shopify/ProductVariant/N of the box size, or N."
    )
    selling_plan_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="gid://shopify/SellingPlan/N, or N."
    )
    items: list[BundleItemInput] = strawberry.field(description="The choices.")


def choice_of(item: BundleItemInput) -> Choice:
    """An item with its ids as numbers."""
    return Choice(
        collection_id=str(number_of(item.collection_id, SHOPIFY, "Collection")),
        product_id=str(number_of(item.product_id, SHOPIFY, "Product")),
        variant_id=str(number_of(item.product_variant_id, SHOPIFY, "ProductVariant")),
        quantity=item.quantity,
    )


@strawberry.type
class BundleQuery:
    @strawberry.field(description="Whether a selection fits the bundle's rules. Only looks; never writes. Public.")
    async def bundle_validate(self, info: Info, input: BundleContentsInput) -> BundleValidation | None:  # noqa: A002  # as above
        product_id = number_of(input.product_id, SHOPIFY, "Product")
        variant_id = str(number_of(input.product_variant_id, SHOPIFY, "ProductVariant"))
        choices = [choice_of(item) for item in input.items]
        data = await info.context.bundles.data_by_product_id.load(product_id)
        broken = verdict(data, variant_id, choices)
        return BundleValidation(valid=broken is None, errors=[BundleUserError.of(broken)] if broken else [])
