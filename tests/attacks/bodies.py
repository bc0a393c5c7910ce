"""Bodies that are no JSON, or JSON that readers take in different ways, and bodies with a few bytes changed."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from tests.attacks.attack import Attack, query

BAD = "BAD_USER_INPUT"
ASKS = b'{"query": "{ __typename }", '


def bad(body: bytes, status: int = 400, **headers: str) -> Attack:
    """A body that is refused for what it is."""
    return Attack(body, status, BAD, headers={name.replace("_", "-"): value for name, value in headers.items()})


BODIES: Mapping[str, Attack] = {
    "nothing": bad(b""),
    "half an object": bad(b'{"query": "{ __typename'),
    "a long number": bad(ASKS + b'"variables": {"n": 1' + b"0" * 5_000 + b"}}"),
    "a number of thirty thousand digits": bad(ASKS + b'"variables": {"n": 1.' + b"0" * 30_000 + b"1e9999}}"),
    "deep JSON": bad(b'{"variables": {"n": ' + b"[" * 30_000),
    "deep JSON that ends": bad(ASKS + b'"variables": {"n": ' + b"[" * 15_000 + b"]" * 15_000 + b"}}"),
    "deep objects": bad(ASKS + b'"variables": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001),
    "deep JSON beyond the limit": Attack(b"[" * 100_000, 413, "LIMIT_EXCEEDED", "body"),
    "not UTF-8": bad(b'{"query": "\xff\xfe"}'),
    "UTF-8 for a surrogate": bad(b'{"query": "\xed\xa0\x80"}'),
    "UTF-16": bad('{"query": "{ __typename }"}'.encode("utf-16")),
    "a byte order mark": bad(b'\xef\xbb\xbf{"query": "{ __typename }"}'),
    "a number": bad(b"1"),
    "a text": bad(b'"x"'),
    "null": bad(b"null"),
    "a list": bad(b"[1]"),
    "a batch": bad(b'[{"query": "{ __typename }"}]'),
    "a batch of wrong items": bad(b'[{"query": "{ __typename }", "variables": [1]}]'),
    "NaN": bad(ASKS + b'"variables": {"n": NaN}}'),
    "Infinity": bad(ASKS + b'"variables": {"n": -Infinity}}'),
    "a number beyond all": bad(ASKS + b'"variables": {"n": 1e999}}'),
    "a name twice": bad(b'{"query": "{ __typename }", "query": "{ shop { id } }"}'),
    "a name twice, once escaped": bad(b'{"query": "{ __typename }", "\\u0071uery": "{ shop { id } }"}'),
    "a variable twice": bad(ASKS + b'"variables": {"id": "1", "id": "2"}}'),
    "a number as query": bad(b'{"query": 1}'),
    "a number as operationName": bad(ASKS + b'"operationName": 1}'),
    "a list as operationName": bad(ASKS + b'"operationName": ["a"]}'),
    "a list as variables": bad(ASKS + b'"variables": [1]}'),
    "a text as extensions": bad(ASKS + b'"extensions": "x"}'),
    "a surrogate": bad(ASKS + b'"variables": {"n": "\\ud800"}}'),
    "a surrogate in a name": bad(ASKS + b'"variables": {"\\ud800": 1}}'),
    "NUL": bad(ASKS + b'"variables": {"n": "\\u0000"}}'),
    "NUL in an id": bad(query("query ($id: ID!) { product(id: $id) { id } }", id="gid://shopify/Product/1\0")),
    "NUL in the document": bad(b'{"query": "{ product(id: \\"1\\\\u0000\\") { id } }"}'),
    "a compressed bomb": bad(gzip.compress(b"[" * 10_000_000), 415, Content_Encoding="gzip"),
    "a compressed body that says nothing of it": bad(gzip.compress(query("{ __typename }"))),
    "two compressions": bad(query("{ __typename }"), 415, Content_Encoding="gzip, gzip"),
    "spaces": Attack(b" " * 1_000_000, 413, "LIMIT_EXCEEDED", "body"),
    "ten megabytes of spaces": Attack(b" " * 10_000_000, 413, "LIMIT_EXCEEDED", "body"),
    "a thousand names": Attack(
        json.dumps({"query": "{ __typename }", "variables": {f"v{n}": n for n in range(2_000)}}).encode(),
        200,
        data={"__typename": "Query"},
    ),
}

_PIECES: Sequence[bytes] = [
    *(b"", b'"', b"{", b"}", b"[", b"]", b"$", b"...", b"@", b"!", b"\\", b"\\u0000", b"\\ud800", b"\xed\xa0\x80"),
    *(b"9" * 30, b"null", b"1e999", b'"""', b"\x00", b"#"),
]


def mutated(seeds: Sequence[bytes], chance: Random, count: int) -> Iterator[bytes]:
    """So many of these bodies, each with some bytes changed, cut, doubled or put in."""
    for _ in range(count):
        body = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 6)):
            start = chance.randrange(len(body) + 1)
            end = min(len(body), start + chance.choice([0, 1, 1, 2, 8, 64]))
            put_in = [*_PIECES, bytes([chance.randrange(256)]), bytes(body[start:end]) * 2]
            body[start:end] = chance.choice(put_in)
        yield bytes(body)
