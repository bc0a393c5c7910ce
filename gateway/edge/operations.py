"""From a document's text to an operation that is known to be valid."""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    validate,
)

from gateway.errors import BadUserInput, GatewayError, LimitExceeded, ParseFailed, ValidationFailed

ERRORS_REPORTED = 5
"""A document with more faults than this is not worth the time to find them all."""
COMMENTS = 100
"""Most comments of a document; a person's has a handful."""
MESSAGE_CHARACTERS = 200
"""Longest message: graphql-core echoes names, and a name may be as long as the document."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A valid document, and which of its operations is asked for."""

    document: DocumentNode
    node: OperationDefinitionNode

    @property
    def is_mutation(self) -> bool:
        """Whether it may change something."""
        return self.node.operation is OperationType.MUTATION


class InvalidDocument(Exception):  # what is wrong with the document, for the client
    """A document that cannot run; carries the errors to answer with."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


class Operations:
    """Parses and validates each document once; keeps a bounded number, least recently used out first."""

    def __init__(self, schema: GraphQLSchema, *, kept: int, tokens: int) -> None:
        self._schema = schema
        self._kept = kept
        self._tokens = tokens
        self._documents: OrderedDict[str, DocumentNode] = OrderedDict()

    def find(self, text: str, operation_name: str | None) -> Operation:
        """The operation of a document's text.

        Raises:
            InvalidDocument: It cannot run.
            LimitExceeded: It is too long.
            BadUserInput: `operation_name` names none of its operations.
        """
        document = self._documents.get(text)
        if document is None:
            document = self._read(text)
            self._documents[text] = document
            if len(self._documents) > self._kept:
                self._documents.popitem(last=False)
        else:
            self._documents.move_to_end(text)
        node = get_operation_ast(document, operation_name)
        if node is None:
            raise BadUserInput(
                f"The document has no operation named {operation_name[:60]!r}."
                if operation_name
                else "The document has several operations: say which in `operationName`.",
            )
        return Operation(document, node)

    def _read(self, text: str) -> DocumentNode:
        try:
            document = parse(
                text,
                max_lexical_tokens=self._tokens,
                max_comments=COMMENTS,
                allow_empty_selection_sets=False,
            )
        except GraphQLSyntaxError as error:
            if "Parsing aborted" in error.message:
                raise LimitExceeded(
                    f"The document has more than {self._tokens} tokens or {COMMENTS} comments.", limit="tokens"
                ) from None
            raise InvalidDocument([_as(ParseFailed, error)]) from None
        if faults := validate(self._schema, document, max_errors=ERRORS_REPORTED, hide_suggestions=True):
            raise InvalidDocument([_as(ValidationFailed, fault) for fault in faults[:ERRORS_REPORTED]])
        return document


def _as(kind: type[GatewayError], error: GraphQLError) -> GraphQLError:
    """The same error with one of our codes."""
    return GraphQLError(
        error.message[:MESSAGE_CHARACTERS],
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        extensions={"code": kind.code},
    )
