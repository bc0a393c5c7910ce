"""What "the same answer" means, and who has to give it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import strawberry
from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    NameNode,
    OperationDefinitionNode,
    parse,
    validate,
)

from gateway.execution import Executor
from gateway.execution.strawberry_internals import execute_stock, graphql_schema

ErrorKey = tuple[str, tuple[Any, ...], tuple[Any, ...], str]
Region = tuple[Any, ...]


@dataclass(frozen=True)
class Request:
    """One request; every execution of it gets a context and a root of its own."""

    schema: strawberry.Schema
    document: DocumentNode
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    context: Callable[[], Any] = lambda: None
    root: Any = None


def error_key(error: GraphQLError) -> ErrorKey:
    """All that a client sees of an error."""
    formatted = error.formatted
    locations = tuple((place["line"], place["column"]) for place in formatted.get("locations") or ())
    extensions = json.dumps(formatted.get("extensions") or {}, sort_keys=True, default=str)
    return formatted["message"], tuple(formatted.get("path") or ()), locations, extensions


def ordered(value: Any) -> Any:
    """The same data, where the order of keys counts and 1, 1.0 and True are three things."""
    if isinstance(value, dict):
        return [(key, ordered(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [ordered(item) for item in value]
    return type(value), repr(value)


def region_of(data: Any, path: tuple[Any, ...]) -> Region:
    """The place that became null because of an error, or that the error left alone."""
    for depth, key in enumerate(path):
        if data is None:
            return path[:depth]
        data = data[key]
    return path


def by_region(result: ExecutionResult) -> dict[Region, Counter[ErrorKey]]:
    """Errors, sorted by the null they led to."""
    regions: dict[Region, Counter[ErrorKey]] = defaultdict(Counter)
    for error in result.errors or ():
        key = error_key(error)
        regions[region_of(result.data, key[1])][key] += 1
    return regions


async def stock(request: Request) -> ExecutionResult:
    """What graphql-core answers."""
    result: ExecutionResult = await execute_stock(
        request.schema,
        request.document,
        operation_name=request.operation_name,
        variables=deepcopy(request.variables),  # resolvers may change what a JSON scalar holds
        context=request.context(),
        root=request.root,
        operation_extensions=None,
    )
    return result


async def every_error(request: Request) -> Counter[ErrorKey]:
    """All errors that can happen, those included that graphql-core cancels: nothing propagates."""
    directive = DirectiveNode(name=NameNode(value="experimental_disableErrorPropagation"), arguments=())
    definitions = []
    for definition in request.document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            copied: dict[str, Any] = {key: getattr(definition, key, None) for key in definition.keys}
            copied["directives"] = (*(definition.directives or ()), directive)
            definitions.append(OperationDefinitionNode(**copied))
        else:
            definitions.append(definition)  # type: ignore[arg-type]  # both are definitions
    result = await stock(replace(request, document=DocumentNode(definitions=tuple(definitions))))
    return Counter(map(error_key, result.errors or ()))


async def demand_same(request: Request, executor: Executor | None = None, *, exact: bool = False) -> ExecutionResult:
    """The compiled answer, after it was found to be graphql-core's.

    The same data. The same errors, except below a place that became null because of them: of siblings that fail
    there, graphql-core cancels some, by a count of loop turns that nobody relies on. There it has to be at least one,
    and each has to be an error that can happen. When `exact`, no such exception is made.
    """
    executor = executor or Executor(request.schema)
    expected = await stock(request)
    answer = await executor.execute(
        request.document,
        operation_name=request.operation_name,
        variables=deepcopy(request.variables),
        context=request.context(),
        root=request.root,
    )
    assert ordered(answer.data) == ordered(expected.data)
    theirs, ours = by_region(expected), by_region(answer)
    assert ours.keys() == theirs.keys()
    possible: Counter[ErrorKey] | None = None
    for region, errors in theirs.items():
        if errors == ours[region]:
            continue
        assert not exact, (region, errors, ours[region])
        assert any(key[1] != region for key in errors), (region, errors, ours[region])
        possible = await every_error(request) if possible is None else possible
        assert ours[region] <= possible, (region, ours[region] - possible)
    return answer


def valid(schema: strawberry.Schema, text: str) -> DocumentNode:
    """Parse, and refuse what graphql-core refuses."""
    document = parse(text)
    errors = validate(graphql_schema(schema), document)
    assert not errors, errors
    return document
