"""What caches on an answer's way may do with it, and public answers that are kept here as bytes."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

import msgspec

from gateway.edge.messages import HttpRequest, HttpResponse
from gateway.edge.operations import Operation
from gateway.edge.request import GraphQLRequest, read_body
from gateway.edge.responses import ALWAYS, content_type_of
from gateway.edge.sessions import PROXIED
from gateway.upstream import Journal
from gateway.viewer import Viewer

TAGS_BYTES = 6_000
"""Longest list of surrogate keys: proxies refuse longer headers, and what cannot be purged must not be kept."""
WORDS_BYTES = 8_192
"""Longest question that is remembered word for word."""

K = TypeVar("K", bound=Hashable)

HasChanged = Callable[[tuple[str, ...], float], bool]
"""Whether something under one of the tags changed after a moment of the monotonic clock."""


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """An answer without errors that nothing private was read for."""

    viewer: Viewer
    """A visitor: whose shop it is."""
    cost: int
    """The estimate, which whoever gets the answer pays."""
    journal: Journal
    tags: tuple[str, ...]
    body: bytes
    headers: Mapping[bytes, bytes]
    """Those that are the same each time; without surrogate keys where those are too many."""

    @classmethod
    def of(cls, viewer: Viewer, cost: int, body: bytes, journal: Journal) -> "PublicAnswer":
        """It, ready to be sent."""
        tags = tuple(sorted(journal.tags))
        keys = " ".join(tags).encode()
        headers = {**ALWAYS, b"etag": b'"%b"' % hashlib.blake2b(body, digest_size=16).hexdigest().encode()}
        if len(keys) <= TAGS_BYTES:
            headers[b"surrogate-key"] = keys
        return cls(viewer, cost, journal, tags, body, headers)

    def response(self, request: HttpRequest, media_type: str, has_changed: HasChanged) -> HttpResponse:
        """Let caches keep it for as long as the soonest of all that was read for it stays fresh.

        It stays private where it is stale already, or has changed since it was read: the purge of that has passed, and
        would not find it. The answer to an `If-None-Match` that still holds is 304.
        """
        now = time.monotonic()
        journal = self.journal
        content_type = content_type_of(media_type)
        is_kept = b"surrogate-key" in self.headers and journal.fresh_until_seconds > now
        if not is_kept or has_changed(self.tags, journal.oldest_seconds):
            return HttpResponse(HTTPStatus.OK, {**ALWAYS, b"content-type": content_type}, self.body)
        age = max(0, int(now - journal.oldest_seconds))
        headers = {
            **self.headers,
            b"cache-control": b"public, max-age=%d" % (age + int(journal.fresh_until_seconds - now)),
            b"age": b"%d" % age,
        }
        if (known := request.headers.get(b"if-none-match")) is not None and headers[b"etag"] in _etags(known):
            return HttpResponse(HTTPStatus.NOT_MODIFIED, headers)
        headers[b"content-type"] = content_type
        return HttpResponse(HTTPStatus.OK, headers, self.body)


def _etags(header: bytes) -> set[bytes]:
    # A cache that compressed an answer makes its tag weak; the answer is the same.
    return {each.strip().removeprefix(b"W/") for each in header.split(b",")}


class Words(NamedTuple):
    """A visitor's question word for word: with the settings, all of a request that its answer depends on.

    Whatever else the edge reads of a request has to be here, be looked at each time, or forbid to ask by words.
    """

    query_string: bytes
    body: bytes | None
    """None for GET."""
    accept: bytes | None
    content_type: bytes | None
    timeout: bytes | None
    """How long the client waits, be it nonsense."""


async def words_of(request: HttpRequest, body_bytes: int) -> Words | None:
    """A request word for word, with its body read; None, and nothing read, where it says who asks, or is unusual."""
    headers = request.headers
    if (
        b"authorization" in headers
        or b"x-cost" in headers
        or b"x-explain" in headers
        or request.path.startswith(PROXIED)
        or len(request.query_string) > WORDS_BYTES
    ):
        return None
    body: bytes | None = None
    if request.method == "POST":
        length = headers.get(b"content-length", b"")
        # What is larger, compressed, or of unknown length may have to be refused before anybody reads it.
        if not length.isdigit() or int(length) > min(body_bytes, WORDS_BYTES) or b"content-encoding" in headers:
            return None
        body = await read_body(request, body_bytes)
    elif request.method != "GET":
        return None
    return Words(
        request.query_string,
        body,
        headers.get(b"accept"),
        headers.get(b"content-type"),
        headers.get(b"x-timeout-ms"),
    )


@dataclass(slots=True)
class PublicAnswers:
    """Whole answers to visitors, given again without executing anything.

    By shop, operation and variables; and by what a request said, so that the same again is not even read. Only as long
    as all that an answer is made of is fresh and nothing of it has changed.
    """

    has_changed: HasChanged
    entries: int
    _by_meaning: OrderedDict[Hashable, PublicAnswer] = field(default_factory=OrderedDict)
    _by_words: OrderedDict[Words, PublicAnswer] = field(default_factory=OrderedDict)

    def key(self, viewer: Viewer, asked: GraphQLRequest, operation: Operation, request: HttpRequest) -> Hashable | None:
        """What an answer is kept under; None for one that is not to be kept, whoever asks."""
        # An answer that tells about itself is another one each time.
        tells = request.header(b"x-cost") or request.header(b"x-explain")
        if tells or operation.is_mutation or viewer.customer_id is not None or viewer.session_id is not None:
            return None
        if viewer.scopes or viewer.tool is not None or viewer.unresolved is not None:
            return None
        variables = msgspec.json.encode(asked.variables or {}, order="deterministic")
        return viewer.shop, operation.identity, variables

    def has(self, key: Hashable | None) -> bool:
        """Whether there is such an answer."""
        return self.get(key) is not None

    def get(self, key: Hashable | None) -> PublicAnswer | None:
        """The answer as it was sent, with what it is made of."""
        return None if key is None else self._good(self._by_meaning, key)

    def by_words(self, words: Words | None) -> PublicAnswer | None:
        """The answer to the same request."""
        return None if words is None else self._good(self._by_words, words)

    def put(
        self,
        key: Hashable | None,
        viewer: Viewer,
        cost: int,
        answer: dict[str, Any],
        journal: Journal,
    ) -> PublicAnswer | None:
        """Keep an answer without errors; None where it is not public."""
        if key is None or journal.is_private or not journal.tags or journal.stale:
            return None
        public = PublicAnswer.of(viewer, cost, msgspec.json.encode(answer), journal)
        self._keep(self._by_meaning, key, public)
        return public

    def clear(self) -> None:
        """Let go of all."""
        self._by_meaning.clear()
        self._by_words.clear()

    def remember(self, words: Words, asked: GraphQLRequest, answer: PublicAnswer) -> None:
        """Give an answer to the same request again."""
        # One that brings a text and its digest registers the text, each time anew.
        if not (asked.extensions and asked.query):
            self._keep(self._by_words, words, answer)

    def _good(self, room: "OrderedDict[K, PublicAnswer]", key: K) -> PublicAnswer | None:
        answer = room.get(key)
        if answer is None:
            return None
        journal = answer.journal
        is_over = journal.fresh_until_seconds <= time.monotonic()
        if is_over or self.has_changed(answer.tags, journal.oldest_seconds):
            del room[key]
            return None
        room.move_to_end(key)
        return answer

    def _keep(self, room: "OrderedDict[K, PublicAnswer]", key: K, answer: PublicAnswer) -> None:
        room[key] = answer
        if len(room) > self.entries:
            room.popitem(last=False)
