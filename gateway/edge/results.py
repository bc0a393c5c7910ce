"""From what came of an operation to the answer that a client reads."""

from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError

from gateway.edge.masking import masked
from gateway.errors import GatewayError, LedgerUnavailable


def not_begun(result: ExecutionResult) -> LedgerUnavailable | None:
    """Why none of a document's mutations was begun, where that is for want of the ledger: all may be sent again."""
    if any(value is not None for value in (result.data or {}).values()):
        return None
    causes = [error.original_error for error in result.errors or ()]
    found = [cause for cause in causes if isinstance(cause, LedgerUnavailable)]
    return found[0] if found and len(found) == len(causes) else None


def answer_of(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    """The answer: without `data` where nothing was executed."""
    errors = [masked(error, request_id) for error in result.errors or ()]
    if errors and result.data is None and not any(_happened_in_a_field(error) for error in result.errors or ()):
        return {"errors": errors}
    return {"data": result.data, "errors": errors} if errors else {"data": result.data}


def code_of(answer: Mapping[str, Any]) -> str | None:
    """The code of the first error."""
    errors = answer.get("errors")
    return errors[0].get("extensions", {}).get("code", GatewayError.code) if errors else None


def _happened_in_a_field(error: GraphQLError) -> bool:
    return error.path is not None
