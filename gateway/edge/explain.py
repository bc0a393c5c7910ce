"""What an answer cost, for those who may know: `extensions.explain`."""

from typing import Any

from gateway.upstream import Journal


def explained(journal: Journal) -> dict[str, Any]:
    """The REST calls behind an answer, in the order in which they started; times in milliseconds since it began.

    Paths carry no host and no personal data. `requests` tells how many requests' look-ups a call carried.
    """
    return {
        "durationMs": round(journal.elapsed_ms(), 2),
        "calls": [
            {
                "service": call.service,
                "request": call.request,
                "status": call.status,
                "startedMs": round(journal.started_ms(call), 2),
                "durationMs": round(call.duration_ms, 2),
                "requests": call.requests,
            }
            for call in journal.calls
        ],
    }
