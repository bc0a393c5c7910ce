"""Compiled execution for any Strawberry schema, as one extension."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Any, cast

import strawberry
from graphql import ExecutionResult
from strawberry.extensions import SchemaExtension

from .executor import Executor
from .strawberry_internals import graphql_schema


class CompiledExecution(SchemaExtension):
    """`extensions=[CompiledExecution]`, or a factory: `lambda: CompiledExecution(passive_directives=["inContext"])`.

    For `Schema.execute` and every async view. Strawberry refuses async hooks in `execute_sync`. Put `ParserCache`
    beside it: a plan belongs to a parsed document.
    """

    def __init__(self, *, plans: int = 1000, passive_directives: Collection[str] = (), **_: Any) -> None:
        self._plans = plans
        self._passive = frozenset(passive_directives)

    @classmethod
    def executor_of(
        cls, schema: strawberry.Schema, *, plans: int = 1000, passive_directives: Collection[str] = ()
    ) -> Executor:
        """The executor that all requests of a schema share; its `fallbacks` say what was not compiled."""
        # graphql-core gives every schema a dict for such things; it lives and dies with the schema.
        shared = graphql_schema(schema).extensions
        key = f"{__name__}:{plans}:{sorted(passive_directives)}"
        if key not in shared:
            shared[key] = Executor(schema, plans=plans, passive_directives=passive_directives)
        return cast("Executor", shared[key])

    async def on_execute(self) -> AsyncIterator[None]:
        """Put the answer where Strawberry looks before it executes."""
        request = self.execution_context
        if request.graphql_document is not None and request.result is None:
            executor = self.executor_of(request.schema, plans=self._plans, passive_directives=self._passive)
            result: ExecutionResult | None = await executor.execute_compiled(
                request.graphql_document,
                operation_name=request.operation_name,
                variables=request.variables,
                context=request.context,
                root=request.root_value,
                operation_extensions=request.operation_extensions,
            )
            if result is not None:
                request.result = result
        yield
