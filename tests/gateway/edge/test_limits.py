"""A document that asks for too much is refused before it is validated, whichever way it asks."""

from typing import Any

import pytest
from graphql import get_introspection_query

from tests.conftest import Gateway, gateway_before
from tests.documents import FOLDER, document

DOUBLING = " ".join(
    [
        "query ($id: ID!) { product(id: $id) { ...f0 } }",
        *(f"fragment f{number} on Product {{ ...f{number + 1} ...f{number + 1} }}" for number in range(40)),
    ]
)
WIDE = """query ($n: Int) { customer { subscriptions(first: $n) {
  nodes { product { bundle { variants { optionSources { products(first: 5) { nodes { id } } } } } } }
} } }"""
ARGUMENTS = "__schema { types { fields { args { name type { name } } } } }"
LIMITS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "doubling fragments": (
        f"{DOUBLING} fragment f40 on Product {{ variants {{ id }} }}",
        {"id": "1"},
        "cost",
        "The operation costs 1000000000000 and may cost 5000: ask for fewer rows, or for less of each.",
    ),
    "depth": (
        "{ product(id: 1) " + "{ bundle { product " * 5 + "{ id }" + "} }" * 5 + " }",
        {},
        "depth",
        "The document has 12 levels of fields; 10 are the most.",
    ),
    "nesting": ("{ a " * 300 + "}" * 300, {}, "depth", "The document is nested too deeply to be read."),
    "aliases": (
        "{ " + " ".join(f"a{number}: __typename" for number in range(31)) + " }",
        {},
        "aliases",
        "The document has 31 aliases; 30 are the most.",
    ),
    "aliases in fragments": (
        "{ ...F ...F ...F ...F } fragment F on Query { "
        + " ".join(f"a{number}: __typename" for number in range(8))
        + " }",
        {},
        "aliases",
        "The document has 32 aliases; 30 are the most.",
    ),
    "root fields": (
        "{ " + "__typename " * 250 + "}",
        {},
        "root_fields",
        "The document has more than 20 fields at the top; 20 are the most.",
    ),
    "directives": (
        "{ __typename " + "@aa " * 10 + "}",
        {},
        "directives",
        "The document has 10 directives; 8 are the most.",
    ),
    "operations": (
        " ".join(f"query Q{number} {{ __typename }}" for number in range(11)),
        {},
        "operations",
        "The document has 11 operations; 10 are the most.",
    ),
    "page": (
        "{ customer { charges(first: 101) { nodes { id } } } }",
        {},
        "page_size",
        "The document has 101 rows in one list; 100 are the most.",
    ),
    "page in a variable": (
        "query ($n: Int) { customer { charges(first: $n) { nodes { id } } } }",
        {"n": 100_000},
        "page_size",
        "The document has more than 100 rows in one list; 100 are the most.",
    ),
    "page in a default": (
        "query ($n: Int = 101) { customer { charges(first: $n) { nodes { id } } } }",
        {},
        "page_size",
        "The document has 101 rows in one list; 100 are the most.",
    ),
    "ids": (
        "query ($ids: [ID!]!) { products(ids: $ids) { id } }",
        {"ids": ["1"] * 101},
        "page_size",
        "The document has 101 rows in one list; 100 are the most.",
    ),
    "width at allowed depth": (
        WIDE,
        {"n": 100},
        "cost",
        "The operation costs 6902 and may cost 5000: ask for fewer rows, or for less of each.",
    ),
    "tokens": (
        "{ " + "__typename " * 1_000 + "}",
        {},
        "tokens",
        "The document has more than 1000 tokens or 100 comments.",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
async def test_too_much(gateway: Gateway, shopper: int, name: str) -> None:
    """LIMIT_EXCEEDED says which limit, and no backend is asked."""
    query, variables, limit, message = LIMITS[name]
    answer = await gateway.ask(query, variables, customer=shopper)
    assert answer.body == {"errors": [{"message": message, "extensions": {"code": "LIMIT_EXCEEDED", "limit": limit}}]}
    assert gateway.calls == []


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.graphql")))
async def test_the_widgets_documents_are_within_the_limits(store: Any, name: str) -> None:
    """Each with room for twice the cost, but the bundle builder's."""
    limits = {"cost": 5_000 if name == "BundleBuilder" else 1_100}
    async with gateway_before(store, limits=limits) as gateway:
        answer = await gateway.ask(document(name), {"productId": "1", "id": "1"})
        assert "data" in answer.body


async def test_the_whole_schema_may_be_introspected_and_no_more(gateway: Gateway) -> None:
    """As editors and code generators do."""
    full = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    for query in (full, get_introspection_query(descriptions=False)):
        assert (await gateway.ask(query)).data["__schema"]["queryType"]["name"] == "Query"
    for more in (
        "{ __schema { types { fields { type " + "{ ofType " * 12 + "{ name }" + "}" * 12 + " } } } }",
        "{ " + " ".join(f"a{number}: {ARGUMENTS}" for number in range(12)) + " }",
    ):
        (error,) = (await gateway.ask(more)).body["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_page_sizes_in_variables_are_looked_at_each_time(gateway: Gateway, shopper: int) -> None:
    """One document, many sizes: none is taken for another."""
    query = "query ($n: Int) { customer { subscriptions(first: $n) { nodes { id } } } }"
    for n, rows in ((1, 1), (3, 3), (101, None), (2.0, 2), (100.0, 21), (1e6, None), (None, 20), (2, 2)):
        answer = await gateway.ask(query, {"n": n}, customer=shopper)
        if rows is None:
            assert answer.body["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "page_size"}
        else:
            assert len(answer.data["customer"]["subscriptions"]["nodes"]) >= rows
