"""Clients that none of us wrote: Apollo Client, urql and Relay, unmodified, with ids instead of texts."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.edge.manifests import manifest_in
from tests.clients.node import FOLDER, run, script
from tests.conftest import SHOP, Gateway, Store, gateway_before
from tests.processes import ROOT

PRODUCT = "gid://shopify/Product/7301220450001"
JSON = "application/graphql-response+json; charset=utf-8"


async def client(name: str, gateway: Gateway, customer: int, **more: str) -> Any:
    """What a client's script reports."""
    given = {"url": f"{gateway.url}/graphql?shop={SHOP}", "token": gateway.token(customer), **more}
    return await script(name, json.dumps(given))


def said(sent: list[dict[str, Any]]) -> list[str]:
    """Requests in short: the method, whether the text was there, the status."""
    assert {each["type"] for each in sent} == {JSON}
    return [f"{each['method']} {'text' if each['text'] else 'digest'} {each['status']}" for each in sent]


async def failing(_request: Request) -> Response:
    """What a backend answers that is broken."""
    return Response(status_code=500)


@pytest.mark.parametrize(("name", "registers_by"), [("apollo", "POST"), ("urql", "GET")])
async def test_automatic_persisted_queries(store: Store, shopper: int, name: str, registers_by: str) -> None:
    """The first client sends the digest, then the text; the next one the digest alone. Errors come with their codes."""
    async with gateway_before(store) as gateway:
        gateway.fronts["loyalty"].before = failing
        found = await client(name, gateway, shopper, product=PRODUCT)
    for method, again in (("post", "POST"), ("get", registers_by)):
        first, second = found[method]["first"], found[method]["second"]
        assert [each["data"]["shop"]["domain"] for each in (first, second)] == [SHOP, SHOP]
        assert said(first["sent"]) == [f"{method.upper()} digest 200", f"{again} text 200"]
        assert said(second["sent"]) == [f"{method.upper()} digest 200"]
        assert len({each["digest"] for each in first["sent"] + second["sent"]}) == 1
    mine = found["shopper"]["data"]["customer"]
    assert (mine["id"], len(mine["subscriptions"]["nodes"])) == (f"gid://recharge/Customer/{shopper}", 2)
    assert found["gap"]["codes"] == ["BACKEND_UNAVAILABLE"]
    gap = found["gap"]["data"]
    assert (gap["shop"]["domain"], gap["loyaltyProgram"]["pointsLabel"]) == (SHOP, None)
    assert (found["refused"]["data"], found["refused"]["codes"]) == (None, ["UNAUTHENTICATED"])
    assert said(found["refused"]["sent"]) == ["POST digest 401"]


async def test_apollos_cache_knows_objects_by_their_global_ids(store: Store, shopper: int) -> None:
    """So a product that was asked for is not asked for again."""
    async with gateway_before(store) as gateway:
        cache = (await client("apollo", gateway, shopper, product=PRODUCT))["cache"]
    assert said(cache["sent"]) == ["GET digest 200", "POST text 200"]
    assert cache["entries"][0] == f"Product:{PRODUCT}"
    assert [each.partition(":gid://")[0] for each in cache["entries"][1:]] == ["ProductVariant"] * 4


async def test_relay_knows_ids_and_no_texts(store: Store, shopper: int, tmp_path: Path) -> None:
    """Its compiler takes the SDL and prints the manifest; its runtime pages through a connection by `node`."""
    for path in ((FOLDER / "relay" / "Portal.js"), ROOT / "schema" / "schema.graphql"):
        shutil.copy(path, tmp_path)
    manifest, artifacts = tmp_path / "persisted.json", tmp_path / "__generated__"
    artifacts.mkdir()
    manifest.write_text("{}", encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    config = {
        "src": ".",
        "schema": "./schema.graphql",
        "language": "javascript",
        "eagerEsModules": True,
        "artifactDirectory": f"./{artifacts.name}",
        "persistConfig": {"file": f"./{manifest.name}"},
    }
    (tmp_path / "relay.config.json").write_text(json.dumps(config), encoding="utf-8")
    await run(str(FOLDER / "node_modules" / ".bin" / "relay-compiler"), "relay.config.json", folder=tmp_path)
    assert len(manifest_in(manifest)) == 2
    async with gateway_before(store, operations={"manifests": [manifest], "safelist": "enforce"}) as gateway:
        found = await client("relay", gateway, shopper, artifacts=str(artifacts))
        own = await store.get("subscriptions", f"/subscriptions?customer_id={shopper}&limit=250&sort_by=id-asc")
    assert found["first"]["shop"]["domain"] == SHOP
    ids = [f"gid://recharge/SubscriptionContract/{each['id']}" for each in own["subscriptions"]]
    assert (found["before"], found["after"]) == (ids[:2], ids[:4])
    assert [(each["documentId"] in manifest_in(manifest), each["text"], each["status"]) for each in found["sent"]] == [
        (True, False, 200),
        (True, False, 200),
    ]
