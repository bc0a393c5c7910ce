"""One hostile request as it goes over the wire, and the answer that is right."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

BOTH_TYPES = "application/graphql-response+json, application/json;q=0.9"
"""With the newer type a request error has a status of its own."""
ANSWER_SECONDS = 20
MOST_ANSWERED_BYTES = 20_000
"""No answer to an attack is as long as this: nothing that was sent is echoed, and nothing is read of backends."""
INSIDE = (
    b"Traceback",
    b"Error(",
    b".py",
    b"127.0.0.1",
    b"localhost",
    b"strawberry",
    b"uvicorn",
    b"graphql-core",
    b"ftv1",
)
"""Words of what is inside, which no answer has."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A request of HTTP/1.1 with its answer: a status, and the code of its errors, all of them the same."""

    body: bytes
    status: int
    code: str = ""
    """Empty: it has no errors."""
    limit: str = ""
    """The name of the limit, where the code is LIMIT_EXCEEDED."""
    data: Any = None
    """`data` of the answer; None: there is none, since nothing ran."""
    method: str = "POST"
    target: str = "/graphql?shop={shop}"
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside those of every client, or instead of them; an empty one is left out."""
    raw: bytes = b""
    """The whole request, where it is none that a client could make. `{shop}` stands for the domain."""

    def bytes_for(self, shop: str) -> bytes:
        """The request."""
        if self.raw:
            return self.raw.replace(b"{shop}", shop.encode())
        headers = {
            "Host": "gateway.example",
            "Accept": BOTH_TYPES,
            "Content-Type": "application/json",
            "Content-Length": str(len(self.body)),
        } | dict(self.headers)
        target = self.target.replace("{shop}", shop)
        lines = [f"{self.method} {target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value]
        return "\r\n".join([*lines, "", ""]).encode() + self.body

    def faults(self, answer: "Answered") -> list[str]:
        """What is wrong with an answer."""
        found = [f"{word!r} in {answer.body[:300]!r}" for word in INSIDE if word in answer.body]
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status != self.status:
            found.append(f"{answer.status} instead of {self.status}: {answer.body[:300]!r}")
        if len(answer.body) > MOST_ANSWERED_BYTES:
            found.append(f"{len(answer.body)} bytes")
        found += [f"header {name}" for name in ("server", "x-powered-by", "set-cookie") if name in answer.headers]
        body = answer.json()
        errors = {(each["extensions"]["code"], each["extensions"].get("limit", "")) for each in body.get("errors", ())}
        if errors != ({(self.code, self.limit)} if self.code else set()):
            found.append(f"{sorted(errors)} instead of {self.code} {self.limit}: {answer.body[:300]!r}")
        if body.get("data") != self.data:
            found.append(f"data: {answer.body[:300]!r}")
        return found


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body, which is JSON whatever was asked."""
        found: dict[str, Any] = json.loads(self.body)
        return found


async def exchanged(port: int, request: bytes) -> Answered:
    """Send a request on a connection of its own, and read the answer.

    Raises:
        TimeoutError, IncompleteReadError: There is none.
    """
    async with asyncio.timeout(ANSWER_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            # A server that refuses a long body does not read it: who waits until it is sent may wait for ever.
            return await read_answer(reader)
        finally:
            writer.transport.abort()


async def read_answer(reader: asyncio.StreamReader) -> Answered:
    """The next answer on a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Answered(int(head[0].split()[1]), headers, body)


def query(text: str, **variables: Any) -> bytes:
    """A body with a document."""
    return json.dumps({"query": text, "variables": variables}).encode()
