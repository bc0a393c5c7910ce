"""Stores that tests may write to, and what must hold in them whatever was written."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from backends import SHOPS
from tests.backends.services import AURORA, TOKENS, Asked, asking, memory_database, settings

Database = AbstractAsyncContextManager[str]


@dataclass(frozen=True)
class Store:
    """The subscriptions and the bundles service of one store."""

    subscriptions: Asked
    bundles: Asked

    async def charges(self, query: str, **options: Any) -> list[dict[str, Any]]:
        """Charges in the order of their days."""
        return await self.subscriptions.rows(f"/charges?{query}&sort_by=scheduled_at-asc", **options)

    async def queued(self, subscription_id: int, **options: Any) -> dict[str, Any]:
        """The one queued charge that a subscription is on."""
        (charge,) = await self.charges(f"purchase_item_ids={subscription_id}&status=queued", **options)
        return charge

    async def subscription(self, key: int, **options: Any) -> dict[str, Any]:
        """A subscription as it is now."""
        answer = await self.subscriptions(f"/subscriptions/{key}", **options)
        assert answer.status == 200, answer.text
        found: dict[str, Any] = answer.body["subscription"]
        return found


@asynccontextmanager
async def store(customers: int = 20, databases: Any = memory_database, **changes: Any) -> AsyncIterator[Store]:
    """A store of its own for as long as the block runs."""
    async with databases() as first, databases() as second:
        given = settings(first, customers, app_secret="hush", **changes)
        async with asking("subscriptions", given) as subscriptions:
            asked = settings(
                second,
                customers,
                subscriptions_url=f"http://127.0.0.1:{subscriptions.port}",
                subscriptions_tokens=TOKENS,
                app_secret="hush",
                **changes,
            )
            async with asking("bundles", asked) as bundles:
                yield Store(subscriptions, bundles)


def cents(money: str) -> int:
    """Minor units."""
    return int(money.replace(".", ""))


async def check(ask: Asked) -> None:
    """What holds at every moment at which nothing is uncommitted."""
    for shop in SHOPS:
        subscriptions = await ask.rows("/subscriptions", shop=shop.domain)
        onetimes = await ask.rows("/onetimes?include_cancelled=true", shop=shop.domain)
        charges = await ask.rows("/charges?status=queued", shop=shop.domain)
        due: dict[tuple[int, str], set[tuple[int, int, int]]] = defaultdict(set)
        for row in subscriptions:
            going_on = row["status"] == "active" and not row["max_retries_reached"]
            assert row["has_queued_charges"] is going_on, row["id"]
            assert (row["next_charge_scheduled_at"] is None) is (row["status"] != "active"), row["id"]
            if going_on:
                due[row["address_id"], row["next_charge_scheduled_at"]].add(line(row))
        for row in onetimes:
            if not row["is_cancelled"] and row["next_charge_scheduled_at"]:
                due[row["address_id"], row["next_charge_scheduled_at"]].add(line(row))
        assert len({(row["address_id"], row["scheduled_at"]) for row in charges}) == len(charges)
        assert {(row["address_id"], row["scheduled_at"]) for row in charges} == set(due)
        for charge in charges:
            lines = [item for item in charge["line_items"] if not item["offer_attributes"]]
            assert {(item["purchase_item_id"], item["quantity"], cents(item["unit_price"])) for item in lines} == due[
                charge["address_id"], charge["scheduled_at"]
            ]
            assert not charge["has_uncommitted_changes"]
        for charge in [*charges, *await ask.rows("/charges?status=skipped", shop=shop.domain)]:
            adds_up(charge)


def line(row: dict[str, Any]) -> tuple[int, int, int]:
    """What a purchase is on its charge."""
    return row["id"], row["quantity"], cents(row["price"])


def adds_up(charge: dict[str, Any]) -> None:
    """The sums of a charge follow from its lines."""
    for item in charge["line_items"]:
        assert cents(item["total_price"]) == cents(item["unit_price"]) * item["quantity"]
    lines = sum(cents(item["total_price"]) for item in charge["line_items"])
    shipping = sum(cents(each["price"]) for each in charge["shipping_lines"])
    assert cents(charge["total_line_items_price"]) == lines
    assert cents(charge["subtotal_price"]) == lines - cents(charge["total_discounts"])
    assert cents(charge["total_price"]) == cents(charge["subtotal_price"]) + shipping


async def active(ask: Asked, count: int, *, bundles: bool = False, shop: str = AURORA.domain) -> list[dict[str, Any]]:
    """Active subscriptions that can be skipped, each of another address."""
    rows = await ask.rows(f"/subscriptions?status=active&bundles_only={str(bundles).lower()}", shop=shop)
    by_address = {row["address_id"]: row for row in rows if row["is_skippable"] and row["has_queued_charges"]}
    found = list(by_address.values())[:count]
    assert len(found) == count
    return found
