"""Where the CPU time of a request goes, told by what requests cost that need a step more than others."""

from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any

from benchmarks import operations
from benchmarks.contestants import BARE, OURS
from benchmarks.load import closed_loop
from benchmarks.operations import Request
from benchmarks.processes import Started, Stub

MANY = 32


async def budget(servers: Mapping[str, Started], stub: Stub, *, seconds: float) -> list[dict[str, Any]]:
    """Microseconds of CPU a request, step by step; each is the difference of two measured requests."""
    await stub.reset(latency_ms=0)
    ours = servers[OURS]

    async def cost(server: Started, requests: Iterator[Request], connections: int = MANY) -> tuple[float, float]:
        """Microseconds and REST calls a request."""
        await closed_loop(server.port, requests, connections=connections, seconds=1)
        await stub.reset(latency_ms=0)
        before = server.cpu_seconds()
        outcome = await closed_loop(server.port, requests, connections=connections, seconds=seconds)
        count = len(outcome.durations_seconds) or 1
        return (server.cpu_seconds() - before) / count * 1e6, sum((await stub.counts()).values()) / count

    small = operations.small_sessions(beginning=1)
    known, _ = await cost(ours, repeat(next(small)))
    new, _ = await cost(ours, small)
    credit, calls_of_credit = await cost(ours, operations.credits(beginning=1), connections=1)
    alone, calls_alone = await cost(ours, operations.portals(5, beginning=6_000_000), connections=1)
    merged, calls_merged = await cost(ours, operations.portals(5, beginning=7_000_000))
    call = (credit - new) / max(calls_of_credit, 0.01)
    steps = [
        ("the edge: head, body, document and plan by its text, a plan without look-ups, the answer", known),
        ("checking a session's token for the first time", new - known),
        ("a look-up with its REST call, alone", call),
        (f"the portal alone, beside its {calls_alone:.1f} calls", alone - new - call * calls_alone),
        ("the portal alone, all of it", alone),
        (f"the portal at {MANY} connections with {calls_merged:.2f} calls, all of it", merged),
    ]
    if BARE in servers:
        bare = (Request(each.data, lambda _: True) for each in operations.small_sessions(beginning=1))
        least, _ = await cost(servers[BARE], bare)
        steps[0] = (f"{steps[0][0]}; without uvicorn", known - least)
        steps.insert(0, ("uvicorn: a request read, 3.6 kB answered", least))
    return [{"step": step, "cpu_us": round(microseconds)} for step, microseconds in steps]
