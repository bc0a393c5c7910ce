"""The REST contract of the subscriptions backend: one look-up an endpoint."""

from functools import lru_cache

from gateway.upstream import BulkForm, Command, Listing, Lookup, Nothing, Record
from resolvers.dialects import RECHARGE_OLD_VERSION
from resolvers.policies import ACCOUNT, BALANCE, SHOP
from resolvers.subscriptions.models import (
    Address,
    Charge,
    CreditChange,
    CreditSummary,
    Customer,
    DeliverySchedule,
    Onetime,
    SessionCustomer,
    Subscription,
)
from resolvers.subscriptions.portal import StoreSettings

CUSTOMERS = Record(
    path="/customers/{key}",
    rows="customer",
    into=Customer,
    params={"include": "referral_info"},
    customer=lambda customer: customer.id,
    bulk=BulkForm(path="/customers", key="ids", rows="customers", fleet="/bulk/customers"),
    policy=ACCOUNT,
    gid="gid://recharge/Customer/{key}",
)

CUSTOMER_RECORDS: Lookup[int, Customer] = Lookup(
    path="/customers",
    one="ids",
    many="ids",
    rows="customers",
    into=Customer,
    asked_by=lambda customer: (customer.id,),
    bulk=BulkForm(path="/customers", key="ids", rows="customers", fleet="/bulk/customers"),
)

CUSTOMER_RECORDS_BY_EMAIL: Lookup[str, Customer] = Lookup(
    path="/customers",
    one="email",
    rows="customers",
    into=Customer,
    asked_by=lambda customer: ((customer.email or "").lower(),),
    is_personal=True,
)

CUSTOMERS_BY_EXTERNAL_ID: Lookup[str, Customer] = Lookup(
    path="/customers",
    one="external_customer_id",
    rows="customers",
    into=Customer,
    asked_by=lambda customer: (customer.external_customer_id.ecommerce or "",),
)

CUSTOMER_OF_SESSION = Record(
    path="/customers/{key}", rows="customer", into=SessionCustomer, customer=lambda customer: customer.id
)

CREDIT_SUMMARIES = Record(
    path="/customers/{key}/credit_summary",
    rows="credit_summary",
    into=CreditSummary,
    params={"include": "credit_details"},
    customer=lambda summary: summary.customer_id,
    key_of=lambda summary: summary.customer_id,
    bulk=BulkForm(
        path="/credit_summaries", key="customer_ids", rows="credit_summaries", fleet="/bulk/credit_summaries"
    ),
    policy=BALANCE,
    gid="gid://recharge/Customer/{key}",
)

STORE_SETTINGS = Record(
    path="/shop/settings",
    rows="settings",
    into=StoreSettings,
    headers=RECHARGE_OLD_VERSION,
    policy=SHOP,
    tag="shop",
    gid="gid://shopify/Shop/{key}",
)

SUBSCRIPTIONS_BY_ID: Lookup[int, Subscription] = Lookup(
    path="/subscriptions",
    one="ids",
    many="ids",
    rows="subscriptions",
    into=Subscription,
    asked_by=lambda subscription: (subscription.id,),
    customer=lambda subscription: subscription.customer_id,
    bulk=BulkForm(path="/subscriptions", key="ids", rows="subscriptions", fleet="/bulk/subscriptions"),
    policy=ACCOUNT,
    gid="gid://recharge/SubscriptionContract/{key}",
)

SUBSCRIPTIONS_BY_CUSTOMER = Listing(
    path="/subscriptions",
    rows="subscriptions",
    into=Subscription,
    owned_by="customer_id",
    owner=lambda subscription: subscription.customer_id,
    customer=lambda subscription: subscription.customer_id,
    bulk=BulkForm(
        path="/subscriptions", key="customer_ids", rows="subscriptions", fleet="/bulk/subscriptions", limits_each=True
    ),
    policy=ACCOUNT,
    gid="gid://recharge/Customer/{owner}",
)

UPCOMING_CHARGES: Lookup[int, Charge] = Lookup(
    path="/charges",
    one="purchase_item_id",
    many="purchase_item_ids",
    rows="charges",
    into=Charge,
    params={"status": "queued", "sort_by": "scheduled_at-asc"},
    asked_by=lambda charge: {item.purchase_item_id for item in charge.line_items},
    customer=lambda charge: charge.customer.id,
    bulk=BulkForm(path="/charges", key="purchase_item_ids", rows="charges", fleet="/bulk/charges"),
    policy=ACCOUNT,
    gid="gid://recharge/SubscriptionContract/{key}",
)

SKIPPED_CHARGES: Lookup[int, Charge] = Lookup(
    path="/charges",
    one="purchase_item_id",
    many="purchase_item_ids",
    rows="charges",
    into=Charge,
    params={"status": "skipped", "sort_by": "scheduled_at-asc"},
    asked_by=lambda charge: {item.purchase_item_id for item in charge.line_items},
    customer=lambda charge: charge.customer.id,
)

PAID_CHARGES: Lookup[int, Charge] = Lookup(
    path="/charges",
    one="purchase_item_id",
    many="purchase_item_ids",
    rows="charges",
    into=Charge,
    params={"status": "success,refunded,partially_refunded", "sort_by": "scheduled_at-asc"},
    asked_by=lambda charge: {item.purchase_item_id for item in charge.line_items},
    customer=lambda charge: charge.customer.id,
)

ADDRESSES_BY_ID: Lookup[int, Address] = Lookup(
    path="/addresses",
    one="ids",
    many="ids",
    rows="addresses",
    into=Address,
    asked_by=lambda address: (address.id,),
    customer=lambda address: address.customer_id,
    bulk=BulkForm(path="/addresses", key="ids", rows="addresses", fleet="/bulk/addresses"),
    policy=ACCOUNT,
    gid="gid://recharge/Address/{key}",
)

CHARGES_BY_ID: Lookup[int, Charge] = Lookup(
    path="/charges",
    one="ids",
    many="ids",
    rows="charges",
    into=Charge,
    asked_by=lambda charge: (charge.id,),
    customer=lambda charge: charge.customer.id,
    bulk=BulkForm(path="/charges", key="ids", rows="charges", fleet="/bulk/charges"),
    policy=ACCOUNT,
    gid="gid://recharge/Charge/{key}",
)

CHARGES_BY_CUSTOMER = Listing(
    path="/charges",
    rows="charges",
    into=Charge,
    owned_by="customer_id",
    owner=lambda charge: charge.customer.id,
    customer=lambda charge: charge.customer.id,
    bulk=BulkForm(path="/charges", key="customer_ids", rows="charges", fleet="/bulk/charges"),
    policy=ACCOUNT,
    gid="gid://recharge/Customer/{owner}",
)

ADDRESSES_BY_CUSTOMER = Listing(
    path="/addresses",
    rows="addresses",
    into=Address,
    owned_by="customer_id",
    owner=lambda address: address.customer_id,
    customer=lambda address: address.customer_id,
    bulk=BulkForm(path="/addresses", key="customer_ids", rows="addresses", fleet="/bulk/addresses"),
    policy=ACCOUNT,
    gid="gid://recharge/Customer/{owner}",
)

ONETIMES_BY_ID: Lookup[int, Onetime] = Lookup(
    path="/onetimes",
    one="ids",
    many="ids",
    rows="onetimes",
    into=Onetime,
    params={"include_cancelled": "true"},
    asked_by=lambda onetime: (onetime.id,),
    customer=lambda onetime: onetime.customer_id,
    bulk=BulkForm(path="/onetimes", key="ids", rows="onetimes", fleet="/bulk/onetimes"),
    policy=ACCOUNT,
    gid="gid://recharge/Onetime/{key}",
)


ONETIMES_BY_CUSTOMER = Listing(
    path="/onetimes",
    rows="onetimes",
    into=Onetime,
    owned_by="customer_id",
    owner=lambda onetime: onetime.customer_id,
    customer=lambda onetime: onetime.customer_id,
    params={"include_cancelled": "true", "sort_by": "id-desc"},
)

# Writes wait until the charges that follow from them are computed (`commit`), so that the answer shows them.
_COMMIT = {"commit": "true"}

UPDATE = Command(method="PUT", path="/subscriptions/{key}", row="subscription", into=Subscription, params=_COMMIT)

SET_NEXT_CHARGE_DATE = Command(
    method="POST",
    path="/subscriptions/{key}/set_next_charge_date",
    row="subscription",
    into=Subscription,
    params=_COMMIT,
)

PAUSE = Command(
    method="POST",
    path="/subscriptions/{key}/set_next_charge_date",
    row="subscription",
    into=Subscription,
    params={**_COMMIT, "pause": "true"},
)

CANCEL = Command(method="POST", path="/subscriptions/{key}/cancel", row="subscription", into=Subscription)

ACTIVATE = Command(
    method="POST", path="/subscriptions/{key}/activate", row="subscription", into=Subscription, params=_COMMIT
)

CHANGE_ADDRESS = Command(
    method="POST", path="/subscriptions/{key}/change_address", row="subscription", into=Subscription, params=_COMMIT
)

SKIP_DELIVERY = Command(method="POST", path="/subscriptions/{key}/charges/skip", row="charge", into=Charge)

SKIP_CHARGE = Command(method="POST", path="/charges/{key}/skip", row="charge", into=Charge)

UNSKIP_CHARGE = Command(method="POST", path="/charges/{key}/unskip", row="charge", into=Charge)

APPLY_DISCOUNT = Command(method="POST", path="/charges/{key}/apply_discount", row="charge", into=Charge)

REMOVE_DISCOUNT = Command(method="POST", path="/charges/{key}/remove_discount", row="charge", into=Charge)

ADD_ONETIME = Command(method="POST", path="/onetimes", row="onetime", into=Onetime)

REMOVE_ONETIME = Command(method="DELETE", path="/onetimes/{key}", row="", into=Nothing)

SET_CREDIT = Command(method="PUT", path="/customers/{key}", row="customer", into=CreditChange)


@lru_cache(maxsize=64)  # what is kept of a look-up is kept by it
def delivery_schedules(count: int) -> Record[DeliverySchedule]:
    """The next deliveries of a customer, at most so many."""
    return Record(
        path="/customers/{key}/delivery_schedule",
        rows="",
        into=DeliverySchedule,
        params={"delivery_count_future": str(count)},
        customer=lambda schedule: schedule.customer.id,
        policy=ACCOUNT,
        gid="gid://recharge/Customer/{key}",
    )
