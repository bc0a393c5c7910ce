"""The ledger that a gateway's processes share: in Redis, each step one script, so that no two of them interleave."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.idempotency.ledger import Began, Busy, Done, LedgerDown, Mine, Mismatch
from gateway.upstream.deadline import Deadline

T = TypeVar("T")

PREFIX = "once:1:"
"""The number changes with the shape of an entry, so that releases with different shapes never read each other's."""
LOOK_SECONDS = 0.1
"""How often one who waits looks, on average."""

# Redis's own clock decides when a lease ends, so the processes' clocks may differ.
_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "
_MINE = (
    "if redis.call('HGET', KEYS[1], 'state') ~= 'running' or redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] "
    "then return 0 end "
)
_BEGIN = (
    _NOW
    + """
local e = redis.call('HMGET', KEYS[1], 'fingerprint', 'state', 'lease', 'note', 'sent', 'outcome')
if e[1] and e[1] ~= ARGV[1] then return {'mismatch'} end
if e[2] == 'done' then return {'done', e[6]} end
if e[2] == 'running' and tonumber(e[3]) > now then return {'busy'} end
if e[2] == 'running' and e[5] then e[5] = e[3] end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'state', 'running', 'owner', ARGV[2], 'lease', now + ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {'mine', e[4], e[5] and tostring(now - e[5])}
"""
)
_NOTE = (
    _NOW
    + _MINE
    + """
if tonumber(redis.call('HGET', KEYS[1], 'lease')) <= now then return 0 end
redis.call('HSET', KEYS[1], 'note', ARGV[2], 'sent', now)
return 1
"""
)
_FINISH = (
    _MINE
    + """
redis.call('HSET', KEYS[1], 'state', 'done', 'outcome', ARGV[2])
redis.call('HDEL', KEYS[1], 'owner', 'lease', 'note', 'sent')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
)
# What was sent broke off now, which may be long after the note: a write that met another is repeated.
_LEAVE = (
    _NOW
    + _MINE
    + """
redis.call('HSET', KEYS[1], 'state', 'unknown')
if ARGV[2] == '1' then redis.call('HSET', KEYS[1], 'sent', now) end
return 1
"""
)
_RELEASE = _MINE + "redis.call('DEL', KEYS[1]) return 1"
_CLAIM = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
"""
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1"


class SharedLedger:
    """Entries in Redis. A lease ends by itself, so a process that is killed leaves an entry that others take up."""

    def __init__(self, redis: "Redis", *, keep_seconds: float, lease_seconds: float) -> None:
        self._redis = redis
        self._keep_ms = int(keep_seconds * 1_000)
        self._lease_ms = int(lease_seconds * 1_000)

    async def begin(self, name: str, fingerprint: str, owner: str) -> Began:
        """As the ledger says."""
        found = await self._run(_BEGIN, name, fingerprint, owner, self._lease_ms, self._keep_ms)
        match found[0]:
            case b"mine":
                note, sent = [*found[1:], None, None][:2]
                return Mine(note, None if sent is None else float(sent) / 1_000)
            case b"done":
                return Done(found[1])
            case b"mismatch":
                return Mismatch()
            case _:
                return Busy()

    async def note(self, name: str, owner: str, note: bytes) -> bool:
        """As the ledger says."""
        return bool(await self._run(_NOTE, name, owner, note))

    async def finish(self, name: str, owner: str, outcome: bytes) -> None:
        """As the ledger says."""
        await self._run(_FINISH, name, owner, outcome, self._keep_ms)

    async def leave(self, name: str, owner: str, *, has_sent: bool) -> None:
        """As the ledger says."""
        await self._run(_LEAVE, name, owner, int(has_sent))

    async def release(self, name: str, owner: str) -> None:
        """As the ledger says."""
        await self._run(_RELEASE, name, owner)

    async def wait(self, name: str, seconds: float) -> None:  # noqa: ARG002  # the ledger's signature
        """As the ledger says; here whoever waits looks now and then."""
        await asyncio.sleep(min(seconds, random.uniform(0.5, 1.5) * LOOK_SECONDS))  # noqa: S311  # spreads the looking

    async def claim(self, name: str, claimant: str) -> bool:
        """As the ledger says."""
        return bool(await self._run(_CLAIM, f"claim:{name}", claimant, self._keep_ms))

    @asynccontextmanager
    async def alone(self, name: str, owner: str, deadline: Deadline) -> AsyncIterator[None]:
        """As the ledger says."""
        key = f"{PREFIX}alone:{name}"
        while not await self._ask(self._redis.set(key, owner, nx=True, px=self._lease_ms)):
            if deadline.remaining_seconds() <= 0:
                raise TimeoutError
            await self.wait(name, deadline.remaining_seconds())
        try:
            yield
        finally:
            with suppress(LedgerDown):  # then the lease ends by itself
                await self._ask(self._redis.eval(_UNLOCK, 1, key, owner))

    async def _run(self, script: str, name: str, *arguments: Any) -> Any:
        return await self._ask(self._redis.eval(script, 1, PREFIX + name, *arguments))

    async def _ask(self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except (RedisError, OSError) as error:
            raise LedgerDown(type(error).__name__) from None
