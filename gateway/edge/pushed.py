"""Trusted documents in Redis, where every process finds what `storefront-gateway operations push` put there."""

from collections.abc import Mapping

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.edge.manifests import InvalidManifest, document_id
from gateway.shared_store import as_text

logger = structlog.get_logger(__name__)

KEY = "documents"
"""A hash of ids and texts."""

_PUSH = """
local differing, new = {}, {}
for i = 1, #ARGV, 2 do
  local there = redis.call('HGET', KEYS[1], ARGV[i])
  if not there then new[#new + 1] = ARGV[i]
  elseif there ~= ARGV[i + 1] then differing[#differing + 1] = ARGV[i] end
end
if #differing == 0 then
  for i = 1, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
return {differing, new}
"""
"""All of them or none, whoever else pushes: processes keep what they have read, so no id may change its text."""


class PushedDocuments:
    """What was pushed. A document never changes under its id, so whoever has read one may keep it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._push = redis.register_script(_PUSH)

    async def text_of(self, wanted: str) -> str | None:
        """The text of one; None where it is not known, or Redis does not answer now."""
        try:
            found = await self._redis.hget(KEY, wanted)
        except RedisError as error:
            logger.warning("pushed documents cannot be read", reason=type(error).__name__)
            return None
        return None if found is None else as_text(found)

    async def push(self, texts: Mapping[str, str]) -> frozenset[str]:
        """Put documents there, under their own ids and as `sha256:…`; the ids that are new.

        Raises:
            InvalidManifest: An id is there with another text; then none of them was put there.
            RedisError: Redis does not answer.
        """
        pairs = {document_id(text): text for text in texts.values()} | dict(texts)
        given = [part for pair in pairs.items() for part in pair]
        differing, new = await self._push(keys=[KEY], args=given)
        if differing:
            raise InvalidManifest(
                "\n".join(
                    f"{as_text(each)} was pushed with another text: pages that are open ask for it by this id, so give"
                    " the changed document a new one, such as its digest."
                    for each in differing
                )
            )
        return frozenset(as_text(each) for each in new)

    async def all(self) -> dict[str, str]:
        """Every id with its text.

        Raises:
            RedisError: Redis does not answer.
        """
        found = await self._redis.hgetall(KEY)
        return {as_text(given): as_text(text) for given, text in found.items()}
