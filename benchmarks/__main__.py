"""`make bench`: everything side by side on this machine, right answers first; prints the table and writes the files.

Servers have one core to themselves, the backends and the load the other. A run that was interrupted goes on with
`--resume` where it stopped.
"""

import argparse
import asyncio
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import contestants, machine, report, scale
from benchmarks.budget import budget
from benchmarks.contestants import NODE_PEERS, OURS
from benchmarks.measuring import Effort, Measuring
from benchmarks.processes import ROOT, DidNotStart, Started, Stub, pin, server, stub
from benchmarks.scenarios import SCENARIOS, Scenario

SERVERS_CORE, BACKEND_CORE = 0, 1
PROGRESS = ROOT / ".bench" / "progress.json"
FULL = Effort(rounds=3, seconds=1.5)
QUICK = Effort(rounds=1, seconds=1.5)


def main() -> int:
    """Run, and say what is wrong if anything is."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few scenarios, one round; writes no file")
    parser.add_argument("--rounds", type=int, help="how often each server has its turn; by itself three times")
    parser.add_argument("--resume", action="store_true", help="keep what an interrupted run has measured")
    parser.add_argument("--scenario", action="append", help="this one only; may be given several times; writes no file")
    parser.add_argument("--server", action="append", help="this one only; may be given several times; writes no file")
    options = parser.parse_args()
    _install_peers()
    pin(BACKEND_CORE)
    run = asyncio.run(_run(options))
    print(report.tables(run))
    wrong = [
        f"{entry['name']}, {each['name']}: {each['first_errors']}"
        for entry in run["scenarios"]
        for each in entry["servers"]
        if each["errors"]
    ] + [f"{entry['name']}: {entry['errors']} errors" for entry in run["scale"] if entry["errors"]]
    if wrong:
        print("Wrong answers, so nothing is written:\n  " + "\n  ".join(wrong))
        return 1
    if not (options.quick or options.scenario or options.server):
        report.write(run)
        PROGRESS.unlink(missing_ok=True)
        print("Written: benchmarks/results.json, benchmarks/results.svg, and the table in benchmarks/README.md")
    return 0


async def _run(options: argparse.Namespace) -> dict[str, Any]:
    running = asyncio.current_task()
    assert running is not None  # noqa: S101  # for mypy
    # In order, like Ctrl-C: what was started is stopped, and what was measured is kept for --resume.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    chosen = [
        each
        for each in SCENARIOS
        if (each.name in options.scenario if options.scenario else each.is_quick or not options.quick)
    ]
    effort = QUICK if options.quick else FULL
    effort = replace(effort, rounds=options.rounds or effort.rounds)
    done = _progress() if options.resume else {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        backends = await stack.enter_async_context(stub(core=BACKEND_CORE))
        wanted = {name for each in chosen for name in each.servers} & set(options.server or _names(chosen)) | {OURS}
        servers, absent = await _start(stack, backends, folder, wanted)
        measuring = Measuring(backends, servers)
        for scenario in chosen:
            if scenario.name not in done:
                began = time.monotonic()
                done[scenario.name] = await measuring.run(scenario, effort)
                _say(f"{scenario.name}: {time.monotonic() - began:.0f} s")
                _keep(done)
        spent = [] if options.scenario else await budget(servers, backends, seconds=1 if options.quick else 3)
        grown = [] if options.scenario else await _grow(servers[OURS], backends, is_quick=options.quick)
    return {
        "machine": machine.description(),
        "versions": machine.versions(NODE_PEERS),
        "absent": absent,
        "scenarios": [done[each.name] for each in chosen],
        "budget": spent,
        "scale": grown,
    }


async def _start(
    stack: AsyncExitStack, backends: Stub, folder: Path, wanted: set[str]
) -> tuple[dict[str, Started], dict[str, str]]:
    servers: dict[str, Started] = {}
    absent: dict[str, str] = {}
    for each in contestants.contestants(backends.url, folder):
        if each.name not in wanted:
            continue
        log = folder / f"{len(servers) + len(absent)}.log"
        try:
            started = server(each.command, each.environment, core=SERVERS_CORE, log=log)
            servers[each.name] = await stack.enter_async_context(started)
        except (DidNotStart, FileNotFoundError) as error:
            absent[each.name] = str(error)
            _say(f"{each.name} is left out: {error}")
    return servers, absent


async def _grow(ours: Started, backends: Stub, *, is_quick: bool) -> list[dict[str, Any]]:
    seconds = 5 if is_quick else 20
    days = [await scale.busy_day(ours, backends, latency_ms=latency, seconds=seconds) for latency in (0, 20)]
    await backends.reset(latency_ms=0)
    sessions, documents = (10_000, 1_000) if is_quick else (100_000, 10_000)
    return [*days, *await scale.memory(ours, sessions=sessions, documents=documents)]


def _names(scenarios: Sequence[Scenario]) -> set[str]:
    return {name for each in scenarios for name in each.servers}


def _install_peers() -> None:
    """The Node peers, from their lock files; without Node they are left out."""
    npm = shutil.which("npm")
    if npm is None:
        _say("npm is not here: the Node peers are left out.")
        return
    for folder in NODE_PEERS:
        marker = folder / "node_modules" / ".package-lock.json"
        if not marker.exists() or marker.stat().st_mtime < (folder / "package-lock.json").stat().st_mtime:
            _say(f"Installing the Node peers of {folder.name} …")
            subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, check=True)  # noqa: S603  # our own lock file


def _progress() -> dict[str, Any]:
    if not PROGRESS.exists():
        return {}
    found: dict[str, Any] = json.loads(PROGRESS.read_text(encoding="utf-8"))
    # What went wrong is measured again.
    return {name: entry for name, entry in found.items() if not any(each["errors"] for each in entry["servers"])}


def _keep(done: dict[str, Any]) -> None:
    PROGRESS.parent.mkdir(exist_ok=True)
    PROGRESS.write_text(json.dumps(done), encoding="utf-8")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
