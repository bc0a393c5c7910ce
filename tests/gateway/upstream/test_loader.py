"""The per-request loader: one batch a turn, nothing shared between requests, nobody left waiting."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from gateway.upstream import Loader, Loads
from gateway.upstream.loader import LoadsClosed


class Squares:
    """A batch function that remembers how it was called; 13 fails, negative keys do not exist."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.batches: list[list[int]] = []
        self.cancelled = 0
        self._seconds = seconds

    async def __call__(self, keys: Sequence[int]) -> Mapping[int, int | Exception]:
        """Square the keys."""
        self.batches.append(list(keys))
        try:
            await asyncio.sleep(self._seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return {key: ValueError("unlucky") if key == 13 else key * key for key in keys if key >= 0}


async def test_keys_of_one_turn_travel_together() -> None:
    """Each key once, however many fields ask for it."""
    squares = Squares()
    async with Loads() as loads:
        loader = Loader(squares, loads)
        assert await asyncio.gather(*(loader.load(key) for key in (1, 2, 1, 3))) == [1, 4, 1, 9]
        assert await loader.load(2) == 4
    assert squares.batches == [[1, 2, 3]]


async def test_what_a_batch_leaves_out_is_none() -> None:
    """A key that does not exist is an answer, not an error."""
    async with Loads() as loads:
        assert await Loader(Squares(), loads).load(-1) is None


async def test_one_key_fails_alone() -> None:
    """Its neighbours in the batch have their values."""
    async with Loads() as loads:
        loader = Loader(Squares(), loads)
        good, bad = await asyncio.gather(loader.load(2), loader.load(13), return_exceptions=True)
    assert good == 4
    assert isinstance(bad, ValueError)


async def test_one_waiter_that_leaves_does_not_take_the_others_value() -> None:
    """A field that is cancelled, or timed out, shares its key's future with others."""
    squares = Squares(seconds=0.05)
    async with Loads() as loads:
        loader = Loader(squares, loads)
        staying = asyncio.create_task(_wait(loader, 3))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(loader.load(3), 0.01)
        assert await staying == 9
    assert squares.batches == [[3]]


async def test_primed_values_are_not_asked_for() -> None:
    """What a write returned is known."""
    squares = Squares()
    async with Loads() as loads:
        loader = Loader(squares, loads)
        loader.prime(5, 55)
        assert await loader.load(5) == 55
    assert squares.batches == []


async def test_who_waited_before_all_was_forgotten_has_the_value_too() -> None:
    """A key that has not left yet is asked for once, and nobody who waits for it is lost."""
    squares = Squares()
    async with Loads() as loads:
        loader = Loader(squares, loads)
        before = loader.load(3)
        loads.forget()
        after = loader.load(3)
        async with asyncio.timeout(1):
            assert (await before, await after) == (9, 9)
    assert squares.batches == [[3]]


async def test_nothing_outlives_the_request() -> None:
    """Look-ups that nobody needs any more are cancelled and awaited; whoever still waits learns it."""
    squares = Squares(seconds=60)
    async with Loads() as loads:
        loader = Loader(squares, loads)
        waiting = asyncio.create_task(_wait(loader, 1))
        await asyncio.sleep(0.01)
    assert squares.cancelled == 1
    with pytest.raises(LoadsClosed):
        await waiting


async def test_requests_share_nothing() -> None:
    """The same key in two requests is two look-ups; the end of one is not the end of the other."""
    squares = Squares(seconds=0.05)
    async with Loads() as surviving:
        async with Loads() as ending:
            leaving = asyncio.create_task(_wait(Loader(squares, ending), 4))
            staying = asyncio.create_task(_wait(Loader(squares, surviving), 4))
            await asyncio.sleep(0.01)
        with pytest.raises(LoadsClosed):
            await leaving
        assert await staying == 16
    assert squares.batches == [[4], [4]]


async def _wait(loader: Loader[int, int], key: int) -> int | None:
    return await loader.load(key)
