"""From the bytes of a REST answer to its rows."""

from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import structlog

from gateway.errors import BackendMalformed

logger = structlog.get_logger(__name__)

R = TypeVar("R", bound=msgspec.Struct)


class _Metadata(msgspec.Struct):
    """Where Smile's API keeps its cursors."""

    next_cursor: str | None = None


class Answer(NamedTuple, Generic[R]):
    """The rows of one answer."""

    rows: tuple[R, ...]
    next_cursor: str | None
    malformed: int
    """How many rows could not be read. Whose they are is unknown, so a key without rows cannot be called missing."""


class ListDecoder(Generic[R]):
    """Reads `{"<rows>": [...], "next_cursor": ...}`; in Smile's API the cursor is in `metadata`."""

    def __init__(self, rows: str, into: type[R]) -> None:
        self._rows = rows
        self._into = into
        self._whole = msgspec.json.Decoder(_envelope(rows, list[into]), dec_hook=decode_value)  # type: ignore[valid-type]  # built at run time
        self._raw = msgspec.json.Decoder(_envelope(rows, list[msgspec.Raw]))
        self._row = msgspec.json.Decoder(into, dec_hook=decode_value)

    def decode(self, service: str, body: bytes) -> Answer[R]:
        """The rows; one malformed row costs itself only.

        Raises:
            BackendMalformed: The answer as a whole cannot be read.
        """
        try:
            envelope = self._whole.decode(body)
            return Answer(tuple(getattr(envelope, self._rows)), _next_cursor(envelope), malformed=0)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self._decode_row_by_row(service, body)

    def _decode_row_by_row(self, service: str, body: bytes) -> Answer[R]:
        try:
            envelope = self._raw.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise BackendMalformed(service, cause=type(error).__name__) from None
        rows: list[R] = []
        malformed = 0
        for raw in getattr(envelope, self._rows):
            try:
                rows.append(self._row.decode(raw))
            except (msgspec.MsgspecError, ValueError, RecursionError) as error:
                malformed += 1
                # The path of the wrong value, never the value.
                where = str(error).partition(" - at ")[2] or type(error).__name__
                logger.warning("malformed row", service=service, rows=self._rows, where=where)
        return Answer(tuple(rows), _next_cursor(envelope), malformed)


class RecordDecoder(Generic[R]):
    """Reads `{"<row>": {...}}`, or with an empty name an answer that is not wrapped."""

    def __init__(self, row: str, into: type[R]) -> None:
        self._row = row
        answer = msgspec.defstruct("Envelope", [(row, into)]) if row else into
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(answer, dec_hook=decode_value)

    def decode(self, service: str, body: bytes) -> R:
        """The record.

        Raises:
            BackendMalformed: It cannot be read.
        """
        try:
            answer = self._decoder.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            where = str(error).partition(" - at ")[2] or type(error).__name__
            logger.warning("malformed row", service=service, rows=self._row, where=where)
            raise BackendMalformed(service, cause=type(error).__name__) from None
        record: R = getattr(answer, self._row) if self._row else answer
        return record


VALUES_KEPT = 32_768
"""How many values a process remembers: a shop has few prices and currencies, and reading one takes a microsecond."""


@lru_cache(maxsize=VALUES_KEPT, typed=True)
def decode_value(kind: type, value: Any) -> Any:
    """Hand a value to its type's own `from_json`, which raises ValueError for one it cannot be.

    A list or an object cannot be remembered: it is a TypeError, which msgspec reports as it does a ValueError.
    """
    return kind.from_json(value)  # type: ignore[attr-defined]  # a type without it fails in the first test that reads it


def _envelope(rows: str, of: Any) -> Any:
    return msgspec.defstruct(
        "Envelope",
        [(rows, of), ("next_cursor", str | None, None), ("metadata", _Metadata | None, None)],
    )


def _next_cursor(envelope: Any) -> str | None:
    cursor: str | None = envelope.metadata.next_cursor if envelope.metadata else envelope.next_cursor
    return cursor
