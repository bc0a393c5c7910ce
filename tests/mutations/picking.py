"""Objects for tests to write to, no two tests the same."""

from collections.abc import Iterator
from typing import Any

from tests.conftest import SHOP
from tests.mutations.conftest import Written


async def subscriptions(
    shop: Written, *, bundles: bool = False, at: str = SHOP, **wanted: Any
) -> Iterator[dict[str, Any]]:
    """Active subscriptions with a queued charge, each of another address, that are as wanted."""
    path = f"/subscriptions?status=active&bundles_only={str(bundles).lower()}&sort_by=id-asc"
    by_address = {
        row["address_id"]: row
        for row in await shop.rows("subscriptions", path, shop=at)
        if row["has_queued_charges"] and all(row[name] == value for name, value in wanted.items())
    }
    return iter(by_address.values())


def gid(kind: str, number: int | str, owner: str = "recharge") -> str:
    """A global id."""
    return f"gid://{owner}/{kind}/{number}"
