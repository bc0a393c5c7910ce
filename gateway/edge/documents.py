"""Which document a request means: one that is known by its id, one that was registered, or the text it brings."""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

import structlog

from gateway.edge.manifests import digest_of
from gateway.edge.operations import Document, Operation, Operations
from gateway.edge.persisted import RegisteredQueries
from gateway.edge.refusals import HttpRefusal, bad_request
from gateway.edge.request import GraphQLRequest
from gateway.edge.trusted import TrustedDocuments
from gateway.errors import (
    Forbidden,
    GatewayError,
    PersistedDocumentIdRequired,
    PersistedDocumentNotFound,
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
)
from gateway.viewer import ADHOC, INTROSPECTION, Viewer

logger = structlog.get_logger(__name__)

Safelist = Literal["off", "report", "enforce"]
Introspection = Literal["open", "scope"]

STRANGERS_KEPT = 1_000
"""So many documents outside of the safelist are reported once each; then the oldest may be reported again."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Documents:
    """All documents that may run."""

    operations: Operations
    trusted: TrustedDocuments
    registered: RegisteredQueries | None
    """None: clients cannot register any."""
    introspection: Introspection = "open"
    """Who may ask the schema for itself: everybody, or sessions with the scope."""
    safelist: Safelist = "off"
    """Whether only trusted documents run; `report` says which others there are, and runs them."""
    _strangers: OrderedDict[str, None] = field(default_factory=OrderedDict)

    async def find(self, asked: GraphQLRequest, viewer: Viewer) -> Operation:
        """The operation that a request asks for.

        Raises:
            HttpRefusal: The request names no document, or one that is not known.
            InvalidDocument: The document cannot run.
            GatewayError: The document may not run, or has no such operation.
        """
        operation = (await self._document(asked, viewer)).operation(asked.operationName)
        is_introspection_open = self.introspection == "open" or INTROSPECTION in viewer.scopes
        if operation.estimate.is_introspective and not (is_introspection_open or operation.is_trusted):
            raise Forbidden("The schema is not open to introspection here: use its published SDL.")
        return operation

    def knows(self, asked: GraphQLRequest) -> bool:
        """Whether to find the document costs nothing: it goes by its id, or its text was read before."""
        return not asked.query or self.operations.knows(asked.query) or self.trusted.knows(asked.query)

    async def _document(self, asked: GraphQLRequest, viewer: Viewer) -> Document:
        if asked.documentId is not None:
            return await self._by_id(asked)
        if (persisted := (asked.extensions or {}).get("persistedQuery")) is not None:
            return await self._by_digest(_digest_in(persisted), asked, viewer)
        if not asked.query:
            raise bad_request("There is no `query`: send a GraphQL document, or the `documentId` of a known one.")
        return await self._by_text(asked.query, asked, viewer)

    async def _by_id(self, asked: GraphQLRequest) -> Document:
        if asked.query:
            raise bad_request("Send either `documentId` or `query`: a document goes by one of them.")
        document = await self.trusted.find(asked.documentId or "")
        if document is None:
            error = PersistedDocumentNotFound("There is no document of this `documentId`: push its manifest first.")
            raise HttpRefusal(HTTPStatus.NOT_FOUND, error)
        return document

    async def _by_digest(self, digest: str, asked: GraphQLRequest, viewer: Viewer) -> Document:
        if asked.query and digest_of(asked.query) != digest:
            raise bad_request("`persistedQuery.sha256Hash` is not the digest of `query`.")
        document = await self.trusted.find(f"sha256:{digest}")
        if document is not None:
            return document
        if self.registered is None:
            raise _as_apollo_does(PersistedQueryNotSupported("PersistedQueryNotSupported"))
        if asked.query:
            document = await self._by_text(asked.query, asked, viewer)
            await self.registered.keep(viewer.shop, digest, asked.query)
            return document
        text = await self.registered.find(viewer.shop, digest)
        if text is None:
            raise _as_apollo_does(PersistedQueryNotFound("PersistedQueryNotFound"))
        return await self._by_text(text, asked, viewer)

    async def _by_text(self, text: str, asked: GraphQLRequest, viewer: Viewer) -> Document:
        document = await self.trusted.find_text(text)
        if document is not None:
            return document
        if self.safelist != "off" and ADHOC not in viewer.scopes:
            if self.safelist == "enforce":
                raise PersistedDocumentIdRequired(
                    "Only documents that were pushed before are answered here: send the `documentId` of one."
                )
            self._report(text, asked, viewer)
        return self.operations.find(text)

    def _report(self, text: str, asked: GraphQLRequest, viewer: Viewer) -> None:
        digest = digest_of(text)
        if digest not in self._strangers:
            self._strangers[digest] = None
            if len(self._strangers) > STRANGERS_KEPT:
                self._strangers.popitem(last=False)
            name = asked.operationName or None
            logger.warning(
                "document outside of the safelist",
                document=f"sha256:{digest}",
                operation=name[:60] if name else None,
                shop=viewer.shop,
            )


def _digest_in(persisted: Any) -> str:
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise bad_request('`extensions.persistedQuery` is {"version": 1, "sha256Hash": …}.')
    digest = persisted.get("sha256Hash")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise bad_request("`persistedQuery.sha256Hash` is 64 hexadecimal digits in lower case.")
    return digest


def _as_apollo_does(error: GatewayError) -> HttpRefusal:
    """Clients look for the message and the code; the status is 200, and nothing on the way may keep the answer."""
    return HttpRefusal(HTTPStatus.OK, error, {"Cache-Control": "private, no-cache"})
