"""Sessions that are over before their time."""

import time
from dataclasses import dataclass

from gateway.edge.sessions.carried import Session

PRUNED_EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Revocation:
    """One session by its id, or all of a customer's that began before a moment. Times are seconds since 1970."""

    until: float
    """From then on nothing is left that it could cover."""
    session_id: str | None = None
    shop: str | None = None
    customer_id: int | None = None
    before: float = 0.0


def of_session(session_id: str, *, until: float) -> Revocation:
    """The end of one session, which would have been good until then."""
    return Revocation(until=until, session_id=session_id)


def of_customer(shop: str, customer_id: int, *, lifetime_seconds: float) -> Revocation:
    """The end of all sessions that a customer has now; none of them would be good for longer than a lifetime."""
    now = time.time()
    return Revocation(until=now + lifetime_seconds, shop=shop, customer_id=customer_id, before=now)


class Revocations:
    """What a process knows to be revoked, in memory: asking costs a look into two dicts, with or without a store.

    Entries go when nothing is left that they could cover, so there are never more than the logouts of one lifetime.
    """

    def __init__(self) -> None:
        self._sessions: dict[str, float] = {}
        self._customers: dict[tuple[str, int], Revocation] = {}
        self._pruned_at = time.monotonic()

    def cover(self, session: Session) -> bool:
        """Whether a session is over."""
        viewer = session.viewer
        if viewer.session_id in self._sessions:
            return True
        if viewer.customer_id is None or not self._customers:
            return False
        revocation = self._customers.get((viewer.shop, viewer.customer_id))
        return revocation is not None and session.issued_at <= revocation.before

    def add(self, revocation: Revocation) -> None:
        """Know of one more from now on."""
        if revocation.session_id is not None:
            known = self._sessions.get(revocation.session_id, 0.0)
            self._sessions[revocation.session_id] = max(known, revocation.until)
        elif revocation.shop is not None and revocation.customer_id is not None:
            key = revocation.shop, revocation.customer_id
            if (older := self._customers.get(key)) is None or older.before < revocation.before:
                self._customers[key] = revocation
        if time.monotonic() - self._pruned_at > PRUNED_EVERY_SECONDS:
            self._prune()

    def _prune(self) -> None:
        self._pruned_at = time.monotonic()
        now = time.time()
        self._sessions = {key: until for key, until in self._sessions.items() if until > now}
        self._customers = {key: each for key, each in self._customers.items() if each.until > now}
