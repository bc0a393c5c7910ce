"""What the bundles backend's webhooks say."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.upstream import Change, Topic
from resolvers.wire import Instant


class Selection(msgspec.Struct, frozen=True):
    """A bundle selection names the subscription whose contents it is, and no customer."""

    id: int
    purchase_item_id: int
    updated_at: Instant | None = None


class SelectionBody(msgspec.Struct, frozen=True):
    """`bundle_selection/*`."""

    bundle_selection: Selection


def _selection(body: SelectionBody) -> Change:
    row = body.bundle_selection
    return Change(f"bundle_selection/{row.id}", row.updated_at, (("subscription", row.purchase_item_id),))


EVENTS: Mapping[str, Topic[Any]] = {
    name: Topic(SelectionBody, _selection)
    for name in ("bundle_selection/created", "bundle_selection/updated", "bundle_selection/deleted")
}
