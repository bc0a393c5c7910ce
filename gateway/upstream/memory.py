"""Answers kept in the process, as the frozen values that they were decoded to."""

import time
from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gateway.upstream.ask import Ask
from gateway.upstream.kind import Kind
from gateway.upstream.tags import KEYED

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

CHANGES_KEPT = 100_000
"""How many tags' latest changes are remembered; what is older than the oldest that was forgotten counts as changed."""


@dataclass(slots=True, eq=False)
class Entry(Generic[V]):
    """An answer, and how refreshing it went. Times are of the monotonic clock."""

    value: V | None
    """None for what does not exist."""
    asked_seconds: float
    """When its look-up began, which is when it was true at the latest."""
    tags: tuple[str, ...]
    failures: int = 0
    retry_seconds: float = 0.0
    """Not to be refreshed before."""
    failure: str = ""
    """The code of the latest failed refresh."""


class Memory:
    """A bounded number of answers, least recently used out first; outlives a reload of the settings.

    What is public has a room of its own, so that a crowd of shoppers cannot push the catalogue out; so has what does
    not exist, so that made-up ids cannot.
    """

    def __init__(self, *, public_entries: int, private_entries: int) -> None:
        self._public: OrderedDict[Hashable, Entry[Any]] = OrderedDict()
        self._private: OrderedDict[Hashable, Entry[Any]] = OrderedDict()
        self._absent: OrderedDict[Hashable, Entry[Any]] = OrderedDict()
        self._public_entries = public_entries
        self._private_entries = private_entries
        self._absent_entries = max(1, public_entries // 10)
        self._changes: OrderedDict[str, float] = OrderedDict()
        self._all_changed_seconds = 0.0

    def __len__(self) -> int:
        return len(self._public) + len(self._private) + len(self._absent)

    def get(self, kind: Kind[K, Any, V], ask: Ask[K]) -> Entry[V] | None:
        """What is kept, however old; nothing that has changed since."""
        key = (kind, ask.tenant.name, ask.customer_id, ask.key)
        room = self._public if ask.customer_id is None else self._private
        entry = room.get(key)
        if entry is None:
            room = self._absent
            entry = room.get(key)
            if entry is None:
                return None
        if (self._changes or self._all_changed_seconds) and self.has_changed(entry.tags, entry.asked_seconds):
            del room[key]
            return None
        room.move_to_end(key)
        return entry

    def put(
        self, kind: Kind[K, Any, V], answers: Mapping[Ask[K], V | None], asked_seconds: float
    ) -> dict[Ask[K], Entry[V]]:
        """Keep what one viewer was answered, unless what an answer is made of has changed since it was asked for."""
        entries: dict[Ask[K], Entry[V]] = {}
        may_have_changed = bool(self._changes) or self._all_changed_seconds > 0
        tags = kind.tags(next(iter(answers))) if kind.tag not in KEYED else None
        for ask, value in answers.items():
            entry = entries[ask] = Entry(value, asked_seconds, kind.tags(ask) if tags is None else tags)
            if may_have_changed and self.has_changed(entry.tags, asked_seconds):
                continue
            key = (kind, ask.tenant.name, ask.customer_id, ask.key)
            if value is None:
                room, most = self._absent, self._absent_entries
            elif ask.customer_id is None:
                room, most = self._public, self._public_entries
            else:
                room, most = self._private, self._private_entries
            if value is not None and self._absent:
                self._absent.pop(key, None)
            room[key] = entry
            room.move_to_end(key)
            if len(room) > most:
                room.popitem(last=False)
        return entries

    def purge(self, tags: Collection[str]) -> None:
        """From now on nothing that was asked for before is given, where it has one of these tags."""
        now = time.monotonic()
        for tag in tags:
            self._changes[tag] = now
            self._changes.move_to_end(tag)
        while len(self._changes) > CHANGES_KEPT:
            _, self._all_changed_seconds = self._changes.popitem(last=False)

    def clear(self) -> None:
        """From now on nothing that was asked for before is given."""
        self._all_changed_seconds = time.monotonic()
        for room in (self._public, self._private, self._absent):
            room.clear()

    def has_changed(self, tags: tuple[str, ...], since_seconds: float) -> bool:
        """Whether one of the tags was purged after a moment."""
        if since_seconds <= self._all_changed_seconds:
            return True
        changes = self._changes
        return bool(changes) and any(changes.get(tag, 0.0) >= since_seconds for tag in tags)
