"""Refusals as exceptions that become JSON bodies in the words of one API family."""

from typing import Any

Problems = str | dict[str, Any]
"""A sentence, or by the parameter that it is about a message, a list of them, or messages one level deeper."""


class RefusedError(Exception):
    """A request that is answered with an error status.

    `problems` are a sentence or messages by parameter; `singular` asks for the key `error`, which some answers of
    the subscriptions API use in place of `errors`; `headers` are sent along.
    """

    def __init__(
        self, status: int, problems: Problems, *, singular: bool = False, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, problems)
        self.status = status
        self.problems = problems
        self.singular = singular
        self.headers = headers or {}


def not_found() -> RefusedError:
    """There is no such object in this shop."""
    return RefusedError(404, "Not Found")


def invalid(**problems: str) -> RefusedError:
    """A 422 with one message a parameter."""
    return RefusedError(422, {name: [message] for name, message in problems.items()})


def in_errors(refusal: RefusedError, request_id: str) -> dict[str, Any]:  # noqa: ARG001 - one signature for both families
    """The subscriptions and bundles APIs: `{"errors": …}` or `{"error": "…"}`."""
    return {"error" if refusal.singular else "errors": refusal.problems}


def in_message(refusal: RefusedError, request_id: str) -> dict[str, Any]:
    """The loyalty API: `{"error": {"message", "request_id"}}`."""
    problems = refusal.problems
    if isinstance(problems, dict):
        problems = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in problems.items())
    return {"error": {"message": problems, "request_id": request_id}}


def unfit(message: str) -> RefusedError:
    """A 422 about the object as a whole."""
    return RefusedError(422, {"_schema": [message]})
