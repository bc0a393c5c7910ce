"""One batch of look-ups of one request, on its way through the caches to the backend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.upstream.ask import Ask
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal
from gateway.upstream.kind import Kind
from gateway.upstream.memory import Entry
from gateway.upstream.policy import Policy
from gateway.upstream.seats import Found

ABSENT_SECONDS = 5.0
"""How long it is taken for granted that something does not exist; then it may have been made."""


class Looking(Protocol):
    """A look-up under way."""

    def cancel(self) -> object:
        """Give it up, and tell nobody."""


@dataclass(slots=True, eq=False)
class Reading:
    """What is asked, by when, and what has been found of it."""

    kind: Kind[Any, Any, Any]
    asks: Sequence[Ask[Any]]
    deadline: Deadline
    journal: Journal
    tell: Found
    is_fresh: bool = False
    """Nothing that may be out of date is good enough."""
    found: dict[Ask[Any], Any] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        """How long answers are kept: this is for look-ups that have one."""
        assert self.kind.policy is not None  # noqa: S101  # for mypy
        return self.kind.policy

    def give(self, entries: Mapping[Ask[Any], Entry[Any]]) -> None:
        """What is kept is what was found."""
        found, policy = self.found, self.policy
        for ask, entry in entries.items():
            if entry.value is not None:
                found[ask] = entry.value
            if policy.is_public:
                fresh = policy.fresh_seconds if entry.value is not None else min(ABSENT_SECONDS, policy.fresh_seconds)
                self.journal.read_public(entry.asked_seconds, fresh, entry.tags)
