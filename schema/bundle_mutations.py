"""What a shopper fills boxes with, in a subscription or for the cart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

import strawberry

from resolvers.bundles import Box, cart
from resolvers.bundles.models import BundleSelection as SelectionRow
from resolvers.bundles.validation import Choice, verdict
from resolvers.outcomes import Outcome, UserError, failed
from resolvers.subscriptions import models
from schema.bundle_validation import (
    BundleContentsInput,
    BundleErrorCode,
    BundleItemInput,
    BundleUserError,
    choice_of,
)
from schema.bundles import BundleSelection
from schema.common import given
from schema.context import Info
from schema.ids import RECHARGE, SHOPIFY, gid, maybe_gid, number_of
from schema.subscription_mutations import SubscriptionId
from schema.subscriptions import Attribute, SubscriptionContract, subscription_by_id
from schema.user_errors import Key, is_done, said, shopper

CLOSED = "The contents of this bundle can no longer be changed."


@strawberry.type(description="A line that is ready for Shopify's `cartLinesAdd`.")
class BundleCartLine:
    merchandise_id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N.")
    quantity: int = strawberry.field(description="How many of it.")
    selling_plan_id: strawberry.ID | None = strawberry.field(description="gid://shopify/SellingPlan/N.")
    attributes: list[Attribute] = strawberry.field(description="`_rb_id`, or `_rc_bundle` and what goes with it.")

    @classmethod
    def of(cls, line: cart.CartLine) -> Self:
        return cls(
            merchandise_id=gid(SHOPIFY, "ProductVariant", line.variant_id),
            quantity=line.quantity,
            selling_plan_id=maybe_gid(SHOPIFY, "SellingPlan", line.selling_plan_id),
            attributes=[Attribute(key=key, value=value) for key, value in line.attributes],
        )


@strawberry.type(description="What became of `bundleSelectionUpdate`.")
class BundleSelectionUpdatePayload:
    bundle_selection: BundleSelection | None = strawberry.field(
        description="The contents as they are now; null when nothing was changed."
    )
    user_errors: list[BundleUserError] = strawberry.field(description="Why nothing was changed.")
    number: strawberry.Private[int]

    @strawberry.field(description="The subscription as it is now; null when nothing was changed.")
    async def subscription(self, info: Info) -> SubscriptionContract | None:
        return None if self.user_errors else await subscription_by_id(info, self.number)


@strawberry.type(description="What became of `bundleCartLinesBuild`.")
class BundleCartLinesBuildPayload:
    lines: list[BundleCartLine] | None = strawberry.field(description="All of its lines; null when it is refused.")
    user_errors: list[BundleUserError] = strawberry.field(description="Why it is refused.")


@strawberry.type
class BundleMutation:
    @strawberry.mutation(description="Fill the box of a subscription with something else, from the next charge on.")
    async def bundle_selection_update(
        self,
        info: Info,
        subscription_id: SubscriptionId,
        items: Annotated[list[BundleItemInput], strawberry.argument(description="All that is to be in the box.")],
        idempotency_key: Key = strawberry.UNSET,
    ) -> BundleSelectionUpdatePayload | None:
        shopper(info)
        number = number_of(subscription_id, RECHARGE, "SubscriptionContract")
        choices = [choice_of(item) for item in items]

        async def prepare() -> Box | Outcome[SelectionRow]:
            row = await info.context.subscriptions.by_id.load(number)
            if row is None:
                return failed("NOT_FOUND", "There is no such subscription.", "subscription_id")
            return await _refused(info, row, choices) or Box(row.address_id)

        outcome = await info.context.bundle_commands.choose(number, choices, prepare, key=given(idempotency_key))
        return BundleSelectionUpdatePayload(
            bundle_selection=BundleSelection(row=outcome.row) if outcome.row and is_done(outcome) else None,
            user_errors=_said(outcome.errors, {"product_variant_id": "subscriptionId"}),
            number=number,
        )

    @strawberry.mutation(description="Check a selection, and make the lines of it for Shopify's cart. Public.")
    async def bundle_cart_lines_build(
        self,
        info: Info,
        input: BundleContentsInput,  # noqa: A002  # the argument's name in the graph
        idempotency_key: Key = strawberry.UNSET,
    ) -> BundleCartLinesBuildPayload | None:
        product_id = str(number_of(input.product_id, SHOPIFY, "Product"))
        variant_id = str(number_of(input.product_variant_id, SHOPIFY, "ProductVariant"))
        choices = [choice_of(item) for item in input.items]
        plan = _selling_plan(input.selling_plan_id)
        plans = [_selling_plan(item.selling_plan_id) or plan for item in input.items]

        async def build() -> Outcome[cart.CartLines]:
            data = await info.context.bundles.data_by_product_id.load(int(product_id))
            if broken := verdict(data, variant_id, choices):
                return failed(broken.rule, broken.message, *_place(broken.rule, broken.index))
            product = await info.context.catalogue.products_by_id.load(product_id)
            bundle = product.bundle_product if product else None
            if product is None or bundle is None:
                return failed("BUNDLE_NOT_FOUND", "There is no such bundle.", "product_id")
            if bundle.price_rule == "dynamic":
                return info.context.bundle_commands.lines_each(
                    product_id, variant_id, product.handle or "", choices, plans
                )
            return await info.context.bundle_commands.packed_line(variant_id, choices, plan)

        asked = [product_id, variant_id, plan, plans, [[*_ids(choice), choice.quantity] for choice in choices]]
        outcome = await info.context.bundle_commands.build(asked, build, key=given(idempotency_key))
        return BundleCartLinesBuildPayload(
            lines=[BundleCartLine.of(line) for line in outcome.row.lines] if outcome.row and is_done(outcome) else None,
            user_errors=_said(
                outcome.errors,
                {
                    "product_id": "input.productId",
                    "product_variant_id": "input.productVariantId",
                    "items": "input.items",
                },
            ),
        )


async def _refused(info: Info, row: models.Subscription, choices: Sequence[Choice]) -> Outcome[Any] | None:
    """Why contents may not go into a shopper's box now."""
    if row.status != "active":
        return failed("NOT_ALLOWED", f"The subscription is {row.status}.", "subscription_id")
    product_id, variant_id = row.external_product_id.ecommerce, row.external_variant_id.ecommerce
    product = await info.context.catalogue.products_by_id.load(product_id) if product_id else None
    bundle = product.bundle_product if product else None
    if bundle is None or product_id is None or variant_id is None:
        return failed("BUNDLE_NOT_FOUND", "This subscription is not to a bundle.", "subscription_id")
    if not bundle.is_customizable:
        return failed("NOT_ALLOWED", "The shop chooses what is in this bundle.", "subscription_id")
    on, window = row.next_charge_scheduled_at, bundle.customization_window
    if on and window is not None and on <= datetime.now(UTC).date() + timedelta(days=window):
        message = bundle.customization_window_disabled_message or CLOSED
        return failed("CUSTOMIZATION_WINDOW_CLOSED", message, "subscription_id")
    data = await info.context.bundles.data_by_product_id.load(int(product_id))
    broken = verdict(data, variant_id, choices)
    return failed(broken.rule, broken.message, *_place(broken.rule, broken.index)) if broken else None


def _place(rule: str, index: int | None) -> tuple[str, ...]:
    """What a broken rule is about."""
    argument = {"BUNDLE_NOT_FOUND": "product_id", "VARIANT_INVALID": "product_variant_id"}.get(rule, "items")
    return (argument,) if index is None else (argument, str(index))


def _said(errors: tuple[UserError, ...], inputs: dict[str, str]) -> list[BundleUserError]:
    return [BundleUserError(**said(error, BundleErrorCode, inputs)) for error in errors]


def _selling_plan(value: str | None) -> str | None:
    plan = given(value)
    return None if plan is None else str(number_of(plan, SHOPIFY, "SellingPlan"))


def _ids(choice: Choice) -> tuple[str, str, str]:
    return choice.collection_id, choice.product_id, choice.variant_id
