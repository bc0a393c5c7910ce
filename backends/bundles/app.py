"""The bundles service."""

from backends.bundles.tables import BUNDLE_SELECTIONS, TABLES
from backends.service import Service
from backends.store.chance import HOUSEHOLDS_AT_ONCE, Tables, World, batches
from backends.store.households import households
from backends.wire.dialects import RECHARGE
from backends.wire.filters import ids
from backends.wire.limits import Bucket
from backends.wire.resources import Resource

BUNDLE_SELECTION = Resource(
    one="bundle_selection",
    many="bundle_selections",
    table=BUNDLE_SELECTIONS,
    owners=("customer_id",),
    filters={
        "ids": ids(BUNDLE_SELECTIONS.c.id),
        "purchase_item_ids": ids(BUNDLE_SELECTIONS.c.purchase_item_id),
        "bundle_variant_ids": ids(BUNDLE_SELECTIONS.c.bundle_variant_id),
    },
    sorts={"id": "id", "updated_at": "updated_at"},
)
RESOURCES = (BUNDLE_SELECTION,)


def _seed(world: World) -> Tables:
    for some in batches(households(world), HOUSEHOLDS_AT_ONCE):
        yield "bundle_selections", [row for each in some for row in each.bundle_selections]


SERVICE = Service(
    dialect=RECHARGE,
    bucket=Bucket(size=40, leak=2),
    fleet={"bundle_selections": BUNDLE_SELECTION.page},
    tables=TABLES,
    routes=[route for resource in RESOURCES for route in resource.routes(RECHARGE.prefix)],
    seed=_seed,
)
