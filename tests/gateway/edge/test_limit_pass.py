"""The limit pass counts what naive expansion counts, and looks at every selection once."""

import os
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    build_schema,
    parse,
    validate,
    value_from_ast_untyped,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.edge.costs import UNKNOWN, Costs, FieldCost
from gateway.edge.measure import MOST, Measure, Pass

SDL = """
directive @cost(weight: String!) on FIELD_DEFINITION | OBJECT
directive @listSize(
    assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
directive @a repeatable on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | QUERY | FRAGMENT_DEFINITION | VARIABLE_DEFINITION

interface Named { name: String, friend: Named }
union Thing = Shop | Bundle
type Query {
  shop: Shop
  things(first: Int): [Thing]
  bundles(first: Int! = 7): [Bundle!]!
  search(ids: [ID!]): [Named] @listSize(slicingArguments: ["ids"])
  page(first: Int, last: Int): BundleConnection
    @listSize(assumedSize: 4, slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"])
}
type Shop implements Named {
  name: String, friend: Named
  bundles(limit: Int): [Bundle] @cost(weight: "2.5")
  tags: [String]
}
type Bundle implements Named @cost(weight: "3") {
  name: String, friend: Named
  related: [Bundle!] @listSize(assumedSize: 3)
  page(count: Int = 2): BundleConnection
}
type BundleConnection { nodes: [Bundle!]!, edges: [Edge!]!, more(first: Int): BundleConnection }
type Edge { node: Bundle! }
"""
SCHEMA = build_schema(SDL)
COSTS = Costs.of(SCHEMA)
PAGE = 11
"""The length of a list that nothing gives."""


@dataclass
class Naive:
    """Expands every fragment where it is spread, and counts; takes as long as that takes."""

    document: DocumentNode
    variables: dict[str, Any]

    def measure(self) -> Measure:
        """Of the only operation."""
        operation = operation_of(self.document)
        self.fragments = {
            node.name.value: node for node in self.document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.values = {
            item.variable.name.value: value_from_ast_untyped(item.default_value)
            for item in operation.variable_definitions or ()
            if item.default_value
        } | self.variables
        total = Measure()
        total.cost = self.expand(total, operation.selection_set, "Query", 1, 0, None)
        total.directives += len(operation.directives or ())
        total.directives += sum(len(item.directives or ()) for item in operation.variable_definitions or ())
        for name in ("aliases", "directives", "fields", "cost"):
            setattr(total, name, min(getattr(total, name), MOST))
        return total

    def expand(
        self,
        total: Measure,
        selections: SelectionSetNode,
        parent: str,
        level: int,
        above: int,
        sizing: FieldCost | None,
    ) -> int:
        """The cost of a selection; `above` is the length that the field above gives to those it names."""
        cost = 0
        for node in selections.selections:
            total.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                cost += self.field(total, node, parent, level, above, sizing)
            elif isinstance(node, InlineFragmentNode):
                name = node.type_condition.name.value if node.type_condition else parent
                cost += self.expand(total, node.selection_set, name, level, above, sizing)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                total.directives += len(fragment.directives or ())
                name = fragment.type_condition.name.value
                cost += self.expand(total, fragment.selection_set, name, level, above, sizing)
        return cost

    def field(
        self, total: Measure, node: FieldNode, parent: str, level: int, above: int, sizing: FieldCost | None
    ) -> int:
        """One field's cost."""
        total.depth = max(total.depth, level)
        total.fields += level == 1
        total.aliases += node.alias is not None
        cost = COSTS.fields.get((parent, node.name.value), UNKNOWN)
        length = self.length(cost, node)
        if cost.slicing:
            total.page_size = max(total.page_size, length)
        if not node.selection_set:
            return cost.weight
        each = cost.objects + self.expand(total, node.selection_set, cost.returns or "", level + 1, length, cost)
        if not cost.is_list:
            return cost.weight + each
        is_sized_above = sizing is not None and node.name.value in sizing.sized
        return cost.weight + (above if is_sized_above else length) * each

    def length(self, cost: FieldCost, node: FieldNode) -> int:
        """What the arguments give, else what is assumed."""
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        found = []
        for name, slicing in cost.slicing.items():
            given = arguments.get(name)
            is_left_out = isinstance(given, VariableNode) and given.name.value not in self.values
            value = slicing.default if given is None or is_left_out else value_from_ast_untyped(given, self.values)
            if slicing.is_list and isinstance(value, list):
                found.append(len(value))
            elif not slicing.is_list and isinstance(value, int):
                found.append(min(max(0, value), MOST))
        return max(found, default=PAGE if cost.assumed is None else cost.assumed)


FIELDS = {
    "Query": ["shop", "things", "bundles", "search", "page"],
    "Shop": ["name", "friend", "bundles", "tags"],
    "Bundle": ["name", "friend", "related", "page"],
    "Named": ["name", "friend"],
    "Thing": ["__typename"],
    "BundleConnection": ["nodes", "edges", "more"],
    "Edge": ["node"],
}
RETURNS = {key: cost.returns for key, cost in COSTS.fields.items()}
CONDITIONS = ["Shop", "Bundle", "Named", "BundleConnection", "Thing"]
NUMBERS = st.one_of(
    st.integers(min_value=-3, max_value=40).map(str), st.sampled_from(["null", "$n", "$m", "$unset", "9" * 15])
)
LISTS = st.one_of(st.integers(0, 4).map(lambda size: f"[{', '.join(['1'] * size)}]"), st.sampled_from(["null", "$l"]))
DIRECTIVES = st.sampled_from(["", "", "", " @a", " @a @a"])


@st.composite
def selections(draw: st.DrawFn, kind: str, spreads: list[str], depth: int) -> str:
    """A selection set on a type; spreads may name any of the fragments."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        choice = draw(st.integers(0, 9))
        if choice < 2 and spreads:
            parts.append(f"...{draw(st.sampled_from(spreads))}{draw(DIRECTIVES)}")
        elif choice == 2 and depth:
            on = draw(st.sampled_from(["", *CONDITIONS]))
            inner = draw(selections(on or kind, spreads, depth - 1))
            parts.append(f"...{f' on {on}' if on else ''}{draw(DIRECTIVES)} {inner}")
        else:
            parts.append(draw(fields(kind, spreads, depth)))
    return "{ " + " ".join(parts) + " }"


@st.composite
def fields(draw: st.DrawFn, kind: str, spreads: list[str], depth: int) -> str:
    """A field of a type, now and then one that the type does not have."""
    name = draw(st.sampled_from([*FIELDS.get(kind, []), "nodes"]))
    cost = COSTS.fields.get((kind, name), UNKNOWN)
    arguments = [
        f"{argument}: {draw(LISTS if slicing.is_list else NUMBERS)}"
        for argument, slicing in cost.slicing.items()
        if draw(st.booleans())
    ]
    alias = draw(st.sampled_from(["", "", "x: "]))
    called = f"({', '.join(arguments)})" if arguments else ""
    returns = RETURNS.get((kind, name))
    inner = draw(selections(returns, spreads, depth - 1)) if returns and depth else ""
    return f"{alias}{name}{called}{draw(DIRECTIVES)} {inner}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document whose fragments spread those behind them, so that expanding them ends."""
    names = [f"f{number}" for number in range(draw(st.integers(0, 4)))]
    parts = [
        f"fragment {name} on {(kind := draw(st.sampled_from(CONDITIONS)))}{draw(DIRECTIVES)}"
        f" {draw(selections(kind, names[place + 1 :], 2))}"
        for place, name in enumerate(names)
    ]
    head = "query ($n: Int = 5 @a, $m: Int, $l: [ID!] = [1, 2], $unset: Int)"
    return "\n".join([f"{head}{draw(DIRECTIVES)} {draw(selections('Query', names, 3))}", *parts])


VARIABLES = st.fixed_dictionaries(
    {},
    optional={
        "n": st.one_of(st.none(), st.integers(-2, 50)),
        "m": st.one_of(st.none(), st.integers(0, 50)),
        "l": st.one_of(st.none(), st.lists(st.just("1"), max_size=5)),
    },
)


@settings(
    max_examples=int(os.environ.get("LIMIT_EXAMPLES", "150")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(documents(), VARIABLES)
def test_the_pass_counts_what_naive_expansion_counts(text: str, variables: dict[str, Any]) -> None:
    """On documents of any shape, valid or not; each selection of the document is looked at once at most."""
    document = parse(text)
    operation = operation_of(document)
    walk = Pass(COSTS, document, operation, variables, page_size=PAGE)
    measure = walk.measure()
    measure.sized = {}
    assert measure == Naive(document, variables).measure()
    assert walk.steps <= text.count(" ") + 1


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    """The first operation."""
    return next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def measured(text: str, variables: dict[str, Any] | None = None) -> tuple[Measure, int]:
    """A document's measure, and how many selections were looked at."""
    document = parse(text)
    walk = Pass(COSTS, document, operation_of(document), variables, page_size=PAGE)
    return walk.measure(), walk.steps


@pytest.mark.parametrize("count", [10, 20, 60, 200])
def test_fragments_that_double_each_other_take_as_many_steps_as_they_are_long(count: int) -> None:
    """Naive expansion takes 2 to the power of their number."""
    chain = [f"fragment f{n} on Bundle {{ ...f{n + 1} ...f{n + 1} }}" for n in range(count)]
    text = "\n".join(
        ["{ bundles(first: 1) { ...f0 } }", *chain, f"fragment f{count} on Bundle {{ x: related {{ name }} }}"]
    )
    measure, steps = measured(text)
    assert steps == 2 + 2 * count + 2
    assert measure.aliases == min(2**count, MOST)
    assert measure.cost == min(3 + 3 * 3 * 2**count, MOST)
    assert measure.depth == 3


@pytest.mark.parametrize(
    "text",
    [
        "{ shop { ...A } } fragment A on Shop { name ...B } fragment B on Shop { name ...A }",
        "{ ...A } fragment A on Query { ...A shop { name } }",
        "{ ...NOPE shop { name } }",
        "{ nowhere { at { all } } shop { name } }",
    ],
)
def test_what_cannot_run_is_measured_all_the_same(text: str) -> None:
    """Validation comes later, and refuses it."""
    measure, steps = measured(text)
    assert measure.depth <= 3
    assert steps <= 6
    assert validate(SCHEMA, parse(text))


@pytest.mark.parametrize(
    ("text", "variables", "cost", "page_size"),
    [
        ("{ shop { name } }", {}, 1, 0),
        ("{ bundles { name } }", {}, 7 * 3, 7),
        ("{ bundles(first: 2) { name } }", {}, 2 * 3, 2),
        ("{ bundles(first: 0) { name } }", {}, 0, 0),
        ("{ bundles(first: -5) { name } }", {}, 0, 0),
        ("{ bundles(first: " + "9" * 5_000 + ") { name } }", {}, MOST, MOST),
        ("query ($n: Int!) { bundles(first: $n) { name } }", {"n": 100_000}, 300_000, 100_000),
        ("query ($n: Int!) { bundles(first: $n) { name } }", {"n": 1e5}, 300_000, 100_000),
        ("query ($n: Int! = 9) { bundles(first: $n) { name } }", {}, 27, 9),
        ("query ($n: Int) { things(first: $n) { __typename } }", {}, 10, 10),
        ("query ($n: Int) { things(first: $n) { __typename } }", {"n": None}, 10, 10),
        ("query ($n: Int) { things(first: $n) { __typename } }", {"n": "3"}, 10, 10),
        ("query ($n: Int) { things(first: $n) { __typename } }", {"n": 1e300}, MOST, MOST),
        ("query ($n: Int) { things(first: $n) { __typename } }", {"n": True}, 10, 10),
        ("{ search(ids: [1, 2, 3]) { name } }", {}, 3, 3),
        ("query ($l: [ID!]) { search(ids: $l) { name } }", {"l": ["1"] * 500}, 500, 500),
        ("{ search { name } }", {}, PAGE, PAGE),
        ("{ page { nodes { name } edges { node { name } } } }", {}, 1 + 4 * 3 + 4 * (1 + 3), 4),
        ("{ page(first: 2, last: 6) { nodes { name } } }", {}, 1 + 6 * 3, 6),
        ("{ page(first: 2) { ...C } } fragment C on BundleConnection { nodes { name } }", {}, 1 + 2 * 3, 2),
        ("{ page(first: 2) { more { nodes { name } } } }", {}, 1 + 1 + 10 * 3, 10),
        ("{ shop { bundles(limit: 2) { related { name } } tags } }", {}, 1 + 3 + 2 * (3 + 3 * 3), 2),
    ],
)
def test_lengths(text: str, variables: dict[str, Any], cost: int, page_size: int) -> None:
    """From literals, variables and defaults, missing, null or negative, by numbers and by lists."""
    measure, _ = measured(text, variables)
    assert (measure.cost, measure.page_size) == (cost, page_size)


def test_introspection_is_measured_apart() -> None:
    """Wherever it stands."""
    direct, _ = measured("{ __schema { types { name } } shop { name } }")
    hidden, _ = measured("{ ...A shop { name } } fragment A on Query { a: __schema { types { name } } }")
    for measure in (direct, hidden):
        assert (measure.introspection_depth, measure.depth) == (3, 2)
        assert (measure.introspection_cost, measure.cost) == (11, 1)
