"""`@requiresScopes`, in compiled execution and in graphql-core's: the same answers, and never what may not be seen."""

import asyncio
import gc
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry
from graphql import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.extensions import SchemaExtension

from gateway.execution import Executor
from gateway.viewer import Viewer
from schema.scopes import scoped_field, scoped_type

NAMES = ("a", "b", "c")
EXAMPLES = int(os.environ.get("EXECUTION_EXAMPLES", "120"))


@strawberry.interface(description="Anything.")
class Thing:
    """What has a name."""

    name: str = "thing"

    @scoped_field(scopes=[["a"]], description="For a.")
    def of_a(self) -> str | None:
        """For a."""
        return "a"


@strawberry.type(description="Open, but for some fields.")
class Open(Thing):
    """What anybody may see most of."""

    plain: int = 1

    @scoped_field(scopes=[["a", "b"]], description="For a and b.")
    async def of_both(self) -> str | None:
        """For a and b, and it waits."""
        await asyncio.sleep(0)
        return "BOTH"

    @scoped_field(scopes=[["a"], ["b", "c"]], description="For a, or for b and c.")
    def of_either(self) -> str:
        """Never null."""
        return "EITHER"

    @strawberry.field
    def closed(self) -> "Closed":
        """Never null, of a type for few."""
        return Closed()

    @strawberry.field
    async def maybe_closed(self) -> "Closed | None":
        """The same, nullable."""
        return Closed()

    @strawberry.field
    def things(self) -> "list[Thing]":
        """Without holes."""
        return [Open(), Closed()]

    @strawberry.field
    def things_with_holes(self) -> "list[Thing | None]":
        """With holes."""
        return [Open(), Closed()]


@scoped_type(scopes=[["c"]])
@strawberry.type(description="For c.")
class Closed(Thing):
    """What few may see."""

    secret: str = "SECRET"
    maybe: str | None = None

    @scoped_field(scopes=[["b"]], description="For b, too.")
    async def twice(self) -> str | None:
        """For b and c."""
        return "TWICE"


@strawberry.type
class Query:
    """Where one comes in."""

    @strawberry.field
    def open(self) -> Open | None:
        """For everybody."""
        return Open()

    @scoped_field(scopes=[["b"]], description="For b.")
    async def gate(self, depth: int = 1) -> Open | None:
        """For b, with an argument."""
        assert depth
        return Open()


class Schema(strawberry.Schema):
    """Without hooks around fields, as ours."""

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:  # noqa: ARG002  # Strawberry's signature
        """None."""
        return []

    def process_errors(self, errors: list[Any], execution_context: Any = None) -> None:
        """Say nothing: they are what is tested."""


SCHEMA = Schema(query=Query, types=[Closed])
COMPILED = Executor(SCHEMA, plans=10_000)


@dataclass
class Context:
    """What the check looks at."""

    viewer: Viewer


def fields(depth: int) -> st.SearchStrategy[str]:
    """A selection on `Open`, with conditions."""
    leaves = st.sampled_from(
        ["plain", "name", "ofA", "ofBoth", "ofEither", "__typename", "ofA @skip(if: true)", "x: ofA @include(if: true)"]
    )
    closed = st.sampled_from(["secret", "maybe", "twice", "name", "ofA", "__typename"])
    closed_selection = st.lists(closed, min_size=1, max_size=4).map(" ".join)
    thing = st.tuples(closed_selection, st.sampled_from(["plain", "ofBoth", "ofEither"])).map(
        lambda parts: f"__typename name ofA ... on Closed {{ {parts[0]} }} ... on Open {{ {parts[1]} }}"
    )
    parts = [
        leaves,
        closed_selection.map(lambda inner: f"closed {{ {inner} }}"),
        closed_selection.map(lambda inner: f"maybeClosed {{ {inner} }}"),
        thing.map(lambda inner: f"things {{ {inner} }}"),
        thing.map(lambda inner: f"thingsWithHoles {{ {inner} }}"),
    ]
    # Aliases keep equal fields with different selections apart.
    chosen = st.lists(st.one_of(parts), min_size=1, max_size=4)
    assert depth
    return chosen.map(
        lambda each: " ".join(f"f{number}: {part.removeprefix('x: ')}" for number, part in enumerate(each))
    )


@pytest.fixture
def collected() -> Iterator[None]:
    """Have what graphql-core left behind found where it was left."""
    yield
    gc.collect()


documents = st.tuples(fields(1), fields(1)).map(lambda parts: f"{{ open {{ {parts[0]} }} gate {{ {parts[1]} }} }}")


def outcome(result: Any) -> tuple[Any, list[Any]]:
    """Data and errors, comparable."""
    errors = [(tuple(error.path or ()), error.message, error.extensions) for error in result.errors or ()]
    return result.data, sorted(errors, key=str)


# graphql-core abandons coroutines when it cancels siblings of a failure (see tests/execution/test_property.py).
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine .* was never awaited:RuntimeWarning"
)
@pytest.mark.usefixtures("collected")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents, scopes=st.sets(st.sampled_from(NAMES)), is_known=st.booleans())
def test_both_ways_of_executing_agree(document: str, scopes: set[str], *, is_known: bool) -> None:
    """Data, errors and their paths; `__typename` is no secret."""
    context = Context(Viewer("shop.example", session_id="s" if is_known else None, scopes=frozenset(scopes)))

    async def both() -> tuple[Any, Any]:
        parsed = parse(document)
        compiled = await COMPILED.execute(parsed, operation_name=None, variables={}, context=context)
        return outcome(compiled), outcome(await SCHEMA.execute(document, context_value=context))

    compiled, stock = asyncio.run(both())
    data, errors = compiled
    assert data == stock[0]
    # Of several failures below one place that became null, either may report others (see gateway/execution/README.md).
    assert bool(errors) == bool(stock[1])
    if not _has_lost_parts(data, errors):
        assert errors == stock[1]
    assert {error[2]["code"] for error in errors} <= {"FORBIDDEN" if is_known else "UNAUTHENTICATED"}
    shown = str(data)
    assert ("SECRET" in shown) <= ("c" in scopes)
    assert ("TWICE" in shown) <= ({"b", "c"} <= scopes)
    assert ("BOTH" in shown) <= ({"a", "b"} <= scopes)
    assert ("EITHER" in shown) <= ("a" in scopes or {"b", "c"} <= scopes)
    assert COMPILED.fallbacks.total() == 0


def _has_lost_parts(data: Any, errors: list[Any]) -> bool:
    """Whether a failure took more than its own field with it."""
    for path, *_ in errors:
        place = data
        for part in path:
            if place is None:
                return True
            place = place[part]
    return False


@pytest.mark.parametrize(
    ("query", "scopes", "data", "failed"),
    [
        ("{ open { ofA plain } }", "", {"open": {"ofA": None, "plain": 1}}, [["open", "ofA"]]),
        ("{ open { ofEither plain } }", "b", {"open": None}, [["open", "ofEither"]]),
        ("{ open { ofEither } }", "bc", {"open": {"ofEither": "EITHER"}}, []),
        (
            "{ open { maybeClosed { secret } plain } }",
            "ab",
            {"open": {"maybeClosed": None, "plain": 1}},
            [["open", "maybeClosed", "secret"]],
        ),
        ("{ gate { plain } open { plain } }", "ac", {"gate": None, "open": {"plain": 1}}, [["gate"]]),
        ("{ gate(depth: 2) { plain } }", "b", {"gate": {"plain": 1}}, []),
    ],
)
async def test_a_field_that_may_not_be_seen_is_null(query: str, scopes: str, data: Any, failed: list[Any]) -> None:
    """With FORBIDDEN at its path, and the rest is answered; where it cannot be null, what it stands in is."""
    context = Context(Viewer("shop.example", session_id="s", scopes=frozenset(scopes)))
    result = await COMPILED.execute(parse(query), operation_name=None, variables={}, context=context)
    assert result.data == data
    assert [error.path for error in result.errors or ()] == failed
    assert {(error.extensions or {})["code"] for error in result.errors or ()} <= {"FORBIDDEN"}


def test_the_schema_says_what_is_needed() -> None:
    """As a directive in the SDL, and in words for those who see no directives."""
    sdl = SCHEMA.as_str()
    assert "directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE" in sdl
    assert 'ofEither: String! @requiresScopes(scopes: [["a"], ["b", "c"]])' in sdl
    assert 'type Closed implements Thing @requiresScopes(scopes: [["c"]])' in sdl
    assert "For a, or for b and c. Needs the scope `a`, or `b` and `c`." in sdl
