"""Internal tools: keys, scopes, and acting on behalf of a customer with a record of it."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, gateway_before

SUPPORT, DASHBOARD, READER = (f"sgk_{letter * 64}" for letter in "abc")
QUERY = "query Look { shop { domain } customer { id email } }"
SKIP = 'mutation Pause { subscriptionPause(subscriptionId: "1", until: "2031-01-01") { userErrors { message } } }'


def tool(key: str, *scopes: str, **more: Any) -> dict[str, Any]:
    """A tool's settings."""
    return {"key_sha256": [hashlib.sha256(key.encode()).hexdigest()], "scopes": scopes, **more}


TOOLS = {
    "support-desk": tool(SUPPORT, "customers:act", "subscriptions:write", shops=[SHOP]),
    "dashboard": tool(DASHBOARD),
    "reader": tool(READER, "customers:act"),
}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Where the audit record is."""
    return tmp_path / "audit.jsonl"


@pytest.fixture
async def gateway(store: Store, record: Path) -> AsyncIterator[Gateway]:
    """A gateway with three tools."""
    async with gateway_before(store, tools=TOOLS, audit={"file": str(record)}) as fresh:
        yield fresh


async def ask(
    gateway: Gateway, key: str, query: str = QUERY, shop: str | None = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    """One request of a tool; `on_behalf_of` and `reason` become headers."""
    names = {"on_behalf_of": "X-On-Behalf-Of", "reason": "X-Reason"}
    async with gateway.client.post(
        f"{gateway.url}/graphql",
        params={"shop": shop} if shop else {},
        json={"query": query},
        headers={"Authorization": f"Bearer {key}", **{names[name]: value for name, value in headers.items()}},
    ) as response:
        return response.status, await response.json()


def code(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    """Status and the first error's code."""
    return answer[0], answer[1]["errors"][0]["extensions"]["code"]


def recorded(record: Path) -> str:
    """All of the record."""
    return record.read_text(encoding="utf-8") if record.exists() else ""


def mode(record: Path) -> int:
    """Who may read it."""
    return record.stat().st_mode & 0o777


async def test_a_key_is_good_for_its_shops(gateway: Gateway) -> None:
    """One shop needs not be named; of several one is; another one's and a wrong key are nobody's."""
    mine = {"data": {"shop": {"domain": SHOP}, "customer": None}}
    assert await ask(gateway, SUPPORT) == (200, mine)
    assert await ask(gateway, SUPPORT, shop=SHOP) == (200, mine)
    assert code(await ask(gateway, SUPPORT, shop=OTHER_SHOP)) == (401, "UNAUTHENTICATED")
    assert code(await ask(gateway, DASHBOARD)) == (401, "UNAUTHENTICATED")
    assert (await ask(gateway, DASHBOARD, shop=OTHER_SHOP))[1]["data"]["shop"] == {"domain": OTHER_SHOP}
    for wrong in (SUPPORT[:-1], SUPPORT + "a", "sgk_", "sgk_" + hashlib.sha256(SUPPORT.encode()).hexdigest()):
        assert code(await ask(gateway, wrong, shop=SHOP)) == (401, "UNAUTHENTICATED")


async def test_acting_on_behalf_of_a_customer_is_recorded(
    gateway: Gateway, store: Store, shopper: int, record: Path
) -> None:
    """The tool sees what the customer sees; who, what, for whom, when and why is there before the answer is."""
    email = (await store.get("subscriptions", f"/customers/{shopper}"))["customer"]["email"]
    identity = f"gid://recharge/Customer/{shopper}"
    status, body = await ask(gateway, SUPPORT, on_behalf_of=identity, reason="ticket 4711")
    assert (status, body["data"]["customer"]) == (200, {"id": identity, "email": email})
    assert (await ask(gateway, SUPPORT, SKIP, on_behalf_of=str(shopper), reason="asked by phone"))[0] == 200
    assert (await ask(gateway, SUPPORT))[0] == 200
    entries = [json.loads(line) for line in recorded(record).splitlines()]
    moments = [(entry.pop("at"), entry.pop("id"), entry.pop("request_id", "")) for entry in entries]
    assert all(at.endswith("+00:00") for at, _, _ in moments)
    assert [identifier for _, identifier, _ in moments] == [moments[place][1] for place in (0, 0, 2, 2)]
    common = {"event": "begun", "tool": "support-desk", "shop": SHOP, "customer_id": shopper}
    looked, paused = {"shop": "shop", "customer": "customer"}, {"subscriptionPause": "subscriptionPause"}
    assert entries == [
        {**common, "operation": "Look", "kind": "query", "fields": looked, "reason": "ticket 4711"},
        {"event": "ended", "outcome": "OK", "fields": {}},
        {**common, "operation": "Pause", "kind": "mutation", "fields": paused, "reason": "asked by phone"},
        {"event": "ended", "outcome": "OK", "fields": {"subscriptionPause": "USER_ERRORS"}},
    ]
    assert email not in recorded(record)
    assert mode(record) == 0o600


@pytest.mark.parametrize(
    ("key", "headers", "expected"),
    [
        (DASHBOARD, {"on_behalf_of": "1", "reason": "x"}, (403, "FORBIDDEN")),
        (SUPPORT, {"on_behalf_of": "1"}, (400, "BAD_USER_INPUT")),
        (SUPPORT, {"on_behalf_of": "1", "reason": " "}, (400, "BAD_USER_INPUT")),
        (SUPPORT, {"on_behalf_of": "1", "reason": "x" * 201}, (400, "BAD_USER_INPUT")),
        (SUPPORT, {"on_behalf_of": "gid://shopify/Customer/1", "reason": "x"}, (400, "BAD_USER_INPUT")),
        (SUPPORT, {"on_behalf_of": "1/../2", "reason": "x"}, (400, "BAD_USER_INPUT")),
    ],
)
async def test_who_may_not_act(
    gateway: Gateway, record: Path, key: str, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    """Without the scope, the customer or the reason: nothing is asked of a backend, and nothing is recorded."""
    assert code(await ask(gateway, key, shop=SHOP, **headers)) == expected
    assert gateway.calls == []
    assert not recorded(record)


async def test_changing_needs_its_scope_and_a_customer(gateway: Gateway, shopper: int) -> None:
    """A tool that may act but not write is forbidden to; one that may write changes nothing for nobody."""
    acting = {"on_behalf_of": str(shopper), "reason": "x"}
    assert code(await ask(gateway, READER, SKIP, SHOP, **acting)) == (200, "FORBIDDEN")
    assert code(await ask(gateway, SUPPORT, SKIP)) == (200, "UNAUTHENTICATED")
    assert gateway.calls == []


@pytest.mark.parametrize("audit", [{}, {"file": "/proc/no-such-folder/audit.jsonl"}])
async def test_what_cannot_be_recorded_is_not_done(store: Store, shopper: int, audit: dict[str, str]) -> None:
    """Without a record, or with one that cannot be written."""
    async with gateway_before(store, tools=TOOLS, audit=audit) as gateway:
        acting = {"on_behalf_of": str(shopper), "reason": "x"}
        assert code(await ask(gateway, SUPPORT, **acting)) == (403, "FORBIDDEN")
        assert gateway.calls == []
        assert (await ask(gateway, SUPPORT))[0] == 200


async def test_a_shopper_acts_for_nobody_else(gateway: Gateway, shopper: int, record: Path) -> None:
    """The header means nothing beside a shopper's session or a visitor's."""
    others = {"X-On-Behalf-Of": str(shopper + 1), "X-Reason": "x"}
    answer = await gateway.ask("{ customer { id } }", customer=shopper, headers=others)
    assert answer.data == {"customer": {"id": f"gid://recharge/Customer/{shopper}"}}
    assert (await gateway.ask("{ customer { id } }", headers=others)).data == {"customer": None}
    assert not recorded(record)


async def test_a_key_is_no_session(gateway: Gateway) -> None:
    """It can neither be exchanged nor ended."""
    for method in ("POST", "DELETE"):
        headers = {"Authorization": f"Bearer {SUPPORT}"}
        async with gateway.client.request(method, f"{gateway.url}/session", headers=headers) as response:
            assert response.status == 400
