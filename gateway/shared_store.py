"""Redis, where the processes of a gateway share what they know."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

POOL_SECONDS = 0.02
"""Longest wait for a free connection. Who would wait longer is better off without the store."""


def as_text(answer: bytes | str) -> str:
    """An answer that is UTF-8; it comes as bytes, whatever the library's types say."""
    return answer if isinstance(answer, str) else answer.decode()


@asynccontextmanager
async def connected_store(url: str, *, timeout_seconds: float, connections: int) -> AsyncIterator["Redis"]:
    """A client for as long as the block runs; nothing is sent before it is used, so Redis may come up later.

    Every command ends within the timeout, with `redis.exceptions.RedisError` where Redis is frozen or gone: the
    library's own defaults wait half a minute and try ten times. Answers are bytes.

    Args:
        url: Such as `redis://127.0.0.1:6379/0`, with its credentials; it never reaches a log.
        timeout_seconds: For connecting, and for each command.
        connections: Most at once.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=POOL_SECONDS,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )
    client: Redis = Redis(connection_pool=pool)
    try:
        yield client
    finally:
        await client.aclose()
        await pool.aclose()
