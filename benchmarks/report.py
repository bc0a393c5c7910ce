"""A run as tables, as JSON, and in the README between its marks."""

import json
from pathlib import Path
from typing import Any

from benchmarks.contestants import OURS
from benchmarks.plot import plot

HERE = Path(__file__).parent
HEAD = (
    "| server | requests/s | ours is … times | p50 ms | p99 ms | CPU ms a request | REST calls a request "
    "| backend's core |\n|---|--:|--:|--:|--:|--:|--:|--:|"
)
BEGIN, END = "<!-- the newest run begins -->", "<!-- the newest run ends -->"


def tables(run: dict[str, Any]) -> str:
    """The whole run in Markdown."""
    parts = [
        f"Machine: {run['machine']}.",
        "Versions: " + ", ".join(f"{name} {number}" for name, number in run["versions"].items()) + ".",
        *(f"{name} is not in it: {why.splitlines()[0]}" for name, why in run["absent"].items()),
        *(_scenario(entry) for entry in run["scenarios"]),
    ]
    if run["budget"]:
        parts.append(_budget(run["budget"]))
    if run["scale"]:
        parts.append(_scale(run["scale"]))
    return "\n\n".join(parts)


def write(run: dict[str, Any]) -> None:
    """Write the three files."""
    (HERE / "results.json").write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    (HERE / "results.svg").write_text(plot(run), encoding="utf-8")
    readme = HERE / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n\n{tables(run)}\n\n{END}{after}", encoding="utf-8")


def _scenario(entry: dict[str, Any]) -> str:
    ours = next((each["requests_per_s"] for each in entry["servers"] if each["name"] == OURS), 0.0)
    lines = [
        f"### `{entry['name']}`: {entry['title']}",
        f"{entry['connections']} connections, backends at {entry['backend_latency_ms']:g} ms.",
        HEAD,
    ]
    rows = sorted(entry["servers"], key=lambda each: -each["requests_per_s"])
    table = "\n".join(
        f"| {each['name']} | {each['requests_per_s']:,.0f} | {_ratio(ours, each['requests_per_s'])} "
        f"| {each['p50_ms']:.1f} | {each['p99_ms']:.1f} | {each['cpu_ms_per_request']:.2f} "
        f"| {each['upstream_calls_per_request']:.2f} | {each['backend_core_share']:.0%} |"
        for each in rows
    )
    return "\n\n".join(lines) + "\n" + table


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}" if theirs else "-"


def _budget(steps: list[dict[str, Any]]) -> str:
    rows = "\n".join(f"| {each['step']} | {each['cpu_us']:,} |" for each in steps)
    return f"### Where the time goes\n\n| step, with `fleet` | CPU µs |\n|---|--:|\n{rows}"


def _scale(entries: list[dict[str, Any]]) -> str:
    days = [entry for entry in entries if entry["name"].startswith("busy-day")]
    grown = [entry for entry in entries if "resident_mib" in entry]
    lines = [
        "### Scale",
        "A day of 2.5 million sessions at ten times its average rate, open loop, on one core:",
        "| operations/s | answered/s | backends at ms | p50 ms | p99 ms | longest ms | not answered in time "
        "| REST calls an operation | core |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
        + "\n".join(
            f"| {each['operations_per_s']:,} | {each['answered_per_s']:,.0f} | {each['backend_latency_ms']:g} "
            f"| {each['p50_ms']:.1f} | {each['p99_ms']:.1f} | {each['max_ms']:.1f} | {each['unanswered']:,} "
            f"| {each['upstream_calls_per_request']:.2f} | {each['core_share']:.0%} |"
            for each in days
        ),
        "Resident memory on the way, in MiB:",
        "| what comes | how many | MiB at the start, then after each fifth |\n|---|--:|---|\n"
        + "\n".join(
            f"| {each['name']} | {each['count']:,} | {', '.join(map(str, each['resident_mib']))} |" for each in grown
        ),
    ]
    return "\n\n".join(lines)
