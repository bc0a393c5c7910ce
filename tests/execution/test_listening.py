"""Awaitables that call back: compiled operations listen to them and need no task, with graphql-core's answers."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import parse

from gateway.deferred import Deferred
from gateway.execution import Executor
from schema.later import Later
from tests.execution.equality import Request, demand_same


class Source:
    """What resolvers hand out, settled after a turn of the loop or before they are asked."""

    def __init__(self) -> None:
        self.tasks: list[int] = []

    def value(self, outcome: object, *, at_once: bool) -> Deferred[Any]:
        """A value, or the error that it is."""
        deferred: Deferred[Any] = Deferred()
        settle: Callable[[Any], None] = deferred.fail if isinstance(outcome, Exception) else deferred.set
        if at_once:
            settle(outcome)
        else:
            asyncio.get_running_loop().call_soon(self._settle, settle, outcome)
        return deferred

    def _settle(self, settle: Callable[[Any], None], outcome: object) -> None:
        self.tasks.append(len(asyncio.all_tasks()))
        settle(outcome)


Info = strawberry.Info[Source, None]


@strawberry.type
class Thing:
    """Fields that come later, at once, never, or not at all."""

    number: int

    @strawberry.field
    def soon(self, info: Info) -> Later["Thing | None"]:
        """Another, after a turn."""
        return info.context.value(Thing(number=self.number + 1), at_once=False)

    @strawberry.field
    def now(self, info: Info) -> Later["Thing"]:
        """Another, at once."""
        return info.context.value(Thing(number=self.number + 10), at_once=True)

    @strawberry.field
    def fails(self, info: Info, at_once: bool) -> Later[int | None]:
        """An error."""
        return info.context.value(ValueError("no number"), at_once=at_once)

    @strawberry.field
    def must(self, info: Info, at_once: bool) -> Later[int]:
        """None where none may be."""
        return info.context.value(None, at_once=at_once)

    @strawberry.field
    async def list_of_them(self, info: Info) -> list[int]:
        """From a coroutine that awaits one of them."""
        return [await info.context.value(1, at_once=False), self.number]


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def thing(self) -> Thing:
        """One."""
        return Thing(number=0)


SCHEMA = strawberry.Schema(Query)


@pytest.mark.parametrize(
    "text",
    [
        "{ thing { number soon { number soon { number } now { soon { number listOfThem } } } now { number } } }",
        "{ thing { soon { fails(atOnce: true) } now { fails(atOnce: false) number } } }",
        "{ thing { soon { must(atOnce: true) number } } }",
        "{ thing { soon { soon { must(atOnce: false) number } number } } }",
        "{ thing { now { must(atOnce: true) } } }",
        "{ thing { a: now { must(atOnce: false) } soon { number } } }",
    ],
)
async def test_the_same_answers(text: str) -> None:
    """Data and errors, wherever the value is null or an error."""
    await demand_same(Request(SCHEMA, parse(text), {}, context=Source))


def test_no_tasks() -> None:
    """Three fields come later in two turns, and there is no task but the one that asks."""
    later = Source()
    document = parse("{ thing { a: soon { soon { number } } b: soon { number } } }")
    # In a loop of its own: what other tests share goes on in theirs.
    result = asyncio.run(Executor(SCHEMA).execute(document, context=later))
    assert result.errors is None
    assert result.data == {"thing": {"a": {"soon": {"number": 2}}, "b": {"number": 1}}}
    assert later.tasks == [1, 1, 1]


class Switch:
    """Something that one field waits for and another settles."""

    def __init__(self) -> None:
        self.light: Deferred[int] = Deferred()


@strawberry.type
class Switches:
    """Fields that settle each other."""

    @strawberry.field
    def light(self, info: strawberry.Info[Switch, None]) -> Later[int]:
        """Waits."""
        return info.context.light

    @strawberry.field
    def press(self, info: strawberry.Info[Switch, None]) -> int:
        """Settles it while the object that it belongs to is being built."""
        info.context.light.set(7)
        return 1


async def test_settled_by_a_sibling_before_its_place_is_there() -> None:
    """A value may be there before the object that it goes into."""
    schema = strawberry.Schema(Switches)
    request = Request(schema, parse("{ a: light press b: light }"), {}, context=Switch)
    assert (await demand_same(request)).data == {"a": 7, "press": 1, "b": 7}


async def test_what_comes_after_the_operation_was_left_goes_nowhere() -> None:
    """The one who asked is gone; settling its values is harmless."""
    never: Deferred[Any] = Deferred()

    class Waiting(Source):
        """Hands out one that is not settled."""

        def value(self, outcome: object, *, at_once: bool) -> Deferred[Any]:  # noqa: ARG002  # as above
            """It."""
            return never

    document = parse("{ thing { soon { number } } }")
    asking = asyncio.create_task(Executor(SCHEMA).execute(document, context=Waiting()))
    await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    never.set(Thing(number=1))
