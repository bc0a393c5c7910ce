"""Answers with something wrong in them."""

from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.types import ASGIApp, Message, Scope, Send

NARROWING = {
    "ids",
    "email",
    "emails",
    "customer_id",
    "customer_ids",
    "purchase_item_ids",
    "address_ids",
    "cursor",
    "shop_url",
}
"""Parameters without which a list has rows that nobody asked for."""


class Wrong(Protocol):
    """What is to be wrong."""

    @property
    def malformed(self) -> bool:
        """Whether the body ends in the middle."""

    @property
    def wrong_rows(self) -> int:
        """How many rows get values of other types."""

    @property
    def foreign_rows(self) -> int:
        """How many rows of others are added."""


class Answer:
    """An answer that is held back."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def take(self, message: Message) -> None:
        """In place of the server's `send`."""
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    async def give(self, send: Send) -> None:
        """Sends what there is now, with its true length."""
        headers = [(name, value) for name, value in self.start["headers"] if name != b"content-length"]
        length = (b"content-length", str(len(self.body)).encode())
        await send({**self.start, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": self.body})


async def spoiled(app: ASGIApp, scope: Scope, answer: Answer, wrong: Wrong, others: dict[str, str]) -> None:
    """Makes a good answer wrong; refusals stay as they are."""
    if answer.start["status"] >= 300:
        return
    body = msgspec.json.decode(answer.body)
    name = next((key for key, value in body.items() if isinstance(value, list)), None)
    if name is not None:
        known = {str(row.get("id")) for row in body[name]}
        strange = [
            row
            for tokens in ({}, others)
            for row in await _unasked(app, scope, name, tokens)
            if str(row.get("id")) not in known
        ]
        # From both ends, so that the same shop's other customers and the other shop's are among few.
        body[name] += [
            strange[-n // 2] if n % 2 else strange[n // 2] for n in range(min(wrong.foreign_rows, len(strange)))
        ]
        body[name] = [_wrong(row) if n < wrong.wrong_rows else row for n, row in enumerate(body[name])]
    answer.body = msgspec.json.encode(body)
    if wrong.malformed:
        answer.body = answer.body[: len(answer.body) // 2]


async def _unasked(app: ASGIApp, scope: Scope, name: str, tokens: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of the same list without what narrows it; with other tokens another shop's."""
    kept = [(key, value) for key, value in parse_qsl(scope["query_string"].decode()) if key not in NARROWING]
    headers = [(key, tokens.get(value.decode(), value.decode()).encode()) for key, value in scope["headers"]]
    other = {**scope, "query_string": urlencode(kept).encode(), "headers": headers}
    answer = Answer()

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app(other, nothing, answer.take)
    if answer.start["status"] != 200:
        return []
    found: list[dict[str, Any]] = msgspec.json.decode(answer.body)[name]
    return found


def _wrong(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers become lists, strings numbers; the id stays, so that the row can be told from others."""

    def other(value: Any) -> Any:
        if isinstance(value, str):
            return len(value)
        return [value] if isinstance(value, int | float) else value

    return {key: value if key == "id" else other(value) for key, value in row.items()}
