"""The widgets' client begins and ends sessions, as a page of the shop's does with what Recharge's script has."""

import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.clients.node import run
from tests.conftest import SHOP, Gateway, Store, gateway_before
from tests.gateway.edge.sessions.test_recharge import asked, logged_in
from tests.processes import ROOT

WIDGETS = ROOT / "widgets"


@pytest.fixture
async def gateway(store: Store) -> AsyncIterator[Gateway]:
    """A gateway where visitors pay for what they show."""
    async with gateway_before(store, throttle={"address_capacity": 35, "address_per_second": 0.001}) as fresh:
        yield fresh


async def done(*steps: list[Any]) -> list[Any]:
    """What the functions of `session.ts` resolve to; skips where they cannot be built, which fails in CI."""
    if not (WIDGETS / "node_modules" / "vite").exists():
        assert not os.environ.get("CI"), "CI builds the widgets: run `npm ci` in widgets/ first"
        pytest.skip("there is no widgets/node_modules: run `make widgets`")
    printed = await run("node", "client/test/session.mjs", json.dumps(steps), folder=WIDGETS)
    found: list[Any] = json.loads(printed)
    return found


async def test_a_session_of_recharges_becomes_ours_and_ends(gateway: Gateway, store: Store, shopper: int) -> None:
    """What fails says what the shopper can do, and opens nothing."""
    at = {"endpoint": f"{gateway.url}/graphql", "shop": SHOP}
    voucher = {"apiToken": await logged_in(store, shopper), "customerId": shopper}
    nowhere = {"endpoint": "http://127.0.0.1:1/graphql", "shop": SHOP}
    begun, foreign, ended, again, gone, away, too_often = await done(
        ["begin", at, voucher],
        ["begin", at, voucher | {"customerId": shopper + 1}],
        ["end", at],
        ["begin", at, voucher],
        ["end", nowhere],
        ["begin", nowhere, voucher],
        ["begin", at, voucher],
    )
    assert begun["session"].keys() == {"token", "customerId", "expiresAt"}
    assert begun["session"]["customerId"] == str(shopper)
    assert (foreign, ended, again) == ({"failure": "signed-out"}, True, {"failure": "signed-out"})
    assert (gone, away, too_often) == (False, {"failure": "unreachable"}, {"failure": "busy"})
    assert (await asked(gateway, begun["session"]["token"]))[0] == 401


async def test_a_session_that_nobody_ended_is_good(gateway: Gateway, store: Store, shopper: int) -> None:
    """Until it is ended everywhere."""
    at = {"endpoint": f"{gateway.url}/graphql", "shop": SHOP}
    voucher = {"apiToken": await logged_in(store, shopper), "customerId": shopper}
    (begun,) = await done(["begin", at, voucher])
    token = begun["session"]["token"]
    assert (await asked(gateway, token))[0] == 200
    assert await done(["end", at | {"token": token}, {"everywhere": True}], ["end", at | {"token": token}]) == [
        True,
        True,
    ]
    assert (await asked(gateway, token))[0] == 401
