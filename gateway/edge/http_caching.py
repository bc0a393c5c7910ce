"""What caches on an answer's way may do with it, and public answers that are kept here as bytes."""

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway.edge.operations import Operation
from gateway.edge.request import GraphQLRequest
from gateway.upstream import Journal
from gateway.viewer import Viewer

TAGS_BYTES = 6_000
"""Longest list of surrogate keys: proxies refuse longer headers, and what cannot be purged must not be kept."""

HasChanged = Callable[[tuple[str, ...], float], bool]
"""Whether something under one of the tags changed after a moment of the monotonic clock."""


def mark_public(response: Response, journal: Journal, request: Request, has_changed: HasChanged) -> Response:
    """Let caches keep an answer for as long as the soonest of all that was read for it stays fresh.

    It stays private where anything that was read depends on who asks, be it that nobody in particular does, or where it
    is stale already, or has changed since it was read: the purge of that has passed, and would not find it. The answer
    to an `If-None-Match` that still holds is 304.
    """
    now = time.monotonic()
    keys = " ".join(sorted(journal.tags))
    if journal.is_private or not keys or len(keys) > TAGS_BYTES or journal.fresh_until_seconds <= now:
        return response
    if has_changed(tuple(journal.tags), journal.oldest_seconds):
        return response
    age = max(0, math.floor(now - journal.oldest_seconds))
    headers = response.headers
    headers["Cache-Control"] = f"public, max-age={age + math.floor(journal.fresh_until_seconds - now)}"
    headers["Age"] = str(age)
    headers["Surrogate-Key"] = keys
    headers["ETag"] = f'"{hashlib.blake2b(response.body, digest_size=16).hexdigest()}"'
    if headers["ETag"] not in _etags(request.headers.get("if-none-match", "")):
        return response
    del headers["Content-Length"], headers["Content-Type"]
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))


def _etags(header: str) -> set[str]:
    # A cache that compressed an answer makes its tag weak; the answer is the same.
    return {each.strip().removeprefix("W/") for each in header.split(",")}


@dataclass(frozen=True, slots=True)
class _Kept:
    operation: Operation
    """Kept beside the answer, so that its identity stays its own."""
    body: bytes
    journal: Journal


@dataclass(slots=True)
class PublicAnswers:
    """Whole answers to visitors, by shop, operation and variables: given again without executing anything.

    Only those that nothing private was read for, and only as long as all of it is fresh and nothing of it has changed.
    """

    has_changed: HasChanged
    entries: int
    _kept: OrderedDict[Hashable, _Kept] = field(default_factory=OrderedDict)

    def key(self, viewer: Viewer, asked: GraphQLRequest, operation: Operation, request: Request) -> Hashable | None:
        """What an answer is kept under; None for one that is not to be kept, whoever asks."""
        # An answer that tells about itself is another one each time.
        tells = request.headers.get("x-cost") or request.headers.get("x-explain")
        if tells or operation.is_mutation or viewer.customer_id is not None or viewer.session_id is not None:
            return None
        if viewer.scopes or viewer.tool is not None or viewer.unresolved is not None:
            return None
        variables = msgspec.json.encode(asked.variables or {}, order="deterministic")
        return viewer.shop, id(operation), variables

    def has(self, key: Hashable | None) -> bool:
        """Whether there is such an answer."""
        return self.get(key) is not None

    def get(self, key: Hashable | None) -> tuple[bytes, Journal] | None:
        """The answer as it was sent, with what it is made of."""
        kept = self._kept.get(key) if key is not None else None
        if kept is None:
            return None
        journal = kept.journal
        is_over = journal.fresh_until_seconds <= time.monotonic()
        if is_over or self.has_changed(tuple(journal.tags), journal.oldest_seconds):
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept.body, journal

    def put(self, key: Hashable | None, operation: Operation, body: bytes, journal: Journal) -> None:
        """Keep an answer without errors."""
        if key is None or journal.is_private or not journal.tags or journal.stale:
            return
        self._kept[key] = _Kept(operation, body, journal)
        if len(self._kept) > self.entries:
            self._kept.popitem(last=False)
