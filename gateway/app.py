"""The composition root: middleware, routes and backends, in the order in which a request meets them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from types import TracebackType

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from gateway.edge.endpoint import GraphQLEndpoint, OpenResolvers
from gateway.edge.events import LocalEventLog
from gateway.edge.http_caching import PublicAnswers
from gateway.edge.origins import Origins
from gateway.edge.request_id import RequestIds
from gateway.edge.sessions import ExchangesInMemory, FindCustomer, IsSessionOf, Revocations
from gateway.edge.withdrawing import WithdrawnDocuments
from gateway.events import event_log, events
from gateway.graph import Graphs, documents_of, graphs, shedding_of, throttle_of
from gateway.identity import audit_of, identity
from gateway.metrics import Metrics, MetricsAt, listening
from gateway.pulse import Pulse
from gateway.replaceable import Replaceable
from gateway.routes import ROUTES, Application, Endpoints, State, http_error, observed_of
from gateway.settings import Settings
from gateway.shared_store import connected_store
from gateway.store_settings import RedisSettings
from gateway.tenants import Tenants, backends_of, tenants_of
from gateway.unfinished import Unfinished
from gateway.upstream import Cache, Coalescer, Deadline, Journal, Loads, Memory, SharedCache, Upstream
from gateway.viewer import Market, Viewer
from gateway.writing import Lasting, Writing, writing_of
from resolvers import Resolvers
from resolvers.shop import Shop
from resolvers.subscriptions.identities import customer_id_of
from resolvers.subscriptions.identities import is_session_of as is_recharge_session_of


def create_app(
    settings: Settings,
    *,
    pages: Sequence[BaseRoute] = (),
    reloads: AsyncIterator[Settings] | None = None,
    metrics_at: MetricsAt | None = None,
    pulse: Pulse | None = None,
) -> Starlette:
    """The gateway as an ASGI application.

    Args:
        settings: All of them.
        pages: Routes beside the gateway's own, such as the demo's start page.
        reloads: Settings that take the place of those before, whenever they come; asked for the next when in use.
        metrics_at: Where metrics are collected, if anywhere.
        pulse: What beats in its loop, for those who listen already.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        beating = pulse or Pulse()
        metrics = Metrics.of_process()
        compose = partial(
            _composed,
            metrics=metrics,
            pulse=beating,
            graphs=graphs(),
            revocations=Revocations(),
            exchanges=ExchangesInMemory(),
            lasting=Lasting.new(settings),
            local_events=LocalEventLog(),
            memories=_memories(),
        )
        async with AsyncExitStack() as stack:
            # It beats to the very end, while mutations are seen through.
            stack.callback(beating.close)
            stack.enter_context(beating.heard_by(metrics.loop.heard))
            endpoints = await stack.enter_async_context(Replaceable.holding(compose(settings)))
            await stack.enter_async_context(_followed(reloads, endpoints, compose))
            observed = partial(observed_of, endpoints)
            await stack.enter_async_context(listening(metrics_at, metrics.registry, observed))
            # Not before it serves: making the graph takes its time.
            beating.start()
            yield State(endpoints=endpoints)

    app = Application(
        lifespan=lifespan,
        middleware=[Middleware(RequestIds)],
        routes=[*ROUTES, *pages],
        exception_handlers={HTTPException: http_error},
    )
    # /graphql/ is another path: a redirect would make a cache keep an answer under a name that nobody guards.
    app.router.redirect_slashes = False
    return app


@asynccontextmanager
async def _followed(
    reloads: AsyncIterator[Settings] | None,
    endpoints: Replaceable[Endpoints],
    compose: Callable[[Settings], AbstractAsyncContextManager[Endpoints]],
) -> AsyncIterator[None]:
    """Take newer settings for as long as the block runs."""

    async def follow() -> None:
        if reloads is not None:
            async for newer in reloads:
                await endpoints.replace(compose(newer))

    following = asyncio.get_running_loop().create_task(follow())
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def _memories() -> Callable[[int, int], Memory]:
    """The process's memory of answers, which outlives a reload of the same sizes."""

    @lru_cache(maxsize=1)
    def memory(public_entries: int, private_entries: int) -> Memory:
        return Memory(public_entries=public_entries, private_entries=private_entries)

    return memory


@asynccontextmanager
async def _composed(  # noqa: PLR0913  # all that outlives a reload, each by its name
    settings: Settings,
    *,
    metrics: Metrics,
    graphs: Graphs,
    memories: Callable[[int, int], Memory],
    revocations: Revocations,
    exchanges: ExchangesInMemory,
    lasting: Lasting,
    local_events: LocalEventLog,
    pulse: Pulse,
) -> AsyncIterator[Endpoints]:
    """All that follows from settings, for as long as requests use it."""
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(_shared(settings.redis)) if settings.redis.url else None
        documents, executing = await documents_of(graphs(settings.limits), settings.operations, redis)
        tenants = await stack.enter_async_context(tenants_of(settings, redis, metrics.calls))
        coalescer = await stack.enter_async_context(
            Coalescer(calls_at_once=settings.operations.merged_calls_at_once, metrics=metrics.lookups)
        )
        memory = memories(settings.cache.public_entries, settings.cache.private_entries)
        shared = SharedCache(redis) if redis else None
        cache = await stack.enter_async_context(
            Cache(coalescer, memory, shared, keep=settings.cache.keep, metrics=metrics.lookups)
        )
        log = await stack.enter_async_context(event_log(settings, local_events))
        writing = await stack.enter_async_context(
            writing_of(settings, lasting, cache, log.events.announce, metrics.calls)
        )
        audit = await stack.enter_async_context(audit_of(settings))
        # Entered after what it uses, so left before: mutations are seen through while there is still something to ask.
        unfinished = await stack.enter_async_context(Unfinished())
        origins = Origins(
            {key: frozenset(shop.origins) for key, shop in settings.shops.items()}, settings.shops_by_name()
        )
        throttle = throttle_of(settings.throttle, redis)
        sessions, session_endpoint = await stack.enter_async_context(
            identity(
                settings,
                revocations,
                exchanges,
                find_customer=_customer_finder(settings, tenants, cache),
                is_session_of=_session_check(settings, tenants),
                origins=origins,
                throttle=throttle,
            )
        )
        public_answers = PublicAnswers(
            memory.has_changed, settings.cache.answers if settings.cache.keep != "nothing" else 0
        )
        graphql = GraphQLEndpoint(
            audit=audit,
            sessions=sessions,
            documents=documents,
            execute=executing,
            open_resolvers=_opener(settings, tenants, cache, writing),
            unfinished=unfinished,
            origins=origins,
            throttle=throttle,
            shedding=stack.enter_context(shedding_of(settings.overload, pulse)),
            public_answers=public_answers,
            metrics=metrics.answers,
            body_bytes=settings.limits.body_bytes,
        )
        keepers = (cache, WithdrawnDocuments(documents.trusted, public_answers))
        webhooks = await stack.enter_async_context(events(settings, log, keepers, metrics.events))
        yield Endpoints(graphql, session_endpoint, webhooks, backends_of(tenants), executing)


def _shared(settings: RedisSettings) -> AbstractAsyncContextManager[Redis]:
    assert settings.url is not None, "there is a Redis"  # noqa: S101  # the caller looked
    return connected_store(
        settings.url.get_secret_value(),
        timeout_seconds=settings.cache_timeout_seconds,
        connections=settings.connections,
    )


def _customer_finder(settings: Settings, tenants: Tenants, cache: Cache) -> FindCustomer:
    """The function that asks the subscriptions backend for a customer of Shopify's, with the shop's credential."""

    async def find(shop: str, shopify_id: str) -> int | None:
        deadline = Deadline.after(settings.operations.deadline_seconds)
        upstream = Upstream(tenants[shop]["subscriptions"], None, deadline, Journal(), cache)
        return await customer_id_of(upstream, shopify_id)

    return find


def _session_check(settings: Settings, tenants: Tenants) -> IsSessionOf:
    """The function that asks the subscriptions backend, with a shopper's own token, whose session it is."""

    async def is_session_of(shop: str, customer_id: int, token: str) -> bool:
        deadline = Deadline.after(settings.operations.deadline_seconds)
        return await is_recharge_session_of(tenants[shop]["subscriptions"], customer_id, token, deadline)

    return is_session_of


def _opener(settings: Settings, tenants: Tenants, cache: Cache, writing: Writing) -> OpenResolvers:
    """The function that binds the backends to one viewer."""
    shops = {
        domain: Shop(id=shop.id, domain=domain, currency_code=shop.currency_code)
        for domain, shop in settings.shops.items()
    }

    longest = settings.operations.deadline_seconds

    def open_resolvers(
        viewer: Viewer, market: Market, journal: Journal, *, seconds: float | None, writes: bool
    ) -> _Opened:
        deadline = Deadline.after(longest if seconds is None else min(seconds, longest))
        own = tenants[viewer.shop]

        def upstream(name: str) -> Upstream:
            return Upstream(own[name], viewer.customer_id, deadline, journal, cache, is_fresh=writes)

        loads = Loads()
        resolvers = Resolvers(
            viewer=viewer,
            market=market,
            shops=shops,
            upstream=upstream,
            writes=writing.writes(own, viewer, deadline, journal),
            once=partial(writing.once, viewer, deadline),
            loads=loads,
            journal=journal,
        )
        return _Opened(loads, resolvers)

    return open_resolvers


@dataclass(slots=True)
class _Opened:
    """The resolvers of a request, for as long as its look-ups have an owner."""

    loads: Loads
    resolvers: Resolvers

    async def __aenter__(self) -> Resolvers:
        await self.loads.__aenter__()
        return self.resolvers

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.loads.__aexit__(kind, error, traceback)
