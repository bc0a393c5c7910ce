"""Loaders are asked for the same keys in never more calls than under graphql-core."""

# ruff: noqa: D103 - a test's name is its promise

from __future__ import annotations

import asyncio
import os
from functools import partial
from random import Random

import pytest
import strawberry
from aiodataloader import DataLoader
from graphql import parse
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strawberry.dataloader import DataLoader as StrawberryLoader
from strawberry.types import Info

from gateway.execution import Executor
from gateway.execution.strawberry_internals import graphql_schema
from tests.execution import drawn_values, portal, schemas
from tests.execution.documents import Drawer
from tests.execution.equality import Request, demand_same, stock, valid

EXAMPLES = int(os.environ.get("EXECUTION_EXAMPLES", "120")) // 4


@pytest.mark.parametrize("subscriptions", [1, 2, 20])
async def test_a_portal_makes_one_call_a_loader_and_level(subscriptions: int) -> None:
    schema = strawberry.Schema(portal.Query)
    contexts: list[portal.Context] = []

    def context() -> portal.Context:
        contexts.append(portal.Context())
        return contexts[-1]

    document = valid(schema, portal.PORTAL)
    await demand_same(Request(schema, document, {"first": subscriptions}, context=context), exact=True)
    theirs, ours = contexts
    assert ours.calls == theirs.calls == {"products": 2, "addresses": 1, "charges": 1, "bundles": 1}
    assert ours.keys == theirs.keys


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_drawn_document_never_makes_more_calls(random: Random) -> None:
    async def run() -> None:
        drawer = schemas.SchemaDrawer(random, faultless=True)
        documents = Drawer(graphql_schema(drawer.schema), random, invalid_variables=False)
        contexts: list[drawn_values.Context] = []

        def context() -> drawn_values.Context:
            contexts.append(drawn_values.Context())
            return contexts[-1]

        text = documents.document()
        assume("b0" not in text or "b0" in documents.values)
        document = parse(text)
        answer = await demand_same(Request(drawer.schema, document, documents.values, context=context))
        if not answer.errors:
            theirs, ours = contexts
            assert ours.keys == theirs.keys
            assert ours.calls <= theirs.calls

    asyncio.run(run())


class Loaders:
    """One loader of each make, used at several depths."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[int]]] = []
        self.aio: DataLoader[int, int] = DataLoader(partial(self._load, "aio"))
        self.own: StrawberryLoader[int, int] = StrawberryLoader(partial(self._load, "own"))

    async def _load(self, name: str, keys: list[int]) -> list[int]:
        self.calls.append((name, sorted(keys)))
        await asyncio.sleep(0.001)
        return keys


@strawberry.type
class Step:
    """A chain of async resolvers that wait for nothing, with a loader at every depth."""

    number: int

    @strawberry.field
    async def next(self) -> Step:
        """One deeper."""
        return Step(number=self.number + 1)

    @strawberry.field
    async def both(self) -> list[Step]:
        """Two, deeper."""
        return [Step(number=self.number + 10), Step(number=self.number + 20)]

    @strawberry.field
    async def aio(self, info: Info) -> int:
        """Through aiodataloader."""
        return await info.context.aio.load(self.number)  # type: ignore[no-any-return]  # the context is untyped

    @strawberry.field
    def own(self, info: Info) -> int:
        """Through Strawberry's loader; the future is handed over as it is."""
        return info.context.own.load(self.number)  # type: ignore[no-any-return]  # as above


@strawberry.type
class Query:
    """Where it begins."""

    @strawberry.field
    def step(self) -> Step:
        """The first."""
        return Step(number=0)


async def test_what_can_be_known_at_once_is_asked_for_at_once_however_deep() -> None:
    schema = strawberry.Schema(Query)
    text = "{ step { aio own next { aio both { own aio next { next { next { aio own both { aio own } } } } } } } }"
    loaders = Loaders()
    answer = await Executor(schema).execute(valid(schema, text), context=loaders)
    assert answer.errors is None
    numbers = [0, 1, 11, 14, 21, 24, 24, 34, 34, 44]
    asked = sorted(set(numbers))
    assert sorted(loaders.calls) == [("aio", asked), ("own", sorted({*asked} - {1}))]
    theirs = Loaders()
    assert (await stock(Request(schema, valid(schema, text), context=lambda: theirs))).data == answer.data
    assert len(theirs.calls) >= len(loaders.calls)
