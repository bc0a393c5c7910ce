"""The REST contract of the bundles backend: one look-up an endpoint."""

from gateway.upstream import BulkForm, Command, Lookup, Record
from resolvers.bundles.models import BundleData, BundleSelection, DatedContents
from resolvers.policies import ACCOUNT, CATALOGUE

SELECTIONS_BY_SUBSCRIPTION: Lookup[int, BundleSelection] = Lookup(
    path="/bundle_selections",
    one="purchase_item_ids",
    many="purchase_item_ids",
    rows="bundle_selections",
    into=BundleSelection,
    params={"sort_by": "updated_at-desc"},
    asked_by=lambda selection: (selection.purchase_item_id,),
    bulk=BulkForm(
        path="/bundle_selections", key="purchase_item_ids", rows="bundle_selections", fleet="/bulk/bundle_selections"
    ),
    policy=ACCOUNT,
    tag="subscription",
    gid="gid://recharge/SubscriptionContract/{key}",
)

SELECTIONS_BY_ID = Record(
    path="/bundle_selections/{key}",
    rows="bundle_selection",
    into=BundleSelection,
    policy=ACCOUNT,
    gid="gid://recharge/BundleSelection/{key}",
)

BUNDLE_DATA_BY_PRODUCT = Record(
    path="/bundle-data/{key}",
    rows="",
    into=BundleData,
    policy=CATALOGUE,
    tag="product",
    gid="gid://shopify/Product/{key}",
)

CHANGE_SELECTION = Command(method="PUT", path="/bundle_selections/{key}", row="bundle_selection", into=BundleSelection)

CREATE_SELECTION = Command(method="POST", path="/bundle_selections", row="bundle_selection", into=BundleSelection)

DATE_CONTENTS = Command(method="POST", path="/bundling-storefront-manager/api/v1/bundles", row="", into=DatedContents)
