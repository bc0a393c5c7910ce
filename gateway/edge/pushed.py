"""Trusted documents in Redis, where every process finds what `storefront-gateway operations push` put there."""

from collections.abc import Mapping

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.edge.manifests import document_id
from gateway.shared_store import as_text

logger = structlog.get_logger(__name__)

KEY = "documents"
"""A hash of ids and texts."""


class PushedDocuments:
    """What was pushed. A document never changes under its id, so whoever has read one may keep it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def text_of(self, wanted: str) -> str | None:
        """The text of one; None where it is not known, or Redis does not answer now."""
        try:
            found = await self._redis.hget(KEY, wanted)
        except RedisError as error:
            logger.warning("pushed documents cannot be read", reason=type(error).__name__)
            return None
        return None if found is None else as_text(found)

    async def push(self, texts: Mapping[str, str]) -> int:
        """Put documents there, under their own ids and as `sha256:…`; the number of ids that are new.

        Raises:
            RedisError: Redis does not answer.
        """
        pairs = [part for given, text in texts.items() for part in (given, text, document_id(text), text)]
        return await self._redis.hset(KEY, items=pairs)

    async def all(self) -> dict[str, str]:
        """Every id with its text.

        Raises:
            RedisError: Redis does not answer.
        """
        found = await self._redis.hgetall(KEY)
        return {as_text(given): as_text(text) for given, text in found.items()}
