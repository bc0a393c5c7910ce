"""The official storefront client, unpatched, against the path front."""

# ruff: noqa: D103 - a test's name is its promise

import json
import os
from typing import Any

import pytest
import pytest_asyncio

from tests.backends.recharge_client import FOLDER, documented, has_node, run_client


@pytest_asyncio.fixture(scope="module")
async def outcome() -> dict[str, Any]:
    """One run of everything; skipped without Node, except in CI, where that is a failure."""
    if not has_node():
        if os.environ.get("CI"):
            pytest.fail("no Node in CI")
        pytest.skip("no Node")
    return await run_client()


async def test_every_method_is_answered_as_its_types_say_or_refused_as_expected(outcome: dict[str, Any]) -> None:
    assert [each for each in outcome["methods"] if each["result"] == "failed"] == []
    assert outcome["missing"] == []
    shaped = [each for each in outcome["methods"] if each["shape"]]
    assert len(shaped) >= 80
    assert [each["name"] for each in outcome["methods"] if each["result"] == "not run"] == ["initFrictionlessPaymentV1"]


async def test_errors_reach_the_client_with_status_and_text(outcome: dict[str, Any]) -> None:
    assert outcome["errors"] == {
        "not found": {"status": 404, "message": '"Not Found"'},
        "unprocessable": {"status": 422, "message": '{"date":["date is not far enough in the future"]}'},
        "unauthorized": {"status": 401, "message": '"Unauthorized"'},
        "other customer": {"status": 404, "message": '"Not Found"'},
        "unauthorized, then logged in": "no error",
    }


async def test_the_documented_table_is_current(outcome: dict[str, Any]) -> None:
    """When it is not: `python -m tests.backends.recharge_client`."""
    assert documented() == outcome["table"]


def test_the_client_is_pinned_and_the_lock_file_names_no_registry() -> None:
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert package["dependencies"] == {"@rechargeapps/storefront-client": "2.3.0"}
    assert all(version[0].isdigit() for version in versions)
    assert '"resolved"' not in (FOLDER / "package-lock.json").read_text(encoding="utf-8")
