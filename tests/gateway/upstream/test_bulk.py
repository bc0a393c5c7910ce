"""Look-ups for several owners in one call: the calls that they take, and who gets which row."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from gateway.errors import BackendMalformed, BackendRejected, BackendTimeout
from gateway.upstream import Bulk, BulkForm, Deadline, Listing, Lookup, Page, PageKey, Record
from tests.scripted import SHOP, VIEWER, Scripted, scripted_backend


class Row(msgspec.Struct, frozen=True):
    """A row of the scripted backend."""

    id: int
    owner: int
    name: str = ""


FORM = BulkForm(path="/rows", key="owners", rows="rows", fleet="/bulk/rows", limits_each=True)
RECORD: Record[Row] = Record(
    path="/rows/{key}", rows="row", into=Row, params={"include": "all"}, key_of=lambda row: row.owner, bulk=FORM
)
BY_NAME: Lookup[str, Row] = Lookup(
    path="/rows",
    one="name",
    rows="rows",
    into=Row,
    asked_by=lambda row: (row.name,),
    is_personal=True,
    bulk=BulkForm(path="/rows", key="names", rows="rows", fleet="/bulk/rows"),
)
OWNED: Listing[Row] = Listing(
    path="/rows",
    rows="rows",
    into=Row,
    owned_by="owner",
    owner=lambda row: row.owner,
    customer=lambda row: row.owner,
    bulk=FORM,
)
FILTERS = (("status", "active"), ("sort_by", "id-desc"))


def answer(bulk: Bulk, *rows: dict[str, Any]) -> Any:
    """Rows as a backend of that kind wraps them."""
    return {"rows": list(rows)} if bulk == "shop" else {"shops": {SHOP: {"rows": list(rows)}}}


def asked(scripted: Scripted, bulk: Bulk) -> list[tuple[str, Any]]:
    """Path and what was asked for, whichever way."""
    if bulk == "shop":
        return [
            (call.partition("?")[0], call.partition("?")[2].removesuffix(f"&shop_url={SHOP}"))
            for call in scripted.asked
        ]
    return list(zip(scripted.asked, scripted.bodies, strict=True))


@pytest.mark.parametrize("bulk", ["shop", "fleet"])
async def test_records(bulk: Bulk) -> None:
    """Many keys are one call; a key without a row does not exist."""
    async with scripted_backend(bulk) as scripted:
        scripted.answers = [answer(bulk, {"id": 20, "owner": 2}, {"id": 10, "owner": 1})]
        found = await scripted.upstream.looking_up(RECORD)([2, 1, 3])
    assert found == {1: Row(10, 1), 2: Row(20, 2)}
    assert asked(scripted, bulk) == [
        ("/rows", "owners=1,2,3&include=all&limit=250")
        if bulk == "shop"
        else ("/bulk/rows", {"shops": {SHOP: {"owners": [1, 2, 3]}}, "params": {"include": "all", "limit": "250"}})
    ]
    assert scripted.tokens == [bulk]


@pytest.mark.parametrize("bulk", ["shop", "fleet"])
async def test_keys_that_are_personal_data(bulk: Bulk) -> None:
    """They travel, and stay out of the journal."""
    async with scripted_backend(bulk) as scripted:
        scripted.answers = [answer(bulk, {"id": 1, "owner": 1, "name": "a@b.example"})]
        found = await scripted.upstream.looking_up(BY_NAME)(["a@b.example", "c@d.example"])
    assert found == {"a@b.example": (Row(1, 1, "a@b.example"),)}
    assert len(scripted.asked) == 1
    shown = "GET /rows?names=…&limit=250" if bulk == "shop" else "POST /bulk/rows"
    assert [call.request for call in scripted.journal.calls] == [shown]


@pytest.mark.parametrize("bulk", ["shop", "fleet"])
async def test_first_pages(bulk: Bulk) -> None:
    """One row more than asked for tells that there is more; rows are the owner's, in order, whatever the answer's."""
    mine = [{"id": number, "owner": VIEWER} for number in (3, 5, 4)]
    async with scripted_backend(bulk) as scripted:
        scripted.answers = [answer(bulk, *mine, {"id": 9, "owner": 8})]
        key = PageKey(owner=VIEWER, size=2, filters=FILTERS)
        found = await scripted.upstream.looking_up(OWNED)([key])
    assert found == {key: Page((Row(5, VIEWER), Row(4, VIEWER)), next_cursor=None, has_more=True)}
    params = {"status": "active", "sort_by": "id-desc", "limit": "3"}
    assert asked(scripted, bulk) == [
        ("/rows", "owners=7&status=active&sort_by=id-desc&limit=3")
        if bulk == "shop"
        else ("/bulk/rows", {"shops": {SHOP: {"owners": [7]}}, "params": params})
    ]


async def test_an_answer_for_many_keys_is_whole() -> None:
    """It is asked for with room for every key, and a cursor in it opens nothing that was asked for."""
    async with scripted_backend("shop") as scripted:
        scripted.answers = [{"rows": [{"id": 1, "owner": 1, "name": "a"}], "next_cursor": "more"}]
        found = await scripted.upstream.looking_up(BY_NAME)(["a", "b"])
    assert found == {"a": (Row(1, 1, "a"),)}
    assert scripted.asked == [f"/rows?names=a,b&limit=250&shop_url={SHOP}"]


@pytest.mark.parametrize("limits_each", [True, False])
async def test_several_owners(*, limits_each: bool) -> None:
    """One call where `limit` counts for each of them, else one each: a busy owner must not crowd out another."""
    listing: Listing[Row] = Listing(
        path="/rows",
        rows="rows",
        into=Row,
        owned_by="owner",
        owner=lambda row: row.owner,
        bulk=BulkForm(path="/rows", key="owners", rows="rows", fleet="/bulk/rows", limits_each=limits_each),
    )
    async with scripted_backend("shop") as scripted:
        scripted.answers = [{"rows": [{"id": 1, "owner": 1}, {"id": 2, "owner": 2}]}]
        keys = [PageKey(owner=1, size=2), PageKey(owner=2, size=2)]
        found = await scripted.upstream.looking_up(listing)(keys)
    assert found == {keys[0]: Page((Row(1, 1),), None), keys[1]: Page((Row(2, 2),), None)}
    each = [f"/rows?owners={owner}&limit=3&shop_url={SHOP}" for owner in (1, 2)]
    assert sorted(scripted.asked) == ([f"/rows?owners=1,2&limit=3&shop_url={SHOP}"] if limits_each else each)


async def test_a_page_as_large_as_backends_give() -> None:
    """No row more than they allow is asked for."""
    async with scripted_backend("shop") as scripted:
        scripted.answers = [{"rows": []}]
        await scripted.upstream.looking_up(OWNED)([PageKey(owner=VIEWER, size=250)])
    assert scripted.asked == [f"/rows?owners=7&limit=250&shop_url={SHOP}"]


@pytest.mark.parametrize("bulk", ["shop", "fleet"])
async def test_later_pages_are_single(bulk: Bulk) -> None:
    """A page behind a cursor, or one whose own cursor is needed, is asked for as the public API has it."""
    async with scripted_backend(bulk) as scripted:
        scripted.answers = [{"rows": [{"id": 1, "owner": VIEWER}], "next_cursor": "c"}]
        keys = [
            PageKey(owner=VIEWER, size=1, filters=FILTERS, cursor="b"),
            PageKey(owner=VIEWER, size=1, filters=FILTERS, is_single=True),
        ]
        found = await scripted.upstream.looking_up(OWNED)(keys)
    assert found == dict.fromkeys(keys, Page((Row(1, VIEWER),), "c"))
    assert sorted(scripted.asked) == [
        f"/rows?cursor=b&limit=1&shop_url={SHOP}",
        f"/rows?owner=7&status=active&sort_by=id-desc&limit=1&shop_url={SHOP}",
    ]


@pytest.mark.parametrize("bulk", ["shop", "fleet"])
async def test_different_questions_stay_apart(bulk: Bulk) -> None:
    """Pages that differ in size or filters are different calls, each with its own rows."""
    async with scripted_backend(bulk) as scripted:
        scripted.answers = [answer(bulk, {"id": 1, "owner": VIEWER})]
        small, large = PageKey(owner=VIEWER, size=1), PageKey(owner=VIEWER, size=5)
        found = await scripted.upstream.looking_up(OWNED)([small, large])
    assert set(found) == {small, large}
    assert len(scripted.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"shops": {"b.example": {"rows": []}}},
        {"shops": {SHOP: {"errors": "Unauthorized"}}},
        {"shops": []},
        {"rows": []},
        [],
    ],
)
async def test_a_fleet_answer_without_the_shops_rows(body: Any) -> None:
    """Another shop's rows are nobody's; an error of this shop's is one."""
    async with scripted_backend("fleet") as scripted:
        scripted.answers = [body]
        found = await scripted.upstream.looking_up(RECORD)([1])
    assert isinstance(found[1], BackendMalformed)


@pytest.mark.parametrize("bulk", ["shop", "fleet"])
async def test_malformed_and_foreign_rows(bulk: Bulk) -> None:
    """A record that cannot be read is an error for its key, and for keys that may be its; a page with one fails."""
    async with scripted_backend(bulk) as scripted:
        scripted.answers = [answer(bulk, {"id": 1, "owner": 1}, {"id": "x", "owner": 2})]
        found = await scripted.upstream.looking_up(RECORD)([1, 2])
        key = PageKey(owner=VIEWER, size=2)
        pages = await scripted.upstream.looking_up(OWNED)([key])
    assert found[1] == Row(1, 1)
    assert isinstance(found[2], BackendMalformed)
    assert isinstance(pages[key], BackendMalformed)


async def test_a_fleet_without_a_token() -> None:
    """Nothing is sent without a credential."""
    async with scripted_backend("fleet") as scripted:
        up = scripted.upstream
        bare = replace(up, tenant=replace(up.tenant, fleet=None))
        found = await bare.looking_up(RECORD)([1])
        late = replace(up, deadline=Deadline.after(-1))
        too_late = await late.looking_up(RECORD)([1])
    assert isinstance(found[1], BackendRejected)
    assert isinstance(too_late[1], BackendTimeout)
    assert scripted.asked == []
