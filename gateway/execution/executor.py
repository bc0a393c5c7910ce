"""Executes a schema's operations, compiled where that is possible."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection
from typing import Any, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLSchema

from . import strawberry_internals as internals
from .operation import Operation
from .plan import Plan
from .refusals import Fallback, Reason, refusal


class Executor:
    """One for each schema, for as long as the schema lives.

    `plans` bounds how many plans are kept; the least recently used goes. A plan belongs to a DocumentNode, not to its
    text: callers keep parsed documents, or every request compiles anew.
    `passive_directives` names directives of operations, fields and fragments that do not change how they execute.
    `fallbacks` counts by reason how often graphql-core executed.
    """

    def __init__(
        self, schema: strawberry.Schema, *, plans: int = 1000, passive_directives: Collection[str] = ()
    ) -> None:
        self.fallbacks: Counter[str] = Counter()
        self._schema = schema
        self._plans: OrderedDict[tuple[int, str | None], tuple[DocumentNode, Plan | Fallback]] = OrderedDict()
        self._most_plans = plans
        self._passive = frozenset(passive_directives)
        self._never: Fallback | None = None
        if internals.has_own_executor(schema):
            self._never = Fallback(Reason.EXECUTION_CONTEXT_CLASS)
        elif internals.has_resolve_hooks(schema):
            self._never = Fallback(Reason.RESOLVE_HOOK)

    @property
    def graphql_schema(self) -> GraphQLSchema:
        """graphql-core's form of the schema, for parsing, validating and printing."""
        return internals.graphql_schema(self._schema)

    def prepare(self, document: DocumentNode, operation_name: str | None = None) -> Plan | Fallback:
        """The plan of a validated document's operation, compiled once as long as it is kept."""
        if self._never is not None:
            return self._never
        # The entry keeps the document alive, so that its id stays its own.
        key = (id(document), operation_name)
        entry = self._plans.get(key)
        if entry is None:
            entry = self._plans[key] = (document, self._compile(document, operation_name))
            if len(self._plans) > self._most_plans:
                self._plans.popitem(last=False)
        else:
            self._plans.move_to_end(key)
        return entry[1]

    def forget(self, document: DocumentNode) -> None:
        """Throw the plans of a document away, which nobody will ask for again."""
        for key in [key for key, (planned, _) in self._plans.items() if planned is document]:
            del self._plans[key]

    def _compile(self, document: DocumentNode, operation_name: str | None) -> Plan | Fallback:
        schema = internals.graphql_schema(self._schema)
        operation = Operation.find(schema, document, operation_name)
        if operation is None or schema.get_root_type(operation.node.operation) is None:
            return Fallback(Reason.OPERATION)
        reason = refusal(operation, self._passive)
        return Plan(self._schema, operation) if reason is None else Fallback(reason)

    async def execute(
        self,
        document: DocumentNode,
        *,
        operation_name: str | None = None,
        variables: dict[str, Any] | None = None,
        context: object = None,
        root: object = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Answer a validated document as `Schema.execute` does between its lifecycle hooks, which are not called.

        A document with @defer or @stream gets graphql-core's incremental result, if the schema allows them.
        """
        result = await self.execute_compiled(
            document,
            operation_name=operation_name,
            variables=variables,
            context=context,
            root=root,
            operation_extensions=operation_extensions,
        )
        if result is not None:
            return result
        stock = await internals.execute_stock(
            self._schema,
            document,
            operation_name=operation_name,
            variables=variables,
            context=context,
            root=root,
            operation_extensions=operation_extensions,
        )
        return cast("ExecutionResult", stock)

    async def execute_compiled(
        self,
        document: DocumentNode,
        *,
        operation_name: str | None = None,
        variables: dict[str, Any] | None = None,
        context: object = None,
        root: object = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult | None:
        """Answer with a plan, or count a fallback and answer None before any resolver was called."""
        result: ExecutionResult | Plan | Fallback = self.prepare(document, operation_name)
        if isinstance(result, Plan):
            result = await result.execute(
                variables=variables, context=context, root=root, operation_extensions=operation_extensions
            )
        if isinstance(result, ExecutionResult):
            return result
        self.fallbacks[result.reason] += 1
        return None
