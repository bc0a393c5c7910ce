"""The graph keeps its own rules."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_list_type,
    parse,
    validate,
)
from graphql import build_schema as from_sdl

from schema import build_schema
from tests.documents import FOLDER

SNAPSHOT = Path(__file__).parent.parent.parent / "schema" / "schema.graphql"
GRAPH: GraphQLSchema = from_sdl(build_schema().as_str())
TYPES = [kind for name, kind in sorted(GRAPH.type_map.items()) if not name.startswith("__")]
OBJECTS = [kind for kind in TYPES if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)]


BY_IDS = {("Query", "nodes"), ("Query", "products"), ("Query", "customers")}
"""Lists that answer ids one by one, so that a missing one leaves a hole."""


def test_the_snapshot_is_what_the_code_prints() -> None:
    """So that a change of the graph is read in the review."""
    assert SNAPSHOT.read_text(encoding="utf-8") == build_schema().as_str() + "\n"


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_everything_is_described(kind: GraphQLNamedType) -> None:
    """Each type, and each field of it; GraphQL's own scalars describe themselves."""
    if kind.name in {"Query", "Mutation", "String", "Int", "Float", "Boolean", "ID"}:
        assert all(field.description for field in getattr(kind, "fields", {}).values())
        return
    assert kind.description
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        assert [name for name, field in kind.fields.items() if not field.description] == []


@pytest.mark.parametrize("kind", OBJECTS, ids=str)
def test_ids_are_ids_and_lists_have_no_holes(kind: GraphQLObjectType) -> None:
    """`id` is ID!, and an element of a list is never null, except where asked for by id."""
    for name, field in kind.fields.items():
        if name == "id":
            assert str(field.type) == "ID!"
        if (kind.name, name) in BY_IDS:
            continue
        bare = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if is_list_type(bare):
            assert isinstance(bare.of_type, GraphQLNonNull), f"{kind.name}.{name}"


def test_connections_are_whole() -> None:
    """Nodes, edges and page info, as Relay and Shopify have them."""
    connections = [kind for kind in OBJECTS if kind.name.endswith("Connection")]
    assert len(connections) >= 3
    for kind in connections:
        assert set(kind.fields) == {"nodes", "edges", "pageInfo"}
        edge = get_named_type(kind.fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)
        assert edge.name == kind.name.replace("Connection", "Edge")
        assert set(edge.fields) == {"cursor", "node"}


def test_enum_values_are_constants() -> None:
    """SCREAMING_SNAKE_CASE, as clients' code generators expect."""
    for kind in TYPES:
        if isinstance(kind, GraphQLEnumType):
            assert [name for name in kind.values if name != name.upper()] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.graphql")), ids=lambda path: path.stem)
def test_widget_documents_fit(path: Path) -> None:
    """Every document of the demo is valid."""
    assert validate(GRAPH, parse(path.read_text(encoding="utf-8"))) == []
