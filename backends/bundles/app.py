"""The bundles service."""

from starlette.routing import Route

from backends.bundles.documents import bundle_data
from backends.bundles.manager import bundle_id
from backends.bundles.selections import SELECTION, change, change_bundle, create, owned, remove
from backends.bundles.tables import TABLES
from backends.bundles.upstream import asking_subscriptions
from backends.service import Service
from backends.store.chance import HOUSEHOLDS_AT_ONCE, Tables, World, batches
from backends.store.households import households
from backends.webhooks import Subject, registration
from backends.webhooks.verbs import changed as verbs
from backends.wire.calls import Call, endpoint
from backends.wire.dialects import RECHARGE
from backends.wire.fields import Fields
from backends.wire.limits import Bucket
from backends.wire.proxied import proxied
from backends.wire.writes import write

MANAGER = "/bundling-storefront-manager/api/v1/bundles"
PROXY = "/tools/recurring"
TOPICS = ("bundle_selection/created", "bundle_selection/updated", "bundle_selection/deleted")


def _seed(world: World) -> Tables:
    for some in batches(households(world), HOUSEHOLDS_AT_ONCE):
        yield "bundle_selections", [row for each in some for row in each.bundle_selections]


async def _of_selection(call: Call) -> set[int]:
    row = await SELECTION.stored(call, call.path["id"])
    return {row["purchase_item_id"]}


async def _of_body(call: Call) -> set[int]:
    fields = Fields(call.body)
    key = fields.whole("purchase_item_id", required=True)
    fields.check()
    return {(await owned(call, int(key or 0)))["id"]}


async def _of_path(call: Call) -> set[int]:
    return {(await owned(call, call.path["id"]))["id"]}


async def _of_nothing(_: Call) -> set[int]:
    return set()


SERVICE = Service(
    dialect=RECHARGE,
    tables=TABLES,
    bucket=Bucket(size=40, leak=2),
    fleet={"bundle_selections": SELECTION.page},
    opening=asking_subscriptions,
    subjects=[Subject(resource=SELECTION, verbs=verbs)],
    routes=[
        *SELECTION.routes(RECHARGE.prefix),
        Route("/bundle-data/{id:int}", endpoint(bundle_data), methods=["GET"]),
        Route(f"{PROXY}/bundle-data/{{id:int}}", proxied(bundle_data), methods=["GET"]),
        Route(f"{PROXY}{MANAGER}", proxied(bundle_id), methods=["POST"]),
        write("POST", MANAGER, bundle_id, _of_nothing),
        write("POST", "/bundle_selections/bundle_id", bundle_id, _of_nothing),
        write("POST", "/bundle_selections", create, _of_body),
        write("PUT", "/bundle_selections/{id:int}", change, _of_selection),
        write("DELETE", "/bundle_selections/{id:int}", remove, _of_selection),
        write("PUT", "/bundles/{id:int}", change_bundle, _of_path),
        *registration(TABLES, TOPICS),
    ],
    seed=_seed,
)
