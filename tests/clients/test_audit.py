"""The audit of GraphQL over HTTP by the authors of its draft (npm's graphql-http), against a running gateway."""

import json

from tests.clients.node import FOLDER, script
from tests.conftest import SHOP, Gateway, Store, gateway_before

WITHOUT_INTROSPECTION = {
    "2EA1": "SHOULD allow map {variables} parameter when accepting application/graphql-response+json",
    "28B9": "MUST allow map {variables} parameter when accepting application/json",
    "D6D5": (
        "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting"
        " application/graphql-response+json"
    ),
    "6A70": "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json",
}
"""The audits of variables ask for `__type`, since that is all that every schema has."""


async def failing(gateway: Gateway) -> dict[str, str]:
    """The audits that are not content, by their ids; there are 61 in all."""
    found = await script("audit", f"{gateway.url}/graphql?shop={SHOP}")
    assert len(found) == len({each["id"] for each in found}) == 61
    return {each["id"]: each["name"] for each in found if each["status"] != "ok"}


async def test_every_audit_passes_where_the_schema_is_open(store: Store) -> None:
    """The conformance profile: as the settings are by default."""
    async with gateway_before(store) as gateway:
        assert await failing(gateway) == {}


async def test_in_production_only_introspection_is_missed(store: Store) -> None:
    """The production profile closes introspection, and nothing else of the protocol."""
    async with gateway_before(store, operations={"introspection": "scope"}) as gateway:
        assert await failing(gateway) == WITHOUT_INTROSPECTION


def test_the_clients_are_pinned_and_the_lock_names_no_registry() -> None:
    """By version and by hash; packages come from wherever the machine's own npm gets them."""
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    assert package["dependencies"]["graphql-http"] == "1.23.1"
    assert [version for version in package["dependencies"].values() if not version[0].isdigit()] == []
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [path for path, each in lock.items() if path and ("resolved" in each or "integrity" not in each)] == []
