"""Cursors of somebody else's lists, as they were given and made over: none opens a row of his."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from graphql import GraphQLObjectType, build_schema

from backends.wire.cursors import Cursor
from schema import build_schema as build_graph
from tests.conftest import Gateway, gateway_before
from tests.mutations.conftest import Written, written

GRAPH = build_schema(build_graph().as_str())
PUBLIC = {("BundleOptionSource", "products")}
WAYS = {"Customer": "customer {{ {} }}", "LoyaltyMember": "customer {{ loyalty {{ {} }} }}"}
"""How one comes to a customer's own lists."""
LISTS = sorted(
    (kind.name, name)
    for kind in GRAPH.type_map.values()
    if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
    for name, field in kind.fields.items()
    if "after" in field.args and (kind.name, name) not in PUBLIC
)


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Written]:
    """The backends with their data."""
    async with written(tmp_path_factory.mktemp("backends")) as found:
        yield found


@pytest.fixture(scope="module", params=["none", "fleet"])
async def gateway(request: pytest.FixtureRequest, shop: Written) -> AsyncIterator[Gateway]:
    """A gateway that asks with the shop's credential, so that whose a row is decides nobody else."""
    async with gateway_before(shop.store, bulk=request.param) as fresh:
        yield fresh


async def page(gateway: Gateway, where: tuple[str, str], customer: int, after: str | None = None) -> Any:
    """Some rows of a customer's list, or the first error's code."""
    inner = f"{where[1]}(first: 2, after: $after) {{ edges {{ cursor node {{ id }} }} }}"
    query = f"query ($after: String) {{ {WAYS[where[0]].format(inner)} }}"
    answer = await gateway.ask(query, {"after": after}, customer=customer)
    if "errors" in answer.body:
        return answer.errors[0]["extensions"]["code"]
    data = answer.data["customer"]
    found = data["loyalty"] if where[0] == "LoyaltyMember" else data
    return (found or {}).get(where[1], {}).get("edges", [])


async def two_with_rows(gateway: Gateway, shop: Written, where: tuple[str, str]) -> list[tuple[int, Any]]:
    """Two customers who have something there, and what."""
    found: list[tuple[int, Any]] = []
    members = await shop.rows("subscriptions", "/memberships") if where[1] == "memberships" else []
    customers = [row["customer_id"] for row in members] or [
        row["id"] for row in await shop.rows("subscriptions", "/customers")
    ]
    for customer in dict.fromkeys(customers):
        edges = await page(gateway, where, customer)
        if edges:
            found.append((customer, edges))
        if len(found) == 2:
            return found
    raise AssertionError(f"nobody has {where[1]}")


def position(cursor: str) -> list[Any]:
    """What a cursor of the gateway's says: the digest of its list first, then the backend's cursor."""
    said: list[Any] = msgspec.msgpack.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return said


def made_over(own: str, backends: str) -> str:
    """A cursor of one's own list, with another page of the backend's."""
    digest = position(own)[0]
    return urlsafe_b64encode(msgspec.msgpack.encode([digest, backends, 2, -1])).decode().rstrip("=")


async def owner_of(shop: Written, where: tuple[str, str], customer: int) -> str:
    """Whose rows the backend lists, by its own number of him."""
    if where[0] == "Customer":
        return str(customer)
    email = (await shop.get("subscriptions", f"/customers/{customer}"))["customer"]["email"]
    return str((await shop.get("loyalty", f"/v1/customers?email={email}"))["customers"][0]["id"])


@pytest.mark.parametrize("where", LISTS, ids=".".join)
async def test_a_cursor_opens_ones_own_list_only(gateway: Gateway, shop: Written, where: tuple[str, str]) -> None:
    """Given on it is another list's; made over with the backend's cursor of his it shows nothing of it."""
    (attacker, own), (victim, theirs) = await two_with_rows(gateway, shop, where)
    assert await page(gateway, where, attacker, theirs[0]["cursor"]) == "BAD_USER_INPUT"

    owner = await owner_of(shop, where, victim)
    backends = Cursor(0, 0, "id-asc", "next", {"customer_id": owner}).encode()
    # The same page of the backend's does show the victim's rows to himself.
    assert await page(gateway, where, victim, made_over(theirs[0]["cursor"], backends))
    assert await page(gateway, where, attacker, made_over(own[0]["cursor"], backends)) == []
