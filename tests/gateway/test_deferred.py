"""A value that comes later: once, to all who wait, each for itself."""

import asyncio
from traceback import extract_tb

import pytest

from gateway.deferred import Deferred


async def test_all_who_wait_get_the_value() -> None:
    """By awaiting before and after, by listening, and by what is made of it."""
    value: Deferred[int] = Deferred()
    heard: list[int] = []
    value.listen(lambda settled: heard.append(settled.result()))
    doubled = value.then(lambda number: 2 * number)
    followed = value.then_wait(lambda number: Deferred.of(number + 1))
    waiting = [asyncio.create_task(_wait(each)) for each in (value, value, doubled, followed)]
    await asyncio.sleep(0)
    value.set(20)
    assert heard == [20]  # in the same turn
    value.listen(lambda settled: heard.append(settled.result()))
    assert heard == [20, 20]
    assert await asyncio.gather(*waiting) == [20, 20, 40, 21]
    assert await value == 20


async def test_an_error_is_everybodys() -> None:
    """What is made of the value is not made; what fails in the making is that one's own error."""
    value: Deferred[int] = Deferred()
    made: list[int] = []
    after = value.then(made.append)
    waiting = asyncio.create_task(_wait(value.then_wait(Deferred.of)))
    await asyncio.sleep(0)
    value.fail(ValueError("gone"))
    for each in (value, after):
        with pytest.raises(ValueError, match="gone"):
            await each
    with pytest.raises(ValueError, match="gone"):
        await waiting
    assert made == []
    with pytest.raises(ZeroDivisionError):
        await Deferred.of(1).then(lambda number: number // 0)
    with pytest.raises(ZeroDivisionError):
        await Deferred.of(1).then_wait(lambda number: Deferred.of(number // 0))


async def test_an_error_tells_where_it_happened() -> None:
    """That of whoever makes something of the value, however often it is raised; the value's own collects no frames."""
    broken = Deferred.of(1).then(_divided_by_nothing).then(str)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as raised:
            await broken
        names = [frame.name for frame in extract_tb(raised.value.__traceback__)]
        assert names.count("_divided_by_nothing") == 1
        assert names.count("result") == 1
    failed: Deferred[int] = Deferred()
    failed.fail(raised.value)
    with pytest.raises(ZeroDivisionError) as raised_again:
        await failed
    assert "_divided_by_nothing" not in [frame.name for frame in extract_tb(raised_again.value.__traceback__)]


def _divided_by_nothing(number: int) -> float:
    return number / 0


async def test_who_leaves_takes_nothing_from_the_others() -> None:
    """One is cancelled, one runs out of time; the third has the value."""
    value: Deferred[int] = Deferred()
    leaving, staying = asyncio.create_task(_wait(value)), asyncio.create_task(_wait(value))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_wait(value), 0.01)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    value.set(7)
    assert await staying == 7


async def _wait(value: Deferred[int]) -> int:
    return await value
