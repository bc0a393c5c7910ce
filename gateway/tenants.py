"""From settings to the backends as each shop reaches them."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from redis.asyncio import Redis

from gateway.buckets import BucketsInRedis, Quota, SharedBuckets
from gateway.metrics import CallMetrics
from gateway.settings import Backends, BackendSettings, Settings
from gateway.upstream import Backend, RateLimit, SessionForm, SessionTokens, Tenant
from resolvers import DIALECTS, PLANS, SESSIONS

Tenants = Mapping[str, Mapping[str, Tenant]]
"""Each shop's backends by their names, by the shop's domain."""


@asynccontextmanager
async def tenants_of(settings: Settings, redis: Redis | None, calls: CallMetrics) -> AsyncIterator[Tenants]:
    """The backends, with a pool of connections for each address, for as long as the block runs.

    Args:
        settings: All of them.
        redis: Where processes share how much they have asked with each credential.
        calls: Where calls are counted.
    """
    limits = _rate_limits(settings, redis)
    async with AsyncExitStack() as stack:
        pools = {
            address: await stack.enter_async_context(_connected(*address, settings.backends, calls))
            for address in {(name, settings.url_of(name, shop)) for shop in settings.shops for name in DIALECTS}
        }
        fleets = {
            name: DIALECTS[name]("", token) for name in DIALECTS if (token := settings.fleet_token_of(name)) is not None
        }
        yield {
            domain: {
                name: Tenant(
                    pools[name, settings.url_of(name, domain)],
                    domain,
                    DIALECTS[name](domain, own.token.get_secret_value()),
                    settings.bulk_of(name, domain),
                    fleets.get(name),
                    opened.get(name),
                    shop.id,
                    limits.get((name, domain)),
                )
                for name, own in shop.backends.items()
            }
            for domain, shop in settings.shops.items()
            for opened in [_sessions(settings, pools, limits, domain)]
        }


def backends_of(tenants: Tenants) -> Collection[Backend]:
    """Each backend once; shops may share one."""
    return {id(each.backend): each.backend for own in tenants.values() for each in own.values()}.values()


def _connected(name: str, url: str, backends: Backends, calls: CallMetrics) -> AbstractAsyncContextManager[Backend]:
    settings: BackendSettings = getattr(backends, name)
    return Backend.connected(
        name,
        url,
        timeout_seconds=settings.timeout_seconds,
        connections=settings.connections,
        answer_bytes=settings.answer_bytes,
        retries=settings.retries,
        hedges=settings.hedges,
        calls=calls,
    )


PLACES_FREE = 1
"""Of a backend's bucket: calls may arrive nearer to each other than they were sent, which would make it overflow."""
_RateLimits = Mapping[tuple[str, str], RateLimit]
"""By the backend's name and the shop's domain."""


def _rate_limits(settings: Settings, redis: Redis | None) -> _RateLimits:
    """A bucket for each shop's token, where the backend is known to have one."""
    buckets = SharedBuckets(BucketsInRedis(redis) if redis else None, processes=settings.throttle.processes)
    found: dict[tuple[str, str], RateLimit] = {}
    for name in DIALECTS:
        backend: BackendSettings = getattr(settings.backends, name)
        if backend.rate_calls is None:
            continue
        for domain, shop in settings.shops.items():
            larger, faster = PLANS[name](shop.backends[name].token.get_secret_value()) if name in PLANS else (1, 1)
            rate = Quota(max(1, backend.rate_calls * larger - PLACES_FREE), backend.rate_calls_a_second * faster)
            owner = _first_with_the_token_of(settings, name, domain)
            url = settings.url_of(name, domain)
            found[name, domain] = RateLimit(rate, buckets, service=owner, base_url=url, shop=domain)
    return found


def _first_with_the_token_of(settings: Settings, name: str, domain: str) -> str:
    """The first of the shop's backends at the same address with the same token: they draw from one bucket."""
    shop = settings.shops[domain].backends
    token, url = shop[name].token, settings.url_of(name, domain)
    return next(each for each in DIALECTS if shop[each].token == token and settings.url_of(each, domain) == url)


def _sessions(
    settings: Settings, pools: Mapping[tuple[str, str], Backend], limits: _RateLimits, domain: str
) -> dict[str, SessionTokens]:
    """The shoppers' sessions at each of a shop's backends that is asked with those; one for each that opens them."""
    opened: dict[tuple[str, SessionForm], SessionTokens] = {}
    for issuer, form in SESSIONS.values():
        token = settings.shops[domain].backends[issuer].token.get_secret_value()
        pool = pools[issuer, settings.url_of(issuer, domain)]
        opened.setdefault(
            (issuer, form), SessionTokens(form, pool, DIALECTS[issuer](domain, token), limits.get((issuer, domain)))
        )
    return {name: opened[by] for name, by in SESSIONS.items() if settings.credential_of(name) == "session"}
