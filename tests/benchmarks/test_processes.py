"""Servers have a core to themselves: what they share it with would be measured too."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.processes import pin, server

LISTENING = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "{port}")


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core is here")
async def test_a_server_is_not_on_the_core_of_the_load(tmp_path: Path) -> None:
    """Though the load has left all other cores before it starts one."""
    before = os.sched_getaffinity(0)
    try:
        pin(1)
        async with server(LISTENING, {}, core=0, log=tmp_path / "log") as started:
            of_server = os.sched_getaffinity(started.pid)
        of_load = os.sched_getaffinity(0)
    finally:
        os.sched_setaffinity(0, before)
    assert len(of_server) == len(of_load) == 1
    assert of_server.isdisjoint(of_load)
