"""What lives as long as the process is not walked again and again while requests wait."""

import asyncio
import sys

import aiohttp

from tests.processes import ROOT, line_with

SERVER = """
import gc, sys
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from gateway.server import address_of, listen, serve

sock = listen("127.0.0.1", 0)
print(address_of(sock), flush=True)
serve(Starlette(routes=[Route("/", lambda _: PlainTextResponse(str(gc.get_freeze_count())))]), sock)
"""


async def test_what_is_loaded_at_start_is_left_alone_by_the_collector() -> None:
    """A full collection over the modules and the graph would hold up every request for a tenth of a second."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVER), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        address = await line_with(process.stdout, "http://")
        async with aiohttp.ClientSession() as client, client.get(address) as response:
            assert int(await response.text()) > 10_000
    finally:
        process.terminate()
        await process.wait()
