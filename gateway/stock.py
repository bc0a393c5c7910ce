"""Execution by graphql-core, until compiled plans take its place."""

from typing import Any

import strawberry
from graphql import DocumentNode, ExecutionResult, execute


class Executor:
    """Runs valid documents over a Strawberry schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self.graphql_schema = schema._schema  # noqa: SLF001  # Strawberry has no public name for it

    async def execute(
        self,
        document: DocumentNode,
        *,
        operation_name: str | None,
        variables: dict[str, Any],
        context: object,
    ) -> ExecutionResult:
        """Run one operation."""
        result = execute(
            self.graphql_schema,
            document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
            executor_class=self._schema.execution_context_class,
        )
        return result if isinstance(result, ExecutionResult) else await result
