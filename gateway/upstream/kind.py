"""What every kind of look-up has in common: where rows are, and whose they are."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec
import structlog

from gateway.errors import BackendError
from gateway.upstream.bulk import KEYS_A_CALL, BulkForm
from gateway.upstream.upstream import Upstream

logger = structlog.get_logger(__name__)

K = TypeVar("K", int, str)
R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V", bound=Hashable)
F = TypeVar("F")


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[R]):
    """A look-up as data."""

    path: str
    """`{key}` stands for the key, where the path carries it."""
    rows: str
    """The JSON key that wraps the answer."""
    into: type[R]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    customer: Callable[[R], int | None] | None = None
    """For private rows: the customer a row belongs to. A row of anyone but the viewer is dropped as foreign."""
    bulk: BulkForm | None = None
    """How the same rows are asked for by many keys, where the backend offers it."""

    def is_nobodys(self, upstream: Upstream) -> bool:
        """Whether these are private rows and there is no shopper: nothing can be his, so no backend is asked."""
        return self.customer is not None and upstream.customer_id is None

    def is_foreign(self, upstream: Upstream, row: R) -> bool:
        """Whether a row is somebody else's; then it is logged as a fault of the backend."""
        if self.customer is None or (owner := self.customer(row)) == upstream.customer_id:
            return False
        log_foreign(upstream, self.rows, known=owner is not None)
        return True


def chunks_of(keys: Sequence[K]) -> list[tuple[K, ...]]:
    """The keys sorted, each once, as many a chunk as a call takes."""
    ordered = sorted(set(keys))
    return [tuple(ordered[at : at + KEYS_A_CALL]) for at in range(0, len(ordered), KEYS_A_CALL)]


async def each(keys: Sequence[V], find: Callable[[V], Awaitable[F | None]]) -> dict[V, F | Exception]:
    """One call a key, all at once; a key's failure is its own."""

    async def outcome(key: V) -> F | Exception | None:
        try:
            return await find(key)
        except BackendError as error:
            return error

    outcomes = await asyncio.gather(*(outcome(key) for key in keys))
    return {key: value for key, value in zip(keys, outcomes, strict=True) if value is not None}


def log_foreign(upstream: Upstream, rows: str, *, known: bool) -> None:
    """Log a row that is dropped."""
    # A fault of the backend. Ids of other customers stay out of the log as they stay out of the answer.
    logger.error("foreign row dropped", service=upstream.service, rows=rows, owner_known=known)
