"""Documents that are known before anybody asks: read, validated and compiled ahead, and asked for by their id."""

from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol

import structlog
from graphql import DocumentNode

from gateway.edge.manifests import InvalidManifest, document_id
from gateway.edge.operations import Document, InvalidDocument, Operations
from gateway.errors import GatewayError

logger = structlog.get_logger(__name__)

Prepare = Callable[[DocumentNode, str | None], object]
"""Compiles one operation of a document."""
Forget = Callable[[DocumentNode], object]
"""Throws away what was compiled of a document."""


class Pushed(Protocol):
    """Documents that were pushed to where all processes find them."""

    async def text_of(self, document_id: str) -> str | None:
        """The text of one; None where it is not known, or cannot be looked up now."""


class TrustedDocuments:
    """The documents of the manifests, and what was pushed since; none of them ever makes room for another."""

    def __init__(
        self, operations: Operations, prepare: Prepare, pushed: Pushed | None = None, forget: Forget = lambda _: None
    ) -> None:
        self._operations = operations
        self._prepare = prepare
        self._pushed = pushed
        self._forget = forget
        self._of_manifests: set[str] = set()
        """Ids that stay whatever is withdrawn: who takes them out of the settings' manifests has to reload."""
        self._withdrawals = 0
        self._by_id: dict[str, Document] = {}
        self._by_text: dict[str, Document] = {}

    def __len__(self) -> int:
        """How many documents there are."""
        return len(self._by_text)

    def accept(self, manifests: Iterable[Mapping[str, str]]) -> None:
        """Take all documents of all manifests, or none of them.

        Raises:
            InvalidManifest: Some cannot run, or two of one id differ.
        """
        self._of_manifests |= self._accept(manifests)

    def _accept(self, manifests: Iterable[Mapping[str, str]]) -> AbstractSet[str]:
        texts: dict[str, str] = {}
        problems: list[str] = []
        for manifest in manifests:
            for given, text in manifest.items():
                if texts.setdefault(given, text) != text:
                    problems.append(f"{given} stands for two documents that differ.")
        by_text: dict[str, Document] = {}
        for given, text in texts.items():
            if text not in by_text:
                try:
                    by_text[text] = self._read(text)
                except (InvalidDocument, GatewayError) as error:
                    problems.append(f"{given}: {reason_of(error)}")
        if problems:
            raise InvalidManifest("\n".join(problems))
        self._by_text |= by_text
        by_id = {document_id(text): document for text, document in by_text.items()}
        by_id |= {given: by_text[text] for given, text in texts.items()}
        self._by_id |= by_id
        return by_id.keys()

    def withdraw(self, ids: Collection[str] | None = None) -> None:
        """Let go of pushed documents, under all of their ids; of all of them without any.

        One that is still pushed is found again when it is asked for.
        """
        self._withdrawals += 1
        pushed = [each for each in self._by_id if each not in self._of_manifests]
        gone = {id(self._by_id[each]) for each in pushed if ids is None or each in ids}
        for each in pushed:
            if id(self._by_id[each]) in gone:
                del self._by_id[each]
        kept = {id(document) for document in self._by_id.values()}
        for text, document in list(self._by_text.items()):
            if id(document) not in kept:
                del self._by_text[text]
                for operation in document.operations.values():
                    self._forget(operation.document)

    def known(self) -> Mapping[str, Document]:
        """The documents so far, by each of their ids."""
        return self._by_id

    async def find(self, wanted: str) -> Document | None:
        """The document of an id, if there is one."""
        document = self._by_id.get(wanted)
        if document is not None or self._pushed is None:
            return document
        withdrawals = None
        while withdrawals != self._withdrawals:
            # What is withdrawn while it is being read might be read and kept.
            withdrawals = self._withdrawals
            text = await self._pushed.text_of(wanted)
        if text is None:
            return None
        try:
            self._accept([{wanted: text}])
        except InvalidManifest as error:
            # Whoever pushed it checked it against another schema than this process has.
            logger.error("pushed document refused", document=wanted, reason=str(error))  # noqa: TRY400  # the reason says it all
            return None
        return self._by_id[wanted]

    def knows(self, text: str) -> bool:
        """Whether it is at hand."""
        return text in self._by_text

    async def find_text(self, text: str) -> Document | None:
        """The document of a text, if that is one of them word for word."""
        document = self._by_text.get(text)
        if document is not None or self._pushed is None:
            return document
        return await self.find(document_id(text))

    def _read(self, text: str) -> Document:
        document = self._operations.read(text, is_trusted=True)
        for operation in document.operations.values():
            self._prepare(operation.document, operation.name)
        return document


def reason_of(error: InvalidDocument | GatewayError) -> str:
    """What is wrong with a document, in one line."""
    if isinstance(error, GatewayError):
        return error.message
    return " ".join(fault.message for fault in error.errors)
