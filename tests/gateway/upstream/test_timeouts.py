"""Calls end in time, each in its own, though one timer looks after all of them."""

import asyncio
import time

import pytest

from gateway.upstream.timeouts import Timeout, Timeouts


async def waiting(timeouts: Timeouts, seconds: float) -> float:
    """What waits for ever in the place of a call, and how long that was."""
    began = time.monotonic()
    timeout = timeouts.begin(seconds)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not timeout.is_why():
            raise
    finally:
        timeouts.discard(timeout)
    return time.monotonic() - began


async def test_each_ends_in_its_own_time() -> None:
    """The later ones that may take less, too; and the timer rings again for those who come when it has rung."""
    timeouts = Timeouts()
    for _ in range(2):
        limits = (0.2, 0.1, 0.3, 0.1)
        took = await asyncio.gather(*(waiting(timeouts, seconds) for seconds in limits))
        assert took == pytest.approx(limits, abs=0.08)
        assert all(seconds >= limit - 0.002 for seconds, limit in zip(took, limits, strict=True))


async def test_what_is_over_is_left_alone() -> None:
    """Its task may do something else by the time that the timer rings."""
    timeouts = Timeouts()
    timeouts.discard(timeouts.begin(0.05))
    await asyncio.sleep(0.1)


async def test_who_is_cancelled_by_somebody_else_stays_cancelled() -> None:
    """Before its time is over, and in the same turn."""
    timeouts = Timeouts()
    before = asyncio.create_task(waiting(timeouts, 5))
    await asyncio.sleep(0)
    before.cancel()
    begun: list[Timeout] = []

    async def at_once() -> None:
        begun.append(timeouts.begin(5))
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if not begun[0].is_why():
                raise

    both = asyncio.create_task(at_once())
    await asyncio.sleep(0)
    begun[0].end()
    both.cancel()
    await asyncio.wait([before, both])
    assert (before.cancelled(), both.cancelled()) == (True, True)
    timeouts.close()
