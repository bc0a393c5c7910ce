"""A plan that is forgotten goes at once: nothing of it is in a circle that only a collector would find."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import parse

from gateway.execution import Executor
from tests.execution.zoo import zoo

SCHEMA = zoo()

DOCUMENTS = {
    "objects": "{ deep { level may { level } } }",
    "objects that never come": "{ deep { may { may { may { may { may { may { level } } } } } } } }",
    "interfaces and unions": "{ animals { name ... on Cat { lives } } pets { ... on Dog { tricks } } }",
    "conditions": "query ($b: Boolean! = true) { deep { level @include(if: $b) may @skip(if: $b) { level } } }",
    "fragments": "{ deep { ...A } page { edges { node { name } } } } fragment A on Deep { may { x: level } }",
    "arguments and coroutines": '{ unset(word: "a") loudLater outer { __typename } other }',
    "failures": "{ refused deep { must { level } } }",
    "mutations": 'mutation { a: step(name: "a", ticks: 1) deep { level } }',
}


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Nothing goes but by its count of references."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("runs", [0, 2])
async def test_a_forgotten_plan_goes_by_itself(text: str, runs: int) -> None:
    """Whether it has run or not."""
    executor = Executor(SCHEMA)
    document = parse(text, no_location=True)
    executor.prepare(document)
    for _ in range(runs):
        await executor.execute(document, context=[])
    await asyncio.sleep(0)  # the loop has tasks in its hands that ended in the turn in which they began
    gone: list[weakref.ref[Any]] = [weakref.ref(document), weakref.ref(executor.prepare(document))]
    executor.forget(document)
    del document
    assert [reference() for reference in gone] == [None, None]
