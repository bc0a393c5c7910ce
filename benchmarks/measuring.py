"""Servers in turn, round after round, under the same load."""

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.contestants import BARE
from benchmarks.load import Outcome, closed_loop
from benchmarks.operations import Request
from benchmarks.processes import Started, Stub
from benchmarks.scenarios import Scenario

CHECKED_FIRST = 3
WARM_UP_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured."""

    rounds: int
    seconds: float
    """Each server in each round."""


@dataclass(slots=True)
class _Tally:
    rates: list[float] = field(default_factory=list)
    p50s: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    requests: int = 0
    calls: int = 0
    cpu_seconds: float = 0.0
    stub_seconds: float = 0.0
    elapsed_seconds: float = 0.0
    errors: int = 0
    first_errors: list[str] = field(default_factory=list)


class Measuring:
    """All servers, and which shoppers each of them has seen: a server never sees one twice."""

    def __init__(self, stub: Stub, servers: Mapping[str, Started]) -> None:
        self._stub = stub
        self._servers = servers
        self._seen: dict[str, int] = dict.fromkeys(servers, 1)

    async def run(self, scenario: Scenario, effort: Effort) -> dict[str, Any]:
        """One scenario, as `results.json` has it."""
        names = [name for name in scenario.servers if name in self._servers]
        tallies = {name: _Tally() for name in names}
        await self._stub.reset(latency_ms=scenario.latency_ms)
        for name in names:
            await self._check_and_warm_up(name, scenario, tallies[name])
        for _ in range(effort.rounds):
            for name in names:
                if not tallies[name].errors:
                    await self._measure(name, scenario, effort, tallies[name])
        return {
            "name": scenario.name,
            "title": scenario.title,
            "connections": scenario.connections,
            "backend_latency_ms": scenario.latency_ms,
            "servers": [_shown(name, tally) for name, tally in tallies.items()],
        }

    def _requests(self, name: str, scenario: Scenario) -> Iterator[Request]:
        """Requests by shoppers whom the server does not know yet."""
        for request in scenario.requests(self._seen[name]):
            self._seen[name] += 1
            yield Request(request.data, lambda _: True) if name == BARE else request

    async def _check_and_warm_up(self, name: str, scenario: Scenario, tally: _Tally) -> None:
        port = self._servers[name].port
        requests = self._requests(name, scenario)
        for _ in range(CHECKED_FIRST):
            # The first answer of each load is compared field by field.
            _take_errors(await closed_loop(port, requests, connections=1, seconds=0), tally)
        outcome = await closed_loop(port, requests, connections=scenario.connections, seconds=WARM_UP_SECONDS)
        _take_errors(outcome, tally)

    async def _measure(self, name: str, scenario: Scenario, effort: Effort, tally: _Tally) -> None:
        server = self._servers[name]
        await self._stub.reset(latency_ms=scenario.latency_ms)
        cpu, stub_cpu = server.cpu_seconds(), self._stub.started.cpu_seconds()
        outcome = await closed_loop(
            server.port, self._requests(name, scenario), connections=scenario.connections, seconds=effort.seconds
        )
        tally.cpu_seconds += server.cpu_seconds() - cpu
        tally.stub_seconds += self._stub.started.cpu_seconds() - stub_cpu
        tally.elapsed_seconds += outcome.elapsed_seconds
        tally.calls += sum((await self._stub.counts()).values())
        _take_errors(outcome, tally)
        durations = sorted(outcome.durations_seconds)
        if durations:
            tally.requests += len(durations)
            tally.rates.append(len(durations) / outcome.elapsed_seconds)
            tally.p50s.append(durations[len(durations) // 2])
            tally.p99s.append(durations[min(int(len(durations) * 0.99), len(durations) - 1)])


def _take_errors(outcome: Outcome, tally: _Tally) -> None:
    tally.errors += outcome.errors
    tally.first_errors += outcome.first_errors


def _shown(name: str, tally: _Tally) -> dict[str, Any]:
    requests = tally.requests or 1
    return {
        "name": name,
        "requests_per_s": round(_median(tally.rates), 1),
        "p50_ms": round(_median(tally.p50s) * 1_000, 2),
        "p99_ms": round(_median(tally.p99s) * 1_000, 2),
        "upstream_calls_per_request": round(tally.calls / requests, 3),
        "cpu_ms_per_request": round(tally.cpu_seconds / requests * 1_000, 3),
        "backend_core_share": round(tally.stub_seconds / (tally.elapsed_seconds or 1), 2),
        "rounds_per_s": [round(rate, 1) for rate in tally.rates],
        "errors": tally.errors,
        **({"first_errors": tally.first_errors[:3]} if tally.errors else {}),
    }


def _median(values: list[float]) -> float:
    return statistics.median(values) if values else 0.0
