"""Each thing that Strawberry and GraphQL offer is answered by the plan as graphql-core answers it."""

# ruff: noqa: D103 - a test's name is its promise

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from graphql import parse, validate

from gateway.execution import Executor
from gateway.execution.strawberry_internals import graphql_schema
from tests.execution.documents import Drawer
from tests.execution.equality import Request, demand_same, valid
from tests.execution.zoo import zoo

SCHEMA = zoo()
DEEP = "{ deep { %s } }"

EXAMPLES: dict[str, tuple[str, dict[str, Any] | None]] = {
    "scalars take, bend and refuse": ("{ leaves { integer number text flag id amount upper anything } }", None),
    "enums": ("{ leaves { size rank } }", None),
    "typename and aliases": ("{ __typename a: deep { __typename b: level c: level } }", None),
    "interface": ("{ animals { __typename name greeting ... on Cat { lives } ... on Dog { tricks } } }", None),
    "union": ("{ pets { __typename ... on Animal { name } ... on Dog { tricks } ... on Cat { lives name } } }", None),
    "generics": ("{ page { total edges { cursor node { name lives } } } }", None),
    "fragments": (
        (
            "{ ...A deep { ...B ...B } } fragment A on Query { deep { level } }"
            " fragment B on Deep { may { level ...C } }"
            " fragment C on Deep { level x: level }"
        ),
        None,
    ),
    "merged selections": ("{ deep { may { level } may { level may { level } } } deep { may { x: level } } }", None),
    "input literals": (
        (
            '{ search(by: {word: "a", size: BIG, range: {low: 2, steps: [[1], [2, 3]]}, day: "2026-01-02"}'
            ', words: "one") }'
        ),
        None,
    ),
    "input variables": (
        (
            "query($by: Search!, $words: [String!]) { search(by: $by, words: $words)"
            " again: search(by: $by, words: $words) }"
        ),
        {"by": {"word": "w", "range": {"high": None, "steps": [[]]}}, "words": ["x"]},
    ),
    "variables inside literals": (
        (
            "query($w: String!, $n: Int, $l: [Int!]!) {"
            " search(by: {word: $w, range: {low: 3, high: $n, steps: [$l, [4]]}}) }"
        ),
        {"w": "in", "l": [1, 2]},
    ),
    "defaults of variables": (
        'query($e: Boolean! = false, $w: [String!] = ["d"]) { search(by: {word: "x"}, words: $w, exact: $e) }',
        {},
    ),
    "unset and null": (
        '{ a: unset b: unset(word: null) c: unset(word: "w") d: maybe e: maybe(word: null) f: maybe(word: "m") }',
        None,
    ),
    "a missing variable is no argument": ("query($w: String) { unset(word: $w) maybe(word: $w) }", {}),
    "one of": ("query($k: Key!) { a: key(by: {id: 3}) b: key(by: $k) }", {"k": {"word": "w"}}),
    "arguments of a call are its own": ('{ changers { change(box: {n: 1}, words: ["a"]) } }', None),
    "arguments from variables": (
        "query($b: JSON!, $w: [String!]!) { changers { change(box: $b, words: $w) } }",
        {"b": {}, "w": []},
    ),
    "info": (
        (
            'query Named($v: String) { described(word: "x") @include(if: true) o: described(word: $v) ...F }'
            " fragment F on Query { plain }"
        ),
        {"v": "y"},
    ),
    "extensions of fields": ('{ loud loudLater x: loudLater(word: "again") }', None),
    "errors keep their codes": ("{ refused returned kept }", None),
    "silent permission": ("{ keptSilently keptLater }", None),
    "awaitables from sync resolvers": ("{ handed static }", None),
    "context variables go down and not aside": ("{ outer { seen seenAtOnce } other }", None),
    "a timeout inside a resolver": ("{ timed a: timed }", None),
    "null where it may not be": (DEEP % 'may { may { must(fail: "null") { level } } level }', None),
    "a failure where null may not be": (DEEP % 'may { level must { must(fail: "raise") { level } } } level', None),
    "a late failure": (DEEP % 'may { must { mustLater(fail: "raise") { level } } } level', None),
    "a late null": (DEEP % 'may { must { mustLater(fail: "null", ticks: 0) { level } } } level', None),
    "null up to the root": ('mutation { deep { must(fail: "raise") { level } } }', None),
    "late null up to the root": ('mutation { deep { mustLater(fail: "null") { level } } }', None),
    "below a null nothing lands": (
        DEEP % 'may { a: mustLater(ticks: 9) { level } must(fail: "raise") { level } }',
        None,
    ),
    "lists of lists": (DEEP % 'grid(rows: [["1", "0"], [], ["!", "2"]]) { level }', None),
    "lists of lists that are strict": (DEEP % 'strict(rows: [["1"], ["2", "0", "3"], ["!"]]) { level }', None),
    "late failures in lists": (DEEP % 'may { grid(rows: [["1", "2"]]) { mustLater(fail: "raise") { level } } }', None),
    "items that are awaited": (DEEP % 'promised(words: ["1", "2"]) { level mustLater { level } }', None),
    "an awaited item that fails": (DEEP % 'may { promised(words: ["1", "!"]) { level } } level', None),
    "an item that fails beside awaited ones": (DEEP % 'may { promised(words: ["1", "0", "2"]) { level } }', None),
    "iterators": (DEEP % "lazily(count: 3) { level must { level } }", None),
    "a broken iterator": (DEEP % "may { lazily(count: 3, broken: true) { mustLater { level } } } level", None),
    "what fails late in a broken iterator": (
        DEEP % 'may { lazily(count: 3, broken: true) { may { a: mustLater(fail: "raise") { level } } } } level',
        None,
    ),
    "async iterators": (DEEP % "streamed(count: 4) { level mustLater { level } }", None),
    "a broken async iterator": (DEEP % "may { streamed(count: 4, broken: true) { level mustLater { level } } }", None),
    "text is no list": (DEEP % "notAList", None),
    "skip and include": (
        (
            "query($y: Boolean!, $n: Boolean!) { deep { level @skip(if: $n) a: level @include(if: $n)"
            " ... @include(if: $y) { b: level } ...F @skip(if: $y) ...F @include(if: $y)"
            " c: level @skip(if: $n) @include(if: $n) }"
            " } fragment F on Deep { level may { level @include(if: $y) } }"
        ),
        {"y": True, "n": False},
    ),
    "an answer without fields": ("{ deep { level @skip(if: true) } plain @include(if: false) }", None),
    "wrong variables": (
        "query($by: Search!, $n: Int!) { search(by: $by) deep { streamed(count: $n) { level } } }",
        {"by": {"size": "NO"}, "n": "x"},
    ),
    "missing variables": ("query($n: Int!) { deep { lazily(count: $n) { level } } }", None),
}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("context", ["keeper", "stranger"])
async def test_is_answered_as_by_graphql_core(name: str, context: str) -> None:
    text, variables = EXAMPLES[name]
    executor = Executor(SCHEMA)
    request = Request(SCHEMA, valid(SCHEMA, text), variables, context=lambda: context)
    for _ in range(2):  # compiled, and compiled already
        await demand_same(request, executor, exact=True)
    assert not executor.fallbacks


async def test_an_attribute_of_the_root_value_is_read() -> None:
    root = type("Root", (), {"plain": "here"})()
    answer = await demand_same(Request(SCHEMA, valid(SCHEMA, "{ plain }"), root=root), exact=True)
    assert answer.data == {"plain": "here"}


async def test_an_error_has_its_path_its_location_and_its_code() -> None:
    text = "{\n  page { total }\n  kept\n}"
    answer = await demand_same(Request(SCHEMA, valid(SCHEMA, text), context=lambda: "stranger"), exact=True)
    assert answer.data is None
    assert answer.errors is not None
    assert [error.formatted for error in answer.errors] == [
        {
            "message": "keepers only",
            "locations": [{"line": 3, "column": 3}],
            "path": ["kept"],
            "extensions": {"code": "FORBIDDEN"},
        }
    ]


async def test_context_variables_reach_the_resolvers_below() -> None:
    answer = await demand_same(Request(SCHEMA, valid(SCHEMA, "{ outer { seen seenAtOnce } other }")), exact=True)
    assert answer.data == {"outer": {"seen": "outer", "seenAtOnce": "outer Outer"}, "other": "none"}


async def test_mutations_run_one_after_the_other() -> None:
    text = """mutation {
        a: step(name: "a", ticks: 3) b: atOnce(name: "b") c: step(name: "c", fail: true) d: step(name: "d")
    }"""
    contexts: list[list[str]] = []

    def context() -> list[str]:
        contexts.append([])
        return contexts[-1]

    await demand_same(Request(SCHEMA, valid(SCHEMA, text), context=context), exact=True)
    assert contexts[0] == contexts[1] == ["a begins", "a ends", "b", "c begins", "c ends", "d begins", "d ends"]


async def test_after_a_mutation_that_nulls_the_answer_none_is_begun() -> None:
    text = 'mutation { a: atOnce(name: "a") deep { mustLater(fail: "raise") { level } } b: atOnce(name: "b") }'
    contexts: list[list[str]] = []

    def context() -> list[str]:
        contexts.append([])
        return contexts[-1]

    answer = await demand_same(Request(SCHEMA, valid(SCHEMA, text), context=context), exact=True)
    assert answer.data is None
    assert contexts[0] == contexts[1] == ["a"]


async def test_one_plan_serves_all_combinations_of_conditions() -> None:
    text = (
        "query($a: Boolean!, $b: Boolean!) { deep { x: level @include(if: $a) ...F @include(if: $b) y: level"
        " may @skip(if: $b) { level ...F @include(if: $a) } } }"
        " fragment F on Deep { y: level x: level may { z: level } }"
    )
    executor = Executor(SCHEMA)
    document = valid(SCHEMA, text)
    for a in (False, True):
        for b in (False, True):
            await demand_same(Request(SCHEMA, document, {"a": a, "b": b}), executor, exact=True)
    assert not executor.fallbacks


@pytest.mark.parametrize("seed", range(60))
async def test_drawn_documents_of_this_schema_are_answered_alike(seed: int) -> None:
    drawer = Drawer(graphql_schema(SCHEMA), Random(seed))  # noqa: S311 - nothing secret
    document = parse(drawer.document())
    if not validate(graphql_schema(SCHEMA), document):
        await demand_same(Request(SCHEMA, document, drawer.values, context=lambda: "keeper"))
