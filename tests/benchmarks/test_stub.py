"""The benchmarks' backends answer as the reference services do, and their checks see what is wrong."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from benchmarks import operations, reference
from benchmarks.contestants import gateway_settings
from benchmarks.load import closed_loop
from benchmarks.processes import Stub, stub
from benchmarks.stub import people, rows
from gateway.app import create_app
from gateway.loading import load_settings
from gateway.upstream import Bulk
from tests.conftest import Store
from tests.running import running

CUSTOMER = people.shopper(7, subscriptions=5)


@pytest.fixture
async def backends() -> AsyncIterator[Stub]:
    """The stub as a process, as the benchmarks start it."""
    async with stub(core=0) as started:
        yield started


async def test_rows_have_the_shapes_of_the_reference_services(store: Store, shopper: int) -> None:
    """Every key, with a value of the same type, whatever the order."""
    listed = (await store.get("subscriptions", f"/subscriptions?customer_id={shopper}&status=active"))["subscriptions"]
    ids = ",".join(str(row["id"]) for row in listed)
    charges = (await store.get("subscriptions", f"/charges?purchase_item_ids={ids}&status=queued"))["charges"]
    selections = (await store.get("bundles", f"/bundle_selections?purchase_item_ids={ids}"))["bundle_selections"]
    addresses = (await store.get("subscriptions", f"/addresses?ids={listed[0]['address_id']}"))["addresses"]
    record = (await store.get("subscriptions", f"/customers/{shopper}?include=referral_info"))["customer"]
    credit = await store.get("subscriptions", f"/customers/{shopper}/credit_summary?include=credit_details")
    include = "vip_status.vip_tier,vip_status.next_vip_tier"
    members = (await store.get("loyalty", f"/v1/customers?email={record['email']}&include={include}"))["customers"]
    transactions = await store.get("loyalty", f"/v1/points_transactions?customer_id={members[0]['id']}")
    pairs: list[tuple[Any, ...]] = [
        (listed[0], rows.subscription(CUSTOMER, 0)),
        (charges[0], rows.charge(CUSTOMER, 0)),
        (charges[0]["line_items"][0], rows.charge(CUSTOMER, 0), "line_items", 0),
        (selections[0], rows.selection(CUSTOMER, 0)),
        (selections[0]["items"][0], rows.selection(CUSTOMER, 0), "items", 0),
        (addresses[0], rows.address(CUSTOMER, 0)),
        (record, rows.customer(CUSTOMER)),
        (credit["credit_summary"], rows.credit_summary(CUSTOMER)),
        (members[0], rows.member(CUSTOMER)),
        (transactions["points_transactions"][0], rows.points_transaction(CUSTOMER, 0)),
    ]
    for theirs, ours, *path in pairs:
        row: Any = json.loads(ours)
        for step in path:
            row = row[step]
        assert set(row) == set(theirs)


@pytest.mark.parametrize("bulk", ["none", "shop", "fleet"])
async def test_the_gateway_answers_right_over_the_stub(backends: Stub, bulk: Bulk, tmp_path: Path) -> None:
    """The reference and the gateway agree on a portal, a long portal, a credit, a panel and a product page."""
    file = tmp_path / "gateway.toml"
    file.write_text(gateway_settings(backends.url, bulk), encoding="utf-8")
    async with running(create_app(load_settings(file))) as url:
        port = int(url.rpartition(":")[2])
        for requests in (
            operations.portals(5, beginning=1),
            operations.portals(20, beginning=1),
            operations.portals(200, beginning=1),
            operations.credits(beginning=1),
            operations.panels(beginning=1),
            operations.product_widgets(beginning=1),
        ):
            outcome = await closed_loop(port, requests, connections=1, seconds=0)
            assert (len(outcome.durations_seconds), outcome.first_errors) == (1, [])


async def test_a_wrong_answer_is_seen() -> None:
    """Another shopper's answer fails the quick check, and a wrong value the comparison."""
    request = next(operations.portals(5, beginning=7))
    assert request.expected is not None
    right = json.dumps({"data": request.expected()}, separators=(",", ":")).encode()
    assert request.is_right(right)
    assert not request.is_right(right.replace(str(CUSTOMER).encode(), str(CUSTOMER + 1).encode()))
    assert not request.is_right(right[:-1] + b',"errors":[]}')
    other = reference.portal(CUSTOMER + people.SHOPS)
    assert "data.customer.email" in reference.differences(reference.portal(CUSTOMER), other)[1]


async def test_another_shops_credential_finds_nothing(backends: Stub) -> None:
    """Isolation is the backends' work too: a shop's token never opens another shop's rows."""
    port = backends.started.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for shop, found in ((people.shop_of(CUSTOMER), 5), (people.shop_of(CUSTOMER) + 1, 0)):
        writer.write(
            b"GET /subscriptions?customer_id=%d HTTP/1.1\r\nx-recharge-access-token: %b\r\n\r\n"
            % (CUSTOMER, people.token_of(shop).encode())
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split()[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        assert (await reader.readexactly(length)).count(b'"address_id"') == found
    writer.close()
    await writer.wait_closed()
    assert await backends.counts() == {"/subscriptions": 2}


def test_a_long_run_repeats_no_shopper() -> None:
    """Ids of different people differ, and every one is a number that JavaScript can count to."""
    ids = {people.shopper(number, subscriptions=5) for number, _ in zip(count(1), range(1_000), strict=False)}
    assert len(ids) == 1_000
    assert people.member_of(people.part(people.shopper(9_999_999, subscriptions=200), 999)) < 2**53
