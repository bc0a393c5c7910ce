"""`extensions=[CompiledExecution]` answers as the plan does, whatever else is installed."""

# ruff: noqa: D103 - a test's name is its promise

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors, ParserCache, SchemaExtension, ValidationCache
from strawberry.types import ExecutionResult

from gateway.execution import CompiledExecution, Executor, Reason
from tests.execution.equality import error_key, ordered, valid
from tests.execution.test_examples import EXAMPLES
from tests.execution.zoo import Query, zoo

STOCK = zoo()
COMPILED = zoo(extensions=[CompiledExecution])


def seen(result: Any) -> Any:
    """What a client sees."""
    assert isinstance(result, ExecutionResult)
    return ordered(result.data), sorted(map(error_key, result.errors or ()), key=repr)


@pytest.mark.parametrize("name", EXAMPLES)
async def test_the_extension_answers_as_strawberry_and_as_the_executor(name: str) -> None:
    text, variables = EXAMPLES[name]
    executor = Executor(STOCK)
    theirs = await STOCK.execute(text, variables, context_value="keeper", root_value=None)
    variables = EXAMPLES[name][1]
    ours = await COMPILED.execute(text, variables, context_value="keeper", root_value=None)
    if name != "arguments from variables":  # those were changed by the first execution
        assert seen(ours) == seen(theirs)
        direct = await executor.execute(valid(STOCK, text), variables=variables, context="keeper")
        assert ordered(direct.data) == ordered(ours.data)
    assert not CompiledExecution.executor_of(COMPILED).fallbacks


async def test_with_caches_a_document_is_compiled_once() -> None:
    schema = zoo(extensions=[ParserCache, ValidationCache, CompiledExecution])
    executor = CompiledExecution.executor_of(schema)
    for _ in range(3):
        assert (await schema.execute("{ static }")).data == {"static": "static"}
    assert len(executor._plans) == 1  # noqa: SLF001 - how many were compiled has no public name


async def test_the_first_operation_is_taken_as_strawberry_takes_it() -> None:
    text = "query A { static } query B { loud }"
    assert (await COMPILED.execute(text)).data == (await STOCK.execute(text)).data == {"static": "static"}
    assert (await COMPILED.execute(text, operation_name="B")).data == {"loud": "HI!"}


async def test_invalid_documents_never_reach_it() -> None:
    for text in ("{ nothing }", "{", ""):
        try:
            theirs = await STOCK.execute(text)
        except Exception as error:  # noqa: BLE001 - Strawberry raises for a missing query
            with pytest.raises(type(error)):
                await COMPILED.execute(text)
        else:
            assert seen(await COMPILED.execute(text)) == seen(theirs)


async def test_introspection_is_left_to_graphql_core() -> None:
    schema = zoo(extensions=[CompiledExecution])
    answer = await schema.execute("{ __schema { queryType { name } } }")
    assert answer.data == {"__schema": {"queryType": {"name": "Query"}}}
    assert CompiledExecution.executor_of(schema).fallbacks == {Reason.INTROSPECTION: 1}


async def test_beside_a_resolve_hook_graphql_core_executes() -> None:
    class Hook(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
            return "hooked" if info.field_name == "static" else _next(root, info, *args, **kwargs)

    schema = zoo(extensions=[CompiledExecution, Hook])
    assert (await schema.execute("{ static }")).data == {"static": "hooked"}
    assert CompiledExecution.executor_of(schema).fallbacks == {Reason.RESOLVE_HOOK: 1}


async def test_errors_are_processed_and_masked_as_ever() -> None:
    processed: list[GraphQLError] = []

    class Schema(strawberry.Schema):
        def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:  # noqa: ARG002
            processed.extend(errors)

    schema = Schema(Query, extensions=[CompiledExecution, MaskErrors], config=zoo().config)
    answer = await schema.execute("{ returned }")
    assert [error.message for error in processed] == ["refused"]
    assert [error.message for error in answer.errors or ()] == ["Unexpected error."]


async def test_lifecycle_hooks_see_the_result() -> None:
    results: list[Any] = []

    class Watch(SchemaExtension):
        def on_execute(self) -> Iterator[None]:
            yield
            results.append(self.execution_context.result)

    schema = zoo(extensions=[Watch, CompiledExecution])
    await schema.execute("{ static }")
    assert [result.data for result in results] == [{"static": "static"}]


async def test_options_come_through_a_factory() -> None:
    from tests.execution.test_fallbacks import in_context, twice  # noqa: PLC0415 - beside its use

    schema = zoo(
        directives=[twice, in_context], extensions=[lambda: CompiledExecution(passive_directives=["inContext"])]
    )
    assert (await schema.execute('query @inContext(language: "EN") { loud }')).data == {"loud": "HI!"}
    assert not CompiledExecution.executor_of(schema, passive_directives=["inContext"]).fallbacks
