"""What a client asks, read from an HTTP request."""

from email.message import Message
from functools import lru_cache
from typing import Any

import msgspec

from gateway.edge.messages import HttpRequest
from gateway.edge.refusals import bad_request, method_not_allowed, too_large, unsupported_media_type
from gateway.edge.strictness import document_holds_nul, holds_nul, may_hold_nul, name_that_is_there_twice, names_in

JSON_HINT = 'Send a JSON object such as {"query": "{ shop { domain } }"}.'


class GraphQLRequest(msgspec.Struct, frozen=True):
    """The parameters of GraphQL over HTTP. Null means the same as left out."""

    query: str | None = None
    documentId: str | None = None  # noqa: N815  # the parameter's name on the wire
    operationName: str | None = None  # noqa: N815
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None

    def names(self) -> int:
        """How many names it has in all of its objects; what was null, or is not known, is not counted."""
        given = [value for value in msgspec.structs.astuple(self) if value is not None]
        return len(given) + names_in(given)


_DECODER = msgspec.json.Decoder(GraphQLRequest)
_OBJECT = msgspec.json.Decoder(dict[str, Any])


async def read_request(request: HttpRequest, *, body_bytes: int, body: bytes | None = None) -> GraphQLRequest:
    """The request's parameters: of the body for POST, of the query string for GET.

    Args:
        request: Which.
        body_bytes: The largest body.
        body: The body, where it has been read already.

    Raises:
        HttpRefusal: It is not a request that GraphQL over HTTP knows.
    """
    if request.method == "GET":
        return _without_nul(_read_query_string(request))
    if request.method != "POST":
        raise method_not_allowed("Use POST, or GET for queries.", allow="GET, POST")
    _check_media_type(request.header(b"content-type") or "")
    body = await read_body(request, body_bytes) if body is None else body
    asked = _decode(body)
    return _without_nul(asked) if may_hold_nul(body) else asked


def _without_nul(asked: GraphQLRequest) -> GraphQLRequest:
    texts = [asked.documentId, asked.operationName, asked.variables, asked.extensions]
    if holds_nul(texts) or (asked.query is not None and document_holds_nul(asked.query)):
        raise bad_request("There is a NUL character in the request: no text may have one.")
    return asked


def _read_query_string(request: HttpRequest) -> GraphQLRequest:
    given: dict[str, str] = {}
    for name, value in request.query:
        if name in given and name in GraphQLRequest.__struct_fields__:
            raise bad_request(f"The parameter `{name}` is there twice.")
        given[name] = value
    return GraphQLRequest(
        query=given.get("query"),
        documentId=given.get("documentId"),
        operationName=given.get("operationName") or None,
        variables=_object_of(given.get("variables"), "variables"),
        extensions=_object_of(given.get("extensions"), "extensions"),
    )


def _object_of(text: str | None, name: str) -> dict[str, Any] | None:
    if not text or text == "null":
        return None
    try:
        found: dict[str, Any] = _OBJECT.decode(text)
        twice = name_that_is_there_twice(text.encode(), names_in(found))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise bad_request(f"The parameter `{name}` is not a JSON object.") from None
    if twice is not None:
        raise bad_request(f"The parameter `{name}` has `{twice[:60]}` twice in one object.")
    return found


def _check_media_type(content_type: str) -> None:
    if not content_type:
        raise unsupported_media_type("There is no Content-Type: send application/json.")
    media_type, charset = _media_type_of(content_type)
    if media_type != "application/json":
        raise unsupported_media_type("Only application/json is read.")
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise unsupported_media_type("Only UTF-8 is read.")


@lru_cache(maxsize=64)  # clients have a few ways to write it
def _media_type_of(content_type: str) -> tuple[str, str | None]:
    header = Message()
    header["content-type"] = content_type
    return header.get_content_type(), header.get_content_charset("utf-8")


def seconds_left(request: HttpRequest) -> float | None:
    """How long the client says that it will wait: `X-Timeout-Ms`, a whole number of milliseconds."""
    sent = request.header(b"x-timeout-ms")
    if sent is None:
        return None
    if not sent.isascii() or not sent.isdecimal() or not 0 < len(sent) <= 7 or int(sent) == 0:
        raise bad_request("X-Timeout-Ms is a whole number of milliseconds, from 1.")
    return int(sent) / 1_000


async def read_body(request: HttpRequest, limit_bytes: int) -> bytes:
    """The body as it came.

    Raises:
        HttpRefusal: It is compressed, larger than the limit, or not there to its end.
    """
    if request.headers.get(b"content-encoding", b"identity") != b"identity":
        raise unsupported_media_type("Compressed bodies are not read.")
    announced = request.headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limit_bytes:
        raise too_large(limit_bytes)
    message = await request.receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        parts = bytearray(body)
        while message.get("more_body", False) and len(parts) <= limit_bytes:
            message = await request.receive()
            parts += message.get("body", b"")
        body = bytes(parts)
    if message["type"] == "http.disconnect":
        # Nobody reads this answer.
        raise bad_request("The connection ended before the body did.")
    if len(body) > limit_bytes:
        raise too_large(limit_bytes)
    return body


def _decode(body: bytes) -> GraphQLRequest:
    if not body.strip():
        raise bad_request(f"The body is empty. {JSON_HINT}")
    try:
        asked = _DECODER.decode(body)
        twice = name_that_is_there_twice(body, asked.names())
    except msgspec.ValidationError as error:
        # msgspec's message names a path and two types, never a value.
        raise bad_request(f"The body is not a GraphQL request: {error}. {JSON_HINT}") from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise bad_request(f"The body is not JSON in UTF-8. {JSON_HINT}") from None
    if twice is not None:
        raise bad_request(f"The body has `{twice[:60]}` twice in one object.")
    return asked
