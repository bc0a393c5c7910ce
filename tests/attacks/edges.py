"""Requests whose head is hostile: methods, media types, origins, paths, digests, sessions, smuggled requests."""

import base64
import hashlib
import json
from collections.abc import Mapping

from tests.attacks.attack import Attack, query

BAD, NOBODY = "BAD_USER_INPUT", "UNAUTHENTICATED"
TYPENAME = query("{ __typename }")
HEAD = b"POST /graphql?shop={shop} HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: application/json\r\n"
SMUGGLED = b"0\r\n\r\nGET /readyz HTTP/1.1\r\nHost: gateway.example\r\n\r\n"


def persisted(digest: str, text: str | None) -> bytes:
    """A body of automatic persisted queries."""
    asked = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    return json.dumps(asked | ({"query": text} if text else {})).encode()


def typed(content_type: str) -> Attack:
    """A body of a type that a page may send without asking first, or that is none."""
    return Attack(TYPENAME, 415, BAD, headers={"Content-Type": content_type})


def bearing(token: str) -> Attack:
    """A request with a session that is none."""
    return Attack(TYPENAME, 401, NOBODY, headers={"Authorization": f"Bearer {token}"})


def nothing_at(target: str, method: str = "GET") -> Attack:
    """A path at which there is nothing."""
    return Attack(b"", 404, BAD, method=method, target=target)


def malformed(head: bytes, body: bytes = b"") -> Attack:
    """A head that two servers read in two ways."""
    return Attack(b"", 400, BAD, raw=HEAD + head + b"\r\n" + body)


def unsigned_token() -> str:
    """One of algorithm `none`."""
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": "1", "exp": 10**10})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), ""])


MUTATION = 'mutation { subscriptionPause(subscriptionId: "1", until: "2030-01-01") { userErrors { code } } }'
BY_GET = "/graphql?shop={shop}&query=%7B__typename%7D"
ANSWERED = {"__typename": "Query"}

EDGES: Mapping[str, Attack] = {
    # What is told of the inside.
    "a suggestion": Attack(query("{ shop { domian } }"), 400, "GRAPHQL_VALIDATION_FAILED"),
    "tracing for whoever asks": Attack(
        TYPENAME, 200, data=ANSWERED, headers={"apollo-federation-include-trace": "ftv1", "X-Explain": "1"}
    ),
    # Across origins.
    "text": typed("text/plain"),
    "a form": typed("application/x-www-form-urlencoded"),
    "a form of parts": typed("multipart/form-data; boundary=x"),
    "text that says JSON behind it": typed("text/plain; application/json"),
    "text with JSON as a parameter": typed("text/plain; x=application/json"),
    "no type": typed(""),
    "a type of thousands of letters": typed("application/" + "x" * 8_000),
    "a mutation by GET": Attack(
        b"",
        405,
        BAD,
        method="GET",
        target="/graphql?shop={shop}&query=" + MUTATION.replace(" ", "%20").replace('"', "%22"),
    ),
    "another method": Attack(TYPENAME, 405, BAD, method="PUT"),
    "TRACE": Attack(b"", 405, BAD, method="TRACE"),
    "a method of its own": Attack(b"", 405, BAD, method="LINK"),
    # Caches and hosts.
    "a digest of another document": Attack(persisted(hashlib.sha256(b"x").hexdigest(), "{ __typename }"), 400, BAD),
    "a digest that is none": Attack(persisted("../" * 21 + "x", None), 400, BAD),
    "a digest of nothing": Attack(persisted("0" * 64, None), 200, "PERSISTED_QUERY_NOT_FOUND"),
    "an unknown document": Attack(
        json.dumps({"documentId": "sha256:" + "0" * 64}).encode(), 404, "PERSISTED_DOCUMENT_NOT_FOUND"
    ),
    "a document's id of a path": Attack(
        json.dumps({"documentId": "../../etc"}).encode(), 404, "PERSISTED_DOCUMENT_NOT_FOUND"
    ),
    "a file below the path": nothing_at("/graphql/x.css?shop={shop}&query=%7B__typename%7D"),
    "a parameter of the path": nothing_at("/graphql;.js?shop={shop}&query=%7B__typename%7D"),
    "a path with a slash": nothing_at("/graphql/?shop={shop}"),
    "an encoded path": nothing_at("/graphql%2f?shop={shop}"),
    "a path above": nothing_at("/graphql/../admin"),
    "another shop's host": Attack(
        TYPENAME, 401, NOBODY, target="/graphql", headers={"X-Forwarded-Host": "x.myshopify.com"}
    ),
    "an unknown shop": Attack(TYPENAME, 401, NOBODY, target="/graphql?shop=evil.example"),
    "two shops": Attack(TYPENAME, 401, NOBODY, target="/graphql?shop={shop}&shop=evil.example"),
    "a parameter twice": Attack(b"", 400, BAD, method="GET", target=BY_GET + "&query=%7Ba%7D"),
    "variables that are no object": Attack(b"", 400, BAD, method="GET", target=BY_GET + "&variables=%5B"),
    # Who asks.
    "a token without a signature": bearing(unsigned_token()),
    "no token": bearing("x"),
    "a token of eight kilobytes": bearing("e" * 8_300),
    "dots": bearing("." * 4_000),
    "another scheme": Attack(TYPENAME, 401, NOBODY, headers={"Authorization": "Basic dXNlcjpwYXNz"}),
    # Webhooks.
    "a forged webhook": Attack(
        b'{"id": 1}', 401, NOBODY, target="/webhooks/shopify", headers={"X-Shopify-Hmac-SHA256": "AAAA"}
    ),
    "a webhook that nobody signed": Attack(
        b"[" * 30_000, 401, NOBODY, target="/webhooks/recharge/{shop}/subscription/created"
    ),
    # What two servers read in two ways.
    "a length and chunks": malformed(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", SMUGGLED),
    "chunks by another name": malformed(b"Transfer-Encoding: xchunked\r\n", SMUGGLED),
    "two lengths": malformed(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"12345"),
    "a length with a sign": malformed(b"Content-Length: +19\r\n", b"x" * 19),
    "a length below nothing": malformed(b"Content-Length: -1\r\n"),
    "a space before the colon": malformed(b"Content-Length : 5\r\n", b"12345"),
    "NUL in a header": malformed(b"X-A: a\x00b\r\n"),
    "two types": malformed(b"Content-Type: text/plain\r\nContent-Length: 2\r\n", b"{}"),
    "no host": Attack(b"", 400, BAD, raw=b"POST /graphql HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
    "two hosts": malformed(b"Host: evil.example\r\nContent-Length: 2\r\n", b"{}"),
    "a large head": Attack(
        b"", 431, "LIMIT_EXCEEDED", "header_bytes", raw=HEAD + b"X-A: " + b"x" * 20_000 + b"\r\n\r\n"
    ),
    "a number as time": Attack(TYPENAME, 400, BAD, headers={"X-Timeout-Ms": "9" * 5_000}),
    "a strange request id": Attack(TYPENAME, 200, data=ANSWERED, headers={"X-Request-Id": "x" * 5_000}),
    "a long list of types": Attack(TYPENAME, 406, BAD, headers={"Accept": "text/html;q=0.1, " * 800}),
}
