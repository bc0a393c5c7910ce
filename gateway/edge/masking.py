"""What a client may read of an error."""

from typing import Any

import structlog
from graphql import GraphQLError

from gateway.edge.operations import MESSAGE_CHARACTERS
from gateway.errors import BadUserInput, GatewayError

logger = structlog.get_logger(__name__)


def masked(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error as the answer shows it.

    Ours and those of the request itself keep their words; anything else becomes INTERNAL with the request's id, and its
    words go to the log.
    """
    formatted: dict[str, Any] = dict(error.formatted)
    original = error.original_error
    if isinstance(original, GatewayError) or (original is None and "code" in (error.extensions or {})):
        return formatted
    if error.path is None and isinstance(original, GraphQLError | None):
        # graphql-core refuses a request's variables: its message is about what the client sent.
        return {
            **formatted,
            "message": error.message[:MESSAGE_CHARACTERS],
            "extensions": {"code": BadUserInput.code},
        }
    logger.error("unexpected error", path=error.path, exc_info=original or error)
    return {
        **formatted,
        "message": "Internal error.",
        "extensions": {"code": GatewayError.code, "requestId": request_id},
    }


def of_gateway_error(error: GatewayError) -> dict[str, Any]:
    """An error that ended the request before GraphQL began."""
    return {"message": error.message, "extensions": error.extensions}
