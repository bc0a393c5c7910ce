"""The record of what internal tools do on behalf of customers: append-only, begun before anything is done."""

import uuid
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from graphql import FieldNode, FragmentDefinitionNode, InlineFragmentNode, SelectionSetNode
from redis.exceptions import RedisError

from gateway.edge.audit_sinks import Sink
from gateway.edge.operations import Operation
from gateway.edge.refusals import HttpRefusal
from gateway.errors import Forbidden, GatewayError
from gateway.viewer import Viewer

logger = structlog.get_logger(__name__)

OK = "OK"
USER_ERRORS = "USER_ERRORS"
"""The shopper could mend it: what a mutation's `userErrors` say. Nothing was changed."""


class Begun(msgspec.Struct, frozen=True, tag_field="event", tag="begun"):
    """An operation that is about to run: who, what, for whom, when, why. Nothing that it carries."""

    id: str
    at: str
    request_id: str
    tool: str
    shop: str
    customer_id: int
    operation: str | None
    """The operation's name, which is the tool's choice."""
    kind: str
    """`query` or `mutation`."""
    fields: Mapping[str, str]
    """The schema's fields at the top, by the names that their answers have."""
    reason: str


class Ended(msgspec.Struct, frozen=True, tag_field="event", tag="ended"):
    """The same operation, when it is over. One without this entry was cut, and may have been done or not."""

    id: str
    """That of the entry before."""
    at: str
    outcome: str
    """`OK`, or the code of the first error."""
    fields: Mapping[str, str]
    """Of a mutation, what became of each field: `OK`, an error's code, or `USER_ERRORS` where those were asked for."""


@dataclass(frozen=True, slots=True)
class Acting:
    """An operation whose beginning is recorded."""

    sinks: Sequence[Sink]
    begun: Begun

    async def to_the_end(self, work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
        """The answer of some work, when it is recorded what became of it."""
        outcome, fields = GatewayError.code, dict[str, str]()
        try:
            answer = await work
            outcome, fields = _outcome_of(answer), _outcomes_of(answer, self.begun)
        except HttpRefusal as refusal:
            outcome = refusal.error.code
            raise
        else:
            return answer
        finally:
            await self._end(outcome, fields)

    async def _end(self, outcome: str, fields: Mapping[str, str]) -> None:
        begun = self.begun
        # Beside the record, for whoever looks at logs: neither for whom, nor why, which may hold anything.
        logger.info(
            "acted on behalf of a customer",
            tool=begun.tool,
            shop=begun.shop,
            kind=begun.kind,
            audit_id=begun.id,
            outcome=outcome,
            fields=sorted(set(begun.fields.values())),
        )
        try:
            await _append(self.sinks, Ended(begun.id, _now(), outcome, fields))
        except (OSError, RedisError) as error:
            # It is done, and its beginning is on record: the entry that is missing says that this is not.
            logger.error("audit outcome not written", audit_id=begun.id, cause=type(error).__name__)  # noqa: TRY400  # the cause says it all


class Audit:
    """Records operations, or refuses them."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = sinks

    async def begin(self, viewer: Viewer, operation: Operation, request_id: str) -> Acting | None:
        """Record an operation that is about to run on behalf of a customer; others are nobody's business.

        Raises:
            Forbidden: It cannot be recorded everywhere where it should be, and so must not run.
        """
        if viewer.tool is None or viewer.customer_id is None:
            return None
        if not self._sinks:
            raise Forbidden("Nobody acts on behalf of customers here: the settings name no audit record.")
        begun = Begun(
            id=uuid.uuid4().hex,
            at=_now(),
            request_id=request_id,
            tool=viewer.tool,
            shop=viewer.shop,
            customer_id=viewer.customer_id,
            operation=operation.name,
            kind="mutation" if operation.is_mutation else "query",
            fields=_fields_of(operation),
            reason=viewer.reason or "",
        )
        try:
            await _append(self._sinks, begun)
        except (OSError, RedisError) as error:
            with suppress(OSError, RedisError):  # where it was taken, it says that nothing came of it
                await _append(self._sinks, Ended(begun.id, _now(), Forbidden.code, {}))
            logger.error("audit record not written", cause=type(error).__name__)  # noqa: TRY400  # the cause says it all
            raise Forbidden("The audit record cannot be written, so nothing was done.") from None
        return Acting(self._sinks, begun)


async def _append(sinks: Sequence[Sink], entry: Begun | Ended) -> None:
    line = msgspec.json.encode(entry)
    for sink in sinks:
        await sink.append(line)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _fields_of(operation: Operation) -> dict[str, str]:
    fragments = {
        each.name.value: each for each in operation.document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    fields: dict[str, str] = {}

    def collect(selected: SelectionSetNode) -> None:
        for selection in selected.selections:
            if isinstance(selection, FieldNode):
                fields[(selection.alias or selection.name).value] = selection.name.value
            elif isinstance(selection, InlineFragmentNode):
                collect(selection.selection_set)
            else:
                collect(fragments[selection.name.value].selection_set)  # type: ignore[attr-defined]  # a spread

    collect(operation.node.selection_set)
    return fields


def _outcome_of(answer: Mapping[str, Any]) -> str:
    errors = answer.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else OK


def _outcomes_of(answer: Mapping[str, Any], begun: Begun) -> dict[str, str]:
    """What became of each field at the top of a mutation."""
    if begun.kind != "mutation":
        return {}
    codes: dict[str, str] = {}
    for error in answer.get("errors", ()):
        codes.setdefault(error["path"][0] if error.get("path") else "", error["extensions"]["code"])
    data = answer.get("data") or {}
    outcomes = {}
    for name in begun.fields:
        if code := codes.get(name) or codes.get(""):
            outcomes[name] = code
        elif name in data:  # else it was skipped
            value = data[name]
            outcomes[name] = USER_ERRORS if isinstance(value, dict) and value.get("userErrors") else OK
    return outcomes
