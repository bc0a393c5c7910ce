"""Hostile bytes at a process of its own: what each costs its event loop, and whether others are served meanwhile."""

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.processes import Started
from benchmarks.stub import people
from promises.conftest import Measured
from promises.stage import staged
from tests.attacks import ATTACKS
from tests.attacks.attack import Answered, Attack, exchanged, query
from tests.attacks.bodies import mutated
from tests.attacks.shapes import long_to_validate, unheard_of
from tests.documents import document

BODIES = int(os.environ.get("MUTATED_BODIES", "3000"))
"""`MUTATED_BODIES=20000` for a long run."""
FLOOD = 400
SEED = int(os.environ.get("MUTATED_SEED", "8"))
MOST_MS = 100
SHOP = people.domain_of(0)
NEXT = Attack(query("{ shop { domain } }"), 200, data={"shop": {"domain": SHOP}})


def loop_ms(gateway: Started) -> float:
    """CPU time of the thread that the event loop runs in, so far; to the nanosecond, as the scheduler counts it."""
    return int(Path(f"/proc/{gateway.pid}/task/{gateway.pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6


class Hostile:
    """Sends one request after the other, so that what the loop spends is spent on this one."""

    def __init__(self, gateway: Started) -> None:
        self._gateway = gateway
        self.longest: tuple[float, str] = (0.0, "")
        """CPU time of the loop from a request to its answer, and which it was."""
        self.sent = 0
        self.failed: list[str] = []
        """5xx, INTERNAL, answers that are not as they should be, and connections without one."""
        self.unserved = 0
        """Requests of others right behind that had no answer."""

    async def send(self, name: str, attack: Attack, *, is_exact: bool) -> None:
        """One of them, and another client's request right behind it."""
        self.sent += 1
        try:
            answer = await self._timed(name, attack)
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            self.failed.append(f"{name}: {error!r}")
        else:
            self.failed += [f"{name}: {fault}" for fault in (attack.faults(answer) if is_exact else _failures(answer))]
        if NEXT.faults(await self._timed(f"behind {name}", NEXT)):
            self.unserved += 1

    async def _timed(self, name: str, attack: Attack) -> Answered:
        before = loop_ms(self._gateway)
        try:
            return await exchanged(self._gateway.port, attack.bytes_for(SHOP))
        finally:
            # An upper bound of the longest turn: whatever the loop does meanwhile is in it.
            self.longest = max(self.longest, (loop_ms(self._gateway) - before, name))


def _failures(answer: Answered) -> list[str]:
    is_ours = answer.status >= 500 or b'"INTERNAL"' in answer.body
    return [f"{answer.status}: {answer.body[:200]!r}"] if is_ours else []


def _mutations() -> Iterator[bytes]:
    seeds = [each.body for each in ATTACKS.values() if 0 < len(each.body) < 4_000]
    seeds += [query(document(name), productId="1") for name in ("ProductSubscriptionWidget", "BundleBuilder")]
    return mutated(seeds, random.Random(SEED), BODIES)  # noqa: S311  # the same bodies each time


@pytest.mark.promise("R25")
async def test_hostile_bytes(tmp_path: Path, measured: Measured) -> None:
    """The whole table of attacks, documents that are long to validate, more of them than are kept, mutated bodies."""
    async with staged(tmp_path) as stage, stage.gateway(LIMITS__COST="5000") as gateway:
        await exchanged(gateway.port, NEXT.bytes_for(SHOP))
        kinds = ("attacks", "documents that are long to validate", "unheard-of long documents", "mutated bodies")
        attacks, documents, flood, mutations = (Hostile(gateway) for _ in kinds)
        parts = dict(zip(kinds, (attacks, documents, flood, mutations), strict=True))
        for name, attack in ATTACKS.items():
            await attacks.send(name, attack, is_exact=True)
        for name, body in long_to_validate().items():
            await documents.send(name, Attack(body, 200), is_exact=False)
        for number in range(FLOOD):
            await flood.send(str(number), Attack(unheard_of(number), 200, data={"product": None}), is_exact=True)
        for body in _mutations():
            await mutations.send(repr(body[:60]), Attack(body, 200), is_exact=False)
    longest = {what: part.longest for what, part in parts.items()}
    failed = [fault for part in parts.values() for fault in part.failed]
    unserved = sum(part.unserved for part in parts.values())
    measured(
        "R25",
        "longest of the loop's CPU time for one request: "
        + ", ".join(f"{longest[what][0]:.0f} ms of {part.sent} {what}" for what, part in parts.items())
        + f"; {len(failed)} as 5xx, wrong or unanswered; {unserved} of the requests behind them not served",
    )
    assert failed[:5] == []
    assert unserved == 0
    assert max(longest.values())[0] <= MOST_MS, longest
