"""From settings to the way in for writes, and to the ledger that lets each be done once."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

from gateway.idempotency import Ledger, MemoryLedger, Once, SharedLedger
from gateway.metrics import CallMetrics
from gateway.settings import Backends, BackendSettings, Settings
from gateway.shared_store import connected_store
from gateway.upstream import Announce, Cache, Calls, Deadline, Journal, Locks, Tenant, Writer, Writes
from gateway.viewer import Viewer
from resolvers import DIALECTS


@dataclass(frozen=True, slots=True)
class Lasting:
    """What outlives a reload of the settings."""

    locks: Locks
    ledger: MemoryLedger
    """Used where there is no Redis; what it knows is as good after a reload as before."""

    @classmethod
    def new(cls, settings: Settings) -> Self:
        """That of a process that starts."""
        return cls(Locks(), MemoryLedger(keep_seconds=settings.idempotency.keep_seconds))


@dataclass(frozen=True, slots=True)
class Writing:
    """What all writes of the process need."""

    writers: Mapping[tuple[str, str], Writer]
    """By the backend's name and the shop's domain; shops with one address share one."""
    locks: Locks
    cache: Cache
    ledger: Ledger
    settle_seconds: float
    announce: Announce

    def writes(
        self, tenants: Mapping[str, Tenant], viewer: Viewer, deadline: Deadline, journal: Journal
    ) -> Callable[[str], Writes]:
        """The way in for one request's writes, by the backend's name."""

        def writes(name: str) -> Writes:
            writer, calls = self.writers[name, viewer.shop], Calls(deadline, journal)
            return Writes(writer, tenants[name], viewer.customer_id, calls, self.locks, self.cache, self.announce)

        return writes

    def once(self, viewer: Viewer, deadline: Deadline) -> Once:
        """The ledger as one request uses it."""
        return Once(self.ledger, (viewer.shop, viewer.customer_id), deadline, self.settle_seconds)


@asynccontextmanager
async def writing_of(
    settings: Settings, lasting: Lasting, cache: Cache, announce: Announce, calls: CallMetrics
) -> AsyncIterator[Writing]:
    """The way in for writes, for as long as the block runs."""
    async with AsyncExitStack() as stack:
        writers = {
            address: await stack.enter_async_context(_connected(*address, settings.backends, calls))
            for address in {(name, settings.url_of(name, shop)) for shop in settings.shops for name in DIALECTS}
        }
        yield Writing(
            {(name, shop): writers[name, settings.url_of(name, shop)] for shop in settings.shops for name in DIALECTS},
            lasting.locks,
            cache,
            await stack.enter_async_context(_ledger_of(settings, lasting)),
            settings.idempotency.settle_seconds,
            announce,
        )


@asynccontextmanager
async def _ledger_of(settings: Settings, lasting: Lasting) -> AsyncIterator[Ledger]:
    """Where it is kept which mutations have been carried out: shared by all processes where there is Redis."""
    if settings.redis.url is None:
        yield lasting.ledger
        return
    async with connected_store(
        settings.redis.url.get_secret_value(),
        timeout_seconds=settings.redis.ledger_timeout_seconds,
        connections=settings.redis.connections,
    ) as redis:
        yield SharedLedger(
            redis,
            keep_seconds=settings.idempotency.keep_seconds,
            lease_seconds=settings.idempotency.lease_seconds,
        )


def _connected(name: str, url: str, backends: Backends, calls: CallMetrics) -> AbstractAsyncContextManager[Writer]:
    settings: BackendSettings = getattr(backends, name)
    return Writer.connected(
        name,
        url,
        timeout_seconds=settings.timeout_seconds,
        connections=settings.connections,
        answer_bytes=settings.answer_bytes,
        calls=calls,
    )
