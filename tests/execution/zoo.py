"""A schema with one field for each thing that has to work."""

from __future__ import annotations

import asyncio
from typing import Any

import strawberry
from strawberry.permission import PermissionExtension
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from tests.execution.zoo_types import (
    VALUES,
    Animal,
    Bird,
    Cat,
    Changer,
    Deep,
    Dog,
    Edge,
    IsKeeper,
    IsKeeperLater,
    Key,
    Leaves,
    Louder,
    Outer,
    Page,
    Pet,
    Refused,
    Row,
    Search,
    Upper,
    depth,
    leaves,
    see,
)


@strawberry.type
class Query:
    """One field for each thing that has to work."""

    plain: str = "attributes of a root come from the root value"

    @strawberry.field
    def leaves(self) -> list[Leaves | None]:
        """Each value for each scalar."""
        return [leaves(value) for value in VALUES]

    @strawberry.field
    def deep(self) -> Deep | None:
        """Where nulls travel."""
        return Deep(level=0)

    @strawberry.field
    def animals(self) -> list[Animal | None]:
        """Instances, a row, a cast row, and what is no animal."""
        cast_row = strawberry.cast(Cat, Row(name="cast", kind="?"))
        rows: list[Any] = [Row("b", "bird"), cast_row, Row("x", "?")]
        return [Cat(name="c"), Dog(name="d", tricks=["sit", None]), *rows, Cat(name="e")]

    @strawberry.field
    def pets(self) -> list[Pet | None]:
        """Members of a union, and one that is none."""
        return [Cat(name="c"), Dog(name="d", tricks=[]), Bird(name="b"), Cat(name="f"), "text"]  # type: ignore[list-item]  # as above

    @strawberry.field
    def page(self) -> Page[Cat]:
        """Generic types."""
        return Page(edges=[Edge(cursor="1", node=Cat(name="c"))], total=1)

    @strawberry.field
    def search(self, by: Search, words: list[str] | None = None, exact: bool = True) -> str:
        """Arguments of every kind."""
        words = words if words is not None else ["none"]
        words.append("mine")
        return f"{by} {words} {exact}"

    @strawberry.field
    def unset(self, word: str | None = strawberry.UNSET) -> str:
        """Tells null from nothing."""
        return "unset" if word is strawberry.UNSET else repr(word)

    @strawberry.field
    def maybe(self, word: strawberry.Maybe[str | None] = None) -> str:
        """The newer way to tell them apart."""
        return repr(word)

    @strawberry.field
    def key(self, by: Key) -> str:
        """Exactly one."""
        return repr(by)

    @strawberry.field
    def changing(self, box: JSON) -> str:
        """Changes what it was given, which is nobody else's."""
        return see(box)

    @strawberry.field
    def changers(self) -> list[Changer]:
        """Several that change the same argument."""
        return [Changer(), Changer()]

    @strawberry.field
    def described(self, info: Info, word: str = "w") -> list[str]:
        """Everything that info knows."""
        return [
            *(info.field_name, info.python_name, str(info.return_type), str(info.path.as_list()), str(info.root_value)),
            *(str(info.context), str(info.variable_values), str(info.selected_fields), str(info.operation.name)),
            *(str(info.query), str(info.input_extensions), str(info.schema is not None), word),
            str(info.get_argument_definition("word") is not None),
            str([info._raw_info.parent_type, info._raw_info.return_type, sorted(info._raw_info.fragments)]),  # noqa: SLF001 - integrations read it
        ]

    @strawberry.field(permission_classes=[IsKeeper])  # type: ignore[untyped-decorator]  # Strawberry's with options
    def kept(self) -> str:
        """Behind a permission."""
        return "kept"

    @strawberry.field(permission_classes=[IsKeeperLater])  # type: ignore[untyped-decorator]  # Strawberry's with options
    async def kept_later(self) -> str | None:
        """Behind a permission that waits."""
        return "kept later"

    @strawberry.field(extensions=[PermissionExtension([IsKeeper()], fail_silently=True)])  # type: ignore[untyped-decorator]  # Strawberry's with options
    def kept_silently(self) -> list[str]:
        """Empty for strangers."""
        return ["kept"]

    @strawberry.field(extensions=[Louder()])  # type: ignore[untyped-decorator]  # Strawberry's with options
    def loud(self, word: str = "hi") -> str:
        """Through a field extension."""
        return word

    @strawberry.field(extensions=[Louder()])  # type: ignore[untyped-decorator]  # Strawberry's with options
    async def loud_later(self, word: str = "hi") -> str:
        """The same, async."""
        return word

    @strawberry.field
    async def refused(self) -> str | None:
        """Fails with a code."""
        raise Refused

    @strawberry.field
    def returned(self) -> str | None:
        """Returns its error."""
        return Refused()  # type: ignore[return-value]  # graphql-core takes it as raised

    @strawberry.field
    async def outer(self) -> Outer:
        """Sets a context variable for those below."""
        depth.set("outer")
        return Outer()

    @strawberry.field
    async def other(self) -> str:
        """Does not see it."""
        return depth.get()

    @strawberry.field
    def handed(self) -> str:
        """Hands an awaitable over."""

        async def later() -> str:
            return "handed"

        return later()  # type: ignore[return-value]  # graphql-core awaits it

    @strawberry.field
    @staticmethod
    def static() -> str:
        """A static method."""
        return "static"

    @strawberry.field
    async def timed(self) -> str:
        """Relies on being in a task of its own."""
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            return "timed out"
        return "never"


@strawberry.type
class Mutation:
    """Steps that must come one after the other."""

    @strawberry.mutation
    async def step(self, info: Info, name: str, ticks: int = 0, fail: bool = False) -> str | None:
        """Notes when it begins and when it ends."""
        info.context.append(f"{name} begins")
        for _ in range(min(ticks, 9)):
            await asyncio.sleep(0)
        info.context.append(f"{name} ends")
        if fail:
            raise ValueError(name)
        return name

    @strawberry.mutation
    def at_once(self, info: Info, name: str) -> str:
        """The same without waiting."""
        info.context.append(name)
        return name

    @strawberry.mutation
    def deep(self) -> Deep:
        """Something below which things fail."""
        return Deep(level=0)


def zoo(**options: Any) -> strawberry.Schema:
    """The schema."""
    upper = strawberry.scalar(name="Upper", serialize=lambda value: str(value).upper() if value != 0 else None)
    config = StrawberryConfig(scalar_map={Upper: upper})
    return strawberry.Schema(Query, Mutation, types=[Bird], config=config, **options)
