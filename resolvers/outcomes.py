"""What came of a write, as a value: what is there now, or what the shopper can mend."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from gateway.errors import BackendError, OutcomeUnknown
from gateway.idempotency import Attempt, Codec
from gateway.upstream import Refused
from gateway.upstream.answers import decode_value

R = TypeVar("R", bound=msgspec.Struct)

CONFLICT = "CONFLICT"
INVALID = "INVALID"
NOT_FOUND = "NOT_FOUND"


class UserError(msgspec.Struct, frozen=True):
    """Something that the shopper can mend."""

    code: str
    message: str
    path: tuple[str, ...] = ()
    """Which of the command's arguments, and where in it; empty when it is about the whole."""


class Outcome(msgspec.Struct, Generic[R], frozen=True):
    """The changed object, or why nothing was changed."""

    row: R | None = None
    errors: tuple[UserError, ...] = ()


def failed(code: str, message: str, *path: str) -> Outcome[Any]:
    """One reason why nothing was changed."""
    return Outcome(errors=(UserError(code, message, path),))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a backend's words mean."""

    code: str
    says: str
    """What the message contains, in lower case."""
    path: tuple[str, ...] | None = None
    """Which argument it is about, where the backend does not say so."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """How one command's refusals are read."""

    target: str
    """The argument that names what is written to; a 404 is about it."""
    thing: str
    """What that is, in words."""
    arguments: Mapping[str, str]
    """The command's arguments by the backend's names."""
    readings: Sequence[Reading]

    def outcome(self, refused: Refused) -> Outcome[Any]:
        """The refusal in the command's own terms."""
        if refused.status == 404:
            return failed(NOT_FOUND, f"There is no such {self.thing}.", self.target)
        if refused.status == 409:
            return failed(CONFLICT, "Something else is being changed at the same time: try again.")
        # One value of ours may be several of the backend's, which then says the same of each.
        errors = tuple(dict.fromkeys(self._read(problem.path, problem.message) for problem in refused.problems))
        return Outcome(errors=errors or (UserError(INVALID, "The change was refused."),))

    def _read(self, path: tuple[str, ...], message: str) -> UserError:
        named = tuple(self.arguments.get(name, name) for name in path)
        reading = next((each for each in self.readings if each.says in message.lower()), None)
        if reading is None:
            return UserError(INVALID, message, named)
        return UserError(reading.code, message, named if reading.path is None else reading.path)


def codec_of(into: type[R]) -> Codec[Outcome[R]]:
    """How outcomes with such rows are kept, by the idempotency ledger."""
    decoder: msgspec.json.Decoder[Outcome[R]] = msgspec.json.Decoder(Outcome[into], dec_hook=decode_value)  # type: ignore[valid-type]  # built at run time
    return Codec(
        encode=lambda outcome: msgspec.json.encode(outcome, enc_hook=_encode_value),
        decode=decoder.decode,
        is_kept=lambda outcome: all(error.code != CONFLICT for error in outcome.errors),
    )


def _encode_value(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


async def settled(
    attempt: Attempt,
    send: Callable[[], Awaitable[Outcome[R]]],
    look: Callable[[bytes], Awaitable[R | None]],
    *,
    waits_seconds: float = 0.0,
) -> Outcome[R]:
    """Send a write, unless it was carried out before; when that is not known, look.

    Args:
        attempt: Whether there was an attempt before this one.
        send: Checks, notes and sends; raises OutcomeUnknown when nobody knows what became of it.
        look: From the note to what the write has made, or None when it cannot be seen.
        waits_seconds: How long after a write broke off it must not be repeated, since it may still arrive. For one
            whose repetition changes nothing that is no time at all.

    Raises:
        OutcomeUnknown: It was sent, now or before, and cannot be seen.
    """
    before = attempt.note
    if before is not None:
        if (found := await look(before)) is not None:
            return Outcome(found)
        if (attempt.sent_seconds_ago or 0.0) < waits_seconds:
            raise OutcomeUnknown(attempt.service, cause="an earlier attempt may still arrive")
    try:
        outcome = await send()
    except OutcomeUnknown as unknown:
        try:
            found = await look(attempt.noted) if attempt.noted is not None else None
        except BackendError:
            found = None
        if found is None:
            raise unknown from None
        return Outcome(found)
    if before is not None and outcome.errors and (found := await look(before)) is not None:
        return Outcome(found)  # the earlier attempt arrived in the meantime
    return outcome
