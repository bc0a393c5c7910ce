"""What the resolvers of drawn schemas take, answer, fail with and wait for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from aiodataloader import DataLoader
from graphql import GraphQLError

from gateway.deferred import Deferred


@strawberry.enum
class Color(Enum):
    """Something to choose from."""

    RED = "r"
    GREEN = "g"


@strawberry.input
class Inner:
    """Nested input."""

    size: int = 4
    colors: list[Color] | None = None


@strawberry.input
class Filter:
    """Input with everything in it."""

    name: str
    inner: Inner | None = None
    day: date | None = strawberry.UNSET
    ratios: list[float | None] | None = None


class CodedError(Exception):
    """An error whose code clients may read."""

    def __init__(self, number: int) -> None:
        super().__init__(f"coded {number}")
        self.extensions = {"code": "CODED"}


class Wire:
    """Input and output that takes its time: what is under way arrives together, once nothing new is asked for."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._task: asyncio.Task[None] | None = None

    async def call(self) -> None:
        """Wait for the backend."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        if self._task is None:
            self._task = asyncio.create_task(self._deliver())
        await future

    async def quiet(self) -> None:
        """Wait until nothing is under way."""
        if self._task is not None:
            await self._task

    async def _deliver(self) -> None:
        quiet, known = 0, 0
        while quiet < 40:
            await asyncio.sleep(0)
            quiet, known = (quiet + 1, known) if len(self._waiting) == known else (0, len(self._waiting))
        waiting, self._waiting, self._task = self._waiting, [], None
        for future in waiting:
            if not future.done():
                future.set_result(None)


@dataclass
class Context:
    """A loader, and what it was asked."""

    calls: int = 0
    keys: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.wire = Wire()

        async def load(keys: list[int]) -> list[int]:
            self.calls += 1
            self.keys.update(keys)
            await self.wire.call()
            return keys  # what waits for them is told in the loop's next turn

        self._loader: DataLoader[int, int] = DataLoader(load)

    def load(self, key: int) -> Awaitable[int]:
        """Look up a key; whoever is cancelled does not cancel those who wait for the same key.

        Every other key comes as an awaitable that calls back, the rest as futures.

        Without the shield graphql-core may cancel itself: it cancels the siblings of a field that failed, they cancel
        the future that they await, and a field elsewhere that shares it ends the whole execution.
        """
        found = asyncio.shield(self._loader.load(key))
        if key % 2 == 0:
            return found
        deferred: Deferred[int] = Deferred()
        found.add_done_callback(lambda future: None if future.cancelled() else deferred.set(future.result()))
        return deferred


def fault(outcome: str, name: str, number: int) -> Any:
    """Fail in the way that was drawn."""
    if outcome == "raise":
        raise ValueError(f"{name} {number}")
    if outcome == "coded":
        raise CodedError(number) if number % 2 else GraphQLError("gql", extensions={"code": "GQL"})
    wrong: list[Any] = [1.5, {"a": 1}, object, "zz", 2**35, float("nan")]
    return {"null": None, "exception": KeyError(name), "wrong": wrong[number % 6]}[outcome]


def leaf(type_: Any, number: int) -> Any:
    """A value that the scalar or enum takes."""
    return {
        int: number,
        str: f"s{number}",
        float: number / 2,
        bool: number % 2 == 0,
        strawberry.ID: number if number % 2 else f"id{number}",
        Decimal: Decimal(number),
        date: date(2026, 1, 1 + number % 28),
        Color: Color.RED if number % 2 else Color.GREEN,
    }[type_]


def late(value: Any) -> asyncio.Future[Any]:
    """The same, to be awaited."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future
