"""Tailcall's graph and script belong together, and its binary, where it is, answers right."""

import json
import os
import re
from pathlib import Path

import pytest

from benchmarks import operations
from benchmarks.contestants import TAILCALL, contestants
from benchmarks.load import closed_loop
from benchmarks.peers.tailcall import files
from benchmarks.processes import DidNotStart, server, stub


def test_the_script_has_what_the_graph_names_and_no_modules() -> None:
    """A function that is missing would only be seen by the field that needs it."""
    graph = (files.HERE / "graph.graphql").read_text(encoding="utf-8")
    script = files.script(json.dumps({}))
    named = set(re.findall(r'onRe(?:quest|sponseBody): "(\w+)"', graph))
    assert named <= set(re.findall(r"^function (\w+)\(", script, re.MULTILINE))
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)


async def test_it_keeps_shoppers_apart_and_refuses_other_tokens(tmp_path: Path) -> None:
    """Portals of many shoppers at once, each checked; a forged token opens nothing."""
    async with stub(core=0) as backends:
        found = next(each for each in contestants(backends.url, tmp_path) if each.name == TAILCALL)
        try:
            async with server(found.command, found.environment, core=1, log=tmp_path / "log") as started:
                right = operations.portals(5, beginning=1)
                outcome = await closed_loop(started.port, right, connections=16, seconds=0.5)
                assert (outcome.errors, outcome.first_errors) == (0, [])
                outcome = await closed_loop(started.port, iter([_forged()]), connections=1, seconds=0)
                assert (len(outcome.durations_seconds), outcome.first_errors) == (1, [])
        except DidNotStart as error:
            if os.environ.get("CI"):
                raise  # .ci/run installs it
            pytest.skip(f"make bench installs it: {error}")


def _forged() -> operations.Request:
    """One shopper's claims under another one's signature."""
    payload, signature = (operations.token_for(each).rpartition(b".") for each in (50_000_001, 50_000_002))
    return operations.of_shopper(
        "{ customer { id } }",
        50_000_001,
        lambda body: b"Authentication Failure" in body and b"gid://" not in body,
        token=payload[0] + b"." + signature[2],
    )
