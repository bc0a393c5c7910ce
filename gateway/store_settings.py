"""The knobs of what is kept, in the process and in Redis."""

from typing import Literal

from pydantic import Field, SecretStr

from gateway.settings_group import Group


class RedisSettings(Group):
    """Where the gateway's processes share what they know. Without it each process keeps its own in memory."""

    url: SecretStr | None = None
    """Such as `redis://user:password@redis.internal:6379/0`, or `rediss://` for TLS."""
    connections: int = Field(default=64, gt=0, le=10_000)
    """Most connections at once, per process and use."""
    cache_timeout_seconds: float = Field(default=0.05, gt=0, le=5)
    """Longest wait for a value that a backend has too; after it the backend is asked."""
    ledger_timeout_seconds: float = Field(default=1.0, gt=0, le=10)
    """Longest wait for what only Redis knows, such as whether a mutation has run already."""


class IdempotencySettings(Group):
    """How mutations with an `idempotencyKey` are carried out once: in Redis for all processes, else in memory."""

    keep_seconds: float = Field(default=86_400, ge=60)
    """How long a key holds: within it the same key is answered with what came of it the first time."""
    lease_seconds: float = Field(default=20.0, gt=0, le=120)
    """After so long an attempt whose process was killed is taken up by the next with its key. Longer than
    `operations.deadline_seconds`, since an attempt may take that."""
    settle_seconds: float = Field(default=30.0, ge=0, le=3_600)
    """How long a write that broke off may still arrive at a backend. Until then what cannot be seen there and must not
    be repeated, such as spending points, is answered with OUTCOME_UNKNOWN."""


class CacheSettings(Group):
    """What is kept of the backends' answers. With Redis, processes share what is the same for all shoppers."""

    keep: Literal["all", "public", "nothing"] = "all"
    """`public` asks the backends for every shopper's data each time, `nothing` for the catalogue too: then a backend
    that fails has nothing to fall back on."""
    public_entries: int = Field(default=20_000, gt=0)
    """Most answers about products, shops and programmes that a process keeps; the least recently used goes first."""
    answers: int = Field(default=1_000, gt=0)
    """Most whole answers to visitors that a process keeps as bytes, to give them again without executing anything; and
    most questions of up to 8 kB that it knows word for word, so as not to read them again."""
    private_entries: int = Field(default=50_000, gt=0)
    """The same of answers about shoppers, which are fresh for seconds; older ones are for when a backend fails."""
