"""What is not compiled is answered by graphql-core, and counted."""

# ruff: noqa: D103 - a test's name is its promise

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, ExperimentalIncrementalExecutionResults, parse
from graphql.execution import Executor as CoreExecutor
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from gateway.execution import Executor, Fallback, Plan, Reason
from tests.execution.equality import Request, demand_same, valid
from tests.execution.zoo import Mutation, Query, zoo


@strawberry.directive(locations=[DirectiveLocation.FIELD])
def twice(value: DirectiveValue[str]) -> str:
    """Changes what a field answers."""
    return value * 2


@strawberry.directive(locations=[DirectiveLocation.QUERY, DirectiveLocation.FIELD])
def in_context(value: DirectiveValue[str], language: str) -> None:
    """Is read by the caller."""


DIRECTIVES = zoo(directives=[twice, in_context])


@pytest.mark.parametrize(
    ("reason", "text", "variables"),
    [
        (Reason.INTROSPECTION, "{ __schema { queryType { name } } }", None),
        (Reason.INTROSPECTION, '{ ...F } fragment F on Query { __type(name: "Deep") { name } plain }', None),
        (Reason.DIRECTIVE, "{ loud @twice }", None),
        (Reason.DIRECTIVE, 'query @inContext(language: "EN") { loud }', None),
        (Reason.CONDITIONS, "query($if: Boolean = true) { loud @include(if: $if) other }", {"if": None}),
        (Reason.OPERATION, "query A { loud } query B { other }", None),
    ],
)
async def test_is_answered_by_graphql_core(reason: Reason, text: str, variables: dict[str, Any] | None) -> None:
    executor = Executor(DIRECTIVES)
    await demand_same(Request(DIRECTIVES, valid(DIRECTIVES, text), variables), executor, exact=True)
    assert executor.fallbacks == {reason: 1}


async def test_a_directive_acts_when_graphql_core_executes() -> None:
    answer = await Executor(DIRECTIVES).execute(valid(DIRECTIVES, "{ loud @twice }"))
    assert answer.data == {"loud": "HI!HI!"}


async def test_a_passive_directive_compiles() -> None:
    executor = Executor(DIRECTIVES, passive_directives=["inContext"])
    document = valid(DIRECTIVES, 'query @inContext(language: "EN") { loud }')
    assert isinstance(executor.prepare(document), Plan)
    assert (await executor.execute(document)).data == {"loud": "HI!"}
    assert not executor.fallbacks


async def test_an_unknown_operation_is_worded_by_graphql_core() -> None:
    executor = Executor(DIRECTIVES)
    document = valid(DIRECTIVES, "query A { loud }")
    answer = await executor.execute(document, operation_name="B")
    assert [error.message for error in answer.errors or ()] == ["Unknown operation named 'B'."]
    assert executor.fallbacks == {Reason.OPERATION: 1}


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason.DEFER, "{ deep { ...@defer { level } } }"),
        (Reason.STREAM, "{ deep { streamed(count: 3) @stream(initialCount: 1) { level } } }"),
    ],
)
async def test_incremental_delivery_is_graphql_cores(reason: Reason, text: str) -> None:
    schema = strawberry.Schema(
        Query,
        Mutation,
        config=StrawberryConfig(enable_experimental_incremental_execution=True, scalar_map=zoo().config.scalar_map),
    )
    executor = Executor(schema)
    result: Any = await executor.execute(valid(schema, text))
    assert isinstance(result, ExperimentalIncrementalExecutionResults)
    await result.subsequent_results.aclose()
    assert executor.fallbacks == {reason: 1}
    assert isinstance(await executor.execute(valid(schema, "{ deep { level } }")), ExecutionResult)
    assert executor.fallbacks == {reason: 1}


async def test_a_subscription_is_graphql_cores() -> None:
    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def ticks(self) -> AsyncIterator[int]:
            yield 1

    schema = strawberry.Schema(Query, subscription=Subscription, config=zoo().config)
    assert Executor(schema).prepare(valid(schema, "subscription { ticks }")) == Fallback(Reason.SUBSCRIPTION)


async def test_a_class_that_executes_otherwise_is_respected() -> None:
    class Own(type(zoo().execution_context_class)("Own", (zoo().execution_context_class,), {})):  # type: ignore[misc]  # a subclass of a class that Strawberry chose
        pass

    schema = zoo(execution_context_class=Own)
    executor = Executor(schema)
    assert (await executor.execute(valid(schema, "{ loud }"))).data == {"loud": "HI!"}
    assert executor.fallbacks == {Reason.EXECUTION_CONTEXT_CLASS: 1}
    assert issubclass(Own, CoreExecutor)


async def test_resolve_hooks_are_called_by_graphql_core() -> None:
    class Hook(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
            value = _next(root, info, *args, **kwargs)
            return f"{value} {self.execution_context.context}" if info.field_name == "static" else value

    schema = zoo(extensions=[Hook])
    executor = Executor(schema)
    assert (await executor.execute(valid(schema, "{ static }"), context="c")).data == {"static": "static c"}
    assert executor.fallbacks == {Reason.RESOLVE_HOOK: 1}


async def test_conditions_beyond_a_bound_are_left_to_graphql_core() -> None:
    names = [f"b{number}" for number in range(8)]
    variables = ", ".join(f"${name}: Boolean!" for name in names)
    text = f"query({variables}) {{ deep {{ level " + " ".join(f"{n}: level @skip(if: ${n})" for n in names) + " } }"
    schema = zoo()
    executor = Executor(schema)
    document = valid(schema, text)
    for number in range(100):
        values = {name: bool(number >> index & 1) for index, name in enumerate(names)}
        await demand_same(Request(schema, document, values), executor, exact=True)
    assert executor.fallbacks == {Reason.CONDITIONS: 36}


async def test_plans_are_kept_up_to_a_bound() -> None:
    schema = zoo()
    executor = Executor(schema, plans=2)
    documents = [valid(schema, "{ plain }"), valid(schema, "{ static }"), valid(schema, "{ loud }")]
    first = executor.prepare(documents[0])
    second = executor.prepare(documents[1])
    assert executor.prepare(documents[0]) is first
    executor.prepare(documents[2])
    assert executor.prepare(documents[0]) is first
    assert executor.prepare(documents[1]) is not second


async def test_each_operation_of_a_document_has_its_plan() -> None:
    schema = zoo()
    executor = Executor(schema)
    document = valid(schema, "query A { static } query B { loud }")
    assert (await executor.execute(document, operation_name="A")).data == {"static": "static"}
    assert (await executor.execute(document, operation_name="B")).data == {"loud": "HI!"}


async def test_a_document_is_compiled_when_it_is_first_executed_and_never_again() -> None:
    compiled: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "compile" and listening:
            compiled.append(str(arguments[1]))

    schema = zoo()
    executor = Executor(schema)
    text = (
        "query($b: Boolean!) { deep { level may { level @skip(if: $b) mustLater { level } } } leaves { text }"
        " page { edges { node { name } } } animals { name } pets { ... on Cat { lives } } }"
    )
    document = valid(schema, text)
    sys.addaudithook(hook)  # for good; it stops listening
    listening = True
    await executor.execute(document, variables={"b": True})
    first = len(compiled)
    await executor.execute(document, variables={"b": True})
    listening = False
    assert 0 < first == len(compiled)


async def test_nothing_outlives_its_executor() -> None:
    schema = zoo()
    executor = Executor(schema)
    document = parse("{ deep { level may { level } } animals { name } }")
    await executor.execute(document)
    gone: list[weakref.ref[Any]] = [weakref.ref(document), weakref.ref(executor.prepare(document))]
    del executor, document
    await asyncio.sleep(0)
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
