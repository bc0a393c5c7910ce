"""What an answer is made of: `extensions.freshness` for everyone, `extensions.explain` for those who may know."""

import re
from typing import Any

from gateway.upstream import Journal

_QUERY = re.compile(r"\?.*")


def explained(journal: Journal) -> dict[str, Any]:
    """The REST calls behind an answer, in the order in which they started; times in milliseconds since it began.

    Paths carry no host and no personal data. `requests` tells how many requests' look-ups a call carried; of one that
    served others too, the query is not told, since other shoppers' ids are in it.
    """
    return {
        "durationMs": round(journal.elapsed_ms(), 2),
        "calls": [
            {
                "service": call.service,
                "request": call.request if call.requests == 1 else _QUERY.sub("?…", call.request),
                "status": call.status,
                "startedMs": round(journal.started_ms(call), 2),
                "durationMs": round(call.duration_ms, 2),
                "requests": call.requests,
            }
            for call in journal.calls
        ],
    }


def staleness(journal: Journal) -> list[dict[str, Any]]:
    """Each object that was given although it was no longer fresh: whose it is, how old in seconds, and why."""
    return [
        {"id": stale.id, "service": stale.service, "age": round(stale.age_seconds), "reason": stale.reason}
        for stale in dict.fromkeys(journal.stale)
    ]
