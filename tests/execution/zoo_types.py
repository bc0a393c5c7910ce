"""Types with one of everything that Strawberry offers for output, input and what stands around resolvers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Generic, NewType, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.scalars import JSON
from strawberry.types import Info

T = TypeVar("T")
Upper = NewType("Upper", str)
depth: ContextVar[str] = ContextVar("depth", default="none")


@strawberry.enum
class Size(Enum):
    """An enum whose names in the schema are its own."""

    SMALL = "s"
    LARGE = strawberry.enum_value("l", name="BIG")


@strawberry.enum
class Rank(IntEnum):
    """Members that are numbers."""

    LOW = 1
    HIGH = 2


class Refused(GraphQLError):
    """An error of graphql-core's own class, with a code."""

    def __init__(self) -> None:
        super().__init__("refused", extensions={"code": "FORBIDDEN"})


class IsKeeper(BasePermission):
    """Asks at once."""

    message = "keepers only"
    error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012 - Strawberry's own way to declare it

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:  # noqa: ARG002 - Strawberry calls it so
        """Whether the context is a keeper."""
        return bool(info.context == "keeper")


class IsKeeperLater(IsKeeper):
    """Asks somebody else."""

    async def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:  # type: ignore[override]  # it may
        """Whether the context is a keeper, after a while."""
        await asyncio.sleep(0)
        return super().has_permission(source, info, **kwargs)


class Louder(FieldExtension):
    """Changes arguments on the way in and values on the way out."""

    def resolve(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        """For resolvers that answer at once."""
        return next_(source, info, **{**kwargs, "word": kwargs["word"] + "!"}).upper()

    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        """For the others."""
        return (await next_(source, info, **{**kwargs, "word": kwargs["word"] + "!"})).upper()


@strawberry.interface
class Animal:
    """Has a name; its resolver is inherited."""

    name: str

    @strawberry.field
    def greeting(self, info: Info) -> str:
        """Says where it stands."""
        return f"{self.name} at {info.path.as_list()} of {info.path.typename}"


@strawberry.type
class Cat(Animal):
    """An implementation."""

    lives: int | None = 9


@strawberry.type
class Dog(Animal):
    """Another."""

    tricks: list[str | None]


@dataclass
class Row:
    """Not a Strawberry type: a row of somebody's database."""

    name: str
    kind: str


@strawberry.type
class Bird(Animal):
    """Recognised by looking at rows."""

    @classmethod
    def is_type_of(cls, value: Any, _info: Info) -> bool:
        """Rows of birds count."""
        return isinstance(value, Bird) or getattr(value, "kind", None) == "bird"


Pet = Annotated[Cat | Dog, strawberry.union("Pet")]


@strawberry.type
class Edge(Generic[T]):
    """Generic, as in connections."""

    cursor: str
    node: T


@strawberry.type
class Page(Generic[T]):
    """Generic over generic."""

    edges: list[Edge[T]]
    total: int | None = None


@strawberry.input
class Range:
    """Defaults and lists inside an input."""

    low: int = 1
    high: int | None = strawberry.UNSET
    steps: list[list[int]] | None = None


@strawberry.input
class Search:
    """Inputs inside inputs."""

    word: str
    size: Size = Size.SMALL
    range: Range | None = None
    day: date | None = None


@strawberry.input(one_of=True)
class Key:
    """One or the other."""

    id: strawberry.ID | None = strawberry.UNSET
    word: str | None = strawberry.UNSET


class Awkward:
    """A value that is no JSON and says so."""

    def __str__(self) -> str:
        return "awkward"


@strawberry.type
class Leaves:
    """Every built-in scalar, with values it takes, bends and refuses."""

    integer: int | None
    number: float | None
    text: str | None
    flag: bool | None
    id: strawberry.ID | None
    size: Size | None
    rank: Rank | None
    amount: Decimal | None
    upper: Upper | None
    anything: JSON | None


def leaves(value: Any) -> Leaves:
    """The same value for every leaf."""
    return Leaves(**dict.fromkeys(Leaves.__annotations__, value))


VALUES: list[Any] = [
    *(0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, True, False, None, 1.0, 1.5, float("nan"), float("inf")),
    *("", "1", "x", "s", "l", 10**400, Decimal("1.50"), Size.SMALL, Size.LARGE, Rank.HIGH, Awkward(), {}, [], (), b"b"),
]


@strawberry.type
class Deep:
    """Null where it hurts."""

    level: int

    @strawberry.field
    def must(self, fail: str = "no") -> Deep:
        """Never null, but."""
        if fail == "raise":
            raise ValueError(f"deep {self.level}")
        if fail == "null":
            return None  # type: ignore[return-value]  # the point of it
        return Deep(level=self.level + 1)

    @strawberry.field
    async def must_later(self, fail: str = "no", ticks: int = 1) -> Deep:
        """The same after a while."""
        for _ in range(min(ticks, 9)):
            await asyncio.sleep(0)
        if fail == "raise":
            raise ValueError(f"deep {self.level}")
        if fail == "null":
            return None  # type: ignore[return-value]  # the point of it
        return Deep(level=self.level + 1)

    @strawberry.field
    def may(self) -> Deep | None:
        """Catches what fails below."""
        return Deep(level=self.level + 1)

    @strawberry.field
    def grid(self, rows: list[list[str]]) -> list[list[Deep | None]]:
        """Lists of lists; "!" is an error, "0" is null."""
        return [[_cell(word, self.level) for word in row] for row in rows]

    @strawberry.field
    def strict(self, rows: list[list[str]]) -> list[list[Deep] | None] | None:
        """Lists of lists in which an item must not be null."""
        return [[_cell(word, self.level) for word in row] for row in rows]

    @strawberry.field
    def promised(self, words: list[str]) -> list[Deep]:
        """Items that are awaited, if none of them fails at once."""

        async def later(word: str) -> Deep:
            await asyncio.sleep(0)
            if word == "!":
                raise ValueError("promised")
            return Deep(level=int(word))

        return [later(word) if word != "0" else None for word in words]  # type: ignore[misc]  # the point of it

    @strawberry.field
    def lazily(self, count: int, broken: bool = False) -> list[Deep]:
        """A generator, which may break."""

        def items() -> Iterator[Deep]:
            for number in range(min(count, 6)):
                yield Deep(level=number)
            if broken:
                raise ValueError("the iterator broke")

        return items()  # type: ignore[return-value]  # any iterable is a list to GraphQL

    @strawberry.field
    async def streamed(self, count: int, broken: bool = False) -> list[Deep | None]:
        """An async generator, which may break."""

        async def items() -> AsyncIterator[Any]:
            for number in range(min(count, 6)):
                await asyncio.sleep(0)
                yield Deep(level=number) if number != 2 else ValueError("an item")
            if broken:
                raise ValueError("the stream broke")

        return items()  # type: ignore[return-value]  # as above

    @strawberry.field
    def not_a_list(self) -> list[str] | None:
        """Text is no list."""
        return "text"  # type: ignore[return-value]  # the point of it


def _cell(word: str, level: int) -> Any:
    if word == "!":
        return ValueError("cell")
    return None if word == "0" else Deep(level=level + int(word))


def see(box: Any) -> str:
    """Leave a mark in a JSON object; whatever else is JSON stays as it is."""
    if isinstance(box, dict):
        box["seen"] = box.get("seen", 0) + 1
    return repr(box)


@strawberry.type
class Changer:
    """Has a resolver that changes its argument."""

    @strawberry.field
    def change(self, box: JSON, words: list[str]) -> str:
        """Sees what it was given, each time as it was given."""
        see(box)
        words.append("more")
        return f"{box} {words}"


@strawberry.type
class Outer:
    """Below a resolver that set a context variable."""

    @strawberry.field
    async def seen(self) -> str:
        """Sees it after waiting."""
        await asyncio.sleep(0)
        return depth.get()

    @strawberry.field
    def seen_at_once(self, parent: strawberry.Parent[Outer]) -> str:
        """Sees it, too, and its parent."""
        return f"{depth.get()} {type(parent).__name__}"
