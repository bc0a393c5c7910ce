"""Suites that are not ours, against a running gateway: the audit of GraphQL over HTTP, and schemathesis."""

import asyncio
import os
from pathlib import Path

import pytest

from backends import demo_customer_id
from promises.conftest import Measured
from tests.clients.node import script
from tests.clients.test_fuzzing import EXPECTED, IDS, fuzz, ids_in
from tests.conftest import SHOP, gateway_before
from tests.mutations.conftest import written

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "10"))
"""Operations drawn for each field at the top; `FUZZ_EXAMPLES=500` for a long run."""


@pytest.mark.promise("R28")
async def test_the_audit_of_graphql_over_http(tmp_path: Path, measured: Measured) -> None:
    """With the schema open, and closed as in production."""
    kept: dict[str, int] = {}
    async with written(tmp_path, customers=20) as shop:
        for introspection in ("open", "scope"):
            async with gateway_before(shop.store, operations={"introspection": introspection}) as gateway:
                found = await script("audit", f"{gateway.url}/graphql?shop={SHOP}")
                kept[introspection] = sum(each["status"] == "ok" for each in found)
    measured(
        "R28",
        f"{kept['open']} of {len(found)} audits of graphql-http, {kept['scope']} with introspection closed",
    )
    assert kept == {"open": 61, "scope": 57}


@pytest.mark.promise("R28")
async def test_schemathesis(tmp_path: Path, measured: Measured) -> None:
    """Operations of every field, as a shopper and as a visitor."""
    async with written(tmp_path, customers=20) as shop, gateway_before(shop.store) as gateway:
        customer = demo_customer_id()
        ids = sorted(set(ids_in((await gateway.ask(IDS, customer=customer)).data)))
        url = f"{gateway.url}/graphql?shop={SHOP}"
        session = {"Authorization": f"Bearer {gateway.token(customer)}"}
        seen = await asyncio.to_thread(fuzz, url, session, EXPECTED, ids, EXAMPLES)
        seen += await asyncio.to_thread(fuzz, url, {}, EXPECTED | {"UNAUTHENTICATED"}, ids, EXAMPLES)
    measured("R28", f"schemathesis: 0 failures in {seen.total()} operations of {EXAMPLES} for each field at the top")
