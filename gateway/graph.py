"""The graph, with what reads and runs its documents by the settings of now."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import graphql
import strawberry
from graphql import ExecutionResult
from redis.asyncio import Redis

from gateway.buckets import BucketsInRedis, Quota
from gateway.edge.costs import Costs
from gateway.edge.documents import Documents
from gateway.edge.limits import Limiter, Limits
from gateway.edge.manifests import InvalidManifest, files_of, manifest_in
from gateway.edge.operations import Operation, Operations
from gateway.edge.persisted import QueriesInMemory, QueriesInRedis, RegisteredQueries
from gateway.edge.pushed import PushedDocuments
from gateway.edge.shedding import Shedding
from gateway.edge.throttle import Quotas, Throttle
from gateway.edge.trusted import Pushed, TrustedDocuments
from gateway.execution import Executor
from gateway.operation_settings import LimitSettings, OperationSettings, OverloadSettings, ThrottleSettings
from gateway.pulse import Pulse
from gateway.settings import Settings, SettingsError
from schema import build_schema

PASSIVE_DIRECTIVES = ("inContext",)
"""Directives that are read before execution."""
TRUSTED_PLANS = 10_000
"""Far more than a store's clients have operations: the plan of a trusted document is never thrown away."""


@dataclass(frozen=True, slots=True)
class Graph:
    """What reads and runs documents that nobody knew before; trusted ones have an executor of their own beside it."""

    schema: strawberry.Schema
    operations: Operations
    executor: Executor


Graphs = Callable[[LimitSettings], Graph]


@lru_cache(maxsize=1)
def _schema() -> tuple[strawberry.Schema, Costs]:
    """The schema and what its fields cost: the same for every application of a process, and never written to."""
    schema = build_schema()
    # The directives that say what fields cost are in the SDL, where everybody reads them.
    return schema, Costs.of(graphql.build_schema(schema.as_str(), assume_valid=True))


def graphs() -> Graphs:
    """From limits to a graph; the schema is built once, and documents outlive a reload of the same limits."""
    schema, costs = _schema()

    @lru_cache(maxsize=1)
    def graph(limits: LimitSettings) -> Graph:
        executor = Executor(schema, plans=limits.documents_kept, passive_directives=PASSIVE_DIRECTIVES)
        limiter = Limiter(
            costs,
            Limits(
                depth=limits.depth,
                aliases=limits.aliases,
                root_fields=limits.root_fields,
                directives=limits.directives,
                operations=limits.operations,
                page_size=limits.page_size,
                cost=limits.cost,
            ),
        )
        operations = Operations(
            executor.graphql_schema,
            limiter,
            kept=limits.documents_kept,
            tokens=limits.document_tokens,
            forget=executor.forget,
        )
        return Graph(schema, operations, executor)

    return graph


@dataclass(frozen=True, slots=True)
class Executing:
    """Runs operations: those of trusted documents by plans that are never thrown away."""

    trusted: Executor
    others: Executor

    async def __call__(self, operation: Operation, *, variables: dict[str, Any], context: object) -> ExecutionResult:
        """Run a valid operation."""
        executor = self.trusted if operation.is_trusted else self.others
        return await executor.execute(
            operation.document, operation_name=operation.name, variables=variables, context=context
        )

    @property
    def fallbacks(self) -> Counter[str]:
        """How often graphql-core executed, by reason."""
        return self.trusted.fallbacks + self.others.fallbacks


async def documents_of(graph: Graph, settings: OperationSettings, redis: Redis | None) -> tuple[Documents, Executing]:
    """All documents that may run, and what runs them.

    Raises:
        SettingsError: A manifest cannot be read, or one of its documents cannot run.
    """
    pushed = PushedDocuments(redis) if redis else None
    # In a thread: a folder full of documents takes its time, and requests go on meanwhile.
    trusted, executor = await asyncio.to_thread(_trusted, graph, settings, pushed)

    return Documents(
        graph.operations, trusted, _registered(settings, redis), settings.introspection, settings.safelist
    ), Executing(executor, graph.executor)


def throttle_of(settings: ThrottleSettings, redis: Redis | None) -> Throttle:
    """What takes the cost of operations from the quotas in the settings."""

    def quota(capacity: float | None, per_second: float) -> Quota | None:
        return None if capacity is None else Quota(capacity, per_second)

    return Throttle(
        Quotas(
            session=quota(settings.session_capacity, settings.session_per_second),
            tool=quota(settings.tool_capacity, settings.tool_per_second),
            shop=quota(settings.shop_capacity, settings.shop_per_second),
            address=quota(settings.address_capacity, settings.address_per_second),
        ),
        BucketsInRedis(redis) if redis else None,
        processes=settings.processes,
        trusted_proxies=settings.trusted_proxies,
    )


@contextmanager
def shedding_of(settings: OverloadSettings, pulse: Pulse) -> Iterator[Shedding]:
    """What refuses operations while the loop cannot keep up, for as long as the block runs."""
    shedding = Shedding(
        lag_seconds=settings.lag_seconds,
        interval_seconds=settings.interval_seconds,
        important=settings.important_operations,
        late_seconds=pulse.late_seconds,
    )
    with pulse.heard_by(shedding.heard) if settings.lag_seconds else nullcontext():
        yield shedding


def check_manifests(settings: Settings) -> None:
    """Look whether all trusted documents can run, as a start would.

    Raises:
        SettingsError: A manifest cannot be read, or one of its documents cannot run.
    """
    if settings.operations.manifests:
        _trusted(graphs()(settings.limits), settings.operations, None)


def no_documents(graph: Graph, pushed: Pushed | None = None) -> tuple[TrustedDocuments, Executor]:
    """Trusted documents, none so far, and what compiles and runs those that will be there."""
    executor = Executor(graph.schema, plans=TRUSTED_PLANS, passive_directives=PASSIVE_DIRECTIVES)
    return TrustedDocuments(graph.operations, executor.prepare, pushed, executor.forget), executor


def _trusted(graph: Graph, settings: OperationSettings, pushed: Pushed | None) -> tuple[TrustedDocuments, Executor]:
    documents, executor = no_documents(graph, pushed)
    try:
        documents.accept(manifest_in(file) for file in files_of(settings.manifests))
    except (InvalidManifest, OSError) as error:
        raise SettingsError(f"operations.manifests: {error}") from None
    return documents, executor


def _registered(settings: OperationSettings, redis: Redis | None) -> RegisteredQueries | None:
    if not settings.persisted_queries:
        return None
    kept, seconds = settings.persisted_queries_kept, settings.persisted_queries_seconds
    seen = QueriesInMemory(kept=kept, seconds=seconds)
    return QueriesInRedis(redis, kept=kept, seconds=seconds, seen=seen) if redis else seen
