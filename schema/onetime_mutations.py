"""What a shopper lets go with a charge once."""

import datetime as dt
from typing import Annotated

import strawberry

from resolvers.subscriptions import NewOnetime
from schema.common import given
from schema.context import Info
from schema.ids import RECHARGE, SHOPIFY, gid, number_of
from schema.onetimes import Onetime
from schema.subscription_mutations import SubscriptionUserError
from schema.user_errors import Key, is_done, shopper

_INPUTS = {
    "address_id": "input.addressId",
    "variant_id": "input.productVariantId",
    "quantity": "input.quantity",
    "is_next": "input.addToNextCharge",
    "on": "input.date",
}


@strawberry.input(description="What goes with a charge once.")
class OnetimeAddInput:
    address_id: strawberry.ID = strawberry.field(description="gid://recharge/Address/N of the shopper's, or N.")
    product_variant_id: strawberry.ID = strawberry.field(description="gid://shopify/ProductVariant/N, or N.")
    quantity: int = strawberry.field(default=1, description="How many, at least 1.")
    add_to_next_charge: bool = strawberry.field(
        default=True, description="Whether it goes with the address's next charge, instead of that of a day."
    )
    date: dt.date | None = strawberry.field(
        default=strawberry.UNSET, description="The day to charge it, where it does not go with the next charge."
    )


@strawberry.type(description="What became of `onetimeAdd`.")
class OnetimeAddPayload:
    onetime: Onetime | None = strawberry.field(description="What was added; null when nothing was changed.")
    user_errors: list[SubscriptionUserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.type(description="What became of `onetimeRemove`.")
class OnetimeRemovePayload:
    removed_onetime_id: strawberry.ID | None = strawberry.field(
        description="What was removed; null when nothing was changed."
    )
    user_errors: list[SubscriptionUserError] = strawberry.field(description="Why nothing was changed.")


@strawberry.type
class OnetimeMutation:
    @strawberry.mutation(description="Let a product go with a charge once.")
    async def onetime_add(
        self,
        info: Info,
        input: OnetimeAddInput,  # noqa: A002  # the argument's name in the graph
        idempotency_key: Key = strawberry.UNSET,
    ) -> OnetimeAddPayload | None:
        shopper(info)
        wanted = NewOnetime(
            address_id=number_of(input.address_id, RECHARGE, "Address"),
            variant_id=str(number_of(input.product_variant_id, SHOPIFY, "ProductVariant")),
            quantity=input.quantity,
            is_next=input.add_to_next_charge,
            on=given(input.date),
        )
        outcome = await info.context.onetime_commands.add(wanted, key=given(idempotency_key))
        row = outcome.row if is_done(outcome) else None
        return OnetimeAddPayload(
            onetime=Onetime(row=row, shop_currency=info.context.shop.currency_code) if row else None,
            user_errors=SubscriptionUserError.all_of(outcome.errors, _INPUTS),
        )

    @strawberry.mutation(description="Take out what would have gone with a charge once.")
    async def onetime_remove(
        self,
        info: Info,
        onetime_id: Annotated[strawberry.ID, strawberry.argument(description="gid://recharge/Onetime/N, or N.")],
        idempotency_key: Key = strawberry.UNSET,
    ) -> OnetimeRemovePayload | None:
        shopper(info)
        number = number_of(onetime_id, RECHARGE, "Onetime")
        outcome = await info.context.onetime_commands.remove(number, key=given(idempotency_key))
        return OnetimeRemovePayload(
            removed_onetime_id=gid(RECHARGE, "Onetime", number) if is_done(outcome) else None,
            user_errors=SubscriptionUserError.all_of(outcome.errors, _INPUTS),
        )
