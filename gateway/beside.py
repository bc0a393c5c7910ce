"""Work that goes on beside a block of code, and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

AGAIN_SECONDS = 0.1


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run work for as long as the block runs; what it raised by itself is raised at the end.

    It is cancelled until it is done: redis-py loses a cancellation that comes together with an answer.
    """
    task = asyncio.get_running_loop().create_task(work)
    try:
        yield
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=AGAIN_SECONDS)
        if not task.cancelled():
            task.result()
