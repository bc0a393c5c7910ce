"""Documents that are small to send and large to read, to validate or to run."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.attacks.attack import Attack, query

BODY_BYTES = 32_768
TOKENS = 1_000
VALIDATION, PARSE = "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"


def refused(text: str, limit: str, **variables: Any) -> Attack:
    """A document that meets a limit before it is validated."""
    return Attack(query(text, **variables), 413 if limit == "body" else 400, "LIMIT_EXCEEDED", limit)


def invalid(text: str, code: str = VALIDATION) -> Attack:
    """A document that is short enough, and wrong."""
    return Attack(query(text), 400, code)


def joined(make: Callable[[int], str], count: int) -> str:
    """So many of something, by their numbers."""
    return " ".join(make(number) for number in range(count))


def doubling(count: int) -> str:
    """A fragment with 2 to the power of `count` fields."""
    chain = joined(lambda n: f"fragment f{n} on Product {{ ...f{n + 1} ...f{n + 1} }}", count)
    return f"{{ product(id: 1) {{ ...f0 }} }} {chain} fragment f{count} on Product {{ plans {{ id }} }}"


def page(first: str) -> str:
    """A document that asks for a page."""
    return f"{{ customer {{ charges{first} {{ nodes {{ id }} }} }} }}"


WIDE = (
    f"{{ products(ids: [{joined(str, 100)}]) {{ bundle {{ variants {{ optionSources {{"
    " products(first: 100) { nodes { variants { id } plans { id } } } } } } } }"
)
PAGE_IN_VARIABLE = "query ($n: Int) " + page("(first: $n)")
INTROSPECTION = "types " + "{ fields { type " * 8 + "{ name }" + "} }" * 8
NOBODY = {"customer": None}

SHAPES: Mapping[str, Attack] = {
    "fragments that double": refused(doubling(22), "cost"),
    "fragments that double without end": refused(doubling(80), "cost"),
    "depth": refused("{ product(id: 1) " + "{ bundle { product " * 15 + "{ id }" + "} }" * 15 + "}", "depth"),
    "depth, a fragment each": refused(
        "{ product(id: 1) { ...f0 } } "
        + joined(lambda n: f"fragment f{n} on Product {{ bundle {{ product {{ ...f{n + 1} }} }} }}", 15)
        + " fragment f15 on Product { id }",
        "depth",
    ),
    "a fragment high up and then deep down": refused(
        "{ a: product(id: 1) { ...F } b: product(id: 1) { "
        + "bundle { product { " * 3
        + "...F"
        + " } }" * 3
        + " } } fragment F on Product { bundle { product { bundle { product { id } } } } }",
        "depth",
    ),
    "width at an allowed depth": refused(WIDE, "cost"),
    "a page": refused(page("(first: 100000)"), "page_size"),
    "a page with a number of thirty digits": refused(page(f"(first: {'9' * 30})"), "page_size"),
    "a page in a variable": refused(PAGE_IN_VARIABLE, "page_size", n=100_000),
    "a page in a default": refused("query ($n: Int = 100000) " + page("(first: $n)"), "page_size"),
    "a page of nothing": Attack(query(PAGE_IN_VARIABLE, n=None), 200, data=NOBODY),
    "a page that is missing": Attack(query(page("")), 200, data=NOBODY),
    "a page below nothing": Attack(query(page("(first: -1)")), 200, data=NOBODY),
    "a page in a text": Attack(query(PAGE_IN_VARIABLE, n="100000"), 400, "BAD_USER_INPUT"),
    "ids": refused("query ($ids: [ID!]!) { products(ids: $ids) { id } }", "page_size", ids=["1"] * 5_000),
    "a hundred aliases": refused("{ " + joined(lambda n: f"a{n}: __typename", 100) + " }", "aliases"),
    "ten thousand aliases": refused("{ " + joined(lambda n: f"a{n}: __typename", 10_000) + " }", "body"),
    "a field three thousand times": refused("{ " + "__typename " * 2_700 + "}", "tokens"),
    "a field six hundred times": refused("{ " + "__typename " * 600 + "}", "root_fields"),
    "fields three hundred times": refused("{ " + "product(id: 1) { bundle { product { id } } } " * 300 + "}", "tokens"),
    "a cycle": invalid("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
    "a fragment in itself": invalid("{ ...A } fragment A on Query { ...A }"),
    "an unknown fragment": invalid("{ ...NOPE }"),
    "directives": refused("{ __typename " + "@include(if: true) " * 100 + "}", "directives"),
    "five thousand directives": refused("{ __typename " + "@aa " * 5_000 + "}", "tokens"),
    "unknown directives": refused("{ __typename " + "@aa " * 10 + "}", "directives"),
    "nested selections": refused("{ a " * 330 + "}" * 330, "depth"),
    "five thousand nested selections": refused("{ a " * 5_000 + "}" * 5_000, "depth"),
    "nested inline fragments": refused("{ " + "... { " * 330 + "__typename" + " }" * 331, "depth"),
    "nested lists": refused("{ products(ids: " + "[" * 490 + "]" * 490 + ") { id } }", "depth"),
    "nested list types": refused("query ($a: " + "[" * 490 + "ID" + "]" * 490 + ") { __typename }", "depth"),
    "nested objects": refused("{ bundleValidate(input: " + "{a: " * 300 + "1" + "}" * 300 + ") { id } }", "depth"),
    "two hundred operations": refused(joined(lambda n: f"query Q{n} {{ __typename }}", 190), "operations"),
    "a thousand operations": refused(joined(lambda n: f"query Q{n} {{ __typename }}", 1_000), "tokens"),
    "a thousand variables": refused("query (" + joined(lambda n: f"$v{n}: ID", 1_000) + ") { __typename }", "tokens"),
    "unused variables": invalid("query (" + joined(lambda n: f"$v{n}: ID", 240) + ") { __typename }"),
    "unused fragments": invalid("{ __typename } " + joined(lambda n: f"fragment F{n} on Shop {{ id }}", 120)),
    "a long name": invalid("{ " + "x" * 30_000 + " }"),
    "a megabyte of a name": refused("{ " + "x" * 1_000_000 + " }", "body"),
    "a comment": refused("#" + "x" * 40_000 + "\n{ __typename }", "body"),
    "ten megabytes of a comment": refused("#" + "x" * 10_000_000 + "\n{ __typename }", "body"),
    "many comments": refused("#\n" * 10_000 + "{ __typename }", "tokens"),
    "introspection that nests": refused("{ __schema { " + INTROSPECTION + " } }", "depth"),
    "introspection that nests, by another name": refused(
        "{ harmless: __schema { ...F } } fragment F on __Schema { " + INTROSPECTION + " }", "depth"
    ),
    "introspection again and again": refused(
        "{ " + joined(lambda n: f"a{n}: __schema {{ types {{ fields {{ name args {{ name }} }} }} }}", 15) + " }",
        "cost",
    ),
    "a long number in the document": Attack(
        query("{ node(id: " + "9" * 5_000 + ") { id } }"), 200, "BAD_USER_INPUT", data={"node": None}
    ),
    "no operation": Attack(query("fragment F on Shop { id }"), 400, VALIDATION),
    "definitions of types": invalid(joined(lambda n: f"type T{n} {{ a: Int }}", 100)),
}


def _worst() -> Mapping[str, Callable[[int], str]]:
    """Families of documents that are long to validate, by how often they repeat what makes them so."""
    return {
        "the same field": lambda n: "{ product(id: 1) { " + "id " * n + "} }",
        "the same object": lambda n: "{ product(id: 1) { " + "bundle { product { id } } " * n + "} }",
        "the same deep object": lambda n: (
            "{ product(id: 1) { " + "bundle { variants { optionSources { id } } } " * n + "} }"
        ),
        "the same list": lambda n: "{ customer { " + "addresses { id } " * n + "} }",
        "the same field with other arguments": lambda n: (
            "{ customer { " + joined(lambda i: f"charges(first: {i % 100 + 1}) {{ nodes {{ id }} }}", n) + " } }"
        ),
        "fragments side by side": lambda n: (
            "{ product(id: 1) { "
            + joined(lambda i: f"...f{i}", n)
            + " } } "
            + joined(lambda i: f"fragment f{i} on Product {{ bundle {{ id }} title }}", n)
        ),
        "fragments that spread all others": lambda n: (
            "{ product(id: 1) { ...f0 } } "
            + joined(
                lambda i: f"fragment f{i} on Product {{ id {joined(lambda j: f'...f{i + j + 1}', n - i - 1)} }}", n
            )
        ),
        "fragments in a row": lambda n: (
            "{ product(id: 1) { ...f0 } } "
            + joined(lambda i: f"fragment f{i} on Product {{ ...f{i + 1} }}", n)
            + f" fragment f{n} on Product {{ id }}"
        ),
        "fragments in a row for each operation": lambda n: (
            joined(lambda i: f"query q{i}($a: ID!) {{ ...f0 }}", 10)
            + joined(lambda i: f" fragment f{i} on Query {{ ...f{i + 1} }}", n)
            + f" fragment f{n} on Query {{ product(id: $a) {{ id }} }}"
        ),
        "types that exclude each other": lambda n: (
            "{ node(id: 1) { " + "... on Product { id } ... on Charge { id } " * n + "} }"
        ),
        "a fragment that is spread again": lambda n: "{ shop { " + "...F " * n + "} } fragment F on Shop { id domain }",
        "introspection": lambda n: "{ __schema { types { fields { " + "type { name } " * n + "} } } }",
        "variables of one list": lambda n: (
            f"query ({joined(lambda i: f'$v{i}: ID!', n)})"
            f" {{ products(ids: [{joined(lambda i: f'$v{i}', n)}]) {{ id }} }}"
        ),
        "objects of a list": lambda n: (
            "{ bundleValidate(input: {items: [" + "{a: 1 b: {c: 1}} " * n + "]}) { isValid } }"
        ),
        "unknown fields": lambda n: "{ product(id: 1) { " + joined(lambda i: f"titl{i}", n) + " } }",
    }


COUNTS = (12, 25, 40, 60, 70, 90, 120, 140, 200, 300, 450, 900)


def long_to_validate() -> dict[str, bytes]:
    """Bodies of these families, at several lengths: which takes longest depends on the machine and the library."""
    bodies = {f"{name}, {n}": query(make(n)) for name, make in _worst().items() for n in COUNTS}
    return {name: body for name, body in bodies.items() if len(body) <= BODY_BYTES}


def unheard_of(number: int) -> bytes:
    """A valid body of nearly as many tokens as a document may have, unlike any other."""
    chain = joined(lambda n: f"fragment f{number}x{n} on Product {{ ...f{number}x{n + 1} }}", 120)
    return query(f"{{ product(id: 1) {{ ...f{number}x0 }} }} {chain} fragment f{number}x120 on Product {{ id }}")
