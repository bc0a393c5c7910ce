"""A backend's webhooks as data: from a topic and its body to what has changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from gateway.upstream.answers import decode_value
from gateway.upstream.tags import Kind

B = TypeVar("B", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Change:
    """What an event says."""

    subject: str
    """The object that versions are of, such as `subscription/123`; unique within a shop."""
    version: datetime | None
    """When the object came to be as it is now: an event of an older state says nothing new. None: it always does."""
    tags: tuple[tuple[Kind, object], ...]
    """What is old now."""


@dataclass(frozen=True, slots=True)
class Topic(Generic[B]):
    """One kind of event."""

    body: type[B]
    """What is sent: the object, wrapped in its key where the sender does that."""
    change: Callable[[B], Change]

    def read(self, body: bytes) -> Change:
        """What a body says.

        Raises:
            msgspec.MsgspecError: It is no such event.
        """
        return self.change(msgspec.json.decode(body, type=self.body, dec_hook=decode_value))
