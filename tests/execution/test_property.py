"""Whatever schema, document and variables are drawn, the plan answers what graphql-core answers."""

# ruff: noqa: D103 - a test's name is its promise

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.execution import Executor
from gateway.execution.strawberry_internals import graphql_schema
from tests.execution.documents import Drawer
from tests.execution.drawn_values import Context
from tests.execution.equality import Request, demand_same
from tests.execution.schemas import SchemaDrawer

EXAMPLES = int(os.environ.get("EXECUTION_EXAMPLES", "120"))
# graphql-core abandons coroutines when it cancels siblings of a failure, and Python complains of them when it finds
# them. What the plan leaves behind is looked at where it runs alone, below.
silently = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine .* was never awaited:RuntimeWarning"
)


@pytest.fixture
def collected() -> Iterator[None]:
    """Have what graphql-core left behind found where it was left."""
    yield
    gc.collect()


def comparing(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test in which graphql-core executes, too."""
    return silently(pytest.mark.usefixtures("collected")(test))  # type: ignore[no-any-return]  # marks are untyped


randoms = st.randoms(use_true_random=False)


def drawn(share: int) -> settings:
    """A share of the examples that are asked for."""
    return settings(max_examples=max(1, EXAMPLES // share), deadline=None, suppress_health_check=list(HealthCheck))


def request(drawer: SchemaDrawer, random: Random, operation: str = "query") -> Request:
    """Draw a request that validation lets through."""
    documents = Drawer(graphql_schema(drawer.schema), random)
    document = parse(documents.document(operation))
    assume(not validate(graphql_schema(drawer.schema), document))
    return Request(drawer.schema, document, documents.values, context=Context)


@comparing
@given(random=randoms)
@drawn(2)
def test_a_drawn_schema_answers_as_graphql_core_does(random: Random) -> None:
    async def run() -> None:
        drawer = SchemaDrawer(random)
        executor = Executor(drawer.schema)
        for operation in ("query", "query", "mutation"):
            await demand_same(request(drawer, random, operation), executor)
        assert not executor.fallbacks

    asyncio.run(run())


@comparing
@given(random=randoms)
@drawn(4)
def test_without_async_the_errors_are_the_same_one_by_one(random: Random) -> None:
    async def run() -> None:
        drawer = SchemaDrawer(random, sync=True)
        await demand_same(request(drawer, random), exact=True)

    asyncio.run(run())


@given(random=randoms)
@drawn(20)
def test_nothing_is_left_behind(random: Random) -> None:
    complaints: list[dict[str, Any]] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        drawer = SchemaDrawer(random)
        drawn = request(drawer, random)
        context = Context()
        await Executor(drawer.schema).execute(drawn.document, variables=drawn.variables, context=context)
        for _ in range(4):
            await asyncio.sleep(0)  # a batch leaves some turns after it was asked for, whether or not anybody waits
        await context.wire.quiet()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
    gc.collect()  # coroutines that were never awaited are found here, and warnings are errors
    assert not complaints
