"""From a document's text to operations that are known to be valid."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from gateway.edge.limits import Estimate, Limiter
from gateway.edge.tokens import drop_tokens
from gateway.errors import BadUserInput, GatewayError, LimitExceeded, ParseFailed, ValidationFailed

ERRORS_REPORTED = 5
"""A document with more faults than this is not worth the time to find them all."""
COMMENTS = 100
"""Most comments of a document; a person's has a handful."""
NODES_OF_A_DOCUMENT = 100
"""Of documents that are larger fewer are kept; the widgets' have 150 to 190. A thousand tokens are up to 1,000."""
MESSAGE_CHARACTERS = 200
"""Longest message: graphql-core echoes names, and a name may be as long as the document."""

# Comparing fields pair by pair is the one rule of validation that a document of a thousand tokens can make slow. A
# widget's document needs a few hundred comparisons; the library's own budget is 25 times this.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document."""

    document: DocumentNode
    node: OperationDefinitionNode
    estimate: Estimate
    """What it costs."""
    is_trusted: bool
    """Whether the document was known before anybody asked."""
    identity: object = field(default_factory=object, compare=False)
    """What stands for it in keys, so that who keeps an answer does not keep the document."""

    @property
    def name(self) -> str | None:
        """What the document calls it."""
        return self.node.name.value if self.node.name else None

    @property
    def is_mutation(self) -> bool:
        """Whether it may change something."""
        return self.node.operation is OperationType.MUTATION


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document."""

    operations: Mapping[str | None, Operation]
    """By name; one without a name is alone."""
    nodes: int
    """How large it is."""

    def operation(self, name: str | None) -> Operation:
        """The operation of that name; without a name the only one.

        Raises:
            BadUserInput: There is no such operation.
        """
        if name:
            if (named := self.operations.get(name)) is not None:
                return named
            raise BadUserInput(f"The document has no operation named {name[:60]!r}.")
        if len(self.operations) == 1:
            return next(iter(self.operations.values()))
        raise BadUserInput(
            "The document has several operations: say which in `operationName`."
            if self.operations
            else "The document has no operation, only fragments."
        )


class InvalidDocument(Exception):  # what is wrong with the document, for the client
    """A document that cannot run; carries the errors to answer with."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


class Operations:
    """Parses and validates each document once; keeps a bounded number, least recently used out first.

    Fewer where they are large, so that documents which nobody asks for twice fill no memory. `forget` is told what is
    kept no longer.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limiter: Limiter,
        *,
        kept: int,
        tokens: int,
        forget: Callable[[DocumentNode], object] = lambda _: None,
    ) -> None:
        self._schema = schema
        self._limiter = limiter
        self._kept = kept
        self._tokens = tokens
        self._forget = forget
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._nodes = 0

    def find(self, text: str) -> Document:
        """The document of a text, read now or before.

        Raises:
            InvalidDocument: It cannot run.
            LimitExceeded: It asks for too much.
        """
        document = self._documents.get(text)
        if document is None:
            document = self._documents[text] = self.read(text)
            self._nodes += document.nodes
            self._make_room()
        else:
            self._documents.move_to_end(text)
        return document

    def _make_room(self) -> None:
        most = self._kept * NODES_OF_A_DOCUMENT
        while len(self._documents) > self._kept or (self._nodes > most and len(self._documents) > 1):
            _, gone = self._documents.popitem(last=False)
            self._nodes -= gone.nodes
            for operation in gone.operations.values():
                self._forget(operation.document)

    def knows(self, text: str) -> bool:
        """Whether it was read before."""
        return text in self._documents

    def read(self, text: str, *, is_trusted: bool = False) -> Document:
        """The document of a text, which the caller keeps.

        Raises:
            InvalidDocument: It cannot run.
            LimitExceeded: It asks for too much.
        """
        node = self._parsed(text)
        # Before validation, which takes longer the more a document spreads.
        estimates = self._limiter.estimates(node)
        if faults := validate(self._schema, node, max_errors=ERRORS_REPORTED, hide_suggestions=True):
            raise InvalidDocument([_as(ValidationFailed, fault) for fault in faults[:ERRORS_REPORTED]])
        nodes = drop_tokens(node)
        operations = {
            name: Operation(node, estimate.node, estimate, is_trusted) for name, estimate in estimates.items()
        }
        return Document(operations, nodes)

    def _parsed(self, text: str) -> DocumentNode:
        try:
            return parse(
                text,
                max_lexical_tokens=self._tokens,
                max_comments=COMMENTS,
                allow_empty_selection_sets=False,
            )
        except GraphQLSyntaxError as error:
            if "Parsing aborted" in error.message:
                if "nested" in error.message:
                    raise LimitExceeded("The document is nested too deeply to be read.", limit="depth") from None
                raise LimitExceeded(
                    f"The document has more than {self._tokens} tokens or {COMMENTS} comments.", limit="tokens"
                ) from None
            raise InvalidDocument([_as(ParseFailed, error)]) from None


def _as(kind: type[GatewayError], error: GraphQLError) -> GraphQLError:
    """The same error with one of our codes."""
    return GraphQLError(
        error.message[:MESSAGE_CHARACTERS],
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        extensions={"code": kind.code},
    )
