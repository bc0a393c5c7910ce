"""Fields read what they show of a row, and only when they are asked for."""

import msgspec
import strawberry

from schema.reading import Reading, computed

SEEN: list[str] = []


class Row(msgspec.Struct, frozen=True):
    """A backend's row."""

    title: str
    amount: int


of_row = Reading(Row)


def _title(row: Row) -> str:
    SEEN.append("title")
    return row.title


def _amount(thing: "Thing") -> int:
    SEEN.append("amount")
    return thing.row.amount * thing.times


@strawberry.type
class Thing:
    """Has a row, and something beside it."""

    title: str = of_row(_title, description="Its name.")
    row: strawberry.Private[Row]
    amount: int | None = computed(_amount, description="How much, so many times.")
    times: strawberry.Private[int]

    @strawberry.field
    def shout(self) -> str:
        """As other fields are."""
        return self.title.upper()


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    def thing(self) -> Thing:
        """One."""
        return Thing(row=Row("tea", 3), times=2)


SCHEMA = strawberry.Schema(Query)


async def test_only_what_is_selected_is_read() -> None:
    """By graphql-core as by compiled operations."""
    SEEN.clear()
    result = await SCHEMA.execute("{ thing { amount } }")
    assert (result.data, result.errors, SEEN) == ({"thing": {"amount": 6}}, None, ["amount"])
    result = await SCHEMA.execute("{ thing { title shout amount } }")
    assert (result.data, result.errors) == ({"thing": {"title": "tea", "shout": "TEA", "amount": 6}}, None)


def test_the_sdl_reads_like_the_class() -> None:
    """In its order, with its types and descriptions; what is private is not there."""
    assert SCHEMA.as_str().partition("type Thing {\n")[2].partition("}")[0] == (
        '  """Its name."""\n  title: String!\n\n  """How much, so many times."""\n  amount: Int\n  shout: String!\n'
    )
