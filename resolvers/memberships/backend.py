"""The REST contract for memberships: part of the subscriptions backend, one look-up an endpoint."""

from gateway.upstream import BulkForm, Listing, Lookup, Record
from resolvers.memberships.models import Membership, MembershipProgram
from resolvers.policies import ACCOUNT, SHOP

MEMBERSHIPS_BY_CUSTOMER = Listing(
    path="/memberships",
    rows="memberships",
    into=Membership,
    params={"include_cancelled": "true", "sort_by": "id-asc"},
    owned_by="customer_id",
    owner=lambda membership: membership.customer_id,
    customer=lambda membership: membership.customer_id,
    bulk=BulkForm(path="/memberships", key="customer_ids", rows="memberships", fleet="/bulk/memberships"),
    policy=ACCOUNT,
    gid="gid://recharge/Customer/{owner}",
)

MEMBERSHIPS_BY_ID = Record(
    path="/memberships/{key}",
    rows="membership",
    into=Membership,
    customer=lambda membership: membership.customer_id,
    policy=ACCOUNT,
    gid="gid://recharge/Membership/{key}",
)

PROGRAMS_BY_ID: Lookup[int, MembershipProgram] = Lookup(
    path="/membership_programs",
    one="ids",
    many="ids",
    rows="membership_programs",
    into=MembershipProgram,
    params={"include": "membership_benefits", "include_deleted": "true"},
    asked_by=lambda program: (program.id,),
    policy=SHOP,
    tag="shop",
    gid="gid://recharge/MembershipProgram/{key}",
)
