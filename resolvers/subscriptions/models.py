"""What the subscriptions backend sends, as far as the graph reads it."""

from typing import Annotated, Literal

import msgspec

from resolvers.wire import Count, Currency, Day, DiscountType, External, Instant, Money, PlanType


class Referral(msgspec.Struct, frozen=True, gc=False):
    """`include=referral_info`."""

    class Url(msgspec.Struct, frozen=True, gc=False):
        """The shopper's own link."""

        url: str

    referral_url: Url | None = None


class CustomerIncludes(msgspec.Struct, frozen=True, gc=False):
    """What was asked for with `include`."""

    referral_info: Referral | None = None


class Customer(msgspec.Struct, frozen=True, gc=False):
    """GET /customers/{id}. Samples of 2022 lack the later keys."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    external_customer_id: External = External()
    has_valid_payment_method: bool = False
    has_payment_method_in_dunning: bool = False
    subscription_related_charge_streak: Count = 0
    subscriptions_active_count: Count = 0
    apply_credit_to_next_recurring_charge: bool = False
    include: CustomerIncludes = CustomerIncludes()


class SessionCustomer(msgspec.Struct, frozen=True, gc=False):
    """GET /customers/{id}, where only whose record it is matters."""

    id: int


class Property(msgspec.Struct, frozen=True, gc=False):
    """A line item property; values of other types than text occur."""

    name: str
    value: str | int | float | bool | None = None


class Subscription(msgspec.Struct, frozen=True, gc=False):
    """GET /subscriptions. There is no status for a pause: pausing only moves the next charge."""

    id: int
    address_id: int
    customer_id: int
    status: Literal["active", "cancelled", "expired"]
    product_title: str
    quantity: Count
    price: Money
    created_at: Instant
    updated_at: Instant
    external_product_id: External = External()
    external_variant_id: External = External()
    variant_title: str | None = None
    sku: str | None = None
    presentment_currency: Currency | None = None
    properties: tuple[Property, ...] = ()
    order_interval_unit: Literal["day", "week", "month"] | None = None
    plan_id: int | None = None
    """Not in the official type; where it is missing the plan follows from product and interval."""
    order_interval_frequency: Count | None = None
    order_day_of_month: Count | None = None
    order_day_of_week: Annotated[int, msgspec.Meta(ge=0, le=6)] | None = None
    """0 is Monday."""
    expire_after_specific_number_of_charges: Count | None = None
    charge_interval_frequency: Count | None = None
    next_charge_scheduled_at: Day | None = None
    has_queued_charges: bool = False
    is_prepaid: bool = False
    is_skippable: bool = False
    is_swappable: bool = False
    max_retries_reached: bool = False
    cancelled_at: Instant | None = None
    cancellation_reason: str | None = None
    cancellation_reason_comments: str | None = None


class Onetime(msgspec.Struct, frozen=True, gc=False):
    """GET /onetimes: something that goes with a charge once."""

    id: int
    address_id: int
    customer_id: int
    product_title: str
    quantity: Count
    price: Money
    variant_title: str | None = None
    presentment_currency: Currency | None = None
    next_charge_scheduled_at: Day | None = None
    external_variant_id: External = External()
    is_cancelled: bool = False


class ChargeCustomer(msgspec.Struct, frozen=True, gc=False):
    """Whose charge it is."""

    id: int


class OfferAttributes(msgspec.Struct, frozen=True, gc=False):
    """Why an item is in the charge."""

    type: str | None = None


class LineItemImages(msgspec.Struct, frozen=True, gc=False):
    """The same picture in sizes."""

    small: str | None = None
    medium: str | None = None
    large: str | None = None
    original: str | None = None


class LineItem(msgspec.Struct, frozen=True, gc=False):
    """One line of a charge."""

    purchase_item_id: int
    purchase_item_type: PlanType
    title: str
    quantity: Count
    unit_price: Money
    total_price: Money
    original_price: Money | None = None
    variant_title: str | None = None
    images: LineItemImages = LineItemImages()
    offer_attributes: OfferAttributes | None = None


class ShippingLine(msgspec.Struct, frozen=True, gc=False):
    """One delivery of a charge."""

    price: Money


class ChargeDiscount(msgspec.Struct, frozen=True, gc=False):
    """What is taken off a charge; an automatic discount has its title as code."""

    code: str | None = None
    value: Money | None = None
    value_type: DiscountType | None = None


class Charge(msgspec.Struct, frozen=True, gc=False):
    """GET /charges. One charge may serve several subscriptions of an address."""

    id: int
    address_id: int
    customer: ChargeCustomer
    status: Literal[
        "queued",
        "success",
        "error",
        "skipped",
        "refunded",
        "partially_refunded",
        "pending",
        "pending_manual_payment",
    ]
    type: Literal["checkout", "recurring"]
    scheduled_at: Day
    currency: Currency
    total_price: Money
    subtotal_price: Money
    total_discounts: Money = Money(0)
    total_tax: Money = Money(0)
    line_items: tuple[LineItem, ...] = ()
    discounts: tuple[ChargeDiscount, ...] = ()
    shipping_lines: tuple[ShippingLine, ...] = ()
    processed_at: Instant | None = None
    has_uncommitted_changes: bool = False
    error: str | None = None
    error_type: str | None = None
    retry_date: Day | None = None


class DeliveryLineItem(msgspec.Struct, frozen=True, gc=False):
    """One line of a delivery to come."""

    product_title: str
    quantity: Count
    subscription_id: int | None = None
    variant_title: str | None = None
    is_skippable: bool = False
    is_skipped: bool = False


class DeliveryOrder(msgspec.Struct, frozen=True, gc=False):
    """What goes to one address on one day."""

    address_id: int
    currency: Currency
    total_price: Money
    charge_id: int | None = None
    line_items: tuple[DeliveryLineItem, ...] = ()


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """What is delivered on one day."""

    date: Day
    orders: tuple[DeliveryOrder, ...] = ()


class DeliveryCustomer(msgspec.Struct, frozen=True, gc=False):
    """Whose schedule it is."""

    id: int


class DeliverySchedule(msgspec.Struct, frozen=True, gc=False):
    """GET /customers/{id}/delivery_schedule; the one answer that is not wrapped."""

    customer: DeliveryCustomer
    deliveries: tuple[Delivery, ...] = ()


class Address(msgspec.Struct, frozen=True, gc=False):
    """GET /addresses."""

    id: int
    customer_id: int
    address1: str
    city: str
    address2: str | None = None
    company: str | None = None
    country_code: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    province: str | None = None
    zip: str | None = None


class CreditAccount(msgspec.Struct, frozen=True, gc=False):
    """One source of credit."""

    id: int
    type: Literal["reward", "manual", "gift"]
    available_balance: Money
    initial_balance: Money
    currency_code: Currency
    name: str | None = None
    expires_at: Instant | None = None


class CreditIncludes(msgspec.Struct, frozen=True, gc=False):
    """`include=credit_details`."""

    credit_details: tuple[CreditAccount, ...] = ()


class CreditSummary(msgspec.Struct, frozen=True, gc=False):
    """GET /customers/{id}/credit_summary."""

    customer_id: int
    total_available_balance: Money
    currency_code: Currency
    max_redemption_limit: Money | None = None
    include: CreditIncludes = CreditIncludes()


class ChargeChange(msgspec.Struct, frozen=True, gc=False):
    """What a write did to a charge; None when the delivery is on no charge of its own any more."""

    charge: Charge | None = None


class CreditChange(msgspec.Struct, frozen=True, gc=False):
    """PUT /customers/{id}, as far as it is about store credit."""

    id: int
    apply_credit_to_next_recurring_charge: bool = False
