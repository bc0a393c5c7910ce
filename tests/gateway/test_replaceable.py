"""A value that is replaced while it is used closes when its last user is done, and not before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.replaceable import Replaceable


class Log(list[str]):
    """What opened and closed, in order."""

    @asynccontextmanager
    async def opening(self, name: str) -> AsyncIterator[str]:
        """A value that says so."""
        self.append(f"{name} opened")
        yield name
        self.append(f"{name} closed")


async def settled() -> None:
    """Whatever could run has run."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_users_keep_what_they_began_with() -> None:
    """A second replacement waits for nobody; the end of the block waits for everybody."""
    log = Log()
    async with Replaceable.holding(log.opening("a")) as replaceable:
        with replaceable.current() as first, replaceable.current() as second:
            await replaceable.replace(log.opening("b"))
            with replaceable.current() as third:
                await replaceable.replace(log.opening("c"))
                await settled()
                assert (first, second, third) == ("a", "a", "b")
                assert log == ["a opened", "b opened", "c opened"]
            await settled()
            assert log[3:] == ["b closed"]
        await settled()
        assert log[4:] == ["a closed"]
        with replaceable.current() as last:
            assert last == "c"
    assert log[5:] == ["c closed"]


async def test_the_end_waits_for_the_last_user() -> None:
    """So that nobody's connections are closed under them."""
    log = Log()
    held, enough = asyncio.Event(), asyncio.Event()

    async def use(replaceable: Replaceable[str]) -> None:
        with replaceable.current() as value:
            held.set()
            await enough.wait()
            log.append(f"{value} used")

    async with Replaceable.holding(log.opening("a")) as replaceable:
        using = asyncio.create_task(use(replaceable))
        await held.wait()
        asyncio.get_running_loop().call_later(0.01, enough.set)
    await using
    assert log == ["a opened", "a used", "a closed"]


async def test_what_does_not_open_changes_nothing() -> None:
    """The value before stays in use."""

    @asynccontextmanager
    async def numbered(text: str) -> AsyncIterator[str]:
        yield str(int(text))

    log = Log()
    async with Replaceable.holding(log.opening("a")) as replaceable:
        with pytest.raises(ValueError, match="no number"):
            await replaceable.replace(numbered("no number"))
        with replaceable.current() as value:
            assert value == "a"
    assert log == ["a opened", "a closed"]
