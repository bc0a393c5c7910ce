"""What was measured, kept in `promises/results.json` and printed into docs/reliability.md."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from promises.promised import PROMISES, number_of

RESULTS = Path(__file__).parent / "results.json"
DOCUMENT = Path(__file__).parent.parent / "docs" / "reliability.md"
BUSY = 1.5
BEGIN, END = "<!-- printed by `python -m promises` -->", "<!-- end of what is printed -->"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one run."""

    promise: str
    run: str
    """The test's id."""
    text: str
    """Empty where the run failed before there was one."""
    is_kept: bool
    busy: float = 0.0
    """How many processes wanted each core meanwhile; above 1 a time says more about the machine than about us."""


def read() -> list[Figure]:
    """The newest of each run."""
    return [Figure(**entry) for entry in json.loads(RESULTS.read_text(encoding="utf-8"))] if RESULTS.exists() else []


def write(figures: Iterable[Figure], runs: Collection[str]) -> None:
    """Put these in the place of what is kept of the same runs."""
    kept = [each for each in read() if each.run not in runs]
    ordered = sorted([*kept, *figures], key=lambda each: (number_of(each.promise), each.run))
    lines = ",\n".join(json.dumps(asdict(each), ensure_ascii=False) for each in ordered)
    RESULTS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def table(figures: Collection[Figure]) -> str:
    """All promises in Markdown."""
    lines = ["| promise | outcomes, in `make test` | measured, in `make promises` |", "| --- | --- | --- |"]
    for name, promise in PROMISES.items():
        measured = "<br>".join(_cell(each) for each in figures if each.promise == name) or "no run"
        lines.append(f"| {name} {promise.words} | {promise.held_by} | {measured} |")
    return "\n".join(lines)


def document() -> str:
    """docs/reliability.md with the table as it is now."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n{table(read())}\n{END}{rest.partition(END)[2]}"


def _cell(figure: Figure) -> str:
    file, _, _ = figure.run.partition("::")
    text = figure.text or "the run failed"
    if figure.busy > BUSY:
        text += f"; on a machine with {figure.busy:.0f} times its load"
    return f"{text} (`{Path(file).name}`)" if figure.is_kept else f"**missed**: {text} (`{Path(file).name}`)"
