"""POST and GET /graphql: a request becomes an operation, an operation an answer."""

import logging
import time
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

import structlog
from graphql import ExecutionResult

from gateway.edge.accept import GRAPHQL_JSON, JSON, negotiate
from gateway.edge.actual import actual_cost
from gateway.edge.audit import Audit
from gateway.edge.documents import Documents
from gateway.edge.explain import explained, staleness
from gateway.edge.http_caching import PublicAnswer, PublicAnswers, words_of
from gateway.edge.in_context import market_of
from gateway.edge.masking import masked, of_gateway_error
from gateway.edge.messages import HttpRequest, HttpResponse
from gateway.edge.operations import InvalidDocument, Operation
from gateway.edge.origins import Origins
from gateway.edge.refusals import (
    HttpRefusal,
    bad_request,
    forbidden,
    method_not_allowed,
    overloaded,
    unauthenticated,
    unavailable,
)
from gateway.edge.request import GraphQLRequest, read_request, seconds_left
from gateway.edge.request_id import log_under
from gateway.edge.responses import json_response
from gateway.edge.results import answer_of, code_of, not_begun
from gateway.edge.sessions import Sessions, carried_by
from gateway.edge.shedding import Shedding
from gateway.edge.throttle import Paid, Throttle
from gateway.errors import BadUserInput, Forbidden, GatewayError, Unauthenticated
from gateway.metrics import LEFT, AnswerMetrics
from gateway.presence import ClientLeft, Presence
from gateway.unfinished import Unfinished
from gateway.upstream import Journal
from gateway.viewer import EXPLAIN, Market, Viewer

logger = structlog.get_logger(__name__)

CLIENT_LEFT = 499
"""The status that logs have, as nginx names it, where there is nobody to send one to."""


class OpenResolvers(Protocol):
    """What fields will ask, for one request; closed when the answer is complete."""

    def __call__(
        self, viewer: Viewer, market: Market, journal: Journal, *, seconds: float | None, writes: bool
    ) -> AbstractAsyncContextManager[object]:
        """Open it.

        Args:
            viewer: Who asks.
            market: For which market.
            journal: Where it is written down what the answer is made of.
            seconds: How long the client will wait; the operation has no more, and may have less.
            writes: Whether it is a mutation, which reads nothing that may be out of date.
        """


class Execute(Protocol):
    """Runs a valid operation."""

    async def __call__(
        self,
        operation: Operation,
        *,
        variables: dict[str, Any],
        context: object,
    ) -> ExecutionResult:
        """Run it."""


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """The endpoint, over any schema."""

    sessions: Sessions
    documents: Documents
    execute: Execute
    open_resolvers: OpenResolvers
    unfinished: Unfinished
    """Where mutations go on when their client has left."""
    throttle: Throttle
    shedding: Shedding
    origins: Origins
    audit: Audit
    public_answers: PublicAnswers
    metrics: AnswerMetrics
    body_bytes: int

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; errors are JSON like everything else."""
        if (preflight := self.origins.preflight(request)) is not None:
            return preflight
        request_id: str = request.state["request_id"]
        began_seconds = time.perf_counter()
        journal: Journal | None = None
        code: str | None = None
        shop: str | None = None
        media_type = JSON
        try:
            words = await words_of(request, self.body_bytes)
            answer: PublicAnswer | dict[str, Any] | None = self.public_answers.by_words(words)
            if isinstance(answer, PublicAnswer):
                media_type, shop, journal = negotiate(request.header(b"accept")), answer.viewer.shop, answer.journal
                if self.throttle.has_quotas:
                    await self.throttle.take(answer.viewer, request, answer.cost)
            else:
                log_under(request_id)
                journal = Journal(began_seconds)
                media_type = negotiate(request.header(b"accept"))
                viewer = await self._viewer(request)
                shop = viewer.shop
                asked = await read_request(request, body_bytes=self.body_bytes, body=words.body if words else None)
                answer = await self._answer(request, viewer, asked, request_id, journal)
                if words is not None and isinstance(answer, PublicAnswer):
                    self.public_answers.remember(words, asked, answer)
        except HttpRefusal as refusal:
            code = refusal.error.code
            body = {"errors": [of_gateway_error(refusal.error)]}
            response = json_response(body, refusal.status, media_type=media_type, headers=refusal.headers)
        except ClientLeft:
            self.metrics.answered(journal.operation if journal else None, LEFT, began_seconds)
            return HttpResponse(CLIENT_LEFT, {})
        except Exception:
            log_under(request_id)
            logger.exception("unexpected error")
            error = GatewayError("Internal error.", requestId=request_id)
            code = error.code
            body = {"errors": [of_gateway_error(error)]}
            response = json_response(body, HTTPStatus.INTERNAL_SERVER_ERROR, media_type=media_type)
        else:
            if isinstance(answer, PublicAnswer):
                response = answer.response(request, media_type, self.public_answers.has_changed)
            else:
                code = code_of(answer)
                # By GraphQL over HTTP: a request error is 400 where the client reads the newer type, else 200.
                is_refused = "data" not in answer and media_type == GRAPHQL_JSON
                status = HTTPStatus.BAD_REQUEST if is_refused else HTTPStatus.OK
                response = json_response(answer, status, media_type=media_type)
        self.metrics.answered(journal.operation if journal else None, code, began_seconds)
        self.origins.add_to(response, request, shop)
        return response

    async def _viewer(self, request: HttpRequest) -> Viewer:
        try:
            return await self.sessions.viewer_of(carried_by(request))
        except Unauthenticated as error:
            raise unauthenticated(error) from None
        except Forbidden as error:
            raise forbidden(error) from None
        except BadUserInput as error:
            raise bad_request(error.message) from None

    async def _answer(
        self, request: HttpRequest, viewer: Viewer, asked: GraphQLRequest, request_id: str, journal: Journal
    ) -> dict[str, Any] | PublicAnswer:
        """The answer; a public one where it is a visitor's, without errors, and made of nothing private."""
        claim = None if self.shedding.is_calm else self._admitted_unread(asked)
        try:
            operation = await self.documents.find(asked, viewer)
            journal.operation = operation.name if operation.is_trusted else None
            cost = operation.estimate.of(asked.variables or {})
        except InvalidDocument as invalid:
            return {"errors": [masked(error, request_id) for error in invalid.errors]}
        except GatewayError as error:
            return {"errors": [of_gateway_error(error)]}
        if operation.is_mutation and request.method == "GET":
            raise method_not_allowed("Mutations are sent by POST.", allow="POST")

        key = self.public_answers.key(viewer, asked, operation, request)
        if not self.shedding.is_calm and not self.public_answers.has(key):
            self._admit(operation, claim)
        seconds = seconds_left(request)
        paid = await self.throttle.take(viewer, request, cost)
        if (kept := self.public_answers.get(key)) is not None:
            return kept
        try:
            acting = await self.audit.begin(viewer, operation, request_id)
        except Forbidden as error:
            raise forbidden(error) from None
        work = self._run(
            viewer,
            asked,
            operation,
            request_id,
            journal,
            seconds=seconds,
            is_explained=bool(request.header(b"x-explain")),
        )
        # What is half done when the client leaves is done to the end: the shopper may never learn which half.
        # A query is done for whoever reads the answer, unless it is recorded: the record says what became of it.
        if acting is not None:
            answer = await self.unfinished.see_through(acting.to_the_end(work))
        else:
            answer = await (self.unfinished.see_through(work) if operation.is_mutation else _for_client(request, work))
        if paid is not None or request.header(b"x-cost"):
            await self._settle(answer, operation, cost, paid, is_told=bool(request.header(b"x-cost")))
        if key is None or "errors" in answer:
            return answer
        return self.public_answers.put(key, viewer, cost, answer, journal) or answer

    def _admitted_unread(self, asked: GraphQLRequest) -> bool | None:
        """Let a document be read that nobody has read, which costs as much as to run it; whether it looks important.

        None for one that is known: then the operation says so itself. Raises HttpRefusal where there is no room.
        """
        if asked.query is None or self.documents.knows(asked):
            return None
        is_important = asked.query.lstrip().startswith("mutation")
        if not self.shedding.admits(is_important=is_important):
            raise overloaded()
        return is_important

    def _admit(self, operation: Operation, claim: bool | None) -> None:
        """Let an operation run, unless it was let in for what it is. Raises HttpRefusal where there is no room."""
        is_important = self.shedding.is_important(operation)
        if is_important != claim and not self.shedding.admits(is_important=is_important):
            raise overloaded()

    async def _settle(
        self, answer: dict[str, Any], operation: Operation, cost: int, paid: Paid | None, *, is_told: bool
    ) -> None:
        """Give back what the operation did not need, and tell whoever asks to know."""
        actual = actual_cost(answer.get("data") or {}, operation.estimate.special)
        given_back = await self.throttle.give_back(paid, actual) if paid is not None else 0
        if is_told:
            told: dict[str, Any] = {"requestedQueryCost": cost, "actualQueryCost": actual}
            if paid is not None:
                told["throttleStatus"] = paid.status(given_back)
            answer.setdefault("extensions", {})["cost"] = told

    async def _run(
        self,
        viewer: Viewer,
        asked: GraphQLRequest,
        operation: Operation,
        request_id: str,
        journal: Journal,
        *,
        seconds: float | None,
        is_explained: bool,
    ) -> dict[str, Any]:
        variables = asked.variables or {}
        async with self.open_resolvers(
            viewer,
            market_of(operation.node, variables),
            journal,
            seconds=seconds,
            writes=operation.is_mutation,
        ) as context:
            result = await self.execute(operation, variables=variables, context=context)
        if operation.is_mutation and (away := not_begun(result)) is not None:
            raise unavailable(away, away.retry_after_seconds)
        answer = answer_of(result, request_id)
        extensions: dict[str, Any] = {}
        if journal.stale:
            extensions["freshness"] = staleness(journal)
            self.metrics.gave_stale((each.service, each.reason) for each in journal.stale)
        if EXPLAIN in viewer.scopes and is_explained:
            extensions["explain"] = explained(journal)
        if extensions:
            answer["extensions"] = extensions
        # To find out that nobody wants the line takes the logger 3 µs.
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("answered", operation=operation.name, calls=len(journal.calls), ms=journal.elapsed_ms())
        return answer


async def _for_client(request: HttpRequest, work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """What came of a query, which is for whoever reads the answer: it ends when the client leaves."""
    presence: Presence | None = request.state.get("presence")
    return await (work if presence is None else presence.awaiting(work))
