"""What is made of objects that are given to many is kept, where it follows from the object alone."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable
from typing import Any

import pytest
import strawberry
from graphql import parse

from gateway.execution import Executor
from tests.execution.equality import Request, demand_same


class Counting:
    """Counts how often an attribute is read, and gives what it was told to."""

    def __init__(self, *outcomes: Any) -> None:
        self.reads = 0
        self._outcomes = outcomes

    def read(self) -> Any:
        """The next outcome; the last one again and again."""
        outcome = self._outcomes[min(self.reads, len(self._outcomes) - 1)]
        self.reads += 1
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@strawberry.type
class Part:
    """A part of something that is given to many."""

    __shared__ = True

    counting: strawberry.Private[Counting]

    @strawberry.field
    def value(self) -> int | None:
        """What it was told to give."""
        return self.counting.read()  # type: ignore[no-any-return]  # anything, on purpose

    @strawberry.field
    async def later(self) -> int | None:
        """As a coroutine."""
        return self.counting.read()  # type: ignore[no-any-return]  # as above

    @strawberry.field
    def asking(self, info: strawberry.Info[Any, None]) -> int | None:  # noqa: ARG002  # that it may look is enough
        """With a look at the request."""
        return self.counting.read()  # type: ignore[no-any-return]  # as above


@strawberry.type
class Own:
    """The same, of one request's own."""

    counting: strawberry.Private[Counting]

    @strawberry.field
    def value(self) -> int | None:
        """What it was told to give."""
        return self.counting.read()  # type: ignore[no-any-return]  # as above


@strawberry.type
class Whole:
    """Has parts that are given to many."""

    __shared__ = True

    parts: list[Part]
    plain: int | None = None
    own: Own | None = None


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def whole(self, info: strawberry.Info[Whole, None]) -> Whole:
        """The one that is given to all."""
        return info.context


SCHEMA = strawberry.Schema(Query)


def made(*outcomes: Any) -> tuple[Whole, Counting]:
    """One that is given to many, and what counts its reads."""
    counting = Counting(*outcomes)
    return Whole(parts=[Part(counting=counting)], plain=1, own=Own(counting=counting)), counting


async def asked(executor: Executor, text: str, whole: Whole, variables: dict[str, Any] | None = None) -> Any:
    """Data and messages of two executions of a document."""
    document = parse(text)
    answers = []
    for _ in range(2):
        result = await executor.execute(document, context=whole, variables=variables)
        answers.append((result.data, [error.message for error in result.errors or ()]))
    return answers


async def test_read_once() -> None:
    """Of an object all of whose selection follows from it, by each document for itself."""
    whole, counting = made(7)
    executor = Executor(SCHEMA)
    data = {"whole": {"__typename": "Whole", "plain": 1, "parts": [{"value": 7}]}}
    assert await asked(executor, "{ whole { __typename plain parts { value } } }", whole) == [(data, [])] * 2
    assert counting.reads == 1
    other = {"whole": {"parts": [{"a": 7}]}}
    assert await asked(executor, "{ whole { parts { a: value } } }", whole) == [(other, [])] * 2
    assert counting.reads == 2
    another, its = made(8)
    assert (await asked(executor, "{ whole { parts { a: value } } }", another))[1] == (
        {"whole": {"parts": [{"a": 8}]}},
        [],
    )
    assert its.reads == 1


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ whole { parts { later } } }", {}),
        ("{ whole { parts { asking } } }", {}),
        ("{ whole { own { value } } }", {}),
        ("query ($on: Boolean!) { whole { parts { value @include(if: $on) } } }", {"on": True}),
    ],
)
async def test_what_does_not_follow_from_the_object_is_read_each_time(text: str, variables: dict[str, Any]) -> None:
    """Coroutines, what asks for the request, what is of one request's own, and what depends on variables."""
    whole, counting = made(7)
    first, second = await asked(Executor(SCHEMA), text, whole, variables)
    assert first == second
    assert counting.reads == 2


async def test_errors_are_not_kept() -> None:
    """An object that could not be read is read again."""
    whole, _ = made(ValueError("gone"), 7)
    assert await asked(Executor(SCHEMA), "{ whole { parts { value } } }", whole) == [
        ({"whole": {"parts": [{"value": None}]}}, ["gone"]),
        ({"whole": {"parts": [{"value": 7}]}}, []),
    ]


async def test_what_is_awaited_is_not_kept() -> None:
    """An attribute that has to be awaited, where nobody expects it."""

    async def seven() -> int:
        await asyncio.sleep(0)
        return 7

    waits: list[Awaitable[int]] = [seven(), seven()]
    whole, _ = made(*waits)
    data = {"whole": {"parts": [{"value": 7}]}}
    assert await asked(Executor(SCHEMA), "{ whole { parts { value } } }", whole) == [(data, [])] * 2


async def test_the_same_answers() -> None:
    """As graphql-core gives, the second time too."""
    executor = Executor(SCHEMA)
    whole, _ = made(7)
    request = Request(SCHEMA, parse("{ whole { plain parts { value } own { value } } }"), {}, context=lambda: whole)
    for _ in range(2):
        await demand_same(request, executor, exact=True)


async def test_nothing_outlives_the_plans() -> None:
    """What was kept goes with the executor."""
    executor = Executor(SCHEMA)
    whole, counting = made(7)
    await asked(executor, "{ whole { parts { value } } }", whole)
    gone = weakref.ref(counting)
    del whole, counting, executor
    gc.collect()
    assert gone() is None
