"""What a process lets go of when a pushed document is withdrawn."""

from collections.abc import Collection
from dataclasses import dataclass

from gateway.edge.http_caching import PublicAnswers
from gateway.edge.pushed import WITHDRAWN
from gateway.edge.trusted import TrustedDocuments


@dataclass(frozen=True, slots=True)
class WithdrawnDocuments:
    """Hears of withdrawals where processes tell each other of events."""

    trusted: TrustedDocuments
    public_answers: PublicAnswers

    async def purge(self, tags: Collection[str]) -> None:
        """Let go of the documents among these, and of whole answers, which may be theirs."""
        ids = {tag.removeprefix(WITHDRAWN) for tag in tags if tag.startswith(WITHDRAWN)}
        if ids:
            self.trusted.withdraw(ids)
            self.public_answers.clear()

    def wrote(self, shop: str, customer_id: int | None, tags: Collection[str]) -> None:
        """What shoppers change is in no document."""

    async def clear(self) -> None:
        """Some withdrawals were missed: those that are still pushed are read again."""
        self.trusted.withdraw()
        self.public_answers.clear()
