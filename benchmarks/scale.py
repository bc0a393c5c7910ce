"""What happens when there is more of everything: a busy day, many sessions, many documents."""

from itertools import islice
from typing import Any

from benchmarks import operations
from benchmarks.load import closed_loop, open_loop
from benchmarks.processes import Started, Stub

SESSIONS_A_DAY = 2_500_000
OPERATIONS_A_SESSION = 5
DAY_SECONDS = 86_400
TIMES_AVERAGE = 10
RATE = round(SESSIONS_A_DAY * OPERATIONS_A_SESSION / DAY_SECONDS * TIMES_AVERAGE)
CONNECTIONS = 256
STEPS = 5
"""How often memory is looked at on the way."""


async def busy_day(server: Started, stub: Stub, *, latency_ms: float, seconds: float) -> dict[str, Any]:
    """The day at ten times its average rate, open loop, on one core."""
    await stub.reset(latency_ms=latency_ms)
    requests = operations.day(beginning=4_000_000)
    await closed_loop(server.port, requests, connections=32, seconds=2)
    await stub.reset(latency_ms=latency_ms)
    cpu = server.cpu_seconds()
    outcome = await open_loop(server.port, requests, rate=RATE, seconds=seconds, connections=CONNECTIONS)
    durations = sorted(outcome.durations_seconds)
    count = len(durations)
    late = sorted(outcome.late_seconds)
    calls = sum((await stub.counts()).values())
    return {
        "name": f"busy-day-{latency_ms:g}ms",
        "operations_per_s": RATE,
        "answered_per_s": round(count / outcome.elapsed_seconds, 1),
        "backend_latency_ms": latency_ms,
        "seconds": seconds,
        "p50_ms": round(durations[count // 2] * 1_000, 2),
        "p99_ms": round(durations[int(count * 0.99)] * 1_000, 2),
        "max_ms": round(durations[-1] * 1_000, 2),
        "load_late_p99_ms": round(late[int(len(late) * 0.99)] * 1_000, 2),
        "load_late_max_ms": round(late[-1] * 1_000, 2),
        "upstream_calls_per_request": round(calls / count, 3),
        "core_share": round((server.cpu_seconds() - cpu) / outcome.elapsed_seconds, 2),
        "unanswered": outcome.unanswered,
        "errors": outcome.errors,
        **({"first_errors": outcome.first_errors} if outcome.errors else {}),
    }


async def memory(server: Started, *, sessions: int, documents: int) -> list[dict[str, Any]]:
    """Resident memory while sessions and documents come that were never there before."""
    found = []
    for name, count, requests in (
        ("distinct-sessions", sessions, operations.small_sessions(beginning=1)),
        ("distinct-documents", documents, operations.distinct_documents(beginning=1)),
    ):
        mib = [server.resident_mib()]
        errors = 0
        for _ in range(STEPS):
            part = islice(requests, count // STEPS)
            errors += (await closed_loop(server.port, part, connections=32, seconds=120)).errors
            mib.append(server.resident_mib())
        found.append({"name": name, "count": count, "resident_mib": [round(each) for each in mib], "errors": errors})
    return found
