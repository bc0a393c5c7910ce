"""Collects what the runs measure; at the end each promise stands there with its figure, kept or missed."""

import os
from collections.abc import Generator
from typing import Protocol

import pytest

from promises import results
from promises.promised import PROMISES, number_of
from promises.results import Figure

_RUNS = pytest.StashKey[dict[str, list[Figure]]]()
"""What came of each test that ran."""
_OF_TEST = pytest.StashKey[list[tuple[str, str]]]()


class Measured(Protocol):
    """Notes a figure. Call it before asserting, so that a promise that is missed has one too."""

    def __call__(self, promise: str, figure: object) -> None:
        """Note what was measured of a promise, such as `("R1", "p99 339 ms at a deadline of 300 ms")`."""


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Notes figures of the test's promises. They count as kept when the test passes."""
    noted = request.node.stash.setdefault(_OF_TEST, [])

    def note(promise: str, figure: object) -> None:
        assert promise in PROMISES, f"there is no {promise}"
        noted.append((promise, str(figure)))

    return note


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is measured yet."""
    config.stash[_RUNS] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Take over a test's figures; the promises that it is marked with are missed where it failed without one."""
    report = yield
    if call.when == "setup" and not report.failed:
        return report
    if report.skipped or (call.when == "teardown" and not report.failed):
        return report
    noted = dict.fromkeys(name for mark in item.iter_markers("promise") for name in mark.args)
    figures = item.stash.get(_OF_TEST, []) or [(name, "") for name in noted]
    busy = round(os.getloadavg()[0] / (os.cpu_count() or 1), 1)
    item.config.stash[_RUNS][item.nodeid] = [
        Figure(promise, item.nodeid, text, report.passed, busy) for promise, text in figures
    ]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show the table, and keep it."""
    runs = config.stash[_RUNS]
    figures = sorted(
        (each for run in runs.values() for each in run), key=lambda each: (number_of(each.promise), each.run)
    )
    results.write(figures, runs)
    terminalreporter.section("promises")
    for each in figures:
        state = "kept" if each.is_kept else "MISSED"
        words = PROMISES[each.promise].words
        terminalreporter.write_line(f"{each.promise:4} {state:6} {words}")
        terminalreporter.write_line(f"{'':11} {each.text or 'the run failed'}  [{each.run.rpartition('::')[2]}]")
