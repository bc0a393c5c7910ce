"""Documents that nobody knew are kept in bounded room, and leave nothing behind."""

import asyncio
import gc
import weakref
from typing import Any

from graphql import DocumentNode, Source, parse

from gateway.edge.operations import NODES_OF_A_DOCUMENT, Document
from gateway.edge.tokens import drop_tokens
from gateway.graph import graphs
from gateway.operation_settings import LimitSettings
from tests.conftest import Gateway, Store, gateway_before

FRAGMENTS = 120
LARGE = " ".join(
    [
        '{ product(id: "1") { ...F0 } }',
        *(f"fragment F{number} on Product {{ ...F{number + 1} }}" for number in range(FRAGMENTS)),
        f"fragment F{FRAGMENTS} on Product {{ id }}",
    ]
)


def large(number: int) -> str:
    """A document of eight hundred nodes, unlike any other."""
    return f"query Large{number} {LARGE}"


def node_of(document: Document) -> DocumentNode:
    """What was parsed."""
    return next(iter(document.operations.values())).document


async def test_fewer_are_kept_where_they_are_large() -> None:
    """As many as have the nodes of usual ones together; the newest whatever its size."""
    graph = graphs()(LimitSettings(documents_kept=20))
    operations = graph.operations
    assert 8 * NODES_OF_A_DOCUMENT < operations.find(large(0)).nodes < 10 * NODES_OF_A_DOCUMENT
    for number in range(1, 10):
        operations.find(large(number))
    kept = [number for number in range(10) if operations.knows(large(number))]
    assert kept == [8, 9]
    for number in range(30):
        operations.find(f"query Small{number} {{ shop {{ id }} }}")
    kept = [number for number in range(30) if operations.knows(f"query Small{number} {{ shop {{ id }} }}")]
    assert kept == list(range(10, 30))
    only = graphs()(LimitSettings(documents_kept=1)).operations
    assert only.find(large(0)) is only.find(large(0))


async def test_plans_go_with_their_document() -> None:
    """Nothing of it is there any more, not even for the collector to find later."""
    graph = graphs()(LimitSettings(documents_kept=1))
    node = node_of(graph.operations.find("{ shop { id } }"))
    plan = graph.executor.prepare(node)
    assert graph.executor.prepare(node) is plan
    gc.collect()  # what reading it has left
    gc.disable()
    try:
        graph.operations.find("{ shop { domain } }")
        assert graph.executor.prepare(node) is not plan
        graph.executor.forget(node)
        gone = weakref.ref(node)
        del node, plan
        assert gone() is None
    finally:
        gc.enable()


async def test_a_flood_of_documents_leaves_as_many_as_are_kept(store: Store) -> None:
    """Kept answers, plans and traces of what ran keep no document."""
    async with gateway_before(store, limits={"documents_kept": 2}, cache={"keep": "public"}) as gateway:
        before = _documents()
        for number in range(12):
            answer = await gateway.ask(large(number))
            assert answer.data == {"product": None}
        await asyncio.sleep(0)
        assert _documents() - before <= 2


def _documents() -> int:
    gc.collect()
    return sum(type(each) is DocumentNode for each in gc.get_objects())


def test_places_that_errors_tell_are_kept() -> None:
    """Those of fields, arguments, variables and values; tokens are not."""
    node = parse(Source("query ($a: ID!) { product(id: $a) { id } }"))
    assert drop_tokens(node) == 18
    operation: Any = node.definitions[0]
    field = operation.selection_set.selections[0]
    assert str(field.loc) == "18:40"
    assert str(field.arguments[0].value.loc) == "30:32"
    assert str(operation.variable_definitions[0].loc) == "7:14"
    assert field.name.loc is None
    assert field.loc.start_token.next is None


async def test_an_error_of_a_field_says_where_it_stands(gateway: Gateway) -> None:
    """In line and column of the document."""
    answer = await gateway.ask('{\n  shop { domain }\n  product(id: "x") { id }\n}')
    assert [error["locations"] for error in answer.body["errors"]] == [[{"line": 3, "column": 3}]]
    wrong = await gateway.ask("query (\n  $n: Int) { customer { charges(first: $n) { nodes { id } } } }", {"n": "x"})
    assert [error["locations"] for error in wrong.body["errors"]] == [[{"line": 2, "column": 3}]]
