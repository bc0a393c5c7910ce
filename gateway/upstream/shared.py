"""Answers that processes share in Redis: bytes, each under a key with its scope and the shape of its value."""

import hashlib
import time
from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.upstream.answers import decode_value
from gateway.upstream.ask import Ask
from gateway.upstream.kind import Kind

logger = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

PREFIX = "storefront:cache:"
PAUSE_SECONDS = 0.5
"""How long Redis is left alone after it failed; then one command tries whether it is back."""
CLOCKS_APART_SECONDS = 2.0
"""So far apart the clocks of machines may be; what is from further in the future is not believed."""


class Kept(msgspec.Struct, Generic[V], frozen=True, array_like=True):
    """A value with its scope, which is checked again by who reads it."""

    scope: str
    """What it is an answer to, as the key has it in a digest."""
    at_seconds: float
    """When it was asked for, by the wall clock: the clock that processes have in common."""
    value: V | None


class SharedCache:
    """One Redis. A failure costs what it would have saved: nothing is raised, and for a while nothing is sent."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._silent_until = 0.0

    async def get(self, kind: Kind[K, Any, V], asks: Sequence[Ask[K]]) -> Mapping[Ask[K], tuple[V | None, float]]:
        """What is kept, with its age in seconds."""
        if self._is_silent():
            return {}
        scopes = [scope_of(kind, ask) for ask in asks]
        try:
            found = await self._redis.mget([_key(kind, scope) for scope in scopes])
        except (RedisError, OSError) as error:
            self._failed(error)
            return {}
        self._silent_until = 0.0
        kept: dict[Ask[K], tuple[V | None, float]] = {}
        for ask, scope, body in zip(asks, scopes, found, strict=True):
            if body is None:
                continue
            try:
                entry = cast("Kept[V]", _decoder(kind).decode(body))
            except (msgspec.MsgspecError, ValueError):
                continue
            if entry.scope != scope:
                logger.error("foreign entry in the cache", rows=kind.rows)
                continue
            age = time.time() - entry.at_seconds
            if age < -CLOCKS_APART_SECONDS:
                continue  # a clock has jumped back, and how old it is nobody knows
            kept[ask] = entry.value, max(0.0, age)
        return kept

    async def put(
        self, kind: Kind[K, Any, V], values: Mapping[Ask[K], V | None], age_seconds: float, lasts_seconds: float
    ) -> None:
        """Keep values for a while, so that they are found by what they are made of when it changes."""
        if self._is_silent():
            return
        lasts_ms = max(1, round(lasts_seconds * 1_000))
        pipeline = self._redis.pipeline(transaction=False)
        for ask, value in values.items():
            scope = scope_of(kind, ask)
            key = _key(kind, scope)
            kept = Kept(scope, time.time() - age_seconds, value)
            pipeline.set(key, msgspec.json.encode(kept, enc_hook=str), px=lasts_ms)
            for tag in kind.tags(ask):
                pipeline.sadd(_tag_key(tag), key)
                # Longer than anything that it lists.
                pipeline.pexpire(_tag_key(tag), lasts_ms * 2)
        try:
            await pipeline.execute()
        except (RedisError, OSError) as error:
            self._failed(error)

    async def may_refresh(self, kind: Kind[K, Any, V], ask: Ask[K], seconds: float) -> bool:
        """Whether this process may refresh a value now; one at a time may, for so many seconds."""
        if self._is_silent():
            return True
        try:
            key = _key(kind, scope_of(kind, ask))
            return bool(await self._redis.set(f"{key}:refresh", b"1", nx=True, px=round(seconds * 1_000)))
        except (RedisError, OSError) as error:
            self._failed(error)
            return True

    async def purge(self, tags: Collection[str]) -> None:
        """Let go of what has one of these tags. While Redis is down what it holds gets old by itself."""
        if not tags:
            return
        names = [_tag_key(tag) for tag in tags]
        try:
            found = await self._redis.sunion(names)
            await self._redis.unlink(*names, *found)
        except (RedisError, OSError) as error:
            self._failed(error)

    def _is_silent(self) -> bool:
        now = time.monotonic()
        if now < self._silent_until:
            return True
        if self._silent_until:
            # One command finds out; others that come meanwhile go without.
            self._silent_until = now + PAUSE_SECONDS
        return False

    def _failed(self, error: Exception) -> None:
        if not self._silent_until:
            logger.warning("the shared cache does not answer", cause=type(error).__name__)
        self._silent_until = time.monotonic() + PAUSE_SECONDS


def scope_of(kind: Kind[K, Any, Any], ask: Ask[K]) -> str:
    """All that makes an answer this one and no other, without a way to read one part as another."""
    parts = [ask.tenant.name, kind.path, sorted(kind.params.items()), ask.customer_id, ask.key]
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=20).hexdigest()


def _key(kind: Kind[Any, Any, Any], scope: str) -> str:
    return f"{PREFIX}{_shape(kind)}:{scope}"


def _tag_key(tag: str) -> str:
    return f"{PREFIX}tag:{tag}"


@lru_cache(maxsize=1_000)
def _decoder(kind: Kind[Any, Any, Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(Kept[kind.value], dec_hook=decode_value)  # type: ignore[name-defined]  # built at run time


@lru_cache(maxsize=1_000)
def _shape(kind: Kind[Any, Any, Any]) -> str:
    """A digest of what the value is made of: a release that reads more or less of a row keeps its own."""
    schema = msgspec.json.schema(Kept[kind.value], schema_hook=lambda custom: {"title": custom.__name__})  # type: ignore[name-defined]  # built at run time
    return hashlib.blake2b(msgspec.json.encode(schema), digest_size=6).hexdigest()
