"""Writes as data: which REST call changes something, and what its answer is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from gateway.errors import BackendMalformed, OutcomeUnknown
from gateway.upstream.answers import RecordDecoder
from gateway.upstream.refusals import Refused, refused
from gateway.upstream.writer import Method
from gateway.upstream.writes import Writes

R = TypeVar("R", bound=msgspec.Struct)


class Nothing(msgspec.Struct, frozen=True):
    """The answer of a write that answers without content."""


@dataclass(frozen=True, kw_only=True)
class Command(Generic[R]):
    """A write as data."""

    method: Method
    path: str
    """`{key}` stands for the object's id."""
    row: str
    """The JSON key that wraps the answer; empty where it is not wrapped."""
    into: type[R]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self, writes: Writes, key: int | str = "", body: Mapping[str, Any] | None = None) -> R | Refused:
        """Do it, once.

        Returns:
            What the backend answers, or why it refused.

        Raises:
            OutcomeUnknown: It may have been done and may not, or it was done and the answer cannot be read.
            GatewayError: It was not done.
        """
        path = self.path.format(key=quote(str(key), safe=""))
        sent = None if body is None else msgspec.json.encode(body)
        answer = await writes.send(self.method, path, self.params, sent, headers=self.headers)
        if not answer.is_done:
            return refused(answer.status, answer.body)
        if self.into is Nothing:
            return self.into()
        try:
            return self._decoder.decode(writes.service, answer.body)
        except BackendMalformed:
            raise OutcomeUnknown(writes.service, cause="done, with an answer that cannot be read") from None

    @cached_property
    def _decoder(self) -> RecordDecoder[R]:
        return RecordDecoder(self.row, self.into)
