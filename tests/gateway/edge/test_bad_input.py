"""Every kind of wrong request has its status, its code and a message that says what to do; none costs a REST call."""

import asyncio
import json
from typing import Any

import pytest

from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, gateway_before

JSON = {"Content-Type": "application/json"}
SHOP_QUERY = "{ shop { domain } }"
HINT = 'Send a JSON object such as {"query": "{ shop { domain } }"}.'
NOT_VALID = "No valid session: send a token of this shop's, or `?shop=` alone for public data."


def posted(query: str, **more: Any) -> bytes:
    """A request body."""
    return json.dumps({"query": query, **more}).encode()


async def send(
    gateway: Gateway,
    body: bytes | None = None,
    *,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
) -> tuple[int, dict[str, Any], Any]:
    """Status, body and headers of one request, as a visitor of the first shop unless told otherwise."""
    async with gateway.client.request(
        method,
        f"{gateway.url}/graphql",
        data=body,
        headers=JSON if headers is None else headers,
        params={"shop": SHOP} if params is None else params,
        skip_auto_headers=["Content-Type"],
    ) as response:
        assert response.content_type in {"application/json", "application/graphql-response+json"}
        return response.status, json.loads(await response.read()), response.headers


def refusal(body: dict[str, Any]) -> tuple[str, str]:
    """Code and message of an answer that has one error and nothing else."""
    assert list(body) == ["errors"], body
    (error,) = body["errors"]
    return error["extensions"]["code"], error["message"]


BODIES: dict[str, tuple[bytes, int, str, str]] = {
    "empty": (b"", 400, "BAD_USER_INPUT", f"The body is empty. {HINT}"),
    "spaces": (b"   \n", 400, "BAD_USER_INPUT", f"The body is empty. {HINT}"),
    "broken JSON": (b'{"query": "{ shop', 400, "BAD_USER_INPUT", f"The body is not JSON in UTF-8. {HINT}"),
    "not UTF-8": (b'{"query": "\xff"}', 400, "BAD_USER_INPUT", f"The body is not JSON in UTF-8. {HINT}"),
    "UTF-16": ('{"query": "{a}"}'.encode("utf-16"), 400, "BAD_USER_INPUT", f"The body is not JSON in UTF-8. {HINT}"),
    "NaN": (
        b'{"query": "{a}", "variables": {"x": NaN}}',
        400,
        "BAD_USER_INPUT",
        f"The body is not JSON in UTF-8. {HINT}",
    ),
    "deep": (b'{"variables":{"x":' + b"[" * 9_000, 400, "BAD_USER_INPUT", f"The body is not JSON in UTF-8. {HINT}"),
    "a lone surrogate": (b'{"query": "\\ud800"}', 400, "BAD_USER_INPUT", f"The body is not JSON in UTF-8. {HINT}"),
    "a list": (
        b"[1]",
        400,
        "BAD_USER_INPUT",
        f"The body is not a GraphQL request: Expected `object`, got `array`. {HINT}",
    ),
    "null": (
        b"null",
        400,
        "BAD_USER_INPUT",
        f"The body is not a GraphQL request: Expected `object`, got `null`. {HINT}",
    ),
    "a number as query": (
        b'{"query": 1}',
        400,
        "BAD_USER_INPUT",
        f"The body is not a GraphQL request: Expected `str | null`, got `int` - at `$.query`. {HINT}",
    ),
    "a list as variables": (
        b'{"query": "{a}", "variables": [1]}',
        400,
        "BAD_USER_INPUT",
        f"The body is not a GraphQL request: Expected `object | null`, got `array` - at `$.variables`. {HINT}",
    ),
    "a huge number": (
        b'{"query": "{a}", "variables": {"x": 1' + b"0" * 5_000 + b"}}",
        400,
        "BAD_USER_INPUT",
        f"The body is not a GraphQL request: Integer value out of range - at `$.variables[...]`. {HINT}",
    ),
    "a name twice": (
        b'{"query": "{ shop { id } }", "query": "{ customer { id } }"}',
        400,
        "BAD_USER_INPUT",
        "The body has `query` twice in one object.",
    ),
    "a name twice, once escaped": (
        b'{"query": "{ shop { id } }", "\\u0071uery": "{ customer { id } }"}',
        400,
        "BAD_USER_INPUT",
        "The body has `query` twice in one object.",
    ),
    "a name twice, spaces before the colon": (
        b'{"query": "{ shop { id } }", "variables": {"a": [{"id" \t\r\n: 1, "id" : 2}]}}',
        400,
        "BAD_USER_INPUT",
        "The body has `id` twice in one object.",
    ),
    "a name twice, of what nobody reads": (
        b'{"query": "{ shop { id } }", "x": {"id": 1, "id": 2}, "operationName": null}',
        400,
        "BAD_USER_INPUT",
        "The body has `id` twice in one object.",
    ),
    "a variable twice": (
        b'{"query": "{ shop { id } }", "variables": {"id": 1, "id": 2}}',
        400,
        "BAD_USER_INPUT",
        "The body has `id` twice in one object.",
    ),
    "NUL in a variable": (
        b'{"query": "{ shop { id } }", "variables": {"id": ["1\\u0000"]}}',
        400,
        "BAD_USER_INPUT",
        "There is a NUL character in the request: no text may have one.",
    ),
    "NUL in a document's string": (
        b'{"query": "{ product(id: \\"1\\\\u0000\\") { id } }"}',
        400,
        "BAD_USER_INPUT",
        "There is a NUL character in the request: no text may have one.",
    ),
    "a lone surrogate in a variable": (
        b'{"query": "{ shop { id } }", "variables": {"id": "\\udc00"}}',
        400,
        "BAD_USER_INPUT",
        f"The body is not JSON in UTF-8. {HINT}",
    ),
    "no query": (
        b'{"variables": {}}',
        400,
        "BAD_USER_INPUT",
        "There is no `query`: send a GraphQL document, or the `documentId` of a known one.",
    ),
    "huge": (b" " * 32_769, 413, "LIMIT_EXCEEDED", "The request body is larger than 32768 bytes."),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_wrong_body(gateway: Gateway, name: str) -> None:
    """The body is no request of GraphQL over HTTP."""
    body, status, code, message = BODIES[name]
    answered, answer, _ = await send(gateway, body)
    assert (answered, *refusal(answer)) == (status, code, message)
    assert gateway.calls == []


async def test_a_huge_body_without_a_length(gateway: Gateway) -> None:
    """What is sent in chunks is cut when it passes the limit."""

    async def chunks() -> Any:
        for _ in range(100):
            yield b" " * 1_000

    async with gateway.client.post(f"{gateway.url}/graphql?shop={SHOP}", data=chunks(), headers=JSON) as response:
        assert response.status == 413
        assert refusal(await response.json()) == ("LIMIT_EXCEEDED", "The request body is larger than 32768 bytes.")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "There is no Content-Type: send application/json."),
        ({"Content-Type": "text/plain"}, "Only application/json is read."),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "Only application/json is read."),
        ({"Content-Type": "multipart/form-data; boundary=x"}, "Only application/json is read."),
        ({"Content-Type": "text/plain; application/json"}, "Only application/json is read."),
        ({"Content-Type": "text/plain; x=application/json"}, "Only application/json is read."),
        ({"Content-Type": "application/json; charset=utf-16"}, "Only UTF-8 is read."),
        ({**JSON, "Content-Encoding": "gzip"}, "Compressed bodies are not read."),
    ],
)
async def test_a_wrong_content_type(gateway: Gateway, headers: dict[str, str], message: str) -> None:
    """A browser sends none of these across origins without asking first, so none of them may be read."""
    status, body, _ = await send(gateway, posted(SHOP_QUERY), headers=headers)
    assert (status, *refusal(body)) == (415, "BAD_USER_INPUT", message)


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream", "application/json;q=0", "image/*"])
async def test_an_answer_that_the_client_cannot_read(gateway: Gateway, accept: str) -> None:
    """406, in JSON all the same."""
    status, body, _ = await send(gateway, posted(SHOP_QUERY), headers={**JSON, "Accept": accept})
    message = "Answers come as application/graphql-response+json or application/json."
    assert (status, *refusal(body)) == (406, "BAD_USER_INPUT", message)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_a_wrong_method(gateway: Gateway, method: str) -> None:
    """405 says which would do."""
    status, body, headers = await send(gateway, posted(SHOP_QUERY), method=method)
    assert (status, *refusal(body)) == (405, "BAD_USER_INPUT", "Use POST, or GET for queries.")
    assert headers["Allow"] == "GET, POST"


DOCUMENTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a syntax error": (
        {"query": "{ shop { domain }"},
        "GRAPHQL_PARSE_FAILED",
        "Syntax Error: Expected Name, found <EOF>.",
    ),
    "an empty selection": ({"query": "{ }"}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found '}'."),
    "an unknown field": (
        {"query": "{ shop { domian } }"},
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'domian' on type 'Shop'.",
    ),
    "an unknown argument": (
        {"query": '{ product(id: "1", ident: "1") { id } }'},
        "GRAPHQL_VALIDATION_FAILED",
        "Unknown argument 'ident' on field 'Query.product'.",
    ),
    "a mutation where there are none": (
        {"query": "mutation { skip }"},
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'skip' on type 'Mutation'.",
    ),
    "no such operation": (
        {"query": "query A { shop { id } }", "operationName": "B"},
        "BAD_USER_INPUT",
        "The document has no operation named 'B'.",
    ),
    "several operations": (
        {"query": "query A { shop { id } } query B { shop { id } }"},
        "BAD_USER_INPUT",
        "The document has several operations: say which in `operationName`.",
    ),
    "a missing variable": (
        {"query": "query ($id: ID!) { product(id: $id) { id } }"},
        "BAD_USER_INPUT",
        "Variable '$id' has invalid value: Expected a value of non-null type 'ID!' to be provided.",
    ),
    "a variable of another type": (
        {"query": "query ($id: ID!) { product(id: $id) { id } }", "variables": {"id": {"a": 1}}},
        "BAD_USER_INPUT",
        "Variable '$id' has invalid value: ID cannot represent value: {'a': 1}",
    ),
    "an unknown country": (
        {
            "query": "query ($c: CountryCode) @inContext(country: $c) { shop { id } }",
            "variables": {"c": "NARNIA"},
        },
        "BAD_USER_INPUT",
        "Variable '$c' has invalid value: Value 'NARNIA' does not exist in 'CountryCode' enum.",
    ),
    "too many tokens": (
        {"query": "{ shop { " + "id " * 1_000 + "} }"},
        "LIMIT_EXCEEDED",
        "The document has more than 1000 tokens or 100 comments.",
    ),
    "too many comments": (
        {"query": "# x\n" * 101 + "{ shop { id } }"},
        "LIMIT_EXCEEDED",
        "The document has more than 1000 tokens or 100 comments.",
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize(
    ("accept", "status"), [("application/json", 200), ("application/graphql-response+json", 400)], ids=["old", "new"]
)
async def test_a_wrong_document(gateway: Gateway, name: str, accept: str, status: int) -> None:
    """A request error has no `data`, and its status follows the media type, by GraphQL over HTTP."""
    asked, code, message = DOCUMENTS[name]
    answered, body, headers = await send(gateway, json.dumps(asked).encode(), headers={**JSON, "Accept": accept})
    assert (answered, *refusal(body)) == (status, code, message)
    assert headers["Content-Type"] == f"{accept}; charset=utf-8"
    assert gateway.calls == []


async def test_a_name_as_long_as_the_body_is_not_echoed(gateway: Gateway) -> None:
    """Messages are cut, and at most five are sent."""
    _, body, _ = await send(gateway, posted("{ " + "x" * 20_000 + " }"))
    assert len(body["errors"][0]["message"]) == 200
    _, body, _ = await send(gateway, posted("{ " + " ".join(f"x{n}" for n in range(15)) + " }"))
    assert len(body["errors"]) == 5


IDS = {
    "words": "abc",
    "nothing": "",
    "negative": "-1",
    "another type": "gid://shopify/ProductVariant/1",
    "another owner": "gid://recharge/Product/1",
    "a path": "gid://shopify/Product/../admin",
    "encoded": "%2e%2e%2f1",
    "too long": "1" * 20,
    "full-width digits": "\uff11\uff12",
    "a list": "1,2",
}


@pytest.mark.parametrize("name", IDS)
async def test_a_wrong_id(gateway: Gateway, name: str) -> None:
    """It is refused before any backend hears of it."""
    answer = await gateway.ask("query ($id: ID!) { product(id: $id) { id } }", {"id": IDS[name]})
    assert answer.status == 200
    assert answer.body["data"] == {"product": None}
    assert answer.errors == [
        {
            "message": "Not an id of a Product: send gid://shopify/Product/<number>, or the number alone.",
            "path": ["product"],
            "extensions": {"code": "BAD_USER_INPUT"},
        },
    ]
    assert gateway.calls == []


async def test_an_unknown_product_is_null(gateway: Gateway) -> None:
    """Nothing wrong with the id, nothing there."""
    assert (await gateway.ask('{ product(id: "1") { id } }')).data == {"product": None}


async def test_a_foreign_subscription_answers_like_a_missing_one(gateway: Gateway, store: Any, shopper: int) -> None:
    """Same answer, same calls: nobody learns which ids exist."""
    query = "query ($id: ID!) { customer { subscription(id: $id) { id } } }"
    listed = (await store.get("subscriptions", "/subscriptions?limit=250"))["subscriptions"]
    foreign = next(row["id"] for row in listed if row["customer_id"] != shopper)
    mine = (await store.get("subscriptions", f"/subscriptions?customer_id={shopper}"))["subscriptions"][0]["id"]
    front = gateway.fronts["subscriptions"]
    answers = {}
    for name, number in {"mine": mine, "foreign": foreign, "missing": 1}.items():
        front.calls.clear()
        answer = await gateway.ask(query, {"id": str(number)}, customer=shopper)
        assert front.calls == [f"/subscriptions?ids={number}&limit=250"]
        answers[name] = answer.body
    assert answers["mine"] == {
        "data": {"customer": {"subscription": {"id": f"gid://recharge/SubscriptionContract/{mine}"}}}
    }
    assert answers["foreign"] == answers["missing"] == {"data": {"customer": {"subscription": None}}}


async def test_a_session_of_another_shop_sees_nothing_of_this_one(gateway: Gateway, shopper: int) -> None:
    """The same customer id in another shop is another customer, who does not exist."""
    answer = await gateway.ask(
        "{ customer { email subscriptions { nodes { id } } credit { totalAvailable { amount } } } }",
        customer=shopper,
        shop=OTHER_SHOP,
    )
    assert answer.data == {"customer": {"email": None, "subscriptions": {"nodes": []}, "credit": None}}


PAGES: dict[str, tuple[dict[str, Any], str]] = {
    "zero": ({"first": 0}, "`first` must be from 1 to 100."),
    "negative": ({"first": -1}, "`first` must be from 1 to 100."),
    "huge": ({"first": 101}, "`first` must be from 1 to 100."),
    "no cursor": ({"after": "???"}, "`after` is not a cursor: send an endCursor or an edge's cursor of this list."),
    "empty": ({"after": ""}, "`after` is not a cursor: send an endCursor or an edge's cursor of this list."),
    "not ASCII": ({"after": "ä"}, "`after` is not a cursor: send an endCursor or an edge's cursor of this list."),
}


@pytest.mark.parametrize("name", PAGES)
async def test_a_wrong_page(store: Store, shopper: int, name: str) -> None:
    """Page sizes and cursors are checked before any backend is asked, whatever the limits of the operation are."""
    variables, message = PAGES[name]
    query = """query ($first: Int, $after: String) {
        customer { subscriptions(first: $first, after: $after) { nodes { id } } }
    }"""
    async with gateway_before(store, limits={"page_size": 1_000}) as gateway:
        answer = await gateway.ask(query, variables, customer=shopper)
        assert answer.body["data"] == {"customer": {"subscriptions": None}}
        assert [(error["extensions"], error["message"]) for error in answer.errors] == [
            ({"code": "BAD_USER_INPUT"}, message)
        ]
        assert gateway.calls == []


async def test_a_cursor_of_another_list(gateway: Gateway, store: Any, shopper: int) -> None:
    """A cursor goes with the customer and the arguments that it was made with."""
    query = """query ($after: String, $status: SubscriptionStatus) {
        customer { subscriptions(first: 2, after: $after, status: $status) { nodes { id } pageInfo { endCursor } } }
    }"""
    first = await gateway.ask(query, {"status": "ACTIVE"}, customer=shopper)
    cursor = first.data["customer"]["subscriptions"]["pageInfo"]["endCursor"]
    others = (await store.get("subscriptions", "/customers?limit=2"))["customers"]
    stranger = next(row["id"] for row in others if row["id"] != shopper)
    for customer, status in ((shopper, "CANCELLED"), (shopper, None), (stranger, "ACTIVE")):
        answer = await gateway.ask(query, {"after": cursor, "status": status}, customer=customer)
        assert [error["message"] for error in answer.errors] == [
            "`after` is a cursor of another list: it goes with the arguments that it was made with."
        ]


async def test_a_token_of_another_shop(gateway: Gateway, shopper: int) -> None:
    """A session of shop A on a page of shop B is no session."""
    authorization = {"Authorization": f"Bearer {gateway.token(shopper, OTHER_SHOP)}"}
    status, body, _ = await send(gateway, posted(SHOP_QUERY), headers={**JSON, **authorization})
    assert (status, *refusal(body)) == (401, "UNAUTHENTICATED", NOT_VALID)


@pytest.mark.parametrize("scheme", ["Basic dXNlcjpwYXNz", "Bearer", "Token abc"])
async def test_another_scheme(gateway: Gateway, scheme: str) -> None:
    """Only bearer tokens are sessions."""
    status, body, _ = await send(gateway, posted(SHOP_QUERY), headers={**JSON, "Authorization": scheme})
    assert (status, *refusal(body)) == (401, "UNAUTHENTICATED", NOT_VALID)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, NOT_VALID),
        (
            {"shop": "evil.myshopify.com"},
            "There is no such shop here: `?shop=` takes its domain, such as name.myshopify.com.",
        ),
        ({"shop": ""}, "There is no such shop here: `?shop=` takes its domain, such as name.myshopify.com."),
    ],
)
async def test_no_shop_or_an_unknown_one(gateway: Gateway, params: dict[str, str], message: str) -> None:
    """Without a tenant nothing is answered."""
    status, body, _ = await send(gateway, posted(SHOP_QUERY), params=params)
    assert (status, *refusal(body)) == (401, "UNAUTHENTICATED", message)


async def test_the_tenant_comes_from_no_other_header(gateway: Gateway) -> None:
    """A Host or a forwarded one names no shop."""
    headers = {**JSON, "Host": OTHER_SHOP, "X-Forwarded-Host": OTHER_SHOP, "X-Shopify-Shop-Domain": OTHER_SHOP}
    status, body, _ = await send(gateway, posted(SHOP_QUERY), headers=headers)
    assert (status, body) == (200, {"data": {"shop": {"domain": SHOP}}})


@pytest.mark.parametrize("path", ["/", "/graphql/", "/graphql/x.css", "/graphql;.js", "/admin", "/demo/session"])
async def test_nothing_else_is_there(gateway: Gateway, path: str) -> None:
    """404, as JSON; a path that looks like a file of /graphql must not be answered by it."""
    async with gateway.client.get(f"{gateway.url}{path}", allow_redirects=False) as response:
        assert response.status == 404
        assert refusal(await response.json()) == ("BAD_USER_INPUT", "There is nothing here: the endpoint is /graphql.")


async def test_the_next_request_is_served(gateway: Gateway) -> None:
    """After a storm of wrong requests the gateway answers as before."""
    storm = [send(gateway, body) for body, *_ in BODIES.values()]
    await asyncio.gather(*storm * 5)
    assert (await gateway.ask(SHOP_QUERY)).data == {"shop": {"domain": SHOP}}


@pytest.mark.parametrize(
    "variables",
    ["null", "{}", '{"note": "\\"a\\": 1, \\"a\\" : 2"}', '{"a": [{"id": 1}, {"id": 2}]}', '{"a": "\\u00e9"}'],
)
async def test_what_only_looks_like_a_name_twice(gateway: Gateway, variables: str) -> None:
    """Texts that are JSON themselves, names in different objects, and what is null."""
    body = '{"query": "{ shop { domain } }", "operationName": null, "variables": ' + variables + "}"
    async with gateway.client.post(
        f"{gateway.url}/graphql", params={"shop": SHOP}, data=body, headers={"Content-Type": "application/json"}
    ) as response:
        assert (await response.json()) == {"data": {"shop": {"domain": SHOP}}}
