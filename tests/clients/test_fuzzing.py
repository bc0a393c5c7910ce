"""Schemathesis draws valid operations from the graph's own introspection, and sends them to a running gateway."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.graphql.checks import GraphQLClientError, GraphQLServerError

from tests.conftest import SHOP, Gateway, gateway_before
from tests.mutations.conftest import written

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
"""Operations drawn for each field at the top; `FUZZ_EXAMPLES=500` for a long run."""
SEED = int(os.environ.get("FUZZ_SEED", "20261124"))

EXPECTED = {"BAD_USER_INPUT", "LIMIT_EXCEEDED", "FORBIDDEN", "IDEMPOTENCY_MISMATCH"}
"""What a valid operation may be refused for: ids that are none, too much at once, what is not a shopper's, one key for
two intents. Never for how it was written, since it follows from what the gateway itself says of its schema; nor for a
failure."""

IDS = """{
  customer {
    id
    addresses { id }
    subscriptions(first: 5) { nodes { id bundleSelection { id } product { id plans { id } variants { id } } } }
    charges(first: 5) { nodes { id } }
  }
  loyaltyProgram { rewards { id } tiers { id } }
}"""


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway in front of a store that may be written to."""
    async with written(tmp_path, customers=20) as shop, gateway_before(shop.store) as fresh:
        yield fresh


def ids_in(value: Any) -> Iterator[str]:
    """Every global id in an answer."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from ids_in(inner)
    elif isinstance(value, str) and value.startswith("gid://"):
        yield value


def unexpected(case: Case[Any], expected: set[str], seen: Counter[str]) -> list[str]:
    """What schemathesis finds in an answer, but for refusals that are expected."""
    response = case.call(params={"shop": SHOP})
    answer: dict[str, Any] = response.json()
    codes = {str(error.get("extensions", {}).get("code")) for error in answer.get("errors", ())}
    seen.update(codes or ["no error"])
    try:
        case.validate_response(response)
    except FailureGroup as group:
        is_refusal = [
            isinstance(each, GraphQLClientError | GraphQLServerError) and codes <= expected for each in group.exceptions
        ]
        if not all(is_refusal):
            return [f"{group.exceptions}: {codes}", case.as_curl_command()]
    return []


def fuzz(
    url: str, headers: dict[str, str], expected: set[str], ids: list[str], examples: int = EXAMPLES
) -> Counter[str]:
    """Draw operations of every field at the top, and send them; the codes that were seen."""
    seen: Counter[str] = Counter()
    # Of drawn texts nearly all would be refused at once. A bare number is an id of whichever type is asked for.
    numbers = [each.rpartition("/")[2] for each in ids]
    drawn = strategies.sampled_from([*numbers, *ids, "1", "", "x", "gid://shopify/Nothing/1"])
    schemathesis.graphql.scalar("ID", drawn.map(schemathesis.graphql.nodes.String))
    schema = schemathesis.graphql.from_url(url, headers=headers)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)

        @seed(SEED)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=found.ok().as_strategy(headers=headers))
        def sent(case: Case[Any]) -> None:
            assert unexpected(case, expected, seen) == []

        sent()
    return seen


@pytest.mark.parametrize("asker", ["shopper", "visitor"])
async def test_operations_that_the_schema_allows_find_no_failure(gateway: Gateway, shopper: int, asker: str) -> None:
    """Reads and writes of every domain, with whatever values."""
    ids = sorted(set(ids_in((await gateway.ask(IDS, customer=shopper)).data)))
    headers = {"Authorization": f"Bearer {gateway.token(shopper)}"} if asker == "shopper" else {}
    expected = EXPECTED if headers else EXPECTED | {"UNAUTHENTICATED"}
    seen = await asyncio.to_thread(fuzz, f"{gateway.url}/graphql?shop={SHOP}", headers, expected, ids)
    print(asker, dict(seen))  # noqa: T201  # the figures of a long run
    assert seen["no error"] > len(seen)
