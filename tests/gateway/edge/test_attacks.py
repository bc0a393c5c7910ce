"""Hostile requests: each has its answer, none is a failure of ours, and the next request is served."""

import json
import os
import random
from typing import Any

import pytest

from tests.conftest import SHOP, Gateway
from tests.documents import document

JSON = {"Content-Type": "application/json"}
DOUBLING = " ".join(f"fragment f{n} on Product {{ ...f{n + 1} ...f{n + 1} }}" for n in range(22))


def query(text: str, **variables: Any) -> bytes:
    """A body with a document."""
    return json.dumps({"query": text, "variables": variables}).encode()


def directives(count: int) -> str:
    """A document with so many of them."""
    return "{ __typename " + "@include(if: true) " * count + "}"


PAGE = "query ($n: Int) { customer { charges(first: $n) { nodes { id } } } }"
ATTACKS: dict[str, tuple[bytes, str]] = {
    "fragments that double": (
        query(f"{{ product(id: 1) {{ ...f0 }} }} {DOUBLING} fragment f22 on Product {{ plans {{ id }} }}"),
        "cost",
    ),
    "depth": (query("{ product(id: 1) " + "{ bundle { product " * 15 + "{ id }" + "} }" * 15 + "}"), "depth"),
    "a hundred aliases": (query("{ " + " ".join(f"a{n}: __typename" for n in range(100)) + " }"), "aliases"),
    "ten thousand aliases": (query("{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }"), "body"),
    "a field three thousand times": (query("{ " + "__typename " * 3_000 + "}"), "body"),
    "a field six hundred times": (query("{ " + "__typename " * 600 + "}"), "root_fields"),
    "a page": (query(PAGE, n=100_000), "page_size"),
    "a page of nothing": (query(PAGE, n=None), ""),
    "a page below nothing": (query(PAGE, n=-1), ""),
    "a cycle": (query("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"), "VALIDATION"),
    "a fragment in itself": (query("{ ...A } fragment A on Query { ...A }"), "VALIDATION"),
    "an unknown fragment": (query("{ ...NOPE }"), "VALIDATION"),
    "directives": (query(directives(100)), "directives"),
    "unknown directives": (query("{ __typename " + "@aa " * 10 + "}"), "directives"),
    "nested selections": (query("{ a " * 330 + "}" * 330), "depth"),
    "nested lists": (query("{ products(ids: " + "[" * 490 + "]" * 490 + ") { id } }"), "depth"),
    "two hundred operations": (query(" ".join(f"query Q{n} {{ __typename }}" for n in range(190))), "operations"),
    "unused fragments": (
        query("{ __typename } " + " ".join(f"fragment F{n} on Shop {{ id }}" for n in range(120))),
        "VALIDATION",
    ),
    "a comment": (query("#" + "x" * 40_000 + "\n{ __typename }"), "body"),
    "a long name": (query("{ " + "x" * 30_000 + " }"), "VALIDATION"),
    "introspection that nests": (
        query("{ __schema { types " + "{ fields { type " * 8 + "{ name }" + "} }" * 8 + "} }"),
        "depth",
    ),
    "a long number": (b'{"query": "{ __typename }", "variables": {"n": 1' + b"0" * 5_000 + b"}}", "BAD"),
    "a long number in the document": (query("{ bundleSelection: node(id: " + "9" * 5_000 + ") { id } }"), ""),
    "deep JSON": (b'{"variables": {"n": ' + b"[" * 30_000, "BAD"),
    "not UTF-8": (b'{"query": "\xff\xfe"}', "BAD"),
    "UTF-16": ('{"query": "{ __typename }"}'.encode("utf-16"), "BAD"),
    "a number": (b"1", "BAD"),
    "a text": (b'"x"', "BAD"),
    "null": (b"null", "BAD"),
    "a batch": (b'[{"query": "{ __typename }"}]', "BAD"),
    "NaN": (b'{"query": "{ __typename }", "variables": {"n": NaN}}', "BAD"),
    "infinity": (b'{"query": "{ __typename }", "variables": {"n": 1e999}}', "BAD"),
    "a name twice": (b'{"query": "{ __typename }", "query": "{ shop { id } }"}', "BAD"),
    "a list as operationName": (b'{"query": "{ __typename }", "operationName": ["a"]}', "BAD"),
    "a surrogate": (b'{"query": "{ __typename }", "variables": {"n": "\\ud800"}}', "BAD"),
    "NUL": (b'{"query": "{ __typename }", "variables": {"n": "\\u0000"}}', "BAD"),
    "spaces": (b" " * 1_000_000, "body"),
}


async def sent(gateway: Gateway, body: bytes) -> tuple[int, Any]:
    """Status and JSON of a POST."""
    async with gateway.client.post(
        f"{gateway.url}/graphql", params={"shop": SHOP}, data=body, headers=JSON
    ) as response:
        return response.status, json.loads(await response.read())


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_answered(gateway: Gateway, name: str) -> None:
    """With the limit or the fault that it meets, and without a word of what is inside."""
    body, wanted = ATTACKS[name]
    status, answer = await sent(gateway, body)
    assert status < 500
    codes = [error["extensions"].get("limit", error["extensions"]["code"]) for error in answer.get("errors", [])]
    assert "INTERNAL" not in codes
    assert "Traceback" not in json.dumps(answer)
    if wanted:
        assert codes, answer
        assert all(wanted in code for code in codes), answer
    assert await sent(gateway, query("{ shop { domain } }")) == (200, {"data": {"shop": {"domain": SHOP}}})
    assert gateway.calls == []


@pytest.mark.parametrize("path", ["/graphql/x.css", "/graphql;.js", "/graphql/", "/GraphQL", "/graphql%2f", "/"])
async def test_there_is_one_path(gateway: Gateway, path: str) -> None:
    """A cache that goes by endings keeps nothing of a shopper's."""
    async with gateway.client.get(f"{gateway.url}{path}", params={"shop": SHOP, "query": "{ __typename }"}) as response:
        assert response.status == 404


async def test_mutated_bodies(gateway: Gateway) -> None:
    """Bytes changed, cut, doubled and moved: `MUTATED_BODIES` says how many, `MUTATED_SEED` which."""
    drawn = random.Random(int(os.environ.get("MUTATED_SEED", "8")))  # noqa: S311  # the same bodies each time
    seeds = [body for body, _ in ATTACKS.values() if len(body) < 4_000]
    seeds += [
        query(document("ProductSubscriptionWidget"), productId="1"),
        query(document("BundleBuilder"), productId="1"),
    ]
    for _ in range(int(os.environ.get("MUTATED_BODIES", "400"))):
        body = bytearray(drawn.choice(seeds))
        for _ in range(drawn.randint(1, 6)):
            start = drawn.randrange(len(body) + 1)
            end = min(len(body), start + drawn.choice([0, 1, 1, 2, 8, 64]))
            body[start:end] = drawn.choice(
                [
                    b"",
                    bytes([drawn.randrange(256)]),
                    b'"',
                    b"{",
                    b"}",
                    b"[",
                    b"\\u0000",
                    b"\xed\xa0\x80",
                    b"$",
                    b"...",
                    b"@",
                    bytes(body[start:end]) * 2,
                    b"9" * 30,
                    b"null",
                    b"\\",
                ]
            )
        status, answer = await sent(gateway, bytes(body))
        assert status < 500, bytes(body)
        assert "data" in answer or "errors" in answer
        assert all(error["extensions"]["code"] != "INTERNAL" for error in answer.get("errors", [])), bytes(body)
