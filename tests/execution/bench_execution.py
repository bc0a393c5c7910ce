"""Times one operation executed by graphql-core, by Strawberry with its caches, and by a compiled plan.

Run by hand: `python -m tests.execution.bench_execution`. The four take turns, and CPU time is what counts, so that a
noisy machine disturbs little and all alike.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import strawberry
from graphql import DocumentNode, execute, parse
from strawberry.extensions import ParserCache, ValidationCache

from gateway.execution import CompiledExecution, Executor
from gateway.execution.strawberry_internals import graphql_schema
from tests.execution.portal import PLAIN, PORTAL, Context, Query

ROUNDS = 60
CALLS = 5


async def cached(schema: strawberry.Schema, text: str) -> Any:
    """Through Strawberry."""
    return await schema.execute(text, context_value=Context(0))


async def compiled(executor: Executor, document: DocumentNode) -> Any:
    """Past Strawberry."""
    return await executor.execute(document, context=Context(0))


async def core(schema: strawberry.Schema, document: DocumentNode) -> Any:
    """Through graphql-core alone."""
    result = execute(graphql_schema(schema), document, context_value=Context(0))
    return await result if asyncio.iscoroutine(result) else result


async def main() -> None:
    """Print a table of medians for each document."""
    schema = strawberry.Schema(Query)
    caching = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])
    compiling = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache, CompiledExecution])
    executor = Executor(schema)
    for title, text in (("portal", PORTAL), ("20 objects x 10 plain fields", PLAIN)):
        document = parse(text)

        contestants: dict[str, Callable[[], Awaitable[Any]]] = {
            "graphql.execute": partial(core, schema, document),
            "schema.execute, parse and validation cached": partial(cached, caching, text),
            "schema.execute with CompiledExecution": partial(cached, compiling, text),
            "Executor.execute": partial(compiled, executor, document),
        }
        times: dict[str, list[float]] = {name: [] for name in contestants}
        answers = [(await run()).data for run in contestants.values()]
        if any(answer != answers[0] for answer in answers):
            raise SystemExit(f"{title}: the answers differ")
        for _ in range(ROUNDS):
            for name, run in contestants.items():
                start = time.process_time()
                for _ in range(CALLS):
                    await run()
                times[name].append((time.process_time() - start) / CALLS)
        medians = {name: statistics.median(values) * 1000 for name, values in times.items()}
        print(title)  # noqa: T201 - a script
        for name, median in medians.items():
            print(f"  {name:45} {median:7.3f} ms  {medians['graphql.execute'] / median:5.1f}x")  # noqa: T201 - as above
        start = time.process_time()
        for _ in range(20):
            await Executor(schema).execute(document, context=Context(0))
        cold = (time.process_time() - start) / 20 * 1000
        print(f"  {'compiled and executed once':45} {cold:7.3f} ms")  # noqa: T201 - as above


if __name__ == "__main__":
    asyncio.run(main())
