"""What an execution starts ends with it: nothing runs on, nothing is left unawaited, nothing foreign is cancelled."""

# ruff: noqa: D103 - a test's name is its promise

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import strawberry
from aiodataloader import DataLoader
from strawberry.types import Info

from gateway.execution import Executor
from tests.execution.equality import Request, stock, valid


@dataclass
class Log:
    """What resolvers tell, and a loader they share."""

    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        async def load(keys: list[int]) -> list[int]:
            await self.gate.wait()
            return keys

        self.loader: DataLoader[int, int] = DataLoader(load)

    async def until(self, count: int) -> None:
        """Wait until so many resolvers have begun."""
        async with asyncio.timeout(5):
            while len(self.begun) < count:  # noqa: ASYNC110 - the loop's turns are what is waited for
                await asyncio.sleep(0)


@strawberry.type
class Thing:
    """Fields that wait, share and fail."""

    @strawberry.field
    async def slow(self, info: Info, name: str = "slow") -> str | None:
        """Waits for the gate, and tells when it was cancelled."""
        info.context.begun.append(name)
        try:
            await info.context.gate.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            info.context.ended.append(f"{name} cancelled")
            raise
        info.context.ended.append(name)
        return name

    @strawberry.field
    async def things(self) -> list[Thing]:
        """One deeper."""
        await asyncio.sleep(0)
        return [Thing(), Thing()]

    @strawberry.field
    async def shared(self, info: Info) -> int | None:
        """Waits for the future of a loader."""
        return await info.context.loader.load(1)  # type: ignore[no-any-return]  # the context is untyped

    @strawberry.field
    def shared_future(self, info: Info) -> int | None:
        """The same, handed over."""
        return info.context.loader.load(1)  # type: ignore[no-any-return]  # as above

    @strawberry.field
    async def fails(self, ticks: int = 3) -> int:
        """Nulls what it stands in."""
        for _ in range(ticks):
            await asyncio.sleep(0)
        raise ValueError("failed")

    @strawberry.field
    async def gives_up(self, info: Info) -> int | None:
        """A deadline around a shared future, without a shield."""
        async with asyncio.timeout(0.001):
            return await info.context.loader.load(1)  # type: ignore[no-any-return]  # as above


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def thing(self) -> Thing | None:
        """One."""
        return Thing()


SCHEMA = strawberry.Schema(Query)


# A loop of their own: servers that other tests keep running have tasks that come and go.
pytestmark = pytest.mark.asyncio(loop_scope="function")


@pytest_asyncio.fixture(autouse=True, loop_scope="function")
async def nothing_unhandled() -> AsyncIterator[None]:
    """No task is left, and the loop has nothing to complain of."""
    complaints: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0.01)
    gc.collect()
    loop.set_exception_handler(None)
    assert not complaints
    assert asyncio.all_tasks() - {asyncio.current_task()} <= before


async def test_cancelling_the_caller_cancels_and_awaits_what_was_started() -> None:
    log = Log()
    text = '{ thing { slow things { slow(name: "deep") shared sharedFuture } a: shared } }'
    task = asyncio.create_task(Executor(SCHEMA).execute(valid(SCHEMA, text), context=log))
    await log.until(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(log.ended) == ["deep cancelled", "deep cancelled", "slow cancelled"]
    log.gate.set()


async def test_cancelling_before_the_first_turn_starts_nothing() -> None:
    log = Log()
    task = asyncio.create_task(Executor(SCHEMA).execute(valid(SCHEMA, "{ thing { slow } }"), context=log))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log.begun == []


async def test_cancelling_right_after_the_first_turn_reaches_resolvers_that_have_begun() -> None:
    log = Log()
    task = asyncio.create_task(Executor(SCHEMA).execute(valid(SCHEMA, "{ thing { slow } }"), context=log))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (log.begun, log.ended) == (["slow"], ["slow cancelled"])


async def test_cancelling_a_mutation_starts_no_further_step() -> None:
    @strawberry.type
    class Mutation:
        @strawberry.mutation
        async def wait(self, info: Info, name: str) -> str | None:
            info.context.begun.append(name)
            await info.context.gate.wait()
            return name

    schema = strawberry.Schema(Query, Mutation)
    log = Log()
    document = valid(schema, 'mutation { a: wait(name: "a") b: wait(name: "b") }')
    task = asyncio.create_task(Executor(schema).execute(document, context=log))
    await log.until(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log.begun == ["a"]


async def test_what_stands_in_a_null_is_neither_waited_for_nor_left_running() -> None:
    log = Log()
    answer = await Executor(SCHEMA).execute(valid(SCHEMA, "{ thing { slow fails } }"), context=log)
    assert answer.data == {"thing": None}
    assert [error.message for error in answer.errors or ()] == ["failed"]
    assert log.ended == ["slow cancelled"]


async def test_a_null_elsewhere_does_not_cancel_what_two_fields_wait_for() -> None:
    text = "{ a: thing { shared fails } b: thing { shared sharedFuture } }"
    log = Log()
    task = asyncio.create_task(Executor(SCHEMA).execute(valid(SCHEMA, text), context=log))
    for _ in range(20):
        await asyncio.sleep(0)
    log.gate.set()
    answer = await task
    assert answer.data == {"a": None, "b": {"shared": 1, "sharedFuture": 1}}
    assert [error.path for error in answer.errors or ()] == [["a", "fails"]]


async def test_graphql_core_cancels_itself_there() -> None:
    # Why the plan waits with cancelling: the same request has no answer at all under graphql-core.
    log = Log()
    document = valid(SCHEMA, "{ a: thing { shared fails } b: thing { shared } }")
    with pytest.raises(asyncio.CancelledError):
        await stock(Request(SCHEMA, document, context=lambda: log))
    log.gate.set()


async def test_a_future_that_somebody_cancelled_is_the_error_of_its_fields_only() -> None:
    log = Log()
    text = "{ a: thing { givesUp } b: thing { shared sharedFuture } c: thing { __typename } }"
    answer = await Executor(SCHEMA).execute(valid(SCHEMA, text), context=log)
    assert answer.data == {
        "a": {"givesUp": None},
        "b": {"shared": None, "sharedFuture": None},
        "c": {"__typename": "Thing"},
    }
    messages = sorted(error.message for error in answer.errors or ())
    assert messages == ["", "The field's resolver was cancelled.", "The field's resolver was cancelled."]
    log.gate.set()


async def test_two_executions_of_one_plan_do_not_meet() -> None:
    executor = Executor(SCHEMA)
    document = valid(SCHEMA, "{ thing { slow shared } }")
    first, second = Log(), Log()
    cancelled = asyncio.create_task(executor.execute(document, context=first))
    answered = asyncio.create_task(executor.execute(document, context=second))
    await asyncio.sleep(0.001)
    cancelled.cancel()
    second.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert (await answered).data == {"thing": {"slow": "slow", "shared": 1}}
    first.gate.set()


async def test_what_is_no_exception_ends_the_execution() -> None:
    class Alarm(BaseException):
        pass

    @strawberry.type
    class Alarming:
        @strawberry.field
        async def alarm(self) -> int | None:
            raise Alarm

        @strawberry.field
        async def waits(self, info: Info) -> int | None:
            await info.context.gate.wait()
            return 1

    schema = strawberry.Schema(Alarming)
    with pytest.raises(Alarm):
        await Executor(schema).execute(valid(schema, "{ waits alarm }"), context=Log())
