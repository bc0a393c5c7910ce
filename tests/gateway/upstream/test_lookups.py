"""Look-ups over a real socket: which calls a set of keys takes, and who gets which row."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from gateway.errors import BackendMalformed, BackendRejected, BackendTimeout
from gateway.upstream import Deadline, Listing, Lookup, Page, PageKey, Record
from tests.scripted import VIEWER, Scripted, scripted_backend


class Row(msgspec.Struct, frozen=True):
    """A row of the scripted backend."""

    id: int
    owner: int
    tags: tuple[int, ...] = ()


BY_ID: Lookup[int, Row] = Lookup(
    path="/rows",
    one="ids",
    many="ids",
    rows="rows",
    into=Row,
    asked_by=lambda row: (row.id,),
    customer=lambda row: row.owner,
)
BY_TAG: Lookup[int, Row] = Lookup(
    path="/rows",
    one="tag",
    many="tags",
    rows="rows",
    into=Row,
    params={"sort_by": "id-asc"},
    asked_by=lambda row: row.tags,
)
ONE_BY_ONE: Lookup[str, Row] = Lookup(
    path="/rows", one="name", rows="rows", into=Row, asked_by=lambda row: (f"n{row.id}",), is_personal=True
)
RECORD: Record[Row] = Record(path="/rows/{key}", rows="row", into=Row, customer=lambda row: row.owner)
OWNED: Listing[Row] = Listing(path="/rows", rows="rows", into=Row, owned_by="owner", owner=lambda row: row.owner)


@pytest.fixture
async def scripted() -> AsyncIterator[Scripted]:
    """A scripted backend, and the way to it as customer 7."""
    async with scripted_backend() as script:
        yield script


def rows(*numbers: int, owner: int = VIEWER) -> dict[str, Any]:
    """An answer with these rows."""
    return {"rows": [{"id": number, "owner": owner, "unknown": {}} for number in numbers], "next_cursor": None}


async def test_many_keys_are_one_call(scripted: Scripted) -> None:
    """Sorted, each once, with raw commas; keys without a row are left out."""
    scripted.answers = [rows(3, 1)]
    found = await scripted.upstream.looking_up(BY_ID)([3, 1, 2, 3])
    assert found == {1: (Row(1, VIEWER),), 3: (Row(3, VIEWER),)}
    assert scripted.asked == ["/rows?ids=1,2,3&limit=250&shop_url=a.example"]


async def test_more_keys_than_a_page_are_several_calls(scripted: Scripted) -> None:
    """250 keys a call."""
    scripted.answers = [rows()]
    await scripted.upstream.looking_up(BY_ID)(range(501))
    assert [
        len(call.partition("ids=")[2].partition("&")[0].split(",")) for call in sorted(scripted.asked, key=len)
    ] == [
        1,
        250,
        250,
    ]


async def test_a_row_may_answer_several_keys(scripted: Scripted) -> None:
    """As a charge serves several subscriptions; a key gets its rows in the backend's order."""
    scripted.answers = [
        {"rows": [{"id": 1, "owner": 9, "tags": [5, 6]}, {"id": 2, "owner": 9, "tags": [6, 99]}], "next_cursor": None}
    ]
    first, second = Row(1, 9, (5, 6)), Row(2, 9, (6, 99))
    assert await scripted.upstream.looking_up(BY_TAG)([5, 6, 7]) == {5: (first,), 6: (first, second)}
    assert scripted.asked == ["/rows?tags=5,6,7&sort_by=id-asc&limit=250&shop_url=a.example"]


async def test_a_group_over_several_pages_is_complete(scripted: Scripted) -> None:
    """The backend's cursors are followed, with nothing but a limit beside them."""
    scripted.answers = [rows(1) | {"next_cursor": "a+b="}, rows(2)]
    assert set(await scripted.upstream.looking_up(BY_ID)([1, 2])) == {1, 2}
    assert scripted.asked[1:] == ["/rows?cursor=a%2Bb%3D&limit=250&shop_url=a.example"]


async def test_cursors_that_never_end_are_given_up(scripted: Scripted) -> None:
    """A backend cannot keep a request going for ever."""
    scripted.answers = [rows(1) | {"next_cursor": "again"}]
    found = await scripted.upstream.looking_up(BY_ID)([1])
    assert isinstance(found[1], BackendMalformed)
    assert len(scripted.asked) == 20


async def test_keys_one_by_one_stay_out_of_the_journal(scripted: Scripted) -> None:
    """Where a key is personal data, only the call itself carries it."""
    scripted.answers = [rows(1), rows(2)]
    found = await scripted.upstream.looking_up(ONE_BY_ONE)(["n1", "a@b.example"])
    assert set(found) == {"n1"}
    assert sorted(scripted.asked) == [
        "/rows?name=a%40b.example&limit=250&shop_url=a.example",
        "/rows?name=n1&limit=250&shop_url=a.example",
    ]
    assert {call.request for call in scripted.journal.calls} == {"GET /rows?name=…&limit=250"}


async def test_rows_that_nobody_asked_for_are_dropped(scripted: Scripted, caplog: pytest.LogCaptureFixture) -> None:
    """And logged as a fault of the backend, without saying whose they are."""
    scripted.answers = [{"rows": [{"id": 1, "owner": VIEWER}, {"id": 2, "owner": VIEWER}, {"id": 3, "owner": 4_711}]}]
    assert set(await scripted.upstream.looking_up(BY_ID)([1, 3])) == {1}
    assert [record.getMessage().count("foreign row dropped") for record in caplog.records].count(1) == 2
    assert "4711" not in caplog.text


async def test_a_malformed_row_leaves_the_others(scripted: Scripted, caplog: pytest.LogCaptureFixture) -> None:
    """Its own key fails, since nobody can say that it does not exist; its value is in no log."""
    scripted.answers = [{"rows": [{"id": 1, "owner": VIEWER}, {"id": "secret", "owner": VIEWER}], "next_cursor": None}]
    found = await scripted.upstream.looking_up(BY_ID)([1, 2])
    assert found[1] == (Row(1, VIEWER),)
    assert isinstance(found[2], BackendMalformed)
    assert "`$.id`" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("answer", [Response("{", media_type="application/json"), {"other": []}, [], "text"])
async def test_an_unreadable_answer_fails_every_key(scripted: Scripted, answer: Any) -> None:
    """As data, so that a loader can hand each waiter its error."""
    scripted.answers = [answer]
    found = await scripted.upstream.looking_up(BY_ID)([1, 2])
    assert [type(error) for error in found.values()] == [BackendMalformed, BackendMalformed]


async def test_a_record(scripted: Scripted) -> None:
    """One call a key; 404 is absence, and so is another customer's record."""
    scripted.answers = [{"row": {"id": 1, "owner": VIEWER}}]
    assert await scripted.upstream.looking_up(RECORD)([1]) == {1: Row(1, VIEWER)}
    assert scripted.asked == ["/rows/1?shop_url=a.example"]
    scripted.answers = [{"row": {"id": 1, "owner": 8}}]
    assert await scripted.upstream.looking_up(RECORD)([1]) == {}
    scripted.answers = [Response("{}", 404, media_type="application/json")]
    assert await scripted.upstream.looking_up(RECORD)([1]) == {}
    scripted.answers = [Response("{}", 403, media_type="application/json")]
    assert type((await scripted.upstream.looking_up(RECORD)([1]))[1]) is BackendRejected


async def test_a_page(scripted: Scripted) -> None:
    """Owner, filters and size; behind a cursor nothing but the size."""
    scripted.answers = [rows(1, 2) | {"next_cursor": "c"}]
    key = PageKey(owner=VIEWER, size=2, filters=(("status", "active"),))
    assert await scripted.upstream.looking_up(OWNED)([key]) == {key: Page((Row(1, VIEWER), Row(2, VIEWER)), "c")}
    following = PageKey(owner=VIEWER, size=2, filters=(("status", "active"),), cursor="c")
    await scripted.upstream.looking_up(OWNED)([following])
    assert scripted.asked == [
        "/rows?owner=7&status=active&limit=2&shop_url=a.example",
        "/rows?cursor=c&limit=2&shop_url=a.example",
    ]


async def test_a_page_in_smiles_dialect(scripted: Scripted) -> None:
    """The cursor is in `metadata`."""
    scripted.answers = [{"rows": [], "metadata": {"next_cursor": "m", "previous_cursor": None}}]
    key = PageKey(owner=VIEWER, size=1)
    assert await scripted.upstream.looking_up(OWNED)([key]) == {key: Page((), "m")}


async def test_a_page_with_a_hole_is_an_error(scripted: Scripted) -> None:
    """A list that lacks what could not be read would be wrong without a word."""
    scripted.answers = [{"rows": [{"id": 1, "owner": VIEWER}, {"id": None, "owner": VIEWER}], "next_cursor": None}]
    key = PageKey(owner=VIEWER, size=2)
    assert isinstance((await scripted.upstream.looking_up(OWNED)([key]))[key], BackendMalformed)


async def test_after_the_deadline_no_call_starts(scripted: Scripted) -> None:
    """The operation's time is up: the field fails at once."""
    late = replace(scripted.upstream, deadline=Deadline.after(-1))
    found = await late.looking_up(RECORD)([1])
    assert isinstance(found[1], BackendTimeout)
    assert scripted.asked == []


@settings(max_examples=60, deadline=None)
@given(
    asked=st.lists(st.integers(1, 12), max_size=12),
    sent=st.lists(st.tuples(st.integers(1, 12), st.sampled_from([VIEWER, 8, 9])), max_size=20),
)
async def test_nobody_gets_a_row_that_is_not_his(asked: Sequence[int], sent: list[tuple[int, int]]) -> None:
    """Whatever a backend sends: what comes out was asked for, bears its key, and is the viewer's."""
    async with scripted_backend() as script:
        script.answers = [{"rows": [{"id": number, "owner": owner} for number, owner in sent], "next_cursor": None}]
        found = await script.upstream.looking_up(BY_ID)(asked)
    assert found == {
        number: tuple(Row(number, VIEWER) for row in sent if row == (number, VIEWER))
        for number in asked
        if (number, VIEWER) in sent
    }
    assert json.dumps(sorted(found)) == json.dumps(sorted({number for number in asked if (number, VIEWER) in sent}))
