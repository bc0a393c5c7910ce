"""What lives long is not walked again and again while requests wait."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import pytest

from gateway.garbage import GROWN_BLOCKS
from tests.conftest import Gateway
from tests.documents import document
from tests.processes import ROOT, line_with

SERVER = """
import gc, sys
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from gateway.server import address_of, listen, serve

kept = []


class Circle:
    count = 0

    def __init__(self):
        self.itself = self
        self.rest = [object() for _ in range(100)]
        Circle.count += 1

    def __del__(self):
        Circle.count -= 1


def state(request):
    stats = [each["collections"] for each in gc.get_stats()]
    return JSONResponse({"frozen": gc.get_freeze_count(), "collections": stats, "circles": Circle.count})


def keep(request):
    kept.extend([number] for number in range(int(request.query_params["n"])))
    return state(request)


def circles(request):
    made = [Circle() for _ in range(int(request.query_params["n"]))]
    if "old" in request.query_params:
        gc.collect(0)
    return state(request)


async def at_once(request):
    return {"/": state, "/keep": keep, "/circles": circles}[request.url.path](request)


sock = listen("127.0.0.1", 0)
print(address_of(sock), flush=True)
serve(Starlette(routes=[Route(path, at_once) for path in ("/", "/keep", "/circles")]), sock)
"""
WAIT_SECONDS = 10


class Asked:
    """The process."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client

    async def get(self, path: str = "/") -> dict[str, Any]:
        """What it says of its collector, after whatever the path does."""
        async with self._client.get(path) as response:
            assert response.status == 200
            state: dict[str, Any] = await response.json()
            return state


@pytest.fixture
async def process() -> AsyncIterator[Asked]:
    """A process of its own that serves."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVER), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with aiohttp.ClientSession(await line_with(started.stdout, "http://")) as client:
            yield Asked(client)
    finally:
        started.terminate()
        await started.wait()


async def test_what_is_loaded_at_start_is_left_alone_by_the_collector(process: Asked) -> None:
    """A full collection over the modules and the graph would hold up every request for a tenth of a second."""
    assert (await process.get())["frozen"] > 10_000


async def test_what_is_kept_is_looked_at_once(process: Asked) -> None:
    """While it is new; kept answers are hundreds of thousands of objects."""
    before = (await process.get())["collections"]
    # Three blocks each, and so fewer than those with which all is looked at.
    kept = GROWN_BLOCKS // 3 // 10
    for _ in range(8):
        await process.get(f"/keep?n={kept}")
    async with asyncio.timeout(WAIT_SECONDS):
        while (after := (await process.get())["collections"])[0] < before[0] + 5:
            pass
    assert after[1:] == before[1:]


async def test_what_is_new_is_looked_at_soon(process: Asked) -> None:
    """However little it is, as long as that takes little of the time."""
    await process.get("/circles?n=10")
    async with asyncio.timeout(WAIT_SECONDS):
        while (await process.get())["circles"]:
            pass


async def test_garbage_that_got_old_is_found_when_there_is_much_of_it(process: Asked) -> None:
    """In circles that were not garbage yet when they were looked at: a few stay, many go."""
    few = await process.get("/circles?n=1_000&old")
    await asyncio.sleep(1.5)
    assert (await process.get())["circles"] == few["circles"] == 1_000
    many = await process.get("/circles?n=30_000&old")
    async with asyncio.timeout(WAIT_SECONDS):
        while (await process.get())["circles"]:
            pass
    assert (await process.get())["collections"][2] == many["collections"][2] + 1


@pytest.mark.parametrize("name", ["CustomerPortal", "LoyaltyPanel", "ProductSubscriptionWidget", "SubscriptionDetail"])
async def test_a_request_leaves_nothing_in_circles(gateway: Gateway, shopper: int, name: str) -> None:
    """Its objects go when it ends, so that the collector has nothing to find."""
    variables = {"productId": "1", "country": "US", "language": "EN", "id": "1"}
    for _ in range(2):  # the first reads the document, and looks up what is kept
        assert (await gateway.ask(document(name), variables, customer=shopper)).status == 200
    with _what_only_a_collector_finds() as found:
        await gateway.ask(document(name), variables, customer=shopper)
        await asyncio.sleep(0.1)
    assert found == []


@contextmanager
def _what_only_a_collector_finds() -> Iterator[list[str]]:
    """The classes of our own objects of which the block leaves some in circles."""
    found: list[str] = []
    gc.collect()
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += sorted({type(each).__qualname__ for each in gc.garbage if _is_ours(type(each))})
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def _is_ours(class_: type) -> bool:
    return class_.__module__.partition(".")[0] in {"gateway", "schema", "resolvers"}
