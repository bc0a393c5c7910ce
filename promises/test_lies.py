"""A backend that answers with far too much, or with something else."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.load import closed_loop
from benchmarks.operations import of_shopper
from benchmarks.stub import people
from promises.conftest import Measured
from promises.lying import LIES, lying
from promises.stage import staged
from promises.test_backends import THREE_BACKENDS

ASKED_EACH = 15
"""Fewer than a breaker needs to open."""


def peak_mib(pid: int) -> float:
    """Most memory that a process has had since it was last reset."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1_024


def reset_peak(pid: int) -> None:
    """From now on the peak is of what comes."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


@pytest.mark.promise("R23")
async def test_lies_cost_their_own_fields_and_little_memory(tmp_path: Path, measured: Measured) -> None:
    """Loyalty sends a hundred MiB, announced, in chunks, and as a gzip bomb; then HTML, half of it, and other types."""

    def is_right(body: bytes) -> bool:
        return (
            b'"loyalty":null' in body
            and body.count(b"gid://recharge/SubscriptionContract/") == 5
            and b'"totalAvailable":{' in body
            and body.count(b'"message"') == 1
            and b'"code":"BACKEND_UNAVAILABLE"' in body
        )

    grown: dict[str, float] = {}
    async with (
        lying() as liar,
        staged(tmp_path) as stage,
        stage.gateway(BACKENDS__LOYALTY__URL=liar.url, BACKENDS__LOYALTY__RETRIES="0") as gateway,
    ):
        number = 0

        async def ask(count: int) -> list[str]:
            nonlocal number
            shoppers = [people.shopper(number + each, subscriptions=5) for each in range(count)]
            number += count
            requests = iter([of_shopper(THREE_BACKENDS, shopper, is_right) for shopper in shoppers])
            return (await closed_loop(gateway.port, requests, connections=1, seconds=30)).first_errors

        assert await ask(40) == []
        failures: dict[str, list[str]] = {}
        for lie in LIES:
            liar.lie = lie
            liar.asked = 0
            await asyncio.sleep(1.1)
            reset_peak(gateway.pid)
            before = peak_mib(gateway.pid)
            failures[lie] = await ask(ASKED_EACH)
            grown[lie] = peak_mib(gateway.pid) - before
            assert liar.asked > 0
        shown = ", ".join(f"{lie} {mib:.1f}" for lie, mib in grown.items())
        measured("R23", f"only its own fields are lost; memory grows at most, in MiB: {shown}; an answer may have 8")
        assert not any(failures.values()), failures
        # So much may be read of an answer (`answer_bytes`), in pieces that memory is not made of.
        assert max(grown.values()) <= 1.5 * 8
