"""Trusted documents in Redis, where every process finds what `storefront-gateway operations push` put there."""

from collections.abc import Collection, Mapping
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.edge.events import Event, RedisEventLog
from gateway.edge.manifests import InvalidManifest, document_id
from gateway.shared_store import as_text

logger = structlog.get_logger(__name__)

WITHDRAWN = "document:"
"""With an id, what tells processes in the log of events that a document is no longer there."""
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


_WITHDRAW = """
local texts, gone = {}, {}
for i = 1, #ARGV do
  local text = redis.call('HGET', KEYS[1], ARGV[i])
  if text then texts[text] = true end
end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if texts[all[i + 1]] then
    redis.call('HDEL', KEYS[1], all[i])
    gone[#gone + 1] = all[i]
  end
end
return gone
"""
"""A document goes with all of its ids, or it would run by another."""


class PushedDocuments:
    """What was pushed. A document never changes under its id, so whoever has read one may keep it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._push = redis.register_script(_PUSH)
        self._withdraw = redis.register_script(_WITHDRAW)

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

    async def withdraw(self, ids: Collection[str]) -> frozenset[str]:
        """Take the documents of these ids away, and tell every process; the ids that were there, of those documents.

        Every process is told of the given ids whether or not they were there, so that a withdrawal of which the others
        could not be told is repeated.

        Raises:
            RedisError, BackendError: Redis does not answer; some processes may go on with what they have read.
        """
        gone = frozenset(as_text(each) for each in await self._withdraw(keys=[KEY], args=list(ids)))
        tags = tuple(f"{WITHDRAWN}{each}" for each in sorted(gone | frozenset(ids)))
        await RedisEventLog(self._redis).take(Event(f"withdrawal:{uuid4().hex}", "documents", None, tags))
        return gone

    async def all(self) -> dict[str, str]:
        """Every id with its text.

        Raises:
            RedisError: Redis does not answer.
        """
        found = await self._redis.hgetall(KEY)
        return {as_text(given): as_text(text) for given, text in found.items()}
