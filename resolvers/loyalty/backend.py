"""The REST contract of the loyalty backend: one look-up an endpoint."""

from gateway.upstream import BulkForm, Command, Listing, Lookup, Record
from resolvers.loyalty.models import (
    EarningRule,
    Member,
    PointsProduct,
    PointsPurchase,
    PointsSettings,
    PointsTransaction,
    RewardFulfillment,
    VipTier,
)
from resolvers.policies import BALANCE, PROGRAM

MEMBERS_BY_EMAIL: Lookup[str, Member] = Lookup(
    path="/v1/customers",
    one="email",
    rows="customers",
    into=Member,
    params={"include": "vip_status.vip_tier,vip_status.next_vip_tier"},
    asked_by=lambda member: (member.email.lower(),),
    is_personal=True,
    bulk=BulkForm(path="/v1/customers", key="emails", rows="customers", fleet="/v1/bulk/customers"),
    policy=BALANCE,
    gid="gid://recharge/Customer/{customer_id}",
)

POINTS_SETTINGS = Record(
    path="/v1/points_settings",
    rows="points_settings",
    into=PointsSettings,
    policy=PROGRAM,
    tag="program",
    gid="gid://smile/LoyaltyProgram/{shop_id}",
)

VIP_TIERS = Listing(
    path="/v1/vip_tiers",
    rows="vip_tiers",
    into=VipTier,
    policy=PROGRAM,
    tag="program",
    gid="gid://smile/LoyaltyProgram/{shop_id}",
)

EARNING_RULES = Listing(
    path="/v1/earning_rules",
    rows="earning_rules",
    into=EarningRule,
    policy=PROGRAM,
    tag="program",
    gid="gid://smile/LoyaltyProgram/{shop_id}",
)

POINTS_PRODUCTS = Listing(
    path="/v1/points_products",
    rows="points_products",
    into=PointsProduct,
    policy=PROGRAM,
    tag="program",
    gid="gid://smile/LoyaltyProgram/{shop_id}",
)

TRANSACTIONS_BY_MEMBER = Listing(
    path="/v1/points_transactions",
    rows="points_transactions",
    into=PointsTransaction,
    owned_by="customer_id",
    owner=lambda transaction: transaction.customer_id,
    bulk=BulkForm(
        path="/v1/points_transactions",
        key="customer_ids",
        rows="points_transactions",
        fleet="/v1/bulk/points_transactions",
        limits_each=True,
    ),
    policy=BALANCE,
    gid="gid://smile/LoyaltyMember/{owner}",
)

FULFILLMENTS_BY_MEMBER = Listing(
    path="/v1/reward_fulfillments",
    rows="reward_fulfillments",
    into=RewardFulfillment,
    owned_by="customer_id",
    owner=lambda fulfillment: fulfillment.customer_id,
    bulk=BulkForm(
        path="/v1/reward_fulfillments",
        key="customer_ids",
        rows="reward_fulfillments",
        fleet="/v1/bulk/reward_fulfillments",
        limits_each=True,
    ),
    policy=BALANCE,
    gid="gid://smile/LoyaltyMember/{owner}",
)

PURCHASE = Command(method="POST", path="/v1/points_products/{key}/purchase", row="points_purchase", into=PointsPurchase)
